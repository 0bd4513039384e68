"""Quiet hours, in everybody's own time."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from backend.answers.reaching import quiet_everywhere_until, quiet_until
from backend.contacts.phones import time_zones

SKOPJE, SYDNEY, CHICAGO = ZoneInfo("Europe/Skopje"), ZoneInfo("Australia/Sydney"), ZoneInfo("America/Chicago")
NINE, EIGHT = time(21, 0), time(8, 0)


@pytest.mark.parametrize(
    ("now", "zone", "ends"),
    [
        ("2026-11-22T12:00", SKOPJE, None),
        ("2026-11-22T20:00", SKOPJE, "2026-11-23T08:00+01:00"),
        ("2026-11-22T19:59", SKOPJE, None),
        ("2026-11-22T06:59", SKOPJE, "2026-11-22T08:00+01:00"),
        ("2026-11-22T07:00", SKOPJE, None),
        ("2026-11-22T12:00", SYDNEY, "2026-11-23T08:00+11:00"),
        ("2026-11-22T12:00", CHICAGO, "2026-11-22T08:00-06:00"),
        ("2026-03-29T00:30", SKOPJE, "2026-03-29T08:00+02:00"),
    ],
)
def test_at_night_news_wait_for_the_morning(now: str, zone: ZoneInfo, ends: str | None) -> None:
    found = quiet_until(datetime.fromisoformat(now).replace(tzinfo=UTC), zone, NINE, EIGHT)
    assert (found.isoformat(timespec="minutes") if found else None) == ends


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)), st.times(), st.times())
def test_the_end_is_in_the_future_and_within_a_day_and_then_it_is_not_quiet(
    moment: datetime, begins: time, ends: time
) -> None:
    now = moment.replace(tzinfo=UTC)
    end = quiet_until(now, ZoneInfo("UTC"), begins, ends)
    if end is not None:
        assert now < end <= now + timedelta(days=1)
        assert quiet_until(end, ZoneInfo("UTC"), begins, ends) is None


@given(st.datetimes(), st.times())
def test_hours_without_length_are_never_quiet(moment: datetime, at: time) -> None:
    if datetime(1, 2, 1) < moment < datetime(9999, 1, 1):
        assert quiet_until(moment.replace(tzinfo=UTC), ZoneInfo("UTC"), at, at) is None


AUSTRALIA = tuple(map(ZoneInfo, time_zones("+61412345678")))


@pytest.mark.parametrize(
    ("now", "waits"),
    [
        ("2026-11-22T03:00", None),  # 09:30 on the Cocos Islands, 14:00 in Sydney
        ("2026-11-22T09:59", None),  # 20:59 in Sydney
        ("2026-11-22T10:00", "2026-11-23T08:00+06:30"),  # 21:00 in Sydney, 11:00 in Skopje
        ("2026-11-22T00:00", "2026-11-22T08:00+06:30"),  # 11:00 in Sydney, but early on the Cocos Islands
    ],
)
def test_a_number_of_a_country_with_many_zones_is_told_when_it_is_day_in_all(now: str, waits: str | None) -> None:
    assert len(AUSTRALIA) > 1
    found = quiet_everywhere_until(datetime.fromisoformat(now).replace(tzinfo=UTC), AUSTRALIA, NINE, EIGHT)
    assert (found.isoformat(timespec="minutes") if found else None) == waits


def test_where_it_is_never_day_in_all_zones_the_first_one_counts() -> None:
    zones = (ZoneInfo("Europe/Skopje"), ZoneInfo("Pacific/Auckland"))
    now = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    assert quiet_everywhere_until(now, zones, time(18, 0), time(8, 0)) is None
    assert quiet_everywhere_until(now, zones[::-1], time(18, 0), time(8, 0)) is not None
