"""Jobs of the surveys feature."""

from uuid import UUID

import structlog
from procrastinate import Blueprint, JobContext

from backend.answers.desk import Desk
from backend.core.queue import defer
from backend.surveys.service import ask
from backend.tickets.service import SURVEY_TASK

log = structlog.get_logger()
jobs = Blueprint()


@jobs.task(name=SURVEY_TASK.removeprefix("surveys:"), pass_context=True, retry=5)
async def ask_if_solved(context: JobContext, ticket_id: str, event: int) -> None:
    """Ask whether a closed ticket is solved; at night, or in the middle of a talk, later."""
    values = context.additional_context
    desk = Desk(values["settings"], values["office"], values["adapters"])
    async with values["sessions"]() as session, session.begin():
        asked = await ask(session, desk, UUID(ticket_id), event)
        if asked.later:
            await defer(session, SURVEY_TASK, at=asked.later, ticket_id=ticket_id, event=event)
    log.info("ticket_survey", ticket=ticket_id, reason="later" if asked.later else "done")
