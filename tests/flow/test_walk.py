"""The main job, in five languages, through the API of the running assistant."""

import re

import psycopg
import pytest

from tests.flow.walk import WALKS, Walk
from tests.stack import Stack, Visitor

pytestmark = pytest.mark.stack
every_language = pytest.mark.parametrize("walk", WALKS, ids=lambda walk: walk.language)
REFERENCE = re.compile(r"TM-\w{3}-\w{3}")
PIN = re.compile(r"\b\d{6}\b")


def filed(visitor: Visitor, walk: Walk) -> tuple[str, str]:
    """File the walk's complaint; returns reference and PIN."""
    visitor.says(walk.complaint)
    told = visitor.says(walk.yes)
    return REFERENCE.search(told)[0], PIN.search(told)[0]


@every_language
def test_question_is_answered_from_the_article_in_its_language(stack: Stack, walk: Walk) -> None:
    visitor = Visitor(stack.url, walk.language)
    answer = visitor.replies(visitor.send(walk.question))[0]
    assert walk.hours in answer["text"]
    assert answer["language"] == walk.language
    assert answer["link"]["url"].startswith("https://")
    assert answer["article"]["topic"] == "opening_hours"


@every_language
def test_complaint_asks_only_what_is_missing_and_ends_in_a_ticket(stack: Stack, walk: Walk) -> None:
    visitor = Visitor(stack.url, walk.language)
    assert "Strada Mărășești 12" in visitor.says(walk.complaint)
    interrupted = visitor.says(walk.interruption)
    assert walk.thirty_days in interrupted, "the question in the middle is answered"
    assert "Strada Mărășești 12" in interrupted, "then the form goes on"
    assert "Strada Mărășești 14" in visitor.says(walk.correction)
    told = visitor.says(walk.yes)
    reference = REFERENCE.search(told)[0]
    assert walk.received in told
    assert PIN.search(told)
    with psycopg.connect(stack.database_url) as database:
        ticket = database.execute(
            "SELECT id, kind, category, unit, place, language, channel, state FROM ticket WHERE reference = %s",
            [reference],
        ).fetchone()
        events = database.execute("SELECT kind, actor FROM ticket_event WHERE ticket_id = %s", [ticket[0]]).fetchall()
    expected = ("complaint", "pothole_road", "roads", "Strada Mărășești 14", walk.language, "web", "received")
    assert ticket[1:] == expected
    assert events == [("received", "citizen")]


@every_language
def test_status_is_told_to_the_author_and_to_others_only_with_the_pin(stack: Stack, walk: Walk) -> None:
    author, other = Visitor(stack.url, walk.language), Visitor(stack.url, walk.language)
    reference, pin = filed(author, walk)
    question = walk.status.format(reference=reference)
    assert reference in author.says(question)
    assert "Mărășești" not in (asked := other.says(question))
    assert reference not in asked
    wrong = other.says("000000")
    assert reference not in wrong
    other.says(question)
    assert reference in other.says(pin)


@every_language
def test_a_wrong_reference_is_answered_like_a_wrong_pin(stack: Stack, walk: Walk) -> None:
    author, other, third = (Visitor(stack.url, walk.language) for _ in range(3))
    reference, _ = filed(author, walk)
    known = [other.says(walk.status.format(reference=reference)), other.says("111111")]
    unknown = [third.says(walk.status.format(reference="TM-333-333")), third.says("111111")]
    assert known == unknown


def test_tries_are_limited(stack: Stack) -> None:
    author, thief = Visitor(stack.url), Visitor(stack.url)
    reference, _ = filed(author, WALKS[0])
    for guess in range(5):
        thief.says(f"what happened with {reference}")
        assert reference not in thief.says(f"00000{guess}")
    assert "too often" in thief.says(f"what happened with {reference}")
    assert reference in author.says(f"what happened with {reference}")


@every_language
def test_a_person_is_promised_with_a_time(stack: Stack, walk: Walk) -> None:
    visitor = Visitor(stack.url, walk.language)
    promise = visitor.says(walk.person)
    assert re.search(r"\d\d:\d\d|\b10\b", promise)
    assert visitor.client.get("/chat/messages").json()["state"] == "queue"


@every_language
def test_not_understood_offers_topics_then_a_person(stack: Stack, walk: Walk) -> None:
    visitor = Visitor(stack.url, walk.language)
    first = visitor.replies(visitor.send(walk.nonsense))[0]
    assert 1 <= len(first["buttons"]) <= 3
    assert first["language"] == walk.language, "letters that are no words change no language"
    second = visitor.replies(visitor.send(walk.nonsense + " hjkl"))[0]
    assert "/talk_to_human" in [button["payload"] for button in second["buttons"]]


@every_language
def test_a_report_can_be_cancelled(stack: Stack, walk: Walk) -> None:
    visitor = Visitor(stack.url, walk.language)
    visitor.says(walk.complaint)
    visitor.says(walk.cancel)
    with psycopg.connect(stack.database_url) as database:
        slots = database.execute("SELECT events::text FROM bot_session ORDER BY updated_at DESC LIMIT 1").fetchone()
    assert '"report_form"' not in slots[0].rsplit('"active_loop"', 1)[-1]
    assert "Mărășești 12" not in visitor.says(walk.interruption)


def test_photo_and_position_go_into_the_ticket(stack: Stack) -> None:
    from tests.factories import jpeg

    visitor = Visitor(stack.url)
    visitor.says("there is a deep pothole since Monday")
    visitor.replies(visitor.send_photo(jpeg()))
    summary = visitor.says(position={"latitude": 45.7537, "longitude": 21.2257})
    assert "45.75370" in summary
    reference = REFERENCE.search(visitor.says("yes"))[0]
    with psycopg.connect(stack.database_url) as database:
        latitude, photos = database.execute(
            "SELECT t.latitude, count(a.id) FROM ticket t LEFT JOIN attachment a ON a.ticket_id = t.id "
            "WHERE t.reference = %s GROUP BY t.id",
            [reference],
        ).fetchone()
    assert (round(latitude, 4), photos) == (45.7537, 1)


def test_slash_commands_typed_by_people_are_text(stack: Stack) -> None:
    visitor = Visitor(stack.url)
    visitor.says("there is a deep pothole since Monday")
    for command in ("/session_start", '/EXTERNAL_x{"a": 1}'):
        visitor.says(command)
    assert "Strada" in visitor.says("Strada Mărășești 3"), "the form is still there"


def test_a_typed_restart_is_a_word_and_forgets_nothing(stack: Stack) -> None:
    visitor = Visitor(stack.url)
    visitor.client.put("/chat/language", json={"language": "tr"}).raise_for_status()
    visitor.says("there is a deep pothole since Monday")
    assert {reply["language"] for reply in visitor.replies(visitor.send("/restart"))} == {"tr"}
    assert {reply["language"] for reply in visitor.replies(visitor.send("hello"))} == {"tr"}


@every_language
def test_who_reports_the_same_matter_may_follow_it_and_hears_of_its_end(stack: Stack, walk: Walk) -> None:
    first, second = Visitor(stack.url, walk.language), Visitor(stack.url, walk.language)
    main, _ = filed(first, walk)
    seq = second.send(walk.complaint)
    asked = second.replies(seq)[-1]
    assert [button["payload"] for button in asked["buttons"]][:2] == ["/affirm", "/deny"]
    assert main not in asked["text"], "nothing is told of the other's ticket but what and where"
    assert "Strada Mărășești 12" in second.presses("/affirm")
    told = second.says(walk.yes)
    reference = REFERENCE.search(told)[0]
    with psycopg.connect(stack.database_url) as database:
        [followed] = database.execute(
            "SELECT main.reference FROM ticket JOIN ticket AS main ON main.id = ticket.duplicate_of "
            "WHERE ticket.reference = %s",
            [reference],
        ).fetchall()
    assert followed == (main,)
