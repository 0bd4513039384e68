"""News nobody asked for in this moment: to the right person, on the right channel, in the right language and hour."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.answers.desk import Desk
from backend.answers.service import announce
from backend.contacts import service as contacts
from backend.conversations import service as conversations
from backend.conversations.models import Conversation
from backend.core.database import driver_connection, utcnow
from backend.notifications.quiet import quiet_until
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
    for conversation in await conversations.of_contacts(session, people, list(desk.adapters)):
        if not await contacts.wants_news(session, conversation.contact_id, conversation.channel):
            continue
        later = await _quiet(session, desk, conversation)
        if later is None:
            await _tell(session, desk, conversation, ticket_id, event, state)
            await tickets.note_told(session, ticket_id, event, conversation.channel)
        return Told(conversation.id, later)
    return Told()


async def _quiet(session: AsyncSession, desk: Desk, conversation: Conversation) -> datetime | None:
    if desk.adapters[conversation.channel].pull:
        return None
    zone = await contacts.zone(session, conversation.contact_id, desk.office.profile.zone)
    return quiet_until(utcnow(), zone, desk.settings.quiet_from, desk.settings.quiet_until)


async def _tell(
    session: AsyncSession, desk: Desk, conversation: Conversation, ticket_id: UUID, event: int, state: str
) -> None:
    language = conversation.language_choice or conversation.language
    text = await tickets.news_text(session, desk.office, ticket_id, event, state, language)
    await session.flush()
    await announce(await driver_connection(session), desk.adapters, conversation, text, language)
