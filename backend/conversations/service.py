"""The conversation hub: who talks on which channel, what came in, what is shown."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.errors import UniqueViolation
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contacts.service import WEB, new_sender, new_web_visitor, note_notice, phone_of, remember_name, zone
from backend.conversations import repository, turns
from backend.conversations.errors import (
    ButtonUnknownError,
    ConversationNotFoundError,
    MessageNotFoundError,
    MessageTooLongError,
    SessionUnknownError,
)
from backend.conversations.models import Conversation
from backend.conversations.schemas import ShownMessage
from backend.core.blocks import all_shown
from backend.core.catalogue import backend_catalogue
from backend.core.database import Connection, utcnow
from backend.core.languages import FALLBACK, known_language
from backend.core.secrets import token_digest
from backend.core.settings import Settings
from backend.offices.hours import spoken_time
from backend.offices.service import Office, Promise, promise_person, promised_by
from channels.adapter import Adapter
from channels.message import Arrival, Choice, Inbound

LONGEST_NAME = 100
MENU_PAYLOADS = frozenset({"/talk_to_human", "/help"})
"""Buttons the widget shows before the bot has said anything."""
DIALOGUE_PAYLOADS = ("/affirm", "/deny", "/cancel", "/inform")
"""Buttons that answer one question: under an older question they would answer the wrong one."""
MESSAGES_PER_PAGE = 500
MUTED_BEYOND = 10
"""Times the allowed messages a minute from which on a sender's messages are kept, but not answered."""
SHOWN_DIGITS = 3
"""How much of a number is said back in a chat that others may see."""
REPEATS = 3
REPEATED_CHARACTERS = 25
"""A long text answered so often and come again is a machine's: two bots would write to each other for ever."""


async def open_web_session(
    session: AsyncSession, office: Office, language: str, *, chosen: bool = False
) -> tuple[str, str]:
    """A new visitor with an empty conversation; returns the token and the language."""
    spoken = known_language(language) or office.profile.languages[0]
    contact_id, token = await new_web_visitor(session, office.profile.id)
    conversation_id = await repository.insert_conversation(session, office.profile.id, contact_id, WEB, spoken)
    await note_notice(session, contact_id, privacy_line(office, spoken), WEB, spoken)
    if chosen and known_language(language):
        await repository.set_language_choice(session, conversation_id, spoken)
    return token, spoken


def privacy_line(office: Office, language: str) -> str:
    """The version of the privacy line visitors of the web chat see: a digest of its words and its link."""
    words = backend_catalogue().text("widget.privacy", language)
    return token_digest(f"{words}\n{office.profile.privacy_url}")[:12]


async def web_conversation(session: AsyncSession, token: str) -> Conversation:
    """The conversation of a web visitor. Raises SessionUnknownError."""
    found = await repository.conversation_of_identity(session, WEB, token_digest(token)) if token else None
    if found is None:
        raise SessionUnknownError
    return found


async def conversation(session: AsyncSession, conversation_id: UUID) -> Conversation:
    """A conversation by id. Raises ConversationNotFoundError."""
    found = await repository.fetch_conversation(session, conversation_id)
    if found is None:
        raise ConversationNotFoundError
    return found


async def of_contacts(
    session: AsyncSession, contact_ids: Collection[UUID], channels: Collection[str]
) -> Sequence[Conversation]:
    """The conversations of some contacts on some channels, the one last written in first."""
    return await repository.of_contacts(session, contact_ids, channels)


async def spoken_with(
    session: AsyncSession, contact_ids: Sequence[UUID], channels: Collection[str]
) -> list[tuple[UUID, str, str]]:
    """(contact, channel, language) of the conversations of many contacts, those last written in first."""
    return await repository.spoken_with(session, contact_ids, channels)


async def receive(session: AsyncSession, settings: Settings, to: Conversation, inbound: Inbound) -> int:
    """Accept a message: when the transaction commits it will be answered once. Returns its number.

    Raises MessageTooLongError or ButtonUnknownError.
    """
    if len(inbound.text) > settings.message_max_characters:
        raise MessageTooLongError(limit=settings.message_max_characters)
    if inbound.payload and not await _may_press(session, to, inbound.payload):
        raise ButtonUnknownError
    return await repository.receive(session, to.id, to.channel, f"{to.id}:{inbound.external_id}", inbound.content())


async def receive_text(connection: Connection, settings: Settings, token: str, inbound: Inbound) -> int:
    """Accept a web visitor's text or position, as `receive` does, in a single round trip.

    Raises MessageTooLongError or SessionUnknownError.
    """
    if len(inbound.text) > settings.message_max_characters:
        raise MessageTooLongError(limit=settings.message_max_characters)
    values = (WEB, token_digest(token), inbound.external_id, inbound.content())
    try:
        seq = await turns.receive(connection, *values)
    except UniqueViolation:  # the same message was being stored at the same moment: now it is known
        seq = await turns.receive(connection, *values)
    if seq is None:
        raise SessionUnknownError
    return seq


async def arrive(
    session: AsyncSession, settings: Settings, office: Office, channel: str, arrival: Arrival
) -> tuple[UUID, int]:
    """Accept a message of a channel that knows its senders by address; a person who is new gets a conversation.

    Returns the conversation and the message's number. Nothing is refused: what is too much is answered later, or kept
    without an answer.
    """
    to = await _conversation_with(session, office, channel, arrival)
    if arrival.name:
        await remember_name(session, to.contact_id, arrival.name)
    content = await _resolved(session, to.id, arrival.inbound)
    state, delay = await _patience(session, settings, to.id, content)
    external_id = arrival.inbound.external_id
    seq = await repository.receive(session, to.id, channel, external_id, content, state=state, delay=delay)
    return to.id, seq


async def _conversation_with(session: AsyncSession, office: Office, channel: str, arrival: Arrival) -> Conversation:
    found = await repository.conversation_of_identity(session, channel, arrival.sender)
    while found is None:
        contact_id = await new_sender(session, office.profile.id, channel, arrival.sender, arrival.name)
        if contact_id is not None:
            spoken = known_language(arrival.language or "") or office.profile.languages[0]
            await repository.insert_conversation(
                session, office.profile.id, contact_id, channel, spoken, arrival.sender
            )
        found = await repository.conversation_of_identity(session, channel, arrival.sender)
    return found


async def conversation_at(session: AsyncSession, channel: str, address: str) -> Conversation | None:
    """The conversation with who is at an address, or None."""
    return await repository.conversation_of_identity(session, channel, address)


async def conversation_begun(
    session: AsyncSession, office: Office, channel: str, address: str, name: str, language: str
) -> Conversation:
    """The conversation with who is at an address; a new one for a person who has not written yet."""
    nothing = Inbound(external_id="")
    arrival = Arrival(sender=address, inbound=nothing, language=language, name=name[:LONGEST_NAME])
    return await _conversation_with(session, office, channel, arrival)


async def _resolved(session: AsyncSession, conversation_id: UUID, inbound: Inbound) -> dict[str, Any]:
    """What is stored: a choice is turned into the payload of the button it names, when it still means something."""
    content = inbound.content()
    choice: Choice | None = inbound.choice
    if choice is None:
        return content
    del content["choice"]
    offer = await repository.buttons_of(session, conversation_id, choice.message)
    if offer is None or choice.index >= len(offer[1]):
        return content if inbound.text else {**content, "outdated": True}
    number, buttons = offer
    button = buttons[choice.index]
    outdated = button["payload"].startswith(DIALOGUE_PAYLOADS) and await repository.offered_since(
        session, conversation_id, number
    )
    says = {"outdated": True} if outdated else {"payload": button["payload"]}
    return {**content, "text": button["title"], **says}


async def _patience(
    session: AsyncSession, settings: Settings, conversation_id: UUID, content: dict[str, Any]
) -> tuple[str, float]:
    """(state, delay in seconds) of a new message: at once, later for who writes too fast, never for a machine."""
    allowed = settings.messages_per_minute
    recent = await repository.count_since(session, conversation_id, 60.0)
    text = content.get("text", "")
    if recent >= allowed * MUTED_BEYOND:
        return "muted", 0.0
    if len(text) >= REPEATED_CHARACTERS:
        before = await repository.answered_texts(session, conversation_id, REPEATS)
        if before == [text] * REPEATS:
            return "muted", 0.0
    return "received", max(0.0, (recent - allowed + 1) * 60.0 / allowed)


async def _may_press(session: AsyncSession, to: Conversation, payload: str) -> bool:
    return payload in MENU_PAYLOADS or await repository.was_offered(session, to.id, payload)


async def shown(
    connection: Connection, adapter: Adapter, of: UUID, after: int, language: str = FALLBACK
) -> list[ShownMessage]:
    """What the widget shows of a conversation after a cursor; `language` says that words were removed."""
    rows = await turns.messages_after(connection, of, after, MESSAGES_PER_PAGE)
    return [_shown_message(row, adapter.render(all_shown(row.content, language), row.seq)[0]) for row in rows]


def _shown_message(row: turns.Shown, content: dict[str, Any]) -> ShownMessage:
    return ShownMessage(
        seq=row.seq,
        id=row.external_id.rsplit(":", 1)[-1] if row.external_id else None,
        author=row.author,
        useful=row.useful,
        language=row.language,
        state=row.state,
        at=row.at,
        **content,
    )


async def vote(session: AsyncSession, on: Conversation, seq: int, useful: bool) -> None:
    """Store whether an answer was useful. Raises MessageNotFoundError for a message without an article."""
    article = await repository.article_of(session, on.id, seq)
    if article is None:
        raise MessageNotFoundError
    topic, language = article
    values = {"conversation_id": on.id, "seq": seq, "topic": topic, "language": language}
    await repository.save_vote(session, {**values, "useful": useful, "at": utcnow()})


async def choose_language(session: AsyncSession, of: Conversation, language: str) -> None:
    """Go on in the language the citizen chose; an unknown one changes nothing."""
    if spoken := known_language(language):
        await repository.set_language_choice(session, of.id, spoken)


async def newest_of_ours(session: AsyncSession, conversation_id: UUID) -> int | None:
    """The number of the newest message that is not the citizen's; None when there is none."""
    return await repository.newest_of_ours(session, conversation_id)


async def handed_back_since(session: AsyncSession, conversation_id: UUID) -> datetime | None:
    """When the stretch with a person began that ended last; None when there was none."""
    return await repository.handed_back_since(session, conversation_id)


async def request_person(
    session: AsyncSession, office: Office, conversation_id: UUID, language: str, *, callback: bool = False
) -> Promise:
    """Queue a conversation for a person and say when one will answer, or call back."""
    now = utcnow()
    promise = promise_person(office, now, language)
    await repository.queue_for_person(session, conversation_id, promised_by(office, now), callback=callback)
    return await _with_callback(session, office, conversation_id, promise, language) if callback else promise


async def _with_callback(
    session: AsyncSession, office: Office, conversation_id: UUID, promise: Promise, language: str
) -> Promise:
    """The promise with the end of the number to call, and the hour in the citizen's own time where it is another."""
    of = await conversation(session, conversation_id)
    phone = await phone_of(session, of.contact_id)
    local = await zone(session, of.contact_id, office.profile.zone)
    moment = promise.at.astimezone(local) if promise.at else None
    elsewhere = moment is not None and promise.at is not None and moment.utcoffset() != promise.at.utcoffset()
    return promise.model_copy(
        update={
            "ending": phone[-SHOWN_DIGITS:] if phone else "",
            "local": spoken_time(moment, language) if moment and elsewhere else "",
        }
    )
