"""Which days are worked, and what the others are called."""

from datetime import date

import pytest

from backend.clocks.calendar import calendar_of, holiday_name
from backend.clocks.schemas import CalendarChanges
from tests.backend.clocks.factories import calendar_for
from tests.backend.offices.factories import small_office


@pytest.mark.parametrize(
    ("country", "day", "reason"),
    [
        ("RO", "2026-11-27", None),
        ("RO", "2026-11-28", "weekend"),
        ("RO", "2026-12-01", "holiday"),
        ("TR", "2026-10-28", None),
        ("TR", "2026-10-29", "holiday"),
        ("MK", "2026-10-12", "holiday"),
        ("MK", "2027-01-19", None),
        ("ZA", "2026-12-26", "weekend"),
        ("ZA", "2026-08-10", "holiday"),
    ],
)
def test_why_a_day_is_not_worked(country: str, day: str, reason: str | None) -> None:
    assert calendar_for(country).day_off(date.fromisoformat(day)) == reason


def test_a_holiday_on_a_weekend_is_still_a_holiday() -> None:
    assert calendar_for("ZA").holiday(date(2026, 12, 26)) == "holiday"


def test_half_a_day_is_off_only_where_a_rule_says_so() -> None:
    half = date(2026, 10, 28)
    assert calendar_for("TR").half_day(half)
    assert calendar_for("TR").day_off(half, "free") == "holiday"
    assert not calendar_for("RO").half_day(half)


def test_an_office_changes_its_calendar() -> None:
    off, holiday, saturday = date(2026, 11, 27), date(2026, 12, 1), date(2026, 11, 28)
    calendar = calendar_for(
        "RO", extra_holidays=frozenset({off, saturday}), extra_working_days=frozenset({holiday, saturday})
    )
    assert [calendar.day_off(day) for day in (off, holiday, saturday)] == ["day_off", None, None]
    assert [calendar.holiday(day) for day in (off, holiday, saturday)] == ["day_off", None, None]
    friday_off = calendar_for("RO", weekend=frozenset({4}))
    assert [friday_off.day_off(day) for day in (off, saturday)] == ["weekend", None]


def test_the_calendar_of_an_office_joins_its_profile_and_its_changes() -> None:
    profile = small_office(extra_holidays=["2026-11-25"]).profile
    plain = calendar_of(profile)
    assert (plain.country, plain.zone, plain.weekend) == (profile.country, profile.zone, None)
    assert plain.extra_holidays == {date(2026, 11, 25)}
    changes = CalendarChanges.model_validate(
        {"extra_holidays": ["2026-12-24"], "extra_working_days": ["2026-11-28"], "weekend": ["friday", "saturday"]}
    )
    changed = calendar_of(profile, changes)
    assert changed.extra_holidays == {date(2026, 11, 25), date(2026, 12, 24)}
    assert changed.extra_working_days == {date(2026, 11, 28)}
    assert changed.days_of_weekend == {4, 5}


@pytest.mark.parametrize(
    ("country", "day", "language", "name"),
    [
        ("RO", "2026-12-01", "en", "National Day"),
        ("RO", "2026-12-01", "ro", "Ziua Națională a României"),
        ("RO", "2026-12-01", "tr", "Ziua Națională a României"),
        ("RO", "2026-12-01", None, "Ziua Națională a României"),
        ("TR", "2026-10-29", "tr", "Cumhuriyet Bayramı"),
        ("TR", "2026-10-29", "en", "Republic Day"),
        ("MK", "2026-10-12", "en", "National Uprising Day (observed)"),
        ("ZA", "2026-12-16", "af", "Day of Reconciliation"),
        ("ZA", "2026-12-17", "af", None),
        ("RO", "2026-06-01", "en", "Children's Day, Pentecost"),
    ],
)
def test_a_holiday_is_named_in_the_language_or_in_its_countrys(
    country: str, day: str, language: str | None, name: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever language the machine speaks."""
    monkeypatch.setenv("LANGUAGE", "uk")
    assert holiday_name(country, date.fromisoformat(day), language) == name
