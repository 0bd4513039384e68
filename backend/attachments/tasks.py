"""Jobs of the attachments feature."""

from datetime import timedelta

from procrastinate import Blueprint, JobContext

from backend.attachments.service import purge_unattached
from backend.core.database import utcnow

KEEP_UNATTACHED = timedelta(days=2)
jobs = Blueprint()


@jobs.periodic(cron="7 3 * * *")
@jobs.task(name="purge_photos", pass_context=True, queueing_lock="purge_photos")
async def purge_photos(context: JobContext, timestamp: int) -> int:
    """Delete photos that went into no ticket within two days; returns how many."""
    context_values = context.additional_context
    async with context_values["sessions"]() as session, session.begin():
        return await purge_unattached(session, context_values["settings"], utcnow() - KEEP_UNATTACHED)
