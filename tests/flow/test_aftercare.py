"""After a ticket is closed, and what people do with their own tickets, through the API of the running assistant."""

import asyncio
import re
from collections.abc import Iterator

import psycopg
import pytest

from backend.core.database import make_engine, make_sessions
from backend.core.settings import ROOT
from backend.offices.service import read_office
from backend.tickets.service import move
from tests.flow.test_walk import filed
from tests.flow.walk import WALKS, Walk
from tests.stack import Stack, Visitor, running, until

pytestmark = pytest.mark.stack
every_language = pytest.mark.parametrize("walk", WALKS, ids=lambda walk: walk.language)
WITHDRAW = {
    "en": "i want to withdraw my report",
    "tr": "basvurumu geri cekmek istiyorum",
    "ro": "vreau sa imi retrag sesizarea",
    "mk": "sakam da ja povlecam prijavata",
    "af": "ek wil my aanmelding terugtrek",
}


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """An assistant that asks at once."""
    with running(SURVEY_DELAY_MINUTES="0") as stack:
        yield stack


def closed(stack: Stack, reference: str) -> None:
    """An agent closes a ticket an hour after its author wrote."""

    async def close() -> None:
        engine = make_engine(stack.database_url.replace("postgresql:", "postgresql+psycopg:", 1))
        office = read_office(ROOT / "data" / "offices", "timisoara")
        async with make_sessions(engine)() as session, session.begin():
            await move(session, office, reference, "closed", "cli")
        await engine.dispose()

    with psycopg.connect(stack.database_url) as database:
        database.execute("UPDATE conversation SET heard_at = heard_at - interval '1 hour'")
    asyncio.run(close())


def asked(visitor: Visitor, times: int = 1) -> list[dict[str, str]]:
    """The buttons of the question whether it is solved, once it came so many times."""

    def questions() -> list[list[dict[str, str]]]:
        found = [one["buttons"] for one in visitor.messages() if one["author"] == "system"]
        return [buttons for buttons in found if buttons]

    until("the question", lambda: len(questions()) == times, 60)
    return questions()[-1]


def ticket(stack: Stack, reference: str) -> tuple[str, list[str]]:
    """(state, kinds of its events) of a ticket."""
    with psycopg.connect(stack.database_url) as database:
        row = database.execute("SELECT id, state FROM ticket WHERE reference = %s", [reference]).fetchone()
        assert row is not None
        events = database.execute("SELECT kind FROM ticket_event WHERE ticket_id = %s ORDER BY id", [row[0]])
        return row[1], [kind for (kind,) in events]


def satisfaction(stack: Stack, reference: str) -> list[tuple[bool | None, int | None, str | None]]:
    with psycopg.connect(stack.database_url) as database:
        rows = database.execute(
            "SELECT solved, score, satisfaction.words FROM satisfaction JOIN ticket ON ticket.id = ticket_id "
            "WHERE reference = %s ORDER BY satisfaction.id",
            [reference],
        )
        return [tuple(row) for row in rows]


@every_language
def test_closed_is_not_solved_until_the_citizen_says_so(stack: Stack, walk: Walk) -> None:
    visitor = Visitor(stack.url, walk.language)
    reference, _ = filed(visitor, walk)
    closed(stack, reference)
    yes, no = asked(visitor)
    assert reference in visitor.presses(no["payload"])
    assert reference in visitor.says("Strada Marasesti, it is still there!!"), "a word about a report is no new report"
    state, kinds = ticket(stack, reference)
    assert (state, kinds[-1]) == ("assigned", "reopened")
    closed(stack, reference)
    yes, _ = asked(visitor, times=2)
    scores = visitor.replies(visitor.send("", button=yes["payload"]))[0]
    assert reference in scores["text"]
    assert len(scores["buttons"]) == 5
    thanks = visitor.replies(visitor.send("", button=scores["buttons"][3]["payload"]))[0]
    assert len(thanks["buttons"]) == 1
    visitor.says("The hole in front of Str. Marasesti 12 was filled in two days")
    assert satisfaction(stack, reference) == [
        (False, None, None),
        (True, 4, "The hole in front of Str. Marasesti 12 was filled in two days"),
    ]


def test_everything_can_be_typed(stack: Stack) -> None:
    visitor = Visitor(stack.url)
    reference, _ = filed(visitor, WALKS[0])
    closed(stack, reference)
    asked(visitor)
    assert "1 (very dissatisfied)" in visitor.says("yes")
    visitor.says("5")
    visitor.says("no thanks")
    assert satisfaction(stack, reference) == [(True, 5, None)]
    assert "What can I do for you?" in visitor.says("yes"), "nothing is asked any more"


def test_a_typed_no_offers_to_reopen(stack: Stack) -> None:
    visitor = Visitor(stack.url)
    reference, _ = filed(visitor, WALKS[0])
    closed(stack, reference)
    asked(visitor)
    offer = visitor.replies(visitor.send("no"))[0]
    assert reference in visitor.presses(offer["buttons"][0]["payload"])
    from tests.factories import jpeg

    answer = visitor.replies(visitor.send_photo(jpeg()))[0]
    assert reference in answer["text"]
    assert ticket(stack, reference)[0] == "assigned"
    assert satisfaction(stack, reference) == [(False, None, None)]


def test_who_does_not_answer_is_not_kept_from_other_matters(stack: Stack) -> None:
    visitor = Visitor(stack.url)
    reference, _ = filed(visitor, WALKS[0])
    closed(stack, reference)
    yes, _ = asked(visitor)
    visitor.presses(yes["payload"])
    assert "08:00" in visitor.says(WALKS[0].question)
    assert "Strada Mărășești 12" in visitor.says(WALKS[0].complaint)
    assert satisfaction(stack, reference) == [(True, None, None)]


@every_language
def test_a_ticket_is_withdrawn_in_words(stack: Stack, walk: Walk) -> None:
    visitor = Visitor(stack.url, walk.language)
    reference, _ = filed(visitor, walk)
    question = visitor.replies(visitor.send(WITHDRAW[walk.language]))[0]
    assert reference in question["text"]
    assert [button["payload"] for button in question["buttons"]] == ["/affirm", "/deny"]
    assert reference in visitor.presses("/affirm")
    assert ticket(stack, reference) == ("closed", ["received", "closed"])


def test_words_and_a_question_in_the_middle(stack: Stack) -> None:
    visitor = Visitor(stack.url)
    reference, _ = filed(visitor, WALKS[0])
    assert reference in visitor.says("i want to add something to my report")
    middle = visitor.says(WALKS[0].question + "?")
    assert "08:00" in middle
    assert reference in middle, "then it is asked again"
    assert reference in visitor.says("the hole is half a metre deep by now")
    assert ticket(stack, reference)[1] == ["received", "added"]


def test_data_is_asked_for_in_words(stack: Stack) -> None:
    visitor = Visitor(stack.url)
    assert "7 days" in visitor.says("please send me a copy of all the data you have about me")
    sure = visitor.replies(visitor.send("delete all my data"))[0]
    assert re.search("cannot be taken back", sure["text"])
    visitor.presses(sure["buttons"][0]["payload"])
    with psycopg.connect(stack.database_url) as database:
        kinds = database.execute("SELECT kind, state FROM privacy_request ORDER BY at").fetchall()
    assert kinds == [("export", "asked"), ("erasure", "asked")]
