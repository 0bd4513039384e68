"""The sender against a channel that does as it is told: order, once only, and what survives a crash."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.contacts.service import new_sender
from backend.core.database import Pool, make_sessions
from backend.core.settings import Settings
from backend.outbox import service
from backend.sender import Sender
from channels.adapter import Pace
from channels.errors import BLOCKED, BUSY, REFUSED, UNSURE, SendError
from tests.backend.outbox.factories import ScriptedAdapter, outgoing, pool_of, queue, queue_texts, rows

BUSY_NOW = SendError(BUSY, retryable=True, retry_after=0.0)


@pytest.fixture(scope="module")
async def pool(settings: Settings, engine: AsyncEngine) -> AsyncIterator[Pool]:
    async with pool_of(settings) as pool:
        yield pool


@pytest.fixture
def hasty(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Nobody waits long."""
    monkeypatch.setattr(service, "wait_seconds", lambda attempts, longest: 0.0)
    return settings.model_copy(update={"poll_seconds": 0.02, "lease_seconds": 30.0})


@asynccontextmanager
async def running(settings: Settings, pool: Pool, *adapters: ScriptedAdapter) -> AsyncIterator[Sender]:
    """A sender at work; after that all it has begun is noted."""
    sender = Sender(settings, pool, {adapter.name: adapter for adapter in adapters})
    task = asyncio.create_task(sender.run())
    try:
        yield sender
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def put(pool: Pool, adapter: ScriptedAdapter, *texts: str) -> UUID:
    async with pool.connection() as connection:
        return await queue_texts(connection, adapter.name, *texts)


async def noted(pool: Pool, lane: UUID, columns: str = "state") -> list[Any]:
    async with pool.connection() as connection:
        found = await rows(connection, lane, columns)
    return [row[0] if len(row) == 1 else row for row in found]


async def until_state(pool: Pool, lane: UUID, states: list[str]) -> None:
    """Return when the parts of a lane are so far."""
    async with asyncio.timeout(10):
        while await noted(pool, lane) != states:
            pass


async def test_what_is_put_in_leaves_in_order(hasty: Settings, pool: Pool) -> None:
    adapter = ScriptedAdapter()
    lane = await put(pool, adapter, "one", "two")
    async with running(hasty, pool, adapter):
        await adapter.until_sent(2)
        async with pool.connection() as connection:
            await queue(connection, adapter.name, outgoing(3, "three", "four"), lane=lane)
        await adapter.until_sent(4)
    assert adapter.texts(str(lane)) == ["one", "two", "three", "four"]
    assert await noted(pool, lane) == ["sent"] * 4
    assert len(set(await noted(pool, lane, "provider_id"))) == 4


@pytest.mark.parametrize(
    ("script", "sent", "states"),
    [
        ([BUSY_NOW], ["a", "b", "c"], ["sent"] * 3),
        ([BUSY_NOW] * 9, ["a", "b", "c"], ["sent"] * 3),
        (["id", BUSY_NOW], ["a", "b", "c"], ["sent"] * 3),
        ([SendError(REFUSED)], ["b", "c"], ["failed", "sent", "sent"]),
        (["id", SendError(REFUSED)], ["a", "c"], ["sent", "failed", "sent"]),
        (["id", SendError(BLOCKED)], ["a"], ["sent", "failed", "failed"]),
        ([SendError(UNSURE, retryable=True)], ["a", "b", "c"], ["sent"] * 3),
        ([SendError(UNSURE, retryable=True)] * 6, ["b", "c"], ["failed", "sent", "sent"]),
        ([KeyError("message_id")], ["a", "b", "c"], ["sent"] * 3),
        ([RuntimeError("bug")] * 6, ["b", "c"], ["failed", "sent", "sent"]),
    ],
)
async def test_what_a_provider_says_is_heeded_and_order_kept(
    hasty: Settings, pool: Pool, script: list[str | Exception], sent: list[str], states: list[str]
) -> None:
    adapter = ScriptedAdapter(*script)
    lane = await put(pool, adapter, "a", "b", "c")
    async with running(hasty, pool, adapter):
        await until_state(pool, lane, states)
    assert adapter.texts() == sent


@pytest.mark.parametrize("error", [SendError(UNSURE, retryable=True), ConnectionResetError()])
async def test_a_part_that_may_have_gone_out_twice_is_marked(hasty: Settings, pool: Pool, error: Exception) -> None:
    adapter = ScriptedAdapter(error)
    lane = await put(pool, adapter, "a", "b")
    async with running(hasty, pool, adapter):
        await until_state(pool, lane, ["sent", "sent"])
    assert await noted(pool, lane, "unsure, attempts") == [(True, 2), (False, 1)]


async def test_who_has_blocked_us_wants_no_news(
    hasty: Settings, pool: Pool, engine: AsyncEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    adapter, address = ScriptedAdapter(SendError(BLOCKED)), str(uuid4())
    async with make_sessions(engine)() as session, session.begin():
        await new_sender(session, "timisoara", adapter.name, address, None)
    async with pool.connection() as connection:
        await service.enqueue(connection, lane := uuid4(), adapter.name, address, [outgoing(1, "private", "words")])
        async with running(hasty, pool, adapter):
            await until_state(pool, lane, ["failed", "failed"])
        found = await connection.execute("SELECT stopped_at FROM identity WHERE external_id = %s", (address,))
        assert (await found.fetchone() or [None])[0] is not None
    told = "".join(capsys.readouterr())
    assert address not in told
    assert "private" not in told


async def test_a_message_whose_time_is_over_is_left_out(hasty: Settings, pool: Pool) -> None:
    adapter = ScriptedAdapter()
    lane = await put(pool, adapter, "old", "new")
    async with pool.connection() as connection:
        await connection.execute(
            "UPDATE delivery SET expires_at = now() - interval '1 s' WHERE lane_id = %s AND number = 1", (lane,)
        )
    async with running(hasty, pool, adapter):
        await adapter.until_sent(1)
    assert adapter.texts() == ["new"]
    assert await noted(pool, lane, "state, reason") == [("failed", "expired"), ("sent", None)]


async def test_a_worker_that_dies_between_sending_and_noting_leaves_a_mark_and_keeps_the_order(
    hasty: Settings, pool: Pool
) -> None:
    def taken(adapter: ScriptedAdapter, address: str, part: dict[str, Any]) -> str:
        if part["text"] == "b" and len(adapter.tried) == 2:
            adapter.sent.append((address, part))
            raise asyncio.CancelledError
        return "id"

    adapter = ScriptedAdapter(answer=taken)
    lane = await put(pool, adapter, "a", "b", "c")
    quick = hasty.model_copy(update={"lease_seconds": 0.1})
    async with running(quick, pool, adapter):
        await until_state(pool, lane, ["sent"] * 3)
    assert adapter.texts() == ["a", "b", "b", "c"]
    assert await noted(pool, lane, "unsure") == [False, True, False]


async def test_a_part_that_was_sent_while_the_database_went_away_is_noted_and_not_sent_again(
    hasty: Settings, pool: Pool
) -> None:
    name = f"sender-{uuid4()}"[:40]
    url = make_url(hasty.database_url).update_query_dict({"application_name": name})
    own = hasty.model_copy(update={"database_url": url.render_as_string(hide_password=False)})

    class Cutting(ScriptedAdapter):
        async def send(self, address: str, part: dict[str, Any]) -> str | None:
            taken = await super().send(address, part)
            async with pool.connection() as connection:
                ending = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s"
                await connection.execute(ending, (name,))
            return taken

    adapter = Cutting()
    lane = await put(pool, adapter, "a", "b")
    async with pool_of(own, 3) as cut, running(own, cut, adapter):
        await until_state(pool, lane, ["sent", "sent"])
    assert adapter.texts() == ["a", "b"]
    assert await noted(pool, lane, "unsure") == [False, False]


async def test_when_told_to_stop_what_is_with_the_provider_is_noted_and_the_rest_given_back(
    hasty: Settings, pool: Pool
) -> None:
    going_on = asyncio.Event()

    class Slow(ScriptedAdapter):
        async def send(self, address: str, part: dict[str, Any]) -> str | None:
            taken = await super().send(address, part)
            await going_on.wait()
            return taken

    adapter = Slow(pace=Pace(per_address_seconds=60.0))
    lane = await put(pool, adapter, "a", "b")
    async with running(hasty, pool, adapter) as sender:
        await adapter.until_sent(1)
        asyncio.get_running_loop().call_soon(going_on.set)
    assert (adapter.texts(), sender.held) == (["a"], set())
    assert await noted(pool, lane) == ["sent", "queued"]
    async with pool.connection() as connection:
        left = await connection.execute("SELECT lease_token, due_at IS NOT NULL FROM lane WHERE id = %s", (lane,))
        assert await left.fetchone() == (None, True)


LANES, EACH, SEED = 30, 10, 20261122


async def test_two_senders_at_once_keep_every_order_and_send_nothing_twice(hasty: Settings, pool: Pool) -> None:
    chance = random.Random(SEED)

    def taken(adapter: ScriptedAdapter, address: str, part: dict[str, Any]) -> str:
        if chance.random() < 0.2:
            raise SendError(BUSY, retryable=True, retry_after=chance.choice([0.0, 0.0, 0.01]))
        return str(uuid4())

    adapter = ScriptedAdapter(answer=taken)
    texts = [f"{number}" for number in range(EACH)]
    lanes = [await put(pool, adapter, *texts[: EACH // 2]) for _ in range(LANES)]
    async with AsyncExitStack() as stack:
        senders = [await stack.enter_async_context(running(hasty, pool, adapter)) for _ in range(2)]
        async with pool.connection() as connection:
            for lane in lanes:
                for number in range(EACH // 2, EACH):
                    await queue(connection, adapter.name, outgoing(number + 1, f"{number}"), lane=lane)
                for sender in senders:
                    sender.wake()
        await adapter.until_sent(LANES * EACH)
    assert len(adapter.sent) == LANES * EACH
    for lane in lanes:
        assert adapter.texts(str(lane)) == texts
        assert await noted(pool, lane, "state, unsure") == [("sent", False)] * EACH


async def test_words_that_came_early_are_applied(hasty: Settings, pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.sender.MATCH_REPORTS_SECONDS", 0)
    adapter = ScriptedAdapter(sid := f"SM{uuid4()}")
    async with pool.connection() as connection:
        await connection.execute(
            "INSERT INTO delivery_report (channel, provider_id, state, at) VALUES (%s, %s, 'delivered', now())",
            (adapter.name, sid),
        )
    lane = await put(pool, adapter, "a")
    async with running(hasty, pool, adapter) as sender:
        matching = asyncio.create_task(sender.match_reports())
        await until_state(pool, lane, ["delivered"])
        matching.cancel()


async def test_without_a_channel_to_send_on_there_is_nothing_to_do(hasty: Settings, pool: Pool) -> None:
    adapter = ScriptedAdapter()
    adapter.pull = True
    lane = await put(pool, adapter, "a")
    async with running(hasty, pool, adapter) as sender:
        sender.wake()
        assert await sender._start_due() == hasty.poll_seconds
    assert await noted(pool, lane) == ["queued"]
