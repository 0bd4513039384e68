"""Jobs of the tickets feature."""

from datetime import timedelta

from procrastinate import Blueprint, JobContext

from backend.core.database import utcnow
from backend.tickets.repository import purge_tries

KEEP_TRIES = timedelta(days=7)
jobs = Blueprint()


@jobs.periodic(cron="17 3 * * *")
@jobs.task(name="purge_lookup_tries", pass_context=True, queueing_lock="purge_lookup_tries")
async def purge_lookup_tries(context: JobContext, timestamp: int) -> int:
    """Forget failed look-ups after a week; returns how many."""
    async with context.additional_context["sessions"]() as session, session.begin():
        return await purge_tries(session, utcnow() - KEEP_TRIES)
