"""Jobs of the disputes feature."""

from uuid import UUID

import structlog
from procrastinate import Blueprint, JobContext

from backend.answers.desk import Desk
from backend.core.queue import defer
from backend.disputes.notices import REMIND_TASK, TELL_TASK
from backend.disputes.service import follow_ticket as follow
from backend.disputes.telling import remind, tell
from backend.tickets.happenings import DISPUTE_TASK

log = structlog.get_logger()
jobs = Blueprint()


def _name(task: str) -> str:
    return task.removeprefix("disputes:")


@jobs.task(name=_name(DISPUTE_TASK), pass_context=True, retry=5)
async def follow_ticket(context: JobContext, ticket_id: str, event: int) -> None:
    """Open, end or go on with a dispute as its ticket does."""
    values = context.additional_context
    async with values["sessions"]() as session, session.begin():
        await follow(session, values["office"], UUID(ticket_id), event)


@jobs.task(name=_name(TELL_TASK), pass_context=True, retry=5)
async def tell_party(context: JobContext, notice_id: int) -> None:
    """Tell a party of a dispute something; at night, in the morning."""
    values = context.additional_context
    desk = Desk(values["settings"], values["office"], values["adapters"])
    async with values["sessions"]() as session, session.begin():
        told = await tell(session, desk, notice_id)
        if told.later:
            await defer(session, TELL_TASK, at=told.later, notice_id=notice_id)
    log.info("dispute_notice", notice=notice_id, channel=told.channel, reason="later" if told.later else "told")


@jobs.task(name=_name(REMIND_TASK), pass_context=True, retry=5)
async def remind_parties(context: JobContext, visit_id: int, version: int) -> None:
    """The day before an appointment: remind both parties, if it stands."""
    values = context.additional_context
    desk = Desk(values["settings"], values["office"], values["adapters"])
    async with values["sessions"]() as session, session.begin():
        await remind(session, desk, visit_id, version)
