"""Lanes: order, leases, and nothing lost between two workers."""

import asyncio
from datetime import timedelta
from itertools import chain, pairwise
from uuid import uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.core.database import Connection, Pool, utcnow
from backend.outbox import repository, service
from backend.outbox.schemas import LaneClaim
from channels.errors import BUSY, REFUSED, SendError
from tests.backend.outbox.factories import (
    LEASE,
    LOST,
    ScriptedAdapter,
    claim,
    claimed,
    handed_over,
    lane_row,
    make_free,
    next_of,
    outgoing,
    queue,
    queue_texts,
    rows,
)
from tests.backend.races import until_blocked


async def drained(connection: Connection, lane: LaneClaim) -> list[str]:
    """Send all that waits, and give the lane back; returns the texts in order."""
    texts: list[str] = []
    while True:
        part, version = await repository.next_part(connection, lane)
        if part is None:
            await repository.release(connection, lane, version)
            return texts
        assert await repository.mark(connection, lane, part)
        await repository.note_sent(connection, lane, part, None, 0)
        texts.append(part.part["text"])


async def test_messages_and_their_parts_leave_in_order(connection: Connection, channel: str) -> None:
    lane = await queue(connection, channel, outgoing(1, "a", "b", "c"), outgoing(2, "d"))
    await queue(connection, channel, outgoing(4, "e", "f"), lane=lane)
    assert await drained(connection, await claimed(connection, channel)) == list("abcdef")
    assert await claim(connection, channel) is None
    assert await repository.seconds_to_next(connection, [channel]) is None


async def test_what_waited_longest_goes_first_and_other_channels_are_left_alone(
    connection: Connection, channel: str
) -> None:
    late = await queue(connection, channel, outgoing(1, "late"), at=utcnow() - timedelta(seconds=1))
    early = await queue(connection, channel, outgoing(1, "early"), at=utcnow() - timedelta(seconds=9))
    await queue_texts(connection, f"{channel}-other", "x")
    assert [(await claimed(connection, channel)).id for _ in range(2)] == [early, late]
    assert await claim(connection, channel) is None


async def test_what_was_rolled_back_is_not_sent(pool: Pool, connection: Connection, channel: str) -> None:
    async with pool.connection() as other, other.transaction(force_rollback=True):
        await queue_texts(other, channel, "never")
    assert await claim(connection, channel) is None


async def test_a_message_without_a_part_puts_nothing_in(connection: Connection, channel: str) -> None:
    await queue(connection, channel, outgoing(1))
    assert await claim(connection, channel) is None


async def test_the_same_message_again_is_not_put_in_again(connection: Connection, channel: str) -> None:
    lane = await queue(connection, channel, outgoing(0, "one", "two"))
    await queue(connection, channel, outgoing(0, "one", "two"), outgoing(1, "three"), lane=lane)
    assert await drained(connection, await claimed(connection, channel)) == ["one", "two", "three"]


async def test_a_lane_that_rests_says_for_how_long(connection: Connection, channel: str) -> None:
    lane = await queue(connection, channel, outgoing(1, "x"))
    await connection.execute("UPDATE lane SET free_at = now() + interval '1 hour' WHERE id = %s", (lane,))
    assert await claim(connection, channel) is None
    wait = await repository.seconds_to_next(connection, [channel])
    assert wait is not None
    assert 3500 < wait <= 3600


async def test_a_message_that_came_since_the_lane_was_found_empty_stays_due(
    connection: Connection, channel: str
) -> None:
    lane = await queue_texts(connection, channel, "one")
    held = await claimed(connection, channel)
    await repository.note_sent(connection, held, await next_of(connection, held), None, 0)
    _, version = await repository.next_part(connection, held)
    await queue(connection, channel, outgoing(2, "two"), lane=lane)
    assert await repository.release(connection, held, version)
    assert await drained(connection, await claimed(connection, channel)) == ["two"]


@pytest.mark.parametrize("first", ["enqueue", "release"])
async def test_a_message_put_in_while_the_lane_is_given_back_is_not_forgotten(
    pool: Pool, connection: Connection, engine: AsyncEngine, channel: str, first: str
) -> None:
    lane = await queue_texts(connection, channel, "one")
    held = await claimed(connection, channel)
    await repository.note_sent(connection, held, await next_of(connection, held), None, 0)
    _, version = await repository.next_part(connection, held)

    async def act(on: Connection, name: str) -> None:
        if name == "enqueue":
            await queue(on, channel, outgoing(2, "two"), lane=lane)
        else:
            await repository.release(on, held, version)

    async with pool.connection() as other:
        async with connection.transaction():
            await act(connection, first)
            second = asyncio.create_task(act(other, "release" if first == "enqueue" else "enqueue"))
            await until_blocked(engine)
        await second
    assert await drained(connection, await claimed(connection, channel)) == ["two"]


async def test_many_at_once_into_one_lane_leave_in_the_order_they_were_stored(
    pool: Pool, connection: Connection, channel: str
) -> None:
    lane = await queue_texts(connection, channel, "first")

    async def one(number: int) -> None:
        async with pool.connection() as own:
            await queue(own, channel, outgoing(number, f"{number}a", f"{number}b"), lane=lane)

    await asyncio.gather(*(one(number) for number in range(2, 32)))
    texts = await drained(connection, await claimed(connection, channel))
    assert len(texts) == 61
    pairs = list(zip(texts[1::2], texts[2::2], strict=True))
    assert all((a[:-1], a[-1], b[-1]) == (b[:-1], "a", "b") for a, b in pairs)


async def test_two_workers_never_hold_one_lane(pool: Pool, connection: Connection, channel: str) -> None:
    lanes = {await queue_texts(connection, channel, "x") for _ in range(12)}

    async def worker() -> list[LaneClaim]:
        async with pool.connection() as own:
            return [lane for _ in range(12) if (lane := await claim(own, channel))]

    found = [lane.id for held in await asyncio.gather(worker(), worker(), worker()) for lane in held]
    assert (len(found), set(found)) == (12, lanes)


async def test_a_renewed_lease_is_kept_and_one_that_ran_out_is_taken_over(connection: Connection, channel: str) -> None:
    await queue_texts(connection, channel, "x")
    lost = await claimed(connection, channel, LOST)
    held = await claimed(connection, channel, LOST)
    await repository.renew(connection, [lost.token, uuid4(), held.token], LEASE)
    assert await claim(connection, channel) is None
    assert (await repository.next_part(connection, lost))[0] is None
    assert (await next_of(connection, held)).part == {"text": "x"}


@pytest.mark.parametrize("taken_over", [True, False], ids=["taken over", "ran out"])
async def test_who_lost_the_lane_hands_nothing_over(connection: Connection, channel: str, taken_over: bool) -> None:
    await queue_texts(connection, channel, "x")
    lost = await claimed(connection, channel, LOST)
    part = await next_of(connection, lost)
    held = await claimed(connection, channel) if taken_over else None
    assert not await repository.mark(connection, lost, part)
    assert await rows(connection, lost.id, "state, attempts, unsure") == [("queued", 0, False)]
    if held:
        assert await repository.mark(connection, held, part)


BUSY_NOW = SendError(BUSY, retryable=True, retry_after=7)


@pytest.mark.parametrize("error", [BUSY_NOW, SendError(REFUSED)], ids=["passing", "final"])
async def test_who_lost_the_lane_cannot_undo_what_its_new_holder_sent(
    connection: Connection, channel: str, error: SendError
) -> None:
    lost, part = await handed_over(connection, channel, "x", "y", lease=LOST)
    held = await claimed(connection, channel)
    again = await next_of(connection, held)
    assert await repository.mark(connection, held, again)
    await service.sent(connection, ScriptedAdapter(), held, again, "id-1")
    await service.failed(connection, lost, part, error)
    assert await rows(connection, held.id) == [("x", "sent"), ("y", "queued")]
    assert (await next_of(connection, held)).part == {"text": "y"}
    assert not await repository.release(connection, lost, part.number)
    assert (await lane_row(connection, held.id, "lease_token"))[0] == held.token


async def test_a_part_that_was_in_a_dead_workers_hands_is_sent_again_and_marked_as_unsure(
    connection: Connection, channel: str
) -> None:
    lost, _ = await handed_over(connection, channel, "x", "y", lease=LOST)
    assert await drained(connection, await claimed(connection, channel)) == ["x", "y"]
    assert await rows(connection, lost.id, "state, unsure, attempts") == [("sent", True, 2), ("sent", False, 1)]


async def test_a_lane_rests_between_two_messages(connection: Connection, channel: str) -> None:
    lane, part = await handed_over(connection, channel, "x", "y")
    async with connection.transaction():
        await repository.note_sent(connection, lane, part, "id", 30.0)
        assert (await lane_row(connection, lane.id, "(free_at - now())::text"))[0] == "00:00:30"
    await repository.release(connection, lane, -1)
    assert await claim(connection, channel) is None
    await make_free(connection, lane.id)
    assert await claim(connection, channel) is not None


async def test_slots_of_two_connections_are_never_closer_than_the_interval(pool: Pool, channel: str) -> None:
    async def reserve() -> list[float]:
        moments = []
        async with pool.connection() as own:
            for _ in range(20):
                async with own.transaction():
                    row = await (await own.execute("SELECT extract(epoch FROM now())::float")).fetchone()
                    assert row is not None
                    moments.append(row[0] + await repository.slot(own, channel, 0.25))
        return moments

    moments = sorted(chain.from_iterable(await asyncio.gather(reserve(), reserve())))
    gaps = [after - before for before, after in pairwise(moments)]
    assert len(gaps) == 39
    assert min(gaps) > 0.25 - 1e-4
