"""News nobody asked for in this moment: to the right person, on the right channel, in the right language and hour."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.answers.desk import Desk
from backend.answers.reaching import reach
from backend.answers.service import announce
from backend.conversations.models import Conversation
from backend.core.database import driver_connection, utcnow
from backend.core.queue import defer
from backend.tickets import service as tickets


@dataclass(frozen=True)
class Told:
    """What became of news."""

    conversation_id: UUID | None = None
    """Where they were told; None when nobody wants them."""
    later: datetime | None = None
    """When to try again: the person sleeps."""


async def tell_news(session: AsyncSession, desk: Desk, ticket_id: UUID, event: int, state: str) -> Told:
    """Tell the citizen behind a ticket, once, of the event of its history that brought it to a state.

    The channel is the one they last wrote on, among those they proved to be theirs and did not stop.
    """
    if await tickets.was_told(session, ticket_id, event):
        return Told()
    people = await tickets.people_behind(session, ticket_id)
    reached = await reach(session, desk, people)
    if reached is None:
        return Told()
    conversation, later = reached
    if later is None:
        await _tell(session, desk, conversation, ticket_id, event, state)
        await tickets.note_told(session, ticket_id, event, conversation.channel)
        if state == "closed":
            at = utcnow() + timedelta(minutes=desk.settings.survey_delay_minutes)
            await defer(session, tickets.SURVEY_TASK, at=at, ticket_id=str(ticket_id), event=event)
    return Told(conversation.id, later)


async def _tell(
    session: AsyncSession, desk: Desk, conversation: Conversation, ticket_id: UUID, event: int, state: str
) -> None:
    language = conversation.language_choice or conversation.language
    text = await tickets.news_text(session, desk.office, ticket_id, event, state, language)
    await session.flush()
    await announce(await driver_connection(session), desk.adapters, conversation, text, language)
