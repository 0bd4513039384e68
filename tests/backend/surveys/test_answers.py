"""What answers are kept, whose, and what they come to."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, strategies as st
from sqlalchemy import select

from backend.core.database import utcnow
from backend.surveys.models import Satisfaction
from backend.surveys.repository import newest
from backend.surveys.schemas import Satisfied, SurveyAnswer, wilson
from backend.surveys.service import answer, behind, by_unit, forget_words, open_question, whole
from backend.tickets.models import Ticket
from tests.backend.surveys.factories import Town


async def given_to(town: Town, ticket: Ticket, by: Any, **parts: Any) -> bool:
    given_answer = SurveyAnswer(reference=ticket.reference, **parts)
    return await answer(town.session, town.office, await town.author(by), given_answer)


async def kept(town: Town, ticket: Ticket) -> tuple[bool | None, int | None, str | None]:
    row = await newest(town.session, ticket.id)
    assert row is not None
    return row.solved, row.score, row.words


async def test_an_answer_comes_in_parts_and_a_changed_mind_replaces_it(town: Town) -> None:
    mine = await town.person()
    ticket = await town.closed_and_asked(mine)
    assert await given_to(town, ticket, mine, solved=True)
    assert await given_to(town, ticket, mine, score=2)
    assert await given_to(town, ticket, mine, score=4)
    assert await given_to(town, ticket, mine, words=" It took long. ")
    assert await kept(town, ticket) == (True, 4, "It took long.")


async def test_a_score_alone_says_that_it_is_solved_and_a_no_stays_a_no(town: Town) -> None:
    mine = await town.person()
    first, second = await town.closed_and_asked(mine), await town.closed_and_asked(mine)
    await given_to(town, first, mine, score=5)
    await given_to(town, second, mine, solved=False)
    await given_to(town, second, mine, score=1)
    assert (await kept(town, first), await kept(town, second)) == ((True, 5, None), (False, 1, None))


async def test_nobody_else_answers_and_nobody_answers_unasked(town: Town) -> None:
    mine, thief = await town.person(), await town.person()
    asked, never = await town.closed_and_asked(mine), await town.files(mine)
    assert not await given_to(town, asked, thief, score=1)
    assert not await given_to(town, never, mine, score=1)
    assert await kept(town, asked) == (None, None, None)


async def test_a_bare_yes_answers_the_question_said_last(town: Town) -> None:
    mine = await town.person()
    assert await open_question(town.session, mine) is None
    ticket = await town.closed_and_asked(mine)
    found = await open_question(town.session, mine)
    assert found is not None
    assert found.reference == ticket.reference
    await given_to(town, ticket, mine, solved=True)
    assert await open_question(town.session, mine) is None


async def test_a_bare_yes_does_not_answer_what_was_asked_before_something_else_or_long_ago(town: Town) -> None:
    mine = await town.person()
    old = await town.closed_and_asked(mine)
    new = await town.closed_and_asked(mine)
    await given_to(town, new, mine, solved=True)
    assert await open_question(town.session, mine) is None
    row = await town.session.scalar(select(Satisfaction).where(Satisfaction.ticket_id == new.id))
    assert row is not None
    row.solved, row.asked_at = None, utcnow() - timedelta(days=4)
    old_row = await town.session.scalar(select(Satisfaction).where(Satisfaction.ticket_id == old.id))
    assert old_row is not None
    old_row.solved = True
    await town.session.flush()
    assert await open_question(town.session, mine) is None


async def test_units_are_counted_apart_within_the_days(town: Town) -> None:
    await town.answers(5, 4, 3, None, unit="roads")
    await town.answers(1, None, unit="environment")
    await town.answers(5, 5, unit="roads", ago=timedelta(days=40))
    now = utcnow()
    found = await by_unit(town.session, town.office, now - timedelta(days=30), now + timedelta(minutes=1))
    assert [(one.unit, one.asked, one.answered, one.satisfied, one.target) for one in found] == [
        ("environment", 2, 1, 0, 0.8),
        ("roads", 4, 3, 2, 0.8),
    ]
    everything = whole(found, 0.8)
    assert (everything.asked, everything.answered, everything.satisfied) == (6, 4, 2)
    assert everything.response == pytest.approx(4 / 6)


@pytest.mark.parametrize(
    ("unit", "group", "scores"),
    [
        ("roads", "asked", [5, 3, None]),
        ("roads", "answered", [5, 3]),
        ("roads", "satisfied", [5]),
        ("roads", "dissatisfied", [3]),
        ("", "answered", [5, 3, 1]),
        ("", "unsolved", []),
    ],
)
async def test_every_number_leads_to_the_answers_behind_it(
    town: Town, unit: str, group: Any, scores: list[int | None]
) -> None:
    await town.answers(5, 3, None, unit="roads")
    await town.answers(1, unit="environment")
    now = utcnow()
    stretch = (now - timedelta(days=1), now + timedelta(minutes=1))
    found = await behind(town.session, town.office, *stretch, unit, group)
    key = [-(one or 0) for one in scores]
    assert sorted(-(one.score or 0) for one in found) == sorted(key)


async def test_words_are_forgotten_and_scores_stay(town: Town) -> None:
    mine = await town.person()
    ticket = await town.closed_and_asked(mine)
    await given_to(town, ticket, mine, score=4, words="My name is Ana.")
    await forget_words(town.session, [ticket.id])
    town.session.expire_all()
    await town.session.refresh(ticket)
    assert await kept(town, ticket) == (True, 4, None)


@pytest.mark.parametrize(
    ("successes", "of", "low", "high"),
    [
        # E. B. Wilson's interval as Newcombe (1998, Statistics in Medicine 17, table I, method 3) prints it
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_is_wilsons(successes: int, of: int, low: float, high: float) -> None:
    found = wilson(successes, of)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@given(st.integers(1, 5000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_the_interval_holds_the_share_and_keeps_within_bounds(counted: tuple[int, int]) -> None:
    successes, of = counted
    found = wilson(successes, of)
    assert 0.0 <= found.low <= successes / of + 1e-9
    assert successes / of - 1e-9 <= found.high <= 1.0


@pytest.mark.parametrize(
    ("satisfied", "answered", "verdict"),
    [
        (0, 0, "too_few"),
        (5, 5, "too_few"),  # five of five, and the interval still begins at 57 %
        (1, 5, "below"),
        (15, 15, "too_few"),
        (16, 16, "above"),
        (80, 100, "too_few"),
        (95, 100, "above"),
        (60, 100, "below"),
    ],
)
def test_a_verdict_needs_an_interval_on_one_side_of_the_target(satisfied: int, answered: int, verdict: str) -> None:
    assert Satisfied("roads", 200, answered, satisfied, 0, 0.8).verdict == verdict


def test_nothing_asked_has_no_shares() -> None:
    nothing = Satisfied("roads", 0, 0, 0, 0, 0.8)
    assert (nothing.response, nothing.share, nothing.interval) == (None, None, None)
