"""Kill -9 of every process while people write: each message is answered once, in order."""

import random
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import httpx
import psycopg
import pytest

from tests.stack import Stack, Visitor, running, until

pytestmark = pytest.mark.stack
CONVERSATIONS = 20
MESSAGES = 10
TEXTS = ("hello", "la ce ora deschideti", "kolku dena treba za odgovor", "xqzt wkrj", "thanks", "cop ne zaman toplanir")
KILLED = ("worker", "rasa", "backend", "worker", "backend", "worker")


def post_until_accepted(visitor: Visitor, text: str) -> None:
    """What the widget does: the same id again until the server says that it has it."""
    body = {"id": str(uuid4()), "text": text}

    def accepted() -> bool:
        try:
            return visitor.client.post("/chat/messages", json=body).status_code == 202
        except httpx.HTTPError:
            return False

    until("the message is accepted", accepted, 60)


def write_all(visitor: Visitor) -> None:
    for number in range(MESSAGES):
        post_until_accepted(visitor, f"{TEXTS[number % len(TEXTS)]}")


def waiting(database: psycopg.Connection) -> int:
    return database.execute("SELECT count(*) FROM message WHERE state = 'received'").fetchone()[0]


def test_every_message_is_answered_once_and_in_order() -> None:
    dice = random.Random(3)
    with running(LEASE_SECONDS="3") as stack:
        visitors = [Visitor(stack.url) for _ in range(CONVERSATIONS)]
        with ThreadPoolExecutor(CONVERSATIONS) as writers, psycopg.connect(stack.database_url, autocommit=True) as db:
            writing = [writers.submit(write_all, visitor) for visitor in visitors]
            for name in KILLED:
                answered = db.execute("SELECT count(*) FROM message WHERE state = 'answered'").fetchone()[0]
                more = dice.randint(5, 20)
                until("some more answers", lambda: progress(db, answered + more), 90)  # noqa: B023
                stack.kill(name)
            for writer in writing:
                writer.result(120)
            until("everything is answered", lambda: waiting(db) == 0, 120)
            check(db)
        assert_restarted(stack)


def progress(database: psycopg.Connection, wanted: int) -> bool:
    query = "SELECT count(*) FROM message WHERE state = 'answered'"
    done = database.execute(query).fetchone()[0]
    return bool(done >= min(wanted, CONVERSATIONS * MESSAGES))


def check(database: psycopg.Connection) -> None:
    """Each inbound message has its answer, one alone, and answers stand in the order of the questions."""
    inbound = database.execute(
        "SELECT conversation_id, seq, state FROM message WHERE author = 'citizen' ORDER BY conversation_id, seq"
    ).fetchall()
    assert len(inbound) == CONVERSATIONS * MESSAGES
    assert {state for _, _, state in inbound} == {"answered"}
    replies = database.execute(
        "SELECT conversation_id, reply_to, count(*), min(seq) FROM message WHERE author = 'bot' "
        "GROUP BY conversation_id, reply_to ORDER BY conversation_id, min(seq)"
    ).fetchall()
    assert {(row[0], row[1]) for row in replies} == {(row[0], row[1]) for row in inbound}
    assert all(count == 1 for _, _, count, _ in replies), "each of these texts has one reply"
    for conversation in {row[0] for row in inbound}:
        answered = [reply_to for owner, reply_to, _, _ in replies if owner == conversation]
        assert answered == sorted(answered)


def assert_restarted(stack: Stack) -> None:
    until("the supervisor brought all back", stack.ready, 60)
