"""The conversation hub: stores what comes in, lets one worker at a time answer it, stores the answers."""

import random
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.contacts.service import WEB, new_web_visitor
from backend.conversations import repository
from backend.conversations.errors import (
    BOT_AWAY,
    ButtonUnknownError,
    ConversationNotFoundError,
    MessageNotFoundError,
    MessageTooLongError,
    SessionUnknownError,
)
from backend.conversations.models import Conversation, Message
from backend.conversations.schemas import Claim, ShownConversation, ShownMessage, Turn, Waiting
from backend.core.catalogue import backend_catalogue
from backend.core.database import notify, utcnow
from backend.core.languages import known_language
from backend.core.secrets import token_digest
from backend.core.settings import Settings
from backend.offices.service import Office, Promise, promise_person
from channels.message import Button, Inbound, Reply
from channels.registry import ADAPTERS

MENU_PAYLOADS = frozenset({"/talk_to_human", "/help"})
"""Buttons the widget shows before the bot has said anything."""
MESSAGES_PER_PAGE = 500
LONGEST_WAIT_SECONDS = 60.0
AWAY_WAIT_SECONDS = 1.0


async def open_web_session(
    session: AsyncSession, office: Office, language: str, *, chosen: bool = False
) -> tuple[str, str]:
    """A new visitor with an empty conversation; returns the token and the language."""
    spoken = known_language(language) or office.profile.languages[0]
    contact_id, token = await new_web_visitor(session, office.profile.id)
    conversation_id = await repository.insert_conversation(session, office.profile.id, contact_id, WEB, spoken)
    if chosen and known_language(language):
        await repository.set_language_choice(session, conversation_id, spoken)
    return token, spoken


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


async def receive(session: AsyncSession, settings: Settings, to: Conversation, inbound: Inbound) -> int:
    """Accept a message: when the transaction commits it will be answered once. Returns its number.

    Raises MessageTooLongError or ButtonUnknownError.
    """
    if len(inbound.text) > settings.message_max_characters:
        raise MessageTooLongError(limit=settings.message_max_characters)
    if inbound.payload and not await _may_press(session, to, inbound.payload):
        raise ButtonUnknownError
    return await repository.receive(session, to.id, to.channel, inbound.external_id, inbound.content())


async def _may_press(session: AsyncSession, to: Conversation, payload: str) -> bool:
    return payload in MENU_PAYLOADS or await repository.was_offered(session, to.id, payload)


async def shown(session: AsyncSession, of: Conversation, after: int) -> ShownConversation:
    """What the widget shows after a cursor."""
    rows = await repository.messages_after(session, of.id, after, MESSAGES_PER_PAGE)
    adapter = ADAPTERS[of.channel]
    messages = [_shown_message(message, useful, adapter.render(message.content)) for message, useful in rows]
    return ShownConversation(messages=messages, state=of.holder)


def _shown_message(message: Message, useful: bool | None, content: dict[str, Any]) -> ShownMessage:
    return ShownMessage(
        seq=message.seq,
        id=message.external_id.rsplit(":", 1)[-1] if message.external_id else None,
        author=message.author,
        useful=useful,
        language=message.language,
        state=message.state,
        at=message.created_at,
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


async def request_person(session: AsyncSession, office: Office, conversation_id: UUID, language: str) -> Promise:
    """Queue a conversation for a person and say when one will answer."""
    await repository.queue_for_person(session, conversation_id)
    return promise_person(office, utcnow(), language)


async def claim_next(session: AsyncSession, lease_seconds: float) -> tuple[Claim, Waiting | None] | None:
    """Claim the conversation that has waited longest, with its next message; None when nothing waits."""
    claim = await repository.claim(session, lease_seconds)
    if claim is None:
        return None
    waiting = await repository.next_waiting(session, claim.conversation_id)
    if waiting is None:
        await repository.release(session, claim, claim.last_seq)
    return claim, waiting


async def finish(session: AsyncSession, claim: Claim, waiting: Waiting, turn: Turn) -> Waiting | None:
    """Store a message's answers and its answered mark together; returns the next message or gives the claim back.

    Does nothing when the lease was lost: whoever holds it now answers.
    """
    last = await repository.take_numbers(session, claim, waiting, turn)
    if last is None:
        return None
    first = last - len(turn.replies) + 1
    rows = [_outbound(claim, waiting, seq, reply, turn) for seq, reply in enumerate(turn.replies, first)]
    await repository.insert_replies(session, rows)
    await repository.settle(session, waiting.id, "answered")
    return await _next_or_release(session, claim, last)


def _outbound(claim: Claim, waiting: Waiting, seq: int, reply: Reply, turn: Turn) -> dict[str, Any]:
    return {
        "conversation_id": claim.conversation_id,
        "seq": seq,
        "author": "bot",
        "channel": claim.channel,
        "content": reply.content(),
        "language": reply.language or turn.language,
        "state": "sent" if ADAPTERS[claim.channel].pull else "queued",
        "reply_to": waiting.seq,
        "created_at": utcnow(),
    }


async def _next_or_release(session: AsyncSession, claim: Claim, last_seq: int) -> Waiting | None:
    waiting = await repository.next_waiting(session, claim.conversation_id)
    if waiting is None:
        await repository.release(session, claim, last_seq)
    await notify(session, repository.MESSAGE_CHANNEL, str(claim.conversation_id))
    return waiting


async def fail(session: AsyncSession, settings: Settings, claim: Claim, waiting: Waiting, code: str) -> Waiting | None:
    """A turn failed: try again later, or after the last try tell the citizen and queue the chat for a person.

    Time in which the bot could not be reached at all is no try: only its length is limited.
    """
    if not await repository.holds(session, claim):
        return None
    away = code == BOT_AWAY
    patience_left = utcnow() - waiting.created_at < timedelta(seconds=settings.bot_away_seconds)
    if patience_left if away else waiting.attempts + 1 < settings.turn_attempts:
        wait = AWAY_WAIT_SECONDS if away else _wait_seconds(waiting.attempts)
        await repository.postpone(session, waiting.id, wait, code, counts=not away)
        return await _next_or_release(session, claim, waiting.last_seq)
    language = waiting.language_choice or waiting.language
    text = backend_catalogue().text("chat.turn_failed", language)
    person = Button(title=backend_catalogue().text("chat.talk_to_person", language), payload="/talk_to_human")
    apology = Turn((Reply(text=text, buttons=(person,)),), language, waiting.language_choice)
    following = await finish(session, claim, waiting, apology)
    await repository.settle(session, waiting.id, "failed", code)
    await repository.queue_for_person(session, claim.conversation_id)
    return following


def _wait_seconds(attempts: int) -> float:
    """Exponential back-off from one second, with up to a half of jitter."""
    wait = min(2.0**attempts, LONGEST_WAIT_SECONDS)
    return wait * random.uniform(1.0, 1.5)  # noqa: S311 - jitter, no secret


async def pass_to_agent(session: AsyncSession, claim: Claim, waiting: Waiting) -> Waiting | None:
    """A person holds the chat: the message is theirs, the bot is silent."""
    return await finish(session, claim, waiting, Turn((), waiting.language, waiting.language_choice))
