"""Counting days, against numpy and against counting on one's fingers."""

from datetime import date, datetime, timedelta

import holidays
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from backend.clocks.calendar import Span, count_days
from backend.clocks.schemas import (
    Acknowledgement,
    Answer,
    Completion,
    Counting,
    Event,
    Extension,
    Interruption,
    Refusal,
    Transfer,
)
from backend.clocks.service import due
from tests.backend.clocks.factories import RULES, ZONES, at, calendar_for, country_of

COUNTRIES = st.sampled_from(sorted(ZONES))
DAYS = st.dates(date(2024, 1, 1), date(2030, 12, 31))
WEEKENDS = st.sets(st.integers(0, 6), max_size=4).map(frozenset)
LENGTHS = st.integers(1, 60)
YEARS = range(2023, 2033)
CASES_PER_EXAMPLE = 10


def public_days(country: str) -> list[date]:
    return sorted(holidays.country_holidays(country, years=YEARS))


@settings(max_examples=1_000, deadline=None)
@given(
    COUNTRIES,
    WEEKENDS,
    st.frozensets(DAYS, max_size=20),
    st.lists(st.tuples(DAYS, LENGTHS), min_size=CASES_PER_EXAMPLE, max_size=CASES_PER_EXAMPLE),
    st.booleans(),
    st.booleans(),
)
def test_working_days_are_those_of_numpy(
    country: str,
    weekend: frozenset[int],
    extra: frozenset[date],
    cases: list[tuple[date, int]],
    first_day_counts: bool,
    last_day_counts: bool,
) -> None:
    """10,000 cases: a thousand calendars with ten terms each."""
    calendar = calendar_for(country, extra_holidays=extra, weekend=weekend)
    counting = Counting(
        unit="working_days",
        first_day_counts=first_day_counts,
        last_day_counts=last_day_counts,
        roll_over="next_working_day",
    )
    mask = [day not in weekend for day in range(7)]
    starts = np.array([start for start, _ in cases], dtype="datetime64[D]")
    lengths = np.array([length for _, length in cases]) + (0 if last_day_counts else 1)
    free = np.array([*public_days(country), *extra], dtype="datetime64[D]")
    roll, offsets = ("forward", lengths - 1) if first_day_counts else ("backward", lengths)
    expected = np.busday_offset(starts, offsets, roll=roll, weekmask=mask, holidays=free).astype(object)
    found = [count_days(calendar, counting, length, start).end for start, length in cases]
    assert found == list(expected)


def on_fingers(
    country: str, counting: Counting, length: int, start: date, paused: list[Span], extra: set[date]
) -> date:
    """A term of calendar days: strike out what does not count, take the n-th, move past the days off."""
    free = {*public_days(country), *extra}
    row = [start + timedelta(days=ahead) for ahead in range(0 if counting.first_day_counts else 1, 400)]
    for first, last in paused:
        row = [day for day in row if not first <= day <= last]
    end = row[length - 1] if counting.last_day_counts else row[length]
    closed = {"none": [], "sunday_or_holiday": [6], "next_working_day": [5, 6]}[counting.roll_over]
    while counting.roll_over != "none" and (end in free or end.weekday() in closed):
        end += timedelta(days=1)
    return end


@settings(max_examples=700, deadline=None)
@given(
    COUNTRIES,
    st.builds(
        Counting,
        unit=st.just("calendar_days"),
        first_day_counts=st.booleans(),
        last_day_counts=st.booleans(),
        roll_over=st.sampled_from(["none", "next_working_day", "sunday_or_holiday"]),
    ),
    st.integers(1, 90),
    DAYS,
    st.lists(st.tuples(st.integers(-10, 90), st.integers(0, 40)), max_size=3),
    st.sets(DAYS, max_size=20),
)
def test_calendar_days_are_those_counted_on_fingers(
    country: str, counting: Counting, length: int, start: date, gaps: list[tuple[int, int]], extra: set[date]
) -> None:
    begins = [(start + timedelta(days=after), days) for after, days in gaps]
    paused = [(first, first + timedelta(days=days)) for first, days in begins]
    calendar = calendar_for(country, extra_holidays=frozenset(extra))
    found = count_days(calendar, counting, length, start, paused).end
    assert found == on_fingers(country, counting, length, start, paused, extra)


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (False, True, "2026-11-05"),
        (True, True, "2026-11-04"),
        (False, False, "2026-11-06"),
        (True, False, "2026-11-05"),
    ],
)
def test_whether_the_first_and_the_last_day_count(first: bool, last: bool, expected: str) -> None:
    """Three days of Monday 2 November: 3, 4, 5; with the Monday 2, 3, 4; free days end one day later."""
    counting = Counting(unit="calendar_days", first_day_counts=first, last_day_counts=last)
    assert count_days(calendar_for("MK"), counting, 3, date(2026, 11, 2)).end == date.fromisoformat(expected)


@pytest.mark.parametrize(("half_days", "end"), [("working", "2026-10-28"), ("free", "2026-10-30")])
def test_half_a_day_counts_as_the_rule_says(half_days: str, end: str) -> None:
    """One working day of Tuesday 27 October 2026: the half day itself, or the Friday after Republic Day."""
    counting = Counting.model_validate({"unit": "working_days", "half_days": half_days})
    assert count_days(calendar_for("TR"), counting, 1, date(2026, 10, 27)).end == date.fromisoformat(end)


def moments(received: datetime) -> st.SearchStrategy[datetime]:
    return st.integers(0, 120 * 24).map(lambda hours: received + timedelta(hours=hours))


@st.composite
def stories(draw: st.DrawFn) -> tuple[str, datetime, datetime, list[Event]]:
    """A rule, a receipt, a present and what happened."""
    rule_id = draw(st.sampled_from(sorted(RULES)))
    country = country_of(RULES[rule_id])
    received = at(str(draw(DAYS)), country)
    moment = moments(received)
    events: list[st.SearchStrategy[Event]] = [
        st.builds(Extension, at=moment, notified_at=st.none() | moment, days=st.none() | st.integers(1, 60)),
        st.builds(Interruption, at=moment, until=st.none()),
        st.builds(Completion, at=moment, until=st.none()),
        *(
            st.builds(
                lambda kind, since, days: kind(at=since, until=since + timedelta(days=days)),
                st.just(kind),
                moment,
                st.integers(0, 30),
            )
            for kind in (Interruption, Completion)
        ),
        st.builds(Transfer, at=moment, registered_at=st.none()),
        *(st.builds(kind, at=moment) for kind in (Refusal, Answer, Acknowledgement)),
    ]
    return rule_id, received, draw(moment), draw(st.lists(st.one_of(events), max_size=4))


@settings(max_examples=700, deadline=None)
@given(stories(), st.sets(st.integers(0, 150), max_size=10), st.integers(0, 150))
def test_one_more_holiday_never_makes_a_date_earlier(
    story: tuple[str, datetime, datetime, list[Event]], others: set[int], ahead: int
) -> None:
    rule_id, received, now, events = story
    rule = RULES[rule_id]
    extra = frozenset(received.date() + timedelta(days=days) for days in others)
    more = extra | {received.date() + timedelta(days=ahead)}
    before, after = (
        due(rule, received, calendar_for(country_of(rule), extra_holidays=free), now=now, events=events)
        for free in (extra, more)
    )
    assert after.day >= before.day
    assert after.moment.date() == after.day


@settings(max_examples=500, deadline=None)
@given(stories())
def test_whatever_happened_the_answer_is_whole(story: tuple[str, datetime, datetime, list[Event]]) -> None:
    """No reminder lies outside of the term, and none is left once it is over."""
    rule_id, received, now, events = story
    calendar = calendar_for(country_of(RULES[rule_id]))
    found = due(RULES[rule_id], received, calendar, now=now, events=events)
    assert all(received < reminder.at < found.moment for reminder in found.reminders)
    assert [reminder.at for reminder in found.reminders] == sorted(reminder.at for reminder in found.reminders)
    assert found.state not in {"answered", "transferred", "lapsed"} or not (found.reminders or found.options)
    assert (found.state == "overdue") <= (now > found.moment)
