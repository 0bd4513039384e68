"""Bulletins wait behind answers, leave places free, and are taken back."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.contacts.service import new_sender, stop
from backend.core.database import Connection, Pool, make_sessions
from backend.core.settings import Settings
from backend.outbox import repository, service
from backend.outbox.schemas import KEEPS, Outgoing
from backend.sender import BULLETINS
from tests.backend.outbox.factories import ScriptedAdapter, claimed, lane_row, next_of, outgoing, queue, rows
from tests.backend.test_sender import hasty, pool, running, until_state

__all__ = ["hasty", "pool"]
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def bulletin(number: int, *texts: str) -> Outgoing:
    return outgoing(number, *texts, kind="bulletin")


async def test_an_answer_overtakes_bulletins_of_the_same_address(connection: Connection, channel: str) -> None:
    lane = await queue(connection, channel, bulletin(1, "news"), outgoing(2, "answer"))
    assert (await next_of(connection, await claimed(connection, channel))).part["text"] == "answer"
    assert await lane_row(connection, lane, "bulk") == (False,)


async def test_addresses_with_answers_come_before_bulletins_that_waited_longer(
    connection: Connection, channel: str
) -> None:
    old = await queue(connection, channel, bulletin(1, "news"), at=LONG_AGO)
    new = await queue(connection, channel, outgoing(1, "answer"))
    assert [(await claimed(connection, channel)).id for _ in range(2)] == [new, old]


async def test_an_answer_lifts_its_lane_out_of_the_bulletins(connection: Connection, channel: str) -> None:
    lanes = [await queue(connection, channel, bulletin(1, "news")) for _ in range(3)]
    await queue(connection, channel, outgoing(2, "answer"), lane=lanes[2])
    assert (await claimed(connection, channel)).id == lanes[2]


async def test_a_lane_that_was_emptied_begins_anew(connection: Connection, channel: str) -> None:
    lane = await queue(connection, channel, outgoing(1, "answer"))
    mine = await claimed(connection, channel)
    part = await next_of(connection, mine)
    await repository.note_sent(connection, mine, part, "id", 0.0)
    await repository.release(connection, mine, 1)
    await queue(connection, channel, bulletin(2, "news"), lane=lane)
    assert await lane_row(connection, lane, "bulk") == (True,)
    await queue(connection, channel, outgoing(3, "answer"), lane=lane)
    await queue(connection, channel, bulletin(4, "news"), lane=lane)
    assert await lane_row(connection, lane, "bulk") == (False,)


@pytest.mark.parametrize(("bulk", "answers", "bulletins"), [(0, 2, 0), (1, 2, 1), (2, 2, 2), (None, 2, 3)])
async def test_bulletins_take_no_more_places_than_they_may(
    connection: Connection, channel: str, bulk: int | None, answers: int, bulletins: int
) -> None:
    for number in range(5):
        message = outgoing(1, "answer") if number < 2 else bulletin(1, "news")
        await queue(connection, channel, message)
    found = await repository.claim(connection, [channel], 60.0, 10, bulk)
    assert ([lane.bulk for lane in found].count(False), [lane.bulk for lane in found].count(True)) == (
        answers,
        bulletins,
    )


async def test_without_places_bulletins_do_not_wake_the_sender(connection: Connection, channel: str) -> None:
    await queue(connection, channel, bulletin(1, "news"))
    assert await repository.seconds_to_next(connection, [channel], bulk=False) is None
    assert await repository.seconds_to_next(connection, [channel]) is not None


@pytest.mark.parametrize(
    ("until", "keeps"),
    [
        (None, KEEPS["bulletin"]),
        (NOW + timedelta(hours=1), timedelta(hours=1)),
        (NOW + timedelta(days=9), KEEPS["bulletin"]),
        (NOW - timedelta(hours=1), -timedelta(hours=1)),
    ],
)
def test_a_bulletin_is_kept_until_its_time_is_over(until: datetime | None, keeps: timedelta) -> None:
    assert Outgoing(1, (), "bulletin", until).keeps(NOW) == keeps


async def test_only_bulletins_no_part_of_which_has_left_are_taken_back(connection: Connection, channel: str) -> None:
    whole = await queue(connection, channel, bulletin(1, "a", "b"), outgoing(2, "answer"))
    begun = await queue(connection, channel, bulletin(1, "a", "b"))
    await connection.execute("UPDATE delivery SET state = 'sent' WHERE lane_id = %s AND position = 0", (begun,))
    answer = await queue(connection, channel, outgoing(1, "answer"))
    asked = [(whole, 1), (whole, 2), (begun, 1), (answer, 1), (uuid4(), 1)]
    assert await service.withdraw(connection, asked) == {(whole, 1)}
    assert [row[1] for row in await rows(connection, whole)] == ["withdrawn", "withdrawn", "queued"]
    assert [row[1] for row in await rows(connection, begun)] == ["sent", "queued"]
    assert [row[1] for row in await rows(connection, answer)] == ["queued"]


async def test_an_agents_take_over_does_not_swallow_a_bulletin(connection: Connection, channel: str) -> None:
    lane = await queue(connection, channel, bulletin(1, "news"), outgoing(2, "answer"))
    await service.fence(connection, lane, 2)
    assert [row[1] for row in await rows(connection, lane)] == ["queued", "withdrawn"]
    assert (await next_of(connection, await claimed(connection, channel))).part["text"] == "news"


async def test_who_stops_while_a_bulletin_waits_gets_the_answer_only(
    hasty: Settings, pool: Pool, engine: AsyncEngine
) -> None:
    adapter, address = ScriptedAdapter(), str(uuid4())
    async with make_sessions(engine)() as session, session.begin():
        await new_sender(session, "timisoara", adapter.name, address, None)
    messages = [bulletin(1, "news"), outgoing(2, "answer"), outgoing(3, "of my ticket", kind="news")]
    async with pool.connection() as connection:
        await stop(connection, adapter.name, address)
        await service.enqueue(connection, lane := uuid4(), adapter.name, address, messages)
    async with running(hasty, pool, adapter):
        await until_state(pool, lane, ["withdrawn", "sent", "sent"])
    assert adapter.texts() == ["answer", "of my ticket"]


async def test_a_flood_of_bulletins_is_sent_a_few_at_a_time_and_answers_pass(hasty: Settings, pool: Pool) -> None:
    adapter = ScriptedAdapter()
    async with pool.connection() as connection:
        flood = [await queue(connection, adapter.name, bulletin(1, f"news {number}")) for number in range(30)]
    async with running(hasty, pool, adapter) as sender:
        await adapter.until_sent(3)
        async with pool.connection() as connection:
            await queue(connection, adapter.name, outgoing(1, "answer"))
        sender.wake()
        await adapter.until_sent(len(flood) + 1)
    assert adapter.texts().count("answer") == 1
    assert sender._bulletins == 0
    assert len(adapter.sent) == 31
    assert hasty.sender_concurrency > BULLETINS
