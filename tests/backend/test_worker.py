"""The worker ends as a whole."""

import asyncio
from contextlib import suppress

import pytest

from backend.worker import _all_or_none


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
