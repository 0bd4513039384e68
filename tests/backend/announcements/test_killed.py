"""kill -9 anywhere in the sending of an announcement: everybody has it exactly once."""

import os
import subprocess
import sys

import pytest

from backend.announcements.service import DELIVER_TASK
from backend.core.settings import ROOT
from tests.backend.announcements.factories import Town

PEOPLE = 12
PER_BATCH = 3
DEATHS = [("reserved", 1), ("written", 2), ("between", 1), ("begun", 1), ("told", 1), ("ended", 1)]
"""(step, how often it is reached before)."""


def killed_at(town: Town, step: str, count: int) -> int:
    """Hand out a batch in a process that dies there; returns how it ended."""
    environment = {
        **os.environ,
        "DATABASE_URL": town.settings.database_url,
        "PER_MINUTE": str(PER_BATCH * 6),
        "SECRET_KEY": "s" * 40,
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-m", "tests.backend.announcements.killed", step, str(count), town.office.profile.id]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


async def test_kill_9_between_and_within_batches_leaves_everybody_with_one(town: Town) -> None:
    """One announcement, and a death at every step of its way, one after another."""
    town.changes = {"announcements_per_minute": PER_BATCH * 6}
    people = [await town.person(("sms", "web")[number % 2]) for number in range(PEOPLE)]
    of = await town.released()
    endings = []
    for step, count in DEATHS:
        endings.append(killed_at(town, step, count))
        await town.time_passes()
        assert max([len(await town.said(one)) for one in people]) <= 1
    while (await town.fresh(of)).state != "sent":
        await town.deliver()
        await town.time_passes()
    assert endings == [-9] * len(DEATHS)
    assert [len(await town.said(one)) for one in people] == [1] * PEOPLE
    assert (await town.figures(of)).sent == PEOPLE
    assert [len(await town.parts(one)) for one in people] == [1, 0] * (PEOPLE // 2)


@pytest.mark.parametrize(("step", "done"), [("reserved", 0), ("between", 1)])
async def test_a_death_loses_nothing_and_the_next_job_is_there_already(town: Town, step: str, done: int) -> None:
    people = [await town.person() for _ in range(PEOPLE)]
    of = await town.released()
    query = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = :name AND scheduled_at IS NOT NULL"
    before = (await town.run(query, name=DELIVER_TASK)).scalar_one()
    assert killed_at(town, step, 1) == -9
    assert (await town.run(query, name=DELIVER_TASK)).scalar_one() == before + 1
    assert sum([len(await town.said(one)) for one in people]) == done
    await town.time_passes()
    await town.deliver()
    assert [len(await town.said(one)) for one in people] == [1] * PEOPLE
    assert (await town.fresh(of)).state == "sent"
