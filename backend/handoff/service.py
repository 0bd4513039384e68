"""Taking a chat over, answering in it, giving it back: the bot never talks over a person."""

from collections.abc import Sequence
from uuid import UUID, uuid4

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.accounts import service as accounts
from backend.accounts.schemas import Agent
from backend.answers import service as answers
from backend.answers.desk import Desk
from backend.audit.service import record
from backend.conversations import desk as chats, holding
from backend.core.database import driver_connection
from backend.core.errors import InvalidRequestError
from backend.handoff import repository
from backend.handoff.acting import (
    allow,
    checked,
    held_of,
    holds,
    return_to_bot,
    say,
    seen,
    silence_bot,
    write,
)
from backend.handoff.errors import (
    AgentFullError,
    ChatNotHeldError,
    ChatTakenError,
)
from backend.handoff.models import Note
from backend.handoff.passing import pass_to_agent, pass_to_unit
from backend.handoff.sweeping import sweep
from backend.inbox.errors import ChannelUnknownError
from backend.integrations import service as integrations
from backend.outbox import service as outbox
from backend.tickets.schemas import Author, NewTicket
from backend.tickets.service import file_ticket, ticket_of

__all__ = [
    "hand_back",
    "notes",
    "open_ticket",
    "pass_to_agent",
    "pass_to_unit",
    "reply",
    "retry",
    "seen",
    "sweep",
    "take",
    "write_note",
]


async def take(session: AsyncSession, desk: Desk, agent: Agent, conversation_id: UUID, *, over: bool = False) -> None:
    """Take a chat over: from the commit on nothing of the bot reaches the citizen, who is told who speaks.

    `over` takes it from a colleague, which needs the right to direct. Raises ChatUnknownError, ChatTakenError,
    AgentFullError or NotAllowedError. Who holds the chat already has it.
    """
    allow(agent, "chat")
    await accounts.be_present(session, agent.id)
    chat = await seen(session, agent, conversation_id)
    if holds(agent, chat):
        return
    await _check_room(session, agent)
    holder = chat.conversation.agent_id if over and agent.may("direct") else None
    connection = await driver_connection(session)
    held = await holding.take(connection, agent.office_id, conversation_id, agent.id, None, of=holder)
    if held is None:
        raise ChatTakenError(name=await _holder_name(session, agent, conversation_id))
    await silence_bot(connection, held)
    await say(connection, desk, held, "handoff.taken", name=agent.name)
    await write(session, held, agent, "taken", **({"from": str(holder)} if holder else {}))


async def _check_room(session: AsyncSession, agent: Agent) -> None:
    """From here to the commit nobody else gives them a chat, their own other tab included."""
    capacity = await accounts.room_for_chats(session, agent.id)
    if capacity is not None and await chats.count_held(session, agent.id) >= capacity:
        raise AgentFullError(count=capacity)


async def _holder_name(session: AsyncSession, agent: Agent, conversation_id: UUID) -> str:
    chat = await seen(session, agent, conversation_id)
    await session.refresh(chat.conversation)
    everybody = {one.agent.id: one.agent.name for one in await accounts.colleagues(session, agent.office_id)}
    everybody |= {token.id: token.name for token in await integrations.valid_tokens(session, agent.office_id)}
    holder = chat.conversation.agent_id
    return everybody.get(holder, "?") if holder else "?"


async def reply(session: AsyncSession, desk: Desk, agent: Agent, conversation_id: UUID, text: str, key: str) -> int:
    """Answer the citizen on their channel; the same key again changes nothing. Returns the message's number.

    Raises ChatNotHeldError, ReplyEmptyError, ReplyTooLongError, or ChannelUnknownError for a channel that was switched
    off.
    """
    allow(agent, "chat")
    await accounts.be_present(session, agent.id)
    words = checked(desk, text)
    chat = await seen(session, agent, conversation_id)
    connection = await driver_connection(session)
    held = held_of(chat)
    if held.channel not in desk.adapters:
        raise ChannelUnknownError
    content = {"text": words, "buttons": [], "by": agent.name}
    sent = answers.sent_state(desk.adapters, held.channel)
    stored = await holding.speak(connection, held, agent.id, f"agent:{key}", content, sent)
    if stored is None:
        raise ChatNotHeldError
    number, new = stored
    if new:
        await answers.send_spoken(connection, desk.adapters, held, number, content, held.language)
        await repository.save_draft(session, agent.id, conversation_id, "")
        await record(session, agent, "chat.reply", "chat", conversation_id, number=number)
    return number


async def hand_back(session: AsyncSession, desk: Desk, agent: Agent, conversation_id: UUID) -> None:
    """Give a chat back to the assistant; the citizen is told, and the bot learns what happened meanwhile.

    Raises ChatNotHeldError.
    """
    allow(agent, "chat")
    chat = await seen(session, agent, conversation_id)
    holder = chat.conversation.agent_id if agent.may("direct") else agent.id
    await return_to_bot(session, desk, chat.conversation, holder, "handoff.handed_back", name=agent.name)
    await write(session, held_of(chat), agent, "handed_back")


async def write_note(session: AsyncSession, desk: Desk, agent: Agent, conversation_id: UUID, text: str) -> None:
    """A private note for the colleagues; it goes nowhere else. Raises ReplyEmptyError or ReplyTooLongError."""
    allow(agent, "chat")
    words = checked(desk, text)
    chat = await seen(session, agent, conversation_id)
    await write(session, held_of(chat), agent, "note", words)
    await repository.save_draft(session, agent.id, conversation_id, "")  # or it would be offered as an answer later


async def open_ticket(
    session: AsyncSession,
    desk: Desk,
    agent: Agent,
    conversation_id: UUID,
    *,
    kind: str,
    category: str,
    place: str,
    description: str,
    key: str,
) -> str:
    """File a ticket for the citizen of a chat, once for a key; they are told its PIN there. Returns the reference.

    Raises InvalidRequestError, UnknownCategoryError or NotAllowedError.
    """
    allow(agent, "ticket")
    chat = await seen(session, agent, conversation_id)
    held = held_of(chat)
    author = Author(contact_id=chat.conversation.contact_id, conversation_id=held.id, channel=held.channel)
    try:
        new = NewTicket(
            request_key=f"agent:{held.id}:{key or uuid4().hex}",
            kind=kind,
            category=category or None,
            description=description.strip(),
            place=place.strip() or None,
            language=held.language,
        )
    except ValidationError:
        raise InvalidRequestError from None
    if known := await ticket_of(session, new.request_key):
        return known
    filed = await file_ticket(session, desk.settings, desk.office, author, new)
    connection = await driver_connection(session)
    await say(connection, desk, held, "handoff.ticket", reference=filed.reference, pin=filed.pin, unit=filed.unit)
    await write(session, held, agent, "ticket", reference=filed.reference)
    return filed.reference


async def retry(session: AsyncSession, agent: Agent, conversation_id: UUID, number: int) -> bool:
    """Send a message again that could not be delivered, as a person's word; False when it was not given up."""
    allow(agent, "chat")
    await seen(session, agent, conversation_id)
    again = await outbox.retry(await driver_connection(session), conversation_id, number, by_person=True)
    if again:
        await record(session, agent, "chat.retry", "chat", conversation_id, number=number)
    return again


async def notes(
    session: AsyncSession, conversation_id: UUID, after_seq: int = 0, before_seq: int | None = None
) -> Sequence[Note]:
    """The notes and acts of a chat from a place in it on and up to another, oldest first."""
    return await repository.notes(session, conversation_id, after_seq, before_seq)
