"""Processes die, the database and the bot go away, providers say no: nobody loses a message, or is answered twice."""

import asyncio
import os
import random
import time
from collections.abc import Iterator

import httpx
import psutil
import pytest

from tests.flow.channels import NOTICES, Crowd, Desk, SmsPerson, TelegramPerson, open_desk
from tests.peers.twilio import sid
from tests.stack import paused, until

pytestmark = pytest.mark.stack
LONG = os.environ.get("KOMSHU_LONG_TESTS") == "1"
AWAY_SECONDS = 60 if LONG else 5
KILLED = ("worker", "rasa", "backend", "worker", "worker", "backend", "worker")
SECONDS = 300
FRUGAL = {"WORKER_CONCURRENCY": "4", "SENDER_CONCURRENCY": "4", "DATABASE_POOL_SIZE": "5"}
"""Four workers must do with the hundred connections PostgreSQL grants."""
AGES_OF_NOTICES = """
    SELECT extract(epoch FROM notice.created_at - asked.created_at)::float
    FROM message notice JOIN message asked ON asked.conversation_id = notice.conversation_id AND asked.seq = 1
    JOIN conversation c ON c.id = notice.conversation_id
    WHERE notice.author = 'system' AND notice.reply_to IS NULL AND c.address = ANY(%s)
"""
STORED = """
    SELECT m.author, m.seq, m.attempts FROM message m JOIN conversation c ON c.id = m.conversation_id
    WHERE c.address = %s ORDER BY m.seq
"""


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with open_desk(LEASE_SECONDS="3", **FRUGAL) as desk:
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
    crowd = Crowd(desk, 10, 8)
    desk.statuses.clear()
    crowd.writes(slice(0, 4)).result(SECONDS)
    until("some are answered, and more are in hand", crowd.answered, SECONDS)
    with paused(desk.stack.postgres()) if how == "stopped" else desk.stack.postgres_killed():
        back = time.monotonic() + AWAY_SECONDS
        crowd.writes(slice(4, 8)).result(SECONDS)
        until("it was away long enough", lambda: time.monotonic() >= back, 2 * AWAY_SECONDS)
    assert set(desk.statuses) == {httpx.codes.OK}, "the provider has noticed nothing"
    desk.settle(SECONDS)
    crowd.check()


@pytest.mark.parametrize("how", ["stopped", "killed"])
def test_who_waits_for_an_absent_bot_is_told_once_and_answered_later(desk: Desk, how: str) -> None:
    until("the bot is here", desk.stack.ready, SECONDS)
    crowd = Crowd(desk, 10, 12)
    supervisor = psutil.Process(desk.stack.process.pid)
    with paused(desk.stack.processes("rasa") if how == "stopped" else [supervisor]):
        if how == "killed":
            desk.stack.kill("rasa")
        crowd.writes().result(SECONDS)
        until("all are told", lambda: len(crowd.rows(NOTICES)) >= crowd.people, SECONDS)
    desk.settle(SECONDS)
    crowd.check()
    assert [address for address, _ in crowd.rows(NOTICES)] == sorted(crowd.written), "each is told once"
    assert max(age for (age,) in crowd.rows(AGES_OF_NOTICES)) < 10


def test_many_workers_and_a_provider_that_is_too_busy(desk: Desk) -> None:
    until("the assistant is ready", desk.stack.ready, SECONDS)
    crowd = Crowd(desk, 200, 20) if LONG else Crowd(desk, 60, 8)
    desk.stack.workers(4)
    desk.telegram.flood_rate = 0.1
    crowd.writes().result(SECONDS)
    desk.settle(10 * SECONDS if LONG else SECONDS)
    desk.telegram.flood_rate = 0.0
    assert crowd.check() == 0, "who said no has not got it"


def test_a_message_that_comes_fifty_times_at_once_is_one_message(desk: Desk) -> None:
    person = TelegramPerson(desk)
    update = person.make("text", "hello")
    desk.post(*[[update]] * 50).result(SECONDS)
    desk.settle(SECONDS)
    stored = desk.rows(STORED, str(person.chat))
    assert [author for author, *_ in stored] == ["citizen", "bot"]
    assert [seq for _, seq, _ in stored] == [1, 2]
    assert stored[0][2] == 0, "one turn"
    assert len(person.received()) == 1


def test_an_sms_that_comes_fifty_times_at_once_is_one_message(desk: Desk) -> None:
    person = SmsPerson(desk)
    same = {"From": person.number, "MessageSid": sid("SM")}

    async def deliver_all() -> None:
        answers = await asyncio.gather(*(desk.twilio.deliver("hello", **same) for _ in range(50)))
        assert {answer.status_code for answer in answers} == {httpx.codes.OK}

    desk.background.run(deliver_all())
    desk.settle(SECONDS)
    assert [author for author, *_ in desk.rows(STORED, person.number)] == ["citizen", "bot"]
    assert len(person.received()) == 1
