"""Which days are worked: a country's holidays and weekend, and an office's changes to them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays
from holidays.constants import HALF_DAY, PUBLIC

from backend.clocks.schemas import CalendarChanges, Counting, Reason, Step
from backend.offices.schemas import WEEKDAYS, Profile

ONE_DAY = timedelta(days=1)
SUNDAY = 6
LANGUAGES_OF_HOLIDAYS = {"en": "en_US"}
"""Where the holidays package names a language otherwise."""
Span = tuple[date, date]


@cache
def _named_days(country: str, year: int, category: str, language: str | None) -> dict[date, str]:
    kind = type(holidays.country_holidays(country))
    if category not in kind.supported_categories:
        return {}
    spoken = language if language in kind.supported_languages else kind.default_language
    return dict(holidays.country_holidays(country, years=year, categories=(category,), language=spoken))


@cache
def _weekend(country: str) -> frozenset[int]:
    return frozenset(holidays.country_holidays(country).weekend)


def holiday_name(country: str, day: date, language: str | None = None) -> str | None:
    """What a public holiday, or half a one, is called, in a language if the holidays package speaks it.

    Else in the country's own; None on other days.
    """
    spoken = LANGUAGES_OF_HOLIDAYS.get(language or "", language)
    found = (_named_days(country, day.year, category, spoken).get(day) for category in (PUBLIC, HALF_DAY))
    return next((name.replace("; ", ", ") for name in found if name), None)


@dataclass(frozen=True)
class WorkingCalendar:
    """The days of an office: its country (ISO 3166 code), zone, own days off and days worked in spite of all.

    `weekend` holds weekdays (Monday is 0); None takes the country's. An extra working day wins over everything.
    """

    country: str
    zone: ZoneInfo
    extra_holidays: frozenset[date] = frozenset()
    extra_working_days: frozenset[date] = frozenset()
    weekend: frozenset[int] | None = None

    def day_off(self, day: date, half_days: str = "working") -> Reason | None:
        """Why a day is not worked; None when it is."""
        if day in self.extra_working_days:
            return None
        if day.weekday() in self.days_of_weekend:
            return "weekend"
        return self.holiday(day) or ("holiday" if half_days == "free" and self.half_day(day) else None)

    def holiday(self, day: date) -> Reason | None:
        """Whether a day is a public holiday or an extra one, on a weekend as well."""
        if day in self.extra_working_days:
            return None
        if day in _named_days(self.country, day.year, PUBLIC, None):
            return "holiday"
        return "day_off" if day in self.extra_holidays else None

    def half_day(self, day: date) -> bool:
        """Whether the afternoon of a day is a holiday."""
        return day in _named_days(self.country, day.year, HALF_DAY, None)

    @property
    def days_of_weekend(self) -> frozenset[int]:
        """The weekdays that are not worked; Monday is 0."""
        return _weekend(self.country) if self.weekend is None else self.weekend


def calendar_of(profile: Profile, changes: CalendarChanges | None = None) -> WorkingCalendar:
    """The calendar of an office: its profile's, with the changes of its clocks.yml."""
    changes = changes or CalendarChanges()
    weekend = None if changes.weekend is None else frozenset(WEEKDAYS.index(day) for day in changes.weekend)
    return WorkingCalendar(
        profile.country,
        profile.zone,
        frozenset((*profile.extra_holidays, *changes.extra_holidays)),
        frozenset(changes.extra_working_days),
        weekend,
    )


@dataclass(frozen=True)
class Count:
    """The last day of a term and how it was found."""

    end: date
    steps: tuple[Step, ...]


def count_days(
    calendar: WorkingCalendar, counting: Counting, length: int, start: date, paused: Iterable[Span] = ()
) -> Count:
    """Count a term of `length` days from the day of receipt; days from first to last of a paused span do not count."""
    spans = tuple(paused)
    steps: list[Step] = []
    weekends, counted = 0, 0
    needed = length if counting.last_day_counts else length + 1
    day = start if counting.first_day_counts else start + ONE_DAY
    while True:
        reason = calendar.day_off(day, counting.half_days) if counting.unit == "working_days" else None
        if reason == "weekend":
            weekends += 1
        elif reason:
            steps.append(_named_step(calendar, "left_out", day, reason))
        elif not any(first <= day <= last for first, last in spans):
            counted += 1
            steps += _counted(calendar, counting, day, counted, length)
        if counted == needed:
            break
        day += ONE_DAY
    if weekends:
        steps.append(Step(kind="weekends", day=day, count=weekends))
    if needed > length:
        steps.append(Step(kind="expiry", day=day))
    end, rolled = _rolled(calendar, counting, day)
    return Count(end, (*steps, *rolled, Step(kind="due", day=end)))


def _counted(calendar: WorkingCalendar, counting: Counting, day: date, number: int, length: int) -> list[Step]:
    steps = []
    if number == 1:
        steps.append(Step(kind="first_day", day=day, count=1))
    if counting.unit == "working_days" and calendar.half_day(day):
        steps.append(Step(kind="half_day", day=day, name=holiday_name(calendar.country, day)))
    if number == length:
        steps.append(Step(kind="last_day", day=day, count=number))
    return steps


def _rolled(calendar: WorkingCalendar, counting: Counting, day: date) -> tuple[date, list[Step]]:
    steps = []
    while reason := _moves(calendar, counting, day):
        steps.append(_named_step(calendar, "rolled", day, reason))
        day += ONE_DAY
    return day, steps


def _moves(calendar: WorkingCalendar, counting: Counting, day: date) -> Reason | None:
    if counting.roll_over == "none" or day in calendar.extra_working_days:
        return None
    if counting.roll_over == "sunday_or_holiday":
        return calendar.holiday(day) or ("weekend" if day.weekday() == SUNDAY else None)
    return calendar.holiday(day) or calendar.day_off(day, counting.half_days)


def _named_step(calendar: WorkingCalendar, kind: str, day: date, reason: Reason) -> Step:
    name = holiday_name(calendar.country, day) if reason == "holiday" else None
    return Step.model_validate({"kind": kind, "day": day, "reason": reason, "name": name})
