"""When people are told of a term's steps: each once, again only when the date moved past it."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, strategies as st

from backend.clocks.schemas import Due
from backend.tickets.steps import STEPS, plan

START = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def due(days: float, state: str = "running") -> Due:
    """A term of so many days from START."""
    moment = START + days * DAY
    at = {"half": START + days * DAY / 2, "four_fifths": START + days * DAY * 0.8, "two_days_before": moment - 2 * DAY}
    reminders = [{"kind": kind, "at": when} for kind, when in at.items() if when > START]
    values: dict[str, Any] = {"rule": "x", "country": "RO", "day": date(2026, 12, 1), "steps": (), "options": ()}
    return Due.model_validate({**values, "moment": moment, "state": state, "reminders": reminders})


@pytest.mark.parametrize(
    ("days", "told", "reached", "next_in"),
    [
        (0.0, (), (), 5.0),
        (5.0, (), ("half",), 5.0),
        (8.1, (), ("half", "four_fifths", "two_days_before"), 5.0),
        (8.1, ("half", "four_fifths", "two_days_before"), (), 10.0),
        (10.5, ("half",), ("four_fifths", "two_days_before", "overdue"), 8.0),
        (11.5, ("overdue",), ("half", "four_fifths", "two_days_before", "escalated"), 5.0),
        (11.5, (), ("half", "four_fifths", "two_days_before", "overdue"), 5.0),
        (99.0, STEPS, (), None),
    ],
)
def test_what_is_reached_after_some_days_of_ten(
    days: float, told: tuple[str, ...], reached: tuple[str, ...], next_in: float | None
) -> None:
    found = plan(due(10), told, START + days * DAY)
    assert found.reached == reached
    seconds = None if next_in is None or found.next_at is None else (found.next_at - START) / DAY
    assert (seconds is None) is (next_in is None)
    assert next_in is None or seconds == pytest.approx(next_in, abs=1e-3)


def test_the_last_second_of_the_last_day_is_not_overdue() -> None:
    assert "overdue" not in plan(due(10), (), START + 10 * DAY).reached
    assert "overdue" in plan(due(10), (), START + 10 * DAY + timedelta(seconds=1)).reached


@pytest.mark.parametrize("state", ["answered", "transferred", "lapsed", "interrupted"])
def test_while_a_term_stands_still_nobody_is_reminded(state: str) -> None:
    found = plan(due(10, state), ("half",), START + 99 * DAY)
    assert (found.reached, found.next_at, found.told) == ((), None, ("half",))


def test_no_term_no_steps() -> None:
    assert plan(None, ("half",), START).next_at is None


@pytest.mark.parametrize(("longer", "again"), [(11.0, False), (12.0, False), (40.0, True)])
def test_a_step_is_told_again_only_when_the_date_moved_past_it(longer: float, again: bool) -> None:
    now = START + 6 * DAY
    told = plan(due(10), (), now).once_told().told
    assert told == ("half",)
    moved = plan(due(longer), told, now)
    assert moved.reached == ()
    assert ("half" not in moved.told) is again
    later = plan(due(longer), moved.told, START + longer * DAY * 0.55)
    assert ("half" in later.reached) is again


def test_who_learns_only_now_that_it_is_overdue_has_a_day() -> None:
    now = START + 30 * DAY
    first = plan(due(10), (), now).once_told()
    assert first.next_at == now + DAY
    assert plan(due(10), first.told, now + DAY).reached == ("escalated",)


def test_what_somebody_works_on_is_not_escalated() -> None:
    told = ("half", "four_fifths", "two_days_before", "overdue")
    now = START + 12 * DAY
    assert plan(due(10), told, now).reached == ("escalated",)
    worked_on = plan(due(10), told, now, moved_at=START + 11.5 * DAY)
    assert (worked_on.reached, worked_on.next_at) == ((), START + 12.5 * DAY)
    assert plan(due(10), (*told, "escalated"), now, moved_at=now).left == {}, "once is enough"


@given(
    days=st.floats(1, 90),
    hours=st.lists(st.integers(1, 400), max_size=12),
    moves=st.lists(st.one_of(st.none(), st.floats(1, 120)), max_size=12),
)
def test_each_step_is_told_once_and_the_next_look_lies_ahead(
    days: float, hours: list[int], moves: list[float | None]
) -> None:
    now, told, term = START, tuple[str, ...](), days
    said, dropped = Counter[str](), Counter[str]()
    for wait, move in zip(hours, [*moves, *[None] * len(hours)], strict=False):
        term = move or term
        now += timedelta(hours=wait)
        before = plan(due(term), told, now)
        dropped.update(set(told) - set(before.told))
        said.update(before.reached)
        after = before.once_told()
        told = after.told
        assert len(set(told)) == len(told)
        assert after.next_at is None or after.next_at > now
        assert set(plan(due(term), told, now).reached) <= {"escalated"}, "which waits for a day after the rest"
    assert all(times <= 1 + dropped[step] for step, times in said.items())
