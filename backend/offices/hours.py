"""When a person answers: the office's hours, its country's holidays and its own days off."""

from datetime import date, datetime, timedelta
from functools import lru_cache

import holidays
from babel.dates import format_date, format_time

from backend.offices.schemas import WEEKDAYS, Profile, Span

LOOK_AHEAD_DAYS = 30


@lru_cache(maxsize=64)
def public_holidays(country: str, year: int) -> frozenset[date]:
    """Public holidays of a country (ISO 3166 code) in a year."""
    return frozenset(holidays.country_holidays(country, years=year))


def spans_of(profile: Profile, day: date) -> tuple[Span, ...]:
    """The spans in which people answer on a day, earliest first; none on a day off."""
    if day in profile.extra_holidays or day in public_holidays(profile.country, day.year):
        return ()
    return tuple(sorted(profile.hours.get(WEEKDAYS[day.weekday()], ()), key=lambda span: span.opens))


def next_opening(profile: Profile, now: datetime) -> datetime | None:
    """The moment from which a person answers, in office time: `now` itself while the desk is open.

    None when nothing opens within 30 days.
    """
    local = now.astimezone(profile.zone)
    for ahead in range(LOOK_AHEAD_DAYS + 1):
        day = local.date() + timedelta(days=ahead)
        for span in spans_of(profile, day):
            opens = datetime.combine(day, span.opens, profile.zone)
            closes = datetime.combine(day, span.closes, profile.zone)
            if local < closes:
                return max(local, opens)
    return None


def spoken_time(moment: datetime, language: str) -> str:
    """Weekday, day, month and time in words of a language, e.g. `luni, 23 noiembrie, 08:00`."""
    day = format_date(moment, "EEEE, d MMMM", locale=language)
    return f"{day}, {format_time(moment, 'HH:mm', locale=language)}"
