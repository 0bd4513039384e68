"""Jobs of the redaction feature."""

from datetime import timedelta
from uuid import UUID

from procrastinate import Blueprint, JobContext

from backend.core.database import utcnow
from backend.redaction import pictures, repository

jobs = Blueprint()
OVERDUE = timedelta(minutes=10)


@jobs.task(name="finish", pass_context=True, retry=10)
async def finish(context: JobContext, redaction_id: str) -> None:
    """Change a file that is hidden, if whoever began it did not come to it."""
    values = context.additional_context
    await pictures.finish(values["settings"], values["sessions"], UUID(redaction_id))


@jobs.periodic(cron="*/10 * * * *")
@jobs.task(name="finish_overdue", pass_context=True, queueing_lock="finish_overdue")
async def finish_overdue(context: JobContext, timestamp: int) -> int:
    """Change files whose own job gave up, such as while the storage was away for long; returns how many."""
    values = context.additional_context
    async with values["sessions"]() as session:
        left = await repository.due(session, utcnow() - OVERDUE)
    for redaction_id in left:
        await pictures.finish(values["settings"], values["sessions"], redaction_id)
    return len(left)
