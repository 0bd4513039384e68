"""The worker leaves nobody waiting, and ends as a whole."""

import asyncio
from contextlib import suppress
from typing import Any, cast
from uuid import UUID, uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.answers.taker import Taker
from backend.conversations.schemas import Claim
from backend.conversations.service import arrive
from backend.core.database import Pool, make_sessions
from backend.core.settings import Settings
from backend.offices.schemas import Office
from backend.worker import MessageWorker, _all_or_none
from channels.message import Arrival, Inbound
from tests.backend.outbox.factories import pool_of


async def forever() -> None:
    await asyncio.Event().wait()


async def breaks() -> None:
    raise ValueError("a part broke")


async def test_a_part_that_breaks_ends_the_worker_with_its_error() -> None:
    tasks = [asyncio.create_task(part) for part in (forever(), breaks())]
    with pytest.raises(ValueError, match="a part broke"):
        await _all_or_none(tasks)
    assert all(task.done() for task in tasks)


async def test_a_part_that_swallows_being_cancelled_is_cancelled_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async def deaf() -> None:
        with suppress(asyncio.CancelledError):
            await forever()
        await forever()

    monkeypatch.setattr("backend.worker.CANCEL_SECONDS", 0.01)
    tasks = [asyncio.create_task(part) for part in (deaf(), breaks())]
    with pytest.raises(ValueError, match="a part broke"):
        await _all_or_none(tasks)
    assert all(task.cancelled() for task in tasks[:1])


async def test_being_told_to_stop_is_no_error() -> None:
    tasks = [asyncio.create_task(forever()) for _ in range(2)]
    for task in tasks:
        asyncio.get_running_loop().call_soon(task.cancel)
    await _all_or_none(tasks)
    assert all(task.cancelled() for task in tasks)


WAITING = 60


class Quick:
    """Takes turns as a bot would that answers some messages at once and others after a while."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.taken: list[UUID] = []
        self.all = asyncio.Event()

    async def take(self, claim: Claim, _waiting: Any) -> None:
        self.taken.append(claim.conversation_id)
        if len(self.taken) >= WAITING:
            self.all.set()
        async with self.pool.connection() as connection:
            for _ in range(2 * (len(self.taken) % 3)):
                await connection.execute("SELECT 1")


async def test_who_waits_is_taken_although_places_become_free_while_others_are_claimed(
    settings: Settings, office: Office, engine: AsyncEngine
) -> None:
    channel = f"scripted-{uuid4()}"
    async with make_sessions(engine)() as session, session.begin():
        for _ in range(WAITING):
            inbound = Inbound(external_id=str(uuid4()), text="hello")
            await arrive(session, settings, office, channel, Arrival(sender=str(uuid4()), inbound=inbound))
    alone = settings.model_copy(update={"worker_concurrency": 3, "poll_seconds": 3600.0})  # nothing else wakes it
    async with pool_of(settings) as pool:
        taker = Quick(pool)
        worker = asyncio.create_task(MessageWorker(alone, pool, cast(Taker, taker), [channel]).run())
        async with asyncio.timeout(10):
            await taker.all.wait()
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)
    assert len(set(taker.taken)) == WAITING
