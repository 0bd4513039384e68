"""Jobs of the notices."""

from procrastinate import Blueprint, JobContext

from backend.notices import service

jobs = Blueprint()


@jobs.periodic(cron="37 3 * * *")
@jobs.task(name="purge_notices", pass_context=True, queueing_lock="purge_notices")
async def purge_notices(context: JobContext, timestamp: int) -> int:
    """Forget old notices; returns how many."""
    async with context.additional_context["sessions"]() as session, session.begin():
        return await service.purge(session)
