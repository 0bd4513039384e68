"""Jobs of the tickets feature."""

from datetime import timedelta

from procrastinate import Blueprint, JobContext

from backend.core.database import utcnow
from backend.tickets.openly import PROOF_GOOD_FOR
from backend.tickets.reminders import BATCH, look_after_absences, remind_some
from backend.tickets.tries import purge_tries

KEEP_TRIES = timedelta(days=7)
jobs = Blueprint()


@jobs.periodic(cron="17 3 * * *")
@jobs.task(name="purge_lookup_tries", pass_context=True, queueing_lock="purge_lookup_tries")
async def purge_lookup_tries(context: JobContext, timestamp: int) -> int:
    """Forget failed look-ups after a week, and where right ones came from after a month; returns how many."""
    async with context.additional_context["sessions"]() as session, session.begin():
        return await purge_tries(session, utcnow() - KEEP_TRIES, utcnow() - PROOF_GOOD_FOR)


@jobs.periodic(cron="5 * * * *")
@jobs.task(name="remind_of_terms", pass_context=True, queueing_lock="remind_of_terms")
async def remind_of_terms(context: JobContext, timestamp: int) -> int:
    """Tell people which tickets have come near the end of their term, or over it; a transaction for each batch.

    Returns how many steps were told.
    """
    values = context.additional_context
    told, looked_at = 0, BATCH
    while looked_at == BATCH:
        async with values["sessions"]() as session, session.begin():
            looked_at, new = await remind_some(session, values["settings"], values["office"])
        told += new
    async with values["sessions"]() as session, session.begin():
        return told + await look_after_absences(session, values["office"])
