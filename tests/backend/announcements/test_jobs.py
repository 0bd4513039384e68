"""The jobs as the worker runs them: one hands out, another finds what was left."""

from types import SimpleNamespace
from typing import Any

import pytest

from backend.announcements import tasks
from backend.announcements.service import DELIVER_TASK
from backend.jobs import make_jobs
from tests.backend.announcements.factories import Town

WAITING = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = :name AND scheduled_at IS NULL"


def context(town: Town) -> Any:
    desk = town.desk
    values = {"settings": desk.settings, "office": desk.office, "adapters": desk.adapters, "sessions": town.sessions}
    return SimpleNamespace(additional_context=values)


async def waiting(town: Town) -> int:
    return int((await town.run(WAITING, name=DELIVER_TASK)).scalar_one())


@pytest.mark.parametrize("name", [DELIVER_TASK, "announcements:sweep"])
def test_the_worker_knows_the_jobs(town: Town, name: str) -> None:
    assert any(known.endswith(name) for known in make_jobs(town.settings).tasks)


async def test_the_job_hands_out_a_batch(town: Town) -> None:
    mine = await town.person()
    of = await town.released()
    await tasks.deliver.func(context(town))
    assert len(await town.said(mine)) == 1
    assert (await town.fresh(of)).state == "sent"


async def test_the_sweep_begins_anew_what_was_lost_and_nothing_else(town: Town) -> None:
    await town.person()
    before = await waiting(town)
    await tasks.sweep.func(context(town), 0)
    assert await waiting(town) == before
    await town.released()
    await town.run("DELETE FROM procrastinate_jobs WHERE task_name = :name", name=DELIVER_TASK)
    await tasks.sweep.func(context(town), 0)
    assert await waiting(town) == 1
    await town.deliver()
    await tasks.sweep.func(context(town), 0)
    assert await waiting(town) == 1


async def test_the_sweep_finds_people_whose_time_has_come(town: Town) -> None:
    mine = await town.person()
    await town.run("UPDATE conversation SET holder = 'agent' WHERE id = :id", id=mine)
    await town.released()
    await town.deliver()
    before = await waiting(town)
    await tasks.sweep.func(context(town), 0)
    assert await waiting(town) == before
    await town.time_passes(for_people=True)
    await tasks.sweep.func(context(town), 0)
    assert await waiting(town) == before + 1
