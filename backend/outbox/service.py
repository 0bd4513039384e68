"""The outbox: messages go out in order, once, at the provider's pace, or visibly fail."""

from collections.abc import Sequence
from uuid import UUID

from backend.core.backoff import wait_seconds
from backend.core.database import Connection
from backend.outbox import repository
from backend.outbox.repository import OUTBOX_CHANNEL
from backend.outbox.schemas import EXPIRED, DeliveryState, Failure, LaneClaim, Outgoing, Part
from channels.adapter import Adapter
from channels.errors import BLOCKED, UNSURE, SendError
from channels.message import Delivery

__all__ = ["OUTBOX_CHANNEL", "enqueue", "failed", "reported", "sent", "states"]
LONGEST_WAIT_SECONDS = 300.0
MOST_UNSURE = 5
"""Tries after which a part the provider may have is given up: more copies would not help the citizen."""


async def enqueue(
    connection: Connection,
    lane: UUID,
    channel: str,
    address: str,
    outgoing: Sequence[Outgoing],
) -> None:
    """Queue messages for an address in the caller's transaction; they leave in order."""
    await repository.enqueue(connection, lane, channel, address, outgoing)


async def sent(connection: Connection, adapter: Adapter, lane: LaneClaim, part: Part, provider_id: str | None) -> None:
    """A part was handed over."""
    await repository.note_sent(connection, lane, part, provider_id, adapter.pace.per_address_seconds)


async def expired(connection: Connection, lane: LaneClaim, part: Part) -> None:
    """A part waited too long to make sense."""
    await repository.note_failed(connection, lane, part, EXPIRED, "", everything=False)


async def failed(connection: Connection, lane: LaneClaim, part: Part, error: SendError) -> bool:
    """A part was not handed over: try it again later, or give it up. Returns whether the lane was given back.

    Who has blocked us gets nothing of what waits, either.
    """
    if error.retryable and (error.code != UNSURE or part.attempts < MOST_UNSURE):
        backoff = wait_seconds(part.attempts, LONGEST_WAIT_SECONDS)
        wait = error.retry_after if error.retry_after is not None else backoff
        unsure = error.code == UNSURE
        await repository.note_later(connection, lane, part, wait, error.code, error.detail, unsure=unsure)
        return True
    everything = error.code == BLOCKED
    await repository.note_failed(connection, lane, part, error.code, error.detail, everything=everything)
    return False


async def reported(connection: Connection, channel: str, delivery: Delivery) -> UUID | None:
    """A provider's word on a message. One on a message we do not know yet is kept until we do."""
    return await repository.report(connection, channel, delivery.provider_id, delivery.state, delivery.reason)


async def states(connection: Connection, conversation_id: UUID, after: int = 0) -> dict[int, DeliveryState]:
    """By number, how far the messages of a conversation have come."""
    return {state.number: state for state in await repository.states(connection, conversation_id, after)}


async def failures(connection: Connection, limit: int = 50) -> list[Failure]:
    """The newest messages that were given up."""
    return await repository.failures(connection, limit)


async def retry(connection: Connection, conversation_id: UUID, number: int, *, by_person: bool = False) -> bool:
    """Send a message that was given up again; False when it was not."""
    return await repository.retry(connection, conversation_id, number, by_person=by_person)


async def fence(connection: Connection, conversation_id: UUID, number: int) -> int:
    """An agent took the chat over: no word of the bot up to this number is handed over any more.

    Returns how many parts were withdrawn.
    """
    return await repository.fence(connection, conversation_id, number)


async def withdraw(connection: Connection, messages: Sequence[tuple[UUID, int]]) -> set[tuple[UUID, int]]:
    """Take bulletins back, given as (conversation, number); returns those that had not left."""
    return await repository.withdraw(connection, messages)


async def unwanted(connection: Connection, part: Part) -> str:
    """A bulletin is not sent: the person wants none any more. Returns the state it was in."""
    return await repository.note_unwanted(connection, part)


async def sending(connection: Connection, conversation_id: UUID) -> bool:
    """Whether a message is with the provider at this moment."""
    return await repository.sending(connection, conversation_id)


async def forget_sent(connection: Connection, lane: UUID) -> None:
    """Forget what was sent to an address; what is on its way still leaves."""
    await repository.forget_sent(connection, lane)


async def forget_lane(connection: Connection, lane: UUID) -> None:
    """Forget an address with everything that was or is to be sent there."""
    await repository.forget_lane(connection, lane)
