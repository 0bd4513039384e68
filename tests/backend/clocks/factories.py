"""Rules, calendars and moments for the tests of the clocks."""

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from backend.clocks.schemas import Due, Event, Rule
from backend.clocks.service import WorkingCalendar, due, read_clocks
from backend.core.settings import ROOT

CLOCKS = ROOT / "data" / "clocks"
ZONES = {
    "RO": ZoneInfo("Europe/Bucharest"),
    "TR": ZoneInfo("Europe/Istanbul"),
    "MK": ZoneInfo("Europe/Skopje"),
    "ZA": ZoneInfo("Africa/Johannesburg"),
}
RULES: dict[str, Rule] = {rule.id: rule for country in ZONES for rule in read_clocks(CLOCKS, country).rules}


def calendar_for(country: str, **changes: Any) -> WorkingCalendar:
    return WorkingCalendar(country, ZONES[country], **changes)


def country_of(rule: Rule) -> str:
    return rule.id[:2].upper()


def at(text: str, country: str) -> datetime:
    """A moment in the time of a country; ten o'clock when no time is given."""
    moment = datetime.fromisoformat(text)
    return (moment if " " in text else datetime.combine(moment, time(10))).replace(tzinfo=ZONES[country])


def due_of(rule_id: str, received: str, *events: Event, now: str | None = None, **changes: Any) -> Due:
    """When an answer is due by a rule of the data; now is the receipt unless told."""
    country = rule_id[:2].upper()
    moment = at(received, country)
    when = at(now, country) if now else moment
    return due(RULES[rule_id], moment, calendar_for(country, **changes), now=when, events=events)


def plain_rule(**changes: Any) -> Rule:
    """A rule of ten days that an office made up."""
    values: dict[str, Any] = {
        "id": "own-rule",
        "kinds": ["complaint"],
        "status": "example",
        "checked": date(2026, 11, 22),
        "source": "the office's own standard",
        "length": 10,
        "counting": {"unit": "working_days"},
    }
    return Rule.model_validate({**values, **changes})
