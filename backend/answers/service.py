"""Answers: who takes the next turn, what a turn's answer is stored as, and what happens when there is none."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID, uuid4

from backend.answers.errors import BOT_AWAY
from backend.conversations import turns
from backend.conversations.happenings import announce as announce_chat
from backend.conversations.schemas import ANSWERED, Claim, Outcome, Turn, Waiting
from backend.core.backoff import wait_seconds
from backend.core.catalogue import backend_catalogue
from backend.core.database import Connection, utcnow
from backend.core.settings import Settings
from backend.outbox.schemas import Kind, Outgoing
from backend.outbox.service import enqueue
from channels.adapter import Adapter
from channels.message import Button, Link, Reply

LONGEST_WAIT_SECONDS = 60.0
AWAY_WAIT_SECONDS = 1.0
NOTICES_AT_ONCE = 100
Adapters = Mapping[str, Adapter]


async def claim_due(
    connection: Connection, lease_seconds: float, limit: int, channels: Sequence[str]
) -> list[tuple[Claim, Waiting]]:
    """Claim the conversations that have waited longest, each with its next message."""
    claimed = await turns.claim(connection, lease_seconds, limit, channels)
    for claim, waiting, newest in claimed:
        if waiting is None:
            await turns.release(connection, claim, newest)
    return [(claim, waiting) for claim, waiting, _ in claimed if waiting is not None]


async def finish(
    connection: Connection,
    adapters: Adapters,
    claim: Claim,
    waiting: Waiting,
    turn: Turn,
    outcome: Outcome = ANSWERED,
) -> Waiting | None:
    """Store a message's answers, its new state and what is to be sent together.

    Returns the next message, or gives the claim back. Does nothing when the lease was lost: whoever holds it now
    answers.
    """
    adapter = adapters[claim.channel]
    if (adapter.pull or not turn.replies) and not outcome.queue:
        stored = await turns.answer(connection, claim, waiting, turn, outcome, sent="sent")
    else:
        async with connection.transaction():
            sent = sent_state(adapters, claim.channel)
            stored = await turns.answer(connection, claim, waiting, turn, outcome, sent=sent)
            if stored and stored.heard and not adapter.pull:
                await _enqueue(connection, adapter, claim, turn, stored.newest - len(turn.replies) + 1)
            if stored and stored.heard and outcome.queue and waiting.holder == "bot":
                await announce_chat(connection, claim.conversation_id, "chat.queued")
    if stored is None or stored.released:
        return None
    return await _following(connection, claim)


async def _enqueue(
    connection: Connection,
    adapter: Adapter,
    claim: Claim,
    turn: Turn,
    first: int,
    kind: Kind = "answer",
    until: datetime | None = None,
) -> None:
    outgoing = [
        Outgoing(number, adapter.render(_speech(reply, turn.language), number), kind, until)
        for number, reply in enumerate(turn.replies, first)
    ]
    await enqueue(connection, claim.conversation_id, claim.channel, claim.address, outgoing)


def _speech(reply: Reply, language: str) -> dict[str, object]:
    return {**reply.content(), "language": reply.language or language}


async def _following(connection: Connection, claim: Claim) -> Waiting | None:
    waiting, newest = await turns.next_waiting(connection, claim.conversation_id)
    if waiting is None:
        await turns.release(connection, claim, newest)
    return waiting


async def fail(
    connection: Connection, settings: Settings, adapters: Adapters, claim: Claim, waiting: Waiting, code: str
) -> Waiting | None:
    """A turn failed: try it again later, or after the last try tell the citizen and queue the chat for a person.

    Time in which the bot could not be reached at all is no try: only its length is limited.
    """
    away = code == BOT_AWAY
    patience_left = utcnow() - waiting.created_at < timedelta(seconds=settings.bot_away_seconds)
    if not (patience_left if away else waiting.attempts + 1 < settings.turn_attempts):
        if waiting.content.get("hidden"):  # the citizen never saw what could not be answered
            return await finish(connection, adapters, claim, waiting, silence(waiting), Outcome("failed", code))
        turn = sentence(waiting, "chat.turn_failed", ("chat.talk_to_person", "/talk_to_human"))
        return await finish(connection, adapters, claim, waiting, turn, Outcome("failed", code, queue=True))
    async with connection.transaction():
        if not await turns.hold(connection, claim):
            return None
        wait = AWAY_WAIT_SECONDS if away else wait_seconds(waiting.attempts, LONGEST_WAIT_SECONDS)
        await turns.postpone(connection, waiting.id, wait, code, counts=not away)
        return await _following(connection, claim)


def silence(waiting: Waiting) -> Turn:
    """No answer, and everything stays as it was."""
    return Turn((), waiting.language, waiting.language_choice)


def sentence(waiting: Waiting, key: str, *buttons: tuple[str, str], **values: object) -> Turn:
    """An answer of the backend itself: a sentence of its catalogue, with buttons given as (title key, payload)."""
    texts, language = backend_catalogue(), waiting.spoken
    offered = tuple(Button(title=texts.text(title, language), payload=payload) for title, payload in buttons)
    reply = Reply(text=texts.text(key, language, **values), buttons=offered)
    return Turn((reply,), language, waiting.language_choice, author="system")


async def tell_waiting(connection: Connection, adapters: Adapters, patience_seconds: float) -> int:
    """Tell citizens who have waited that long that their message is here; once until they are answered.

    Returns how many were told.
    """
    async with connection.transaction():
        late = await turns.late(connection, patience_seconds, NOTICES_AT_ONCE, list(adapters))
        for claim, waiting in late:
            await _say(connection, adapters[claim.channel], claim, sentence(waiting, "chat.received"), "notice")
    return len(late)


class Addressed(Protocol):
    """A conversation, as far as saying something in it needs to know it."""

    @property
    def id(self) -> UUID: ...  # noqa: D102
    @property
    def channel(self) -> str: ...  # noqa: D102
    @property
    def address(self) -> str: ...  # noqa: D102


async def announce(
    connection: Connection,
    adapters: Adapters,
    to: Addressed,
    text: str,
    language: str,
    kind: Kind = "news",
    buttons: tuple[Button, ...] = (),
    link: Link | None = None,
    until: datetime | None = None,
) -> int:
    """Say something the citizen did not ask for, in their conversation and on its channel; returns its number.

    From `until` on it is not sent any more.
    """
    claim = Claim(to.id, uuid4(), to.channel, to.address)
    turn = Turn((Reply(text=text, buttons=buttons, link=link),), language, author="system")
    return await _say(connection, adapters[to.channel], claim, turn, kind, until)


async def send_spoken(
    connection: Connection, adapters: Adapters, to: Addressed, number: int, content: dict[str, Any], language: str
) -> None:
    """Put a stored word of a person into the outbox; people of a channel that fetches have it already."""
    adapter = adapters[to.channel]
    if not adapter.pull:
        parts = adapter.render({**content, "language": language}, number)
        await enqueue(connection, to.id, to.channel, to.address, [Outgoing(number, parts, "person")])


def sent_state(adapters: Adapters, channel: str) -> str:
    """The state a message of ours is stored in: sent where people fetch it, else queued."""
    return "sent" if adapters[channel].pull else "queued"


async def _say(
    connection: Connection, adapter: Adapter, claim: Claim, turn: Turn, kind: Kind, until: datetime | None = None
) -> int:
    """Store a word nobody asked for, and what is to be sent of it; returns its number."""
    sent = sent_state({claim.channel: adapter}, claim.channel)
    number = await turns.say(connection, claim, turn, sent, noticed=kind == "notice")
    if not adapter.pull:
        await _enqueue(connection, adapter, claim, turn, number, kind, until)
    return number
