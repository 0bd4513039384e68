"""Processes die, the database and the bot go away, providers say no: nobody loses a message, or is answered twice."""

import os
import random
from collections.abc import Iterator
from contextlib import AbstractContextManager

import httpx
import pytest

from tests.flow.channels import NOTICES, Crowd, Desk, TelegramPerson, open_desk
from tests.stack import paused, until

pytestmark = pytest.mark.stack
LONG = os.environ.get("KOMSHU_LONG_TESTS") == "1"
AWAY_SECONDS = 60 if LONG else 5
KILLED = ("worker", "rasa", "backend", "worker", "worker", "backend", "worker")
SECONDS = 300
AGE_OF_NOTICES = """
    SELECT extract(epoch FROM notice.created_at - asked.created_at)::float
    FROM message notice JOIN message asked ON asked.conversation_id = notice.conversation_id AND asked.seq = 1
    JOIN conversation c ON c.id = notice.conversation_id
    WHERE notice.author = 'system' AND notice.reply_to IS NULL AND c.address = ANY(%s)
"""


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with open_desk(LEASE_SECONDS="3") as desk:
        yield desk


def test_processes_are_killed_while_a_thousand_messages_come(desk: Desk) -> None:
    crowd, dice = Crowd(desk, 50, 20), random.Random(3)
    everything = crowd.people * crowd.messages
    desk.stack.workers(2)
    writing = crowd.writes()
    for name in KILLED:
        goal = min(crowd.answered() + dice.randint(20, 80), everything)
        until("more answers", lambda: crowd.answered() >= goal, SECONDS)  # noqa: B023
        dice.choice(desk.stack.processes(name)).kill()
        desk.stack.workers(2)
    writing.result(SECONDS)
    desk.settle(SECONDS)
    crowd.check()
    until("the supervisor brought all back", desk.stack.ready, 60)


@pytest.mark.parametrize("how", ["stopped", "killed"])
def test_the_database_goes_away_and_comes_back(desk: Desk, how: str) -> None:
    crowd = Crowd(desk, 10, 6 if not LONG else 60)
    away = database_stopped(desk) if how == "stopped" else desk.stack.postgres_killed()
    before = desk.statuses.total()
    desk.statuses.clear()
    with away:
        writing = crowd.writes()
        writing.result(SECONDS)
        witness = TelegramPerson(desk)
        outlast(desk, witness)
    assert set(desk.statuses) == {httpx.codes.OK}, "Telegram has heard nothing of it"
    assert before >= 0
    desk.settle(SECONDS)
    crowd.check()


def database_stopped(desk: Desk) -> AbstractContextManager[None]:
    return paused(desk.stack.postgres())
