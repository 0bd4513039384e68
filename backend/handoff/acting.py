"""What all acts on a chat have in common: who may, what is said to the citizen, what is written down."""

from uuid import UUID

from psycopg import AsyncConnection
from sqlalchemy.ext.asyncio import AsyncSession

from backend.accounts.schemas import Agent
from backend.answers import service as answers
from backend.answers.desk import Desk
from backend.audit.service import record
from backend.conversations import desk as chats, holding
from backend.conversations.desk import Chat
from backend.conversations.holding import Held
from backend.conversations.models import Conversation
from backend.core.catalogue import backend_catalogue
from backend.core.database import driver_connection, utcnow
from backend.core.errors import NotAllowedError
from backend.handoff import repository
from backend.handoff.errors import (
    ChatNotHeldError,
    ChatUnknownError,
    ReplyEmptyError,
    ReplyTooLongError,
)
from backend.handoff.models import Note
from backend.offices.service import promise_person, promised_by
from backend.outbox import service as outbox


async def seen(session: AsyncSession, agent: Agent, conversation_id: UUID) -> Chat:
    """One chat. Raises ChatUnknownError when there is none, or it is not this agent's to see."""
    found = await chats.chat(session, agent, conversation_id)
    if found is None:
        raise ChatUnknownError
    return found


def allow(agent: Agent, permission: str) -> None:
    """Make sure the role may do this. Raises NotAllowedError."""
    if not agent.may(permission):  # type: ignore[arg-type]
        raise NotAllowedError


def holds(agent: Agent, chat: Chat) -> bool:
    """Whether this agent holds the chat."""
    return chat.conversation.holder == "agent" and chat.conversation.agent_id == agent.id


def held_of(chat: Chat) -> Held:
    """The chat as the statements of holding know it."""
    of = chat.conversation
    return Held(of.id, of.channel, of.address, of.language_choice or of.language, of.last_seq)


def checked(desk: Desk, text: str) -> str:
    """The words of a reply or note. Raises ReplyEmptyError or ReplyTooLongError."""
    words = text.strip()
    if not words:
        raise ReplyEmptyError
    if len(words) > desk.settings.message_max_characters:
        raise ReplyTooLongError(limit=desk.settings.message_max_characters)
    return words


async def silence_bot(connection: AsyncConnection[object], held: Held) -> None:
    """No word of the bot up to now is sent any more."""
    await outbox.fence(connection, held.id, held.last_seq)


async def say(connection: AsyncConnection[object], desk: Desk, held: Held, sentence: str, **values: object) -> None:
    """Tell the citizen a sentence of the catalogue, on the chat's channel."""
    if held.channel not in desk.adapters:
        return  # it was switched off: nobody can be told anything there
    text = backend_catalogue().text(sentence, held.language, **values)
    await answers.announce(connection, desk.adapters, held, text, held.language, "person")


async def write(session: AsyncSession, held: Held, agent: Agent, act: str, text: str = "", **content: object) -> None:
    """Note an act between the messages of its chat, and in the audit log without its words."""
    await add_note(session, held, agent.id, agent.name, act, text, content)
    await record(session, agent, f"chat.{act}", "chat", held.id, **content)


async def add_note(
    session: AsyncSession,
    held: Held,
    account_id: UUID | None,
    actor: str,
    kind: str,
    text: str,
    content: dict[str, object],
) -> None:
    """Write a note or an act at the newest place of a chat."""
    note = Note(
        conversation_id=held.id,
        after_seq=held.last_seq,
        at=utcnow(),
        account_id=account_id,
        actor=actor,
        kind=kind,
        text=text,
        content=content,
    )
    await repository.add_note(session, note)


async def requeue(
    session: AsyncSession, desk: Desk, conversation_id: UUID, holder: UUID, unit: str | None, sentence: str
) -> Held:
    """Put a held chat into a queue and tell the citizen by when somebody answers. Raises ChatNotHeldError."""
    connection = await driver_connection(session)
    held = await holding.queue(connection, conversation_id, holder, unit, promised_by(desk.office, utcnow()))
    if held is None:
        raise ChatNotHeldError
    promise = promise_person(desk.office, utcnow(), held.language)
    names = desk.office.units[unit].name if unit else desk.office.profile.desk
    name = names.get(held.language) or next(iter(names.values()))
    sentence += ".soon" if promise.open_now else ".later" if promise.when else ".unknown"
    values = {"unit": name, "when": promise.when, "minutes": promise.minutes, "phone": promise.phone}
    await say(connection, desk, held, sentence, **values)
    return held


async def return_to_bot(
    session: AsyncSession, desk: Desk, of: Conversation, holder: UUID | None, sentence: str, **values: object
) -> Held:
    """Give a chat back to the bot and tell it what was said. Raises ChatNotHeldError."""
    connection = await driver_connection(session)
    since = of.queued_at or of.held_at or utcnow()
    held = await holding.give_back(connection, of.id, holder)
    if held is None:
        raise ChatNotHeldError
    await say(connection, desk, held, sentence, **values)
    await holding.tell_bot(connection, of.id, since)
    return held
