"""When somebody is reminded that an answer is due."""

from backend.clocks.service import due
from tests.backend.clocks.factories import at, calendar_for, plain_rule


def test_reminders_come_at_half_at_four_fifths_and_two_days_before() -> None:
    """From 00:00:00 on 1 November to 23:59:59 on the 11th are 11 days but a second."""
    rule = plain_rule(counting={"unit": "calendar_days"})
    received = at("2026-11-01 00:00", "TR")
    found = due(rule, received, calendar_for("TR"), now=received)
    assert [(reminder.kind, f"{reminder.at:%d %H:%M}") for reminder in found.reminders] == [
        ("half", "06 11:59"),
        ("four_fifths", "09 19:11"),
        ("two_days_before", "09 23:59"),
    ]


def test_a_short_term_has_no_reminder_before_its_beginning() -> None:
    rule = plain_rule(length=1, counting={"unit": "calendar_days"})
    received = at("2026-11-02", "TR")
    found = due(rule, received, calendar_for("TR"), now=received)
    assert [reminder.kind for reminder in found.reminders] == ["half", "four_fifths"]


def test_reminders_know_the_change_of_clocks() -> None:
    """In Bucharest 25 October 2026 has 25 hours: half of 49 hours but a second is 24 h 29 min 59.5 s."""
    rule = plain_rule(length=1, counting={"unit": "calendar_days"})
    received = at("2026-10-24 00:00", "RO")
    reminders = due(rule, received, calendar_for("RO"), now=received).reminders
    assert [(reminder.kind, reminder.at.isoformat()) for reminder in reminders] == [
        ("two_days_before", "2026-10-24T00:59:59+03:00"),
        ("half", "2026-10-25T00:29:59.500000+03:00"),
        ("four_fifths", "2026-10-25T14:11:59.200000+02:00"),
    ]
