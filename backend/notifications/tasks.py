"""Jobs of the notifications feature."""

from uuid import UUID

import structlog
from procrastinate import Blueprint, JobContext

from backend.answers.desk import Desk
from backend.core.queue import defer
from backend.notifications.service import tell_news
from backend.tickets.service import NEWS_TASK

log = structlog.get_logger()
jobs = Blueprint()


@jobs.task(name=NEWS_TASK.removeprefix("notifications:"), pass_context=True, retry=5)
async def tell_ticket_news(context: JobContext, ticket_id: str, event: int, state: str) -> None:
    """Tell a citizen of a ticket's new state; at night, in the morning."""
    values = context.additional_context
    desk = Desk(values["settings"], values["office"], values["adapters"])
    async with values["sessions"]() as session, session.begin():
        told = await tell_news(session, desk, UUID(ticket_id), event, state)
        if told.later:
            await defer(session, NEWS_TASK, at=told.later, ticket_id=ticket_id, event=event, state=state)
    log.info("ticket_news", ticket=ticket_id, state=state, reason="later" if told.later else "told")
