"""Jobs of the announcements feature."""

from procrastinate import Blueprint, JobContext

from backend.announcements import delivery, repository
from backend.announcements.service import DELIVER_TASK
from backend.answers.desk import Desk
from backend.core.database import utcnow
from backend.core.queue import defer

jobs = Blueprint()


@jobs.task(name=DELIVER_TASK.removeprefix("announcements:"), pass_context=True, retry=5)
async def deliver(context: JobContext) -> None:
    """Hand out the next batch; the job for the one after it is put in with it."""
    values = context.additional_context
    await delivery.deliver(values["sessions"], Desk(values["settings"], values["office"], values["adapters"]))


@jobs.periodic(cron="* * * * *")
@jobs.task(name="sweep", pass_context=True, queueing_lock="sweep_announcements")
async def sweep(context: JobContext, timestamp: int) -> None:
    """Go on with what a killed worker left, and with people whose time has come."""
    values = context.additional_context
    async with values["sessions"]() as session, session.begin():
        if await repository.work_left(session, values["office"].profile.id, utcnow()):
            await defer(session, DELIVER_TASK)
