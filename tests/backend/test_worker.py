"""The worker ends as a whole."""

import asyncio

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


async def test_being_told_to_stop_is_no_error() -> None:
    tasks = [asyncio.create_task(forever()) for _ in range(2)]
    for task in tasks:
        asyncio.get_running_loop().call_soon(task.cancel)
    await _all_or_none(tasks)
    assert all(task.cancelled() for task in tasks)
