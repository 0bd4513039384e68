"""Jobs of the knowledge feature."""

from procrastinate import Blueprint, JobContext

from backend.core.database import utcnow
from backend.knowledge import questions

jobs = Blueprint()


@jobs.periodic(cron="23 3 * * *")
@jobs.task(name="purge_questions", pass_context=True, queueing_lock="purge_questions")
async def purge_questions(context: JobContext, timestamp: int) -> int:
    """Forget questions that found no answer after 90 days; returns how many."""
    async with context.additional_context["sessions"]() as session, session.begin():
        return await questions.purge(session, utcnow() - questions.KEPT)
