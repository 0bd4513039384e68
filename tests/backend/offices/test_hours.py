"""When a person answers."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings, strategies as st

from backend.core.settings import ROOT
from backend.offices.hours import next_opening, spans_of, spoken_time
from backend.offices.loading import read_office
from backend.offices.schemas import Profile
from tests.backend.offices.factories import small_office

BUCHAREST = ZoneInfo("Europe/Bucharest")
TIMISOARA = read_office(ROOT / "data" / "offices", "timisoara").profile
SMALL = small_office().profile


def at(text: str, profile: Profile = TIMISOARA) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=profile.zone)


@pytest.mark.parametrize(
    ("now", "opening"),
    [
        ("2026-11-24 10:00", "2026-11-24 10:00"),
        ("2026-11-24 08:00", "2026-11-24 08:00"),
        ("2026-11-24 07:59:59", "2026-11-24 08:00"),
        ("2026-11-24 00:00", "2026-11-24 08:00"),
        ("2026-11-24 16:29:59", "2026-11-24 16:29:59"),
        ("2026-11-24 16:30", "2026-11-25 08:00"),
        ("2026-11-24 23:59", "2026-11-25 08:00"),
        ("2026-11-20 14:00", "2026-11-23 08:00"),
        ("2026-11-21 12:00", "2026-11-23 08:00"),
        ("2026-11-27 14:00", "2026-12-02 08:00"),
        ("2026-12-01 10:00", "2026-12-02 08:00"),
        ("2026-12-23 17:00", "2026-12-28 08:00"),
        ("2026-12-30 17:00", "2027-01-04 08:00"),
        ("2026-04-09 17:00", "2026-04-14 08:00"),
        ("2026-03-27 14:00", "2026-03-30 08:00"),
        ("2026-10-23 14:00", "2026-10-26 08:00"),
    ],
    ids=[
        "open",
        "at opening",
        "just before opening",
        "midnight",
        "just before closing",
        "at closing",
        "late",
        "friday closes early",
        "weekend",
        "weekend and two holidays",
        "holiday",
        "extra holiday, christmas and weekend",
        "new year",
        "orthodox easter",
        "clocks forward",
        "clocks back",
    ],
)
def test_the_next_opening(now: str, opening: str) -> None:
    assert next_opening(TIMISOARA, at(now)) == at(opening)


@pytest.mark.parametrize(
    ("utc", "opening"),
    [
        ("2026-03-27T06:00+00:00", "2026-03-27T08:00+02:00"),
        ("2026-03-30T05:00+00:00", "2026-03-30T08:00+03:00"),
        ("2026-03-30T04:59+00:00", "2026-03-30T08:00+03:00"),
        ("2026-10-26T05:30+00:00", "2026-10-26T08:00+02:00"),
        ("2026-10-26T06:00+00:00", "2026-10-26T08:00+02:00"),
        ("2026-11-22T23:30+00:00", "2026-11-23T08:00+02:00"),
    ],
)
def test_the_moment_counts_in_office_time_whatever_zone_it_is_given_in(utc: str, opening: str) -> None:
    found = next_opening(TIMISOARA, datetime.fromisoformat(utc))
    assert found == datetime.fromisoformat(opening)
    assert found.isoformat() == datetime.fromisoformat(opening).isoformat()


@pytest.mark.parametrize(
    ("now", "opening"),
    [
        ("2026-11-23 12:00", "2026-11-23 13:00"),
        ("2026-11-23 12:59", "2026-11-23 13:00"),
        ("2026-11-24 16:00", "2026-11-26 08:00"),
    ],
    ids=["lunch begins", "lunch", "the office's own holiday"],
)
def test_a_break_and_a_day_off_of_the_office(now: str, opening: str) -> None:
    assert next_opening(SMALL, at(now, SMALL)) == at(opening, SMALL)


def test_spans_written_out_of_order_are_put_in_order() -> None:
    profile = small_office(hours={"monday": ["13:00-16:00", "08:00-12:00"]}).profile
    assert next_opening(profile, at("2026-11-23 07:00", profile)) == at("2026-11-23 08:00", profile)
    assert [span.opens.hour for span in spans_of(profile, date(2026, 11, 23))] == [8, 13]


@pytest.mark.parametrize("hours", [{}, {"monday": []}])
def test_a_desk_that_never_opens_promises_nothing(hours: dict[str, Any]) -> None:
    profile = small_office(hours=hours).profile
    assert next_opening(profile, at("2026-11-23 09:00", profile)) is None


def test_an_opening_beyond_a_month_is_not_promised() -> None:
    days = [str(date(2026, 11, 22) + timedelta(days=ahead)) for ahead in range(40)]
    profile = small_office(extra_holidays=days).profile
    assert next_opening(profile, at("2026-11-23 09:00", profile)) is None


@pytest.mark.parametrize(("country", "holiday"), [("RO", date(2026, 12, 1)), ("MK", date(2026, 9, 8))])
def test_public_holidays_are_those_of_the_country(country: str, holiday: date) -> None:
    assert spans_of(small_office(country=country).profile, holiday) == ()
    assert spans_of(small_office(country=country, extra_holidays=[]).profile, holiday + timedelta(days=1))


@settings(max_examples=60)
@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.timezones()),
    st.sampled_from([TIMISOARA, SMALL]),
)
def test_an_opening_is_never_past_and_falls_into_a_span(now: datetime, profile: Profile) -> None:
    opening = next_opening(profile, now)
    assert opening is not None
    assert opening.timestamp() >= now.timestamp()
    assert any(span.opens <= opening.time() < span.closes for span in spans_of(profile, opening.date()))
    assert next_opening(profile, opening) == opening


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Monday, 23 November, 08:00"),
        ("tr", "Pazartesi, 23 Kasım, 08:00"),
        ("ro", "luni, 23 noiembrie, 08:00"),
        ("mk", "понеделник, 23 ноември, 08:00"),
        ("af", "Maandag, 23 November, 08:00"),
    ],
)
def test_a_moment_is_told_in_the_words_of_a_language(language: str, words: str) -> None:
    assert spoken_time(at("2026-11-23 08:00"), language) == words


@pytest.mark.parametrize("day", ["2026-03-30", "2026-10-26"])
def test_a_moment_is_told_in_office_time_on_both_sides_of_the_change_of_clocks(day: str) -> None:
    assert spoken_time(datetime.fromisoformat(f"{day} 08:00").replace(tzinfo=BUCHAREST), "en").endswith("08:00")
