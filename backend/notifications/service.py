"""News nobody asked for in this moment: to the right person, on the right channel, in the right language and hour."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.answers.desk import Desk
from backend.answers.reaching import reach
from backend.answers.service import announce
from backend.conversations.models import Conversation
from backend.core.catalogue import backend_catalogue
from backend.core.database import driver_connection, utcnow
from backend.core.queue import defer
from backend.tickets import service as tickets, withholding
from channels.message import Button


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
    if later is None and await withholding.keeps_back(session, ticket_id, event):
        await _withhold(session, desk, conversation, ticket_id, event, state)
    elif later is None:
        await _tell(session, desk, conversation, ticket_id, event, state)
        await tickets.note_told(session, ticket_id, event, conversation.channel)
        if end := await withholding.untold_end(session, ticket_id, event):
            await defer(session, tickets.NEWS_TASK, ticket_id=str(ticket_id), event=end, state="closed")
        elif state == "closed":
            at = utcnow() + timedelta(minutes=desk.settings.survey_delay_minutes)
            await defer(session, tickets.SURVEY_TASK, at=at, ticket_id=str(ticket_id), event=event)
    return Told(conversation.id, later)


async def _tell(
    session: AsyncSession, desk: Desk, conversation: Conversation, ticket_id: UUID, event: int, state: str
) -> None:
    language = conversation.language_choice or conversation.language
    text = await tickets.news_text(session, desk.office, ticket_id, event, state, language)
    await _say(session, desk, conversation, text, await withholding.wants_paper(session, ticket_id, event))


async def _withhold(
    session: AsyncSession, desk: Desk, conversation: Conversation, ticket_id: UUID, event: int, state: str
) -> None:
    """Say which paper is missing before news may be told, as often as that needs saying."""
    language = conversation.language_choice or conversation.language
    text = await withholding.instead(session, ticket_id, event, state, language)
    await withholding.note_withheld(session, ticket_id, event, conversation.channel)
    if text:
        await _say(session, desk, conversation, text, await withholding.wants_paper(session, ticket_id, event))


async def _say(session: AsyncSession, desk: Desk, to: Conversation, text: str, paper_for: str | None) -> None:
    """Say it, with a button to send a paper for a ticket when one is wanted."""
    language = to.language_choice or to.language
    title = backend_catalogue().text("authority.send", language)
    payload = f'/authorise_ticket{{"reference": "{paper_for}"}}'
    buttons = (Button(title=title, payload=payload),) if paper_for else ()
    await session.flush()
    await announce(await driver_connection(session), desk.adapters, to, text, language, buttons=buttons)
