"""Answers about closed tickets, in buttons and in words."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from actions.feedback import given_answer, says_nothing, score_in
from backend.conversations.service import conversation
from backend.core.database import utcnow
from backend.surveys.models import Satisfaction
from backend.tickets.repository import ticket_by_reference
from tests.actions.conftest import Desk, Visitor
from tests.actions.factories import LANGUAGES, message
from tests.actions.test_status import filed, unlike

ACTION = "action_answer_survey"


async def asked(desk: Desk, visitor: Visitor) -> str:
    """A ticket of the visitor that was asked about; returns its reference."""
    reference, _ = await filed(visitor)
    async with desk.sessions() as session, session.begin():
        of = await conversation(session, UUID(visitor.conversation_id))
        ticket = await ticket_by_reference(session, "timisoara", reference)
        assert ticket is not None
        row = Satisfaction(
            office_id="timisoara",
            ticket_id=ticket.id,
            closing=1,
            unit=ticket.unit,
            conversation_id=of.id,
            channel="web",
            language="en",
            seq=7,
            asked_at=utcnow(),
        )
        session.add(row)
    return reference


async def kept(desk: Desk, reference: str) -> tuple[bool | None, int | None, str | None]:
    async with desk.sessions() as session:
        ticket = await ticket_by_reference(session, "timisoara", reference)
        assert ticket is not None
        row = await session.scalar(select(Satisfaction).where(Satisfaction.ticket_id == ticket.id))
        assert row is not None
        return row.solved, row.score, row.words


@pytest.mark.parametrize("language", LANGUAGES)
async def test_yes_then_a_score_then_a_word(desk: Desk, language: str) -> None:
    visitor = await desk.visitor(language)
    reference = await asked(desk, visitor)
    yes = await visitor.says(ACTION, "", intent="answer_survey", reference=reference, solved="yes")
    assert (yes.said, yes.responses[0]["reference"]) == (["utter_survey_score"], reference)
    score = await visitor.says(ACTION, "", intent="answer_survey", reference=reference, score="4")
    assert (score.said, score.responses[0]["reference"]) == (["utter_survey_words"], reference)
    word = await visitor.says(ACTION, "It was quick", intent="answer_survey")
    assert (word.said, word.slots) == (["utter_survey_thanks"], {"survey": None})
    assert await kept(desk, reference) == (True, 4, "It was quick")


async def test_a_typed_score_counts(desk: Desk) -> None:
    visitor = await desk.visitor()
    reference = await asked(desk, visitor)
    await visitor.says(ACTION, "", intent="answer_survey", reference=reference, solved="yes")
    assert (await visitor.says(ACTION, "2", intent="answer_survey")).said == ["utter_survey_words"]
    assert await kept(desk, reference) == (True, 2, None)


@pytest.mark.parametrize("typed", [False, True], ids=["button", "words"])
async def test_no_word_is_needed(desk: Desk, typed: bool) -> None:
    visitor = await desk.visitor()
    reference = await asked(desk, visitor)
    await visitor.says(ACTION, "", intent="answer_survey", reference=reference, score="5")
    said: dict[str, Any] = {"ranking": [("deny", 0.9)]} if typed else {"reference": reference, "words": "no"}
    ran = await visitor.says(ACTION, "no thanks" if typed else "", intent="answer_survey", **said)
    assert (ran.said, ran.slots) == (["utter_survey_thanks"], {"survey": None})
    assert await kept(desk, reference) == (True, 5, None)


@pytest.mark.parametrize("exists", [True, False])
async def test_a_button_of_somebody_else_is_told_nothing(desk: Desk, exists: bool) -> None:
    owner, thief = await desk.visitor(), await desk.visitor()
    reference = await asked(desk, owner)
    named = reference if exists else unlike(reference)
    ran = await thief.says(ACTION, "", intent="answer_survey", reference=named, score="1")
    assert ran.said == ["utter_ticket_unknown"]
    assert await kept(desk, reference) == (None, None, None)


@pytest.mark.parametrize("intent", ["affirm", "deny"])
async def test_a_yes_to_nothing_goes_on(desk: Desk, intent: str) -> None:
    visitor = await desk.visitor()
    assert (await visitor.says("action_go_on", "well", intent=intent)).said == ["utter_go_on"]
    assert (await visitor.says("action_go_on", "", intent=intent)).said == ["utter_go_on"]


@pytest.mark.parametrize(
    ("intent", "sentence"), [("affirm", "utter_survey_score"), ("deny", "utter_survey_not_solved")]
)
async def test_a_typed_yes_or_no_answers_what_the_office_asked_last(desk: Desk, intent: str, sentence: str) -> None:
    visitor = await desk.visitor()
    reference = await asked(desk, visitor)
    await desk.said(visitor, 7)
    ran = await visitor.says("action_go_on", "well", intent=intent)
    assert (ran.said, ran.responses[0]["reference"]) == ([sentence], reference)
    assert (await kept(desk, reference))[0] is (True if intent == "affirm" else None)


@pytest.mark.parametrize(
    ("text", "score"),
    [("5", 5), (" 1 ", 1), ("4!", 4), ("⭐⭐⭐", 3), ("★★★★★", 5), ("", None), ("6", None)],
)
def test_a_score_is_a_digit_or_its_stars(text: str, score: int | None) -> None:
    assert score_in(text) == score


@pytest.mark.parametrize(
    ("text", "label", "nothing"),
    [
        ("no", "deny", True),
        ("no thank you", "deny", True),
        ("no, it took much too long", "deny", False),
        ("good", "affirm", False),
    ],
)
def test_a_short_no_says_nothing(text: str, label: str, nothing: bool) -> None:
    heard = message(text, ranking=[(label, 0.9)])
    assert says_nothing(heard) is nothing
    found = given_answer(heard, {"reference": "TM-4F7-KPX", "step": "words"})
    assert (found is None) is nothing
