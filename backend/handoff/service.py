"""Taking a chat over, answering in it, passing it on, giving it back: the bot never talks over a person."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from psycopg import AsyncConnection
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.accounts import service as accounts
from backend.accounts.errors import AccountUnknownError
from backend.accounts.schemas import Agent, Colleague
from backend.answers import service as answers
from backend.answers.desk import Desk
from backend.audit.service import record, record_without_agent
from backend.conversations import desk as chats
from backend.conversations import holding
from backend.conversations.desk import Chat
from backend.conversations.holding import Held
from backend.conversations.models import Conversation
from backend.core.catalogue import backend_catalogue
from backend.core.database import driver_connection, utcnow
from backend.core.errors import InvalidRequestError, NotAllowedError
from backend.handoff import repository
from backend.handoff.errors import (
    AgentAwayError,
    AgentFullError,
    ChatNotHeldError,
    ChatTakenError,
    ChatUnknownError,
    ReplyEmptyError,
    ReplyTooLongError,
    TransferLimitError,
)
from backend.handoff.models import Note
from backend.inbox.errors import ChannelUnknownError
from backend.integrations import service as integrations
from backend.offices.service import Office, promise_person
from backend.outbox import service as outbox
from backend.tickets.schemas import Author, NewTicket
from backend.tickets.service import file_ticket

TRANSFERS_PER_HOUR = 2
PASSED = ("passed_on", "to_unit")


async def seen(session: AsyncSession, agent: Agent, conversation_id: UUID) -> Chat:
    """One chat. Raises ChatUnknownError when there is none, or it is not this agent's to see."""
    found = await chats.chat(session, agent, conversation_id)
    if found is None:
        raise ChatUnknownError
    return found


async def take(session: AsyncSession, desk: Desk, agent: Agent, conversation_id: UUID, *, over: bool = False) -> None:
    """Take a chat over: from the commit on nothing of the bot reaches the citizen, who is told who speaks.

    `over` takes it from a colleague, which needs the right to direct. Raises ChatUnknownError, ChatTakenError,
    AgentFullError or NotAllowedError. Who holds the chat already has it.
    """
    _allow(agent, "chat")
    await accounts.be_present(session, agent.id)
    chat = await seen(session, agent, conversation_id)
    if _holds(agent, chat):
        return
    await _check_room(session, agent)
    holder = chat.conversation.agent_id if over and agent.may("direct") else None
    connection = await driver_connection(session)
    held = await holding.take(connection, agent.office_id, conversation_id, agent.id, None, of=holder)
    if held is None:
        raise ChatTakenError(name=await _holder_name(session, agent, conversation_id))
    await _silence_bot(connection, held)
    await _say(connection, desk, held, "handoff.taken", name=agent.name)
    await _write(session, held, agent, "taken", **({"from": str(holder)} if holder else {}))


def _holds(agent: Agent, chat: Chat) -> bool:
    return chat.conversation.holder == "agent" and chat.conversation.agent_id == agent.id


async def _silence_bot(connection: AsyncConnection[object], held: Held) -> None:
    await outbox.fence(connection, held.id, held.last_seq)


async def _check_room(session: AsyncSession, agent: Agent) -> None:
    mine = next((one for one in await accounts.colleagues(session, agent.office_id) if one.agent.id == agent.id), None)
    if mine and await chats.count_held(session, agent.id) >= mine.capacity:
        raise AgentFullError(count=mine.capacity)


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
    _allow(agent, "chat")
    await accounts.be_present(session, agent.id)
    words = _checked(desk, text)
    chat = await seen(session, agent, conversation_id)
    connection = await driver_connection(session)
    held = _held(chat)
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


def _held(chat: Chat) -> Held:
    of = chat.conversation
    return Held(of.id, of.channel, of.address, of.language_choice or of.language, of.last_seq)


def _checked(desk: Desk, text: str) -> str:
    words = text.strip()
    if not words:
        raise ReplyEmptyError
    if len(words) > desk.settings.message_max_characters:
        raise ReplyTooLongError(limit=desk.settings.message_max_characters)
    return words


async def hand_back(session: AsyncSession, desk: Desk, agent: Agent, conversation_id: UUID) -> None:
    """Give a chat back to the assistant; the citizen is told, and the bot learns what happened meanwhile.

    Raises ChatNotHeldError.
    """
    _allow(agent, "chat")
    chat = await seen(session, agent, conversation_id)
    holder = chat.conversation.agent_id if agent.may("direct") else agent.id
    await _return_to_bot(session, desk, chat.conversation, holder, "handoff.handed_back", name=agent.name)
    await _write(session, _held(chat), agent, "handed_back")


async def _return_to_bot(
    session: AsyncSession, desk: Desk, of: Conversation, holder: UUID | None, sentence: str, **values: object
) -> Held:
    connection = await driver_connection(session)
    since = of.queued_at or of.held_at or utcnow()
    held = await holding.give_back(connection, of.id, holder)
    if held is None:
        raise ChatNotHeldError
    await _say(connection, desk, held, sentence, **values)
    await holding.tell_bot(connection, of.id, since)
    return held


async def pass_to_agent(
    session: AsyncSession, desk: Desk, agent: Agent, conversation_id: UUID, to: UUID, note: str
) -> None:
    """Pass a chat to a colleague who is there and takes chats, with a private note.

    Raises AgentAwayError, AgentFullError, ChatNotHeldError, TransferLimitError or AccountUnknownError.
    """
    _allow(agent, "chat")
    chat = await seen(session, agent, conversation_id)
    receiver = await _receiver(session, agent, to)
    await _check_transfers(session, agent, conversation_id)
    connection = await driver_connection(session)
    holder = chat.conversation.agent_id if agent.may("direct") else agent.id
    held = await holding.pass_on(connection, conversation_id, holder, to) if holder else None
    if held is None:
        raise ChatNotHeldError
    await _say(connection, desk, held, "handoff.passed_on", name=receiver.agent.name)
    await _write(session, held, agent, "passed_on", note, to=receiver.agent.name)


async def _receiver(session: AsyncSession, agent: Agent, to: UUID) -> Colleague:
    everybody = await accounts.colleagues(session, agent.office_id)
    receiver = next((one for one in everybody if one.agent.id == to), None)
    if receiver is None:
        raise AccountUnknownError
    if not (receiver.available and receiver.agent.may("chat")) or to == agent.id:
        raise AgentAwayError(name=receiver.agent.name)
    if await chats.count_held(session, to) >= receiver.capacity:
        raise AgentFullError(count=receiver.capacity)
    return receiver


async def _check_transfers(session: AsyncSession, agent: Agent, conversation_id: UUID) -> None:
    """No chat goes round and round: after two transfers within the hour a supervisor decides."""
    since = utcnow() - timedelta(hours=1)
    passed = await repository.count_acts(session, conversation_id, PASSED, since)
    if passed >= TRANSFERS_PER_HOUR and not agent.may("direct"):
        raise TransferLimitError(count=TRANSFERS_PER_HOUR)


async def pass_to_unit(
    session: AsyncSession, desk: Desk, agent: Agent, conversation_id: UUID, unit: str, note: str
) -> None:
    """Put a chat into the queue of a unit, with a private note; the citizen is told by when somebody answers.

    Raises ChatNotHeldError, TransferLimitError or NotAllowedError for a unit that does not exist.
    """
    _allow(agent, "chat")
    chat = await seen(session, agent, conversation_id)
    if unit not in desk.office.units:
        raise NotAllowedError
    await _check_transfers(session, agent, conversation_id)
    holder = chat.conversation.agent_id if agent.may("direct") else agent.id
    held = await _requeue(session, desk, conversation_id, holder or agent.id, unit, "handoff.to_unit")
    await _write(session, held, agent, "to_unit", note, unit=unit)


async def _requeue(
    session: AsyncSession, desk: Desk, conversation_id: UUID, holder: UUID, unit: str | None, sentence: str
) -> Held:
    connection = await driver_connection(session)
    held = await holding.queue(connection, conversation_id, holder, unit, promised_at(desk.office))
    if held is None:
        raise ChatNotHeldError
    promise = promise_person(desk.office, utcnow(), held.language)
    names = desk.office.units[unit].name if unit else desk.office.profile.desk
    name = names.get(held.language) or next(iter(names.values()))
    sentence += ".soon" if promise.open_now else ".later" if promise.when else ".unknown"
    values = {"unit": name, "when": promise.when, "minutes": promise.minutes, "phone": promise.phone}
    await _say(connection, desk, held, sentence, **values)
    return held


def promised_at(office: Office) -> datetime | None:
    """By when a person answers a chat that is queued now; None when the office never opens."""
    promise = promise_person(office, utcnow(), "en")
    return promise.at + timedelta(minutes=office.profile.answer_minutes) if promise.at else None


async def write_note(session: AsyncSession, desk: Desk, agent: Agent, conversation_id: UUID, text: str) -> None:
    """A private note for the colleagues; it goes nowhere else. Raises ReplyEmptyError or ReplyTooLongError."""
    _allow(agent, "chat")
    words = _checked(desk, text)
    chat = await seen(session, agent, conversation_id)
    await _write(session, _held(chat), agent, "note", words)
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
    """File a ticket for the citizen of a chat; they are told reference and PIN there. Returns the reference.

    Raises InvalidRequestError, UnknownCategoryError or NotAllowedError.
    """
    _allow(agent, "ticket")
    chat = await seen(session, agent, conversation_id)
    held = _held(chat)
    author = Author(contact_id=chat.conversation.contact_id, conversation_id=held.id, channel=held.channel)
    try:
        new = NewTicket(
            request_key=f"agent:{held.id}:{key}",
            kind=kind,
            category=category or None,
            description=description.strip(),
            place=place.strip() or None,
            language=held.language,
        )
    except ValidationError:
        raise InvalidRequestError from None
    filed = await file_ticket(session, desk.settings, desk.office, author, new)
    connection = await driver_connection(session)
    await _say(connection, desk, held, "handoff.ticket", reference=filed.reference, pin=filed.pin, unit=filed.unit)
    await _write(session, held, agent, "ticket", reference=filed.reference)
    return filed.reference


async def retry(session: AsyncSession, agent: Agent, conversation_id: UUID, number: int) -> bool:
    """Send a message again that could not be delivered, as a person's word; False when it was not given up."""
    _allow(agent, "chat")
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


async def sweep(session: AsyncSession, desk: Desk) -> int:
    """Keep what was promised though people leave: returns how many chats changed hands.

    A chat whose agent closed the console while the citizen waits goes back into the queue; one in which nobody has
    written for long goes back to the assistant, or, when the citizen waits, into the queue.
    """
    office_id = desk.office.profile.id
    await _note_promises(session, desk)
    gone = await accounts.absent(session, office_id, desk.settings.agent_absent_seconds)
    team = [one.agent.id for one in await accounts.colleagues(session, office_id)]
    team += [token.id for token in await integrations.valid_tokens(session, office_id)]
    left = list(await chats.held_by(session, office_id, gone, team))
    quiet_since = utcnow() - timedelta(minutes=desk.settings.agent_silence_minutes)
    silent = [one for one in await chats.held_in_silence(session, office_id, quiet_since) if one not in left]
    for one in [*left, *silent]:
        waits = one.waiting_since is not None
        await _leave(session, desk, one, waits=waits)
    return len(left) + len(silent)


async def _leave(session: AsyncSession, desk: Desk, of: Conversation, *, waits: bool) -> None:
    holder = of.agent_id
    if holder is None:
        return
    try:
        if waits:
            held = await _requeue(session, desk, of.id, holder, None, "handoff.requeued")
        else:
            held = await _return_to_bot(session, desk, of, holder, "handoff.returned")
    except ChatNotHeldError:  # somebody acted in the meantime
        return
    act = "requeued" if waits else "returned"
    await _add_note(session, held, None, "", act, "", {"agent": str(holder)})
    await record_without_agent(session, desk.office.profile.id, "komshu", f"chat.{act}", "chat", of.id)


async def _note_promises(session: AsyncSession, desk: Desk) -> None:
    by = promised_at(desk.office)
    if by is None:
        return
    for one in await chats.unpromised(session, desk.office.profile.id):
        await holding.promise(await driver_connection(session), one.id, by)


def _allow(agent: Agent, permission: str) -> None:
    if not agent.may(permission):  # type: ignore[arg-type]
        raise NotAllowedError


async def _say(connection: AsyncConnection[object], desk: Desk, held: Held, sentence: str, **values: object) -> None:
    if held.channel not in desk.adapters:
        return  # it was switched off: nobody can be told anything there
    text = backend_catalogue().text(sentence, held.language, **values)
    await answers.announce(connection, desk.adapters, held, text, held.language, "person")


async def _write(session: AsyncSession, held: Held, agent: Agent, act: str, text: str = "", **content: object) -> None:
    """Note an act between the messages of its chat, and in the audit log without its words."""
    await _add_note(session, held, agent.id, agent.name, act, text, content)
    await record(session, agent, f"chat.{act}", "chat", held.id, **content)


async def _add_note(
    session: AsyncSession,
    held: Held,
    account_id: UUID | None,
    actor: str,
    kind: str,
    text: str,
    content: dict[str, object],
) -> None:
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
