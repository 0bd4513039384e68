"""Jobs of the accounts feature."""

from datetime import timedelta

import structlog
from procrastinate import Blueprint, JobContext

from backend.accounts import repository
from backend.core.database import utcnow

log = structlog.get_logger()
jobs = Blueprint()


@jobs.periodic(cron="17 * * * *")
@jobs.task(pass_context=True, queueing_lock="purge_sign_ins")
async def purge_sign_ins(context: JobContext, timestamp: int) -> None:
    """Forget sign-ins that ended, and old tries."""
    values = context.additional_context
    settings, now = values["settings"], utcnow()
    async with values["sessions"]() as session, session.begin():
        created = now - timedelta(hours=settings.sign_in_hours)
        gone = await repository.purge(session, created, now - timedelta(minutes=settings.sign_in_idle_minutes))
    log.info("sign_ins_purged", count=gone)
