"""What is written down of a redaction, and what the citizen is told of it: never what was removed."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.accounts.schemas import Agent
from backend.answers.desk import Desk
from backend.answers.service import announce
from backend.audit.service import record
from backend.conversations import personal as conversations
from backend.conversations.models import Conversation, Message
from backend.core.catalogue import backend_catalogue
from backend.core.database import driver_connection
from backend.handoff import service as handing
from backend.handoff.acting import add_note, held_of
from backend.redaction.matters import Matter
from backend.redaction.models import Redaction
from backend.redaction.texts import Text
from backend.tickets import personal as tickets
from backend.tickets.models import Ticket


async def write_down(
    session: AsyncSession, agent: Agent, matter: Matter, redaction: Redaction, changed: Sequence[Text]
) -> None:
    """A line in the history of every chat and ticket that changed, and one in the audit log."""
    reason = redaction.reason
    for chat_id in dict.fromkeys(_chat_of(text) for text in changed):
        if chat_id:
            await note_in_chat(session, agent, chat_id, reason)
    for ticket_id in dict.fromkeys(_ticket_of(text) for text in changed):
        if ticket_id:
            await tickets.note_redacted(session, agent, ticket_id, "redacted", reason=reason)
    told = {"reason": reason, "places": len(redaction.spots)}
    await record(session, agent, "redaction.words", matter.subject.kind, matter.subject.id, **told)


def _chat_of(text: Text) -> UUID | None:
    return None if _ticket_of(text) else getattr(text.row, "conversation_id", None)


def _ticket_of(text: Text) -> UUID | None:
    return text.row.id if isinstance(text.row, Ticket) else getattr(text.row, "ticket_id", None)


async def note_in_chat(session: AsyncSession, agent: Agent, chat_id: UUID, reason: str) -> None:
    """Note between the messages of a chat that something in it was made unreadable."""
    chat = await handing.seen(session, agent, chat_id)
    await add_note(session, held_of(chat), agent.id, agent.name, "redacted", "", {"reason": reason})


async def tell_authors(session: AsyncSession, desk: Desk, matter: Matter, changed: Sequence[Text]) -> None:
    """Tell who wrote a message that a part of it was removed, once in each chat."""
    messages = [text.row for text in changed if isinstance(text.row, Message)]
    theirs = {message.conversation_id for message in messages if message.author == "citizen"}
    await session.flush()
    for chat in await conversations.locked(session, [one for one in matter.chats if one in theirs]):
        await tell(session, desk, chat)


async def tell(session: AsyncSession, desk: Desk, chat: Conversation) -> None:
    """Say in a chat that the office removed something of what was written there."""
    if chat.channel not in desk.adapters or not (chat.address or desk.adapters[chat.channel].pull):
        return
    language = chat.language_choice or chat.language
    text = backend_catalogue().text("redaction.told", language)
    await announce(await driver_connection(session), desk.adapters, chat, text, language)
