"""When an answer is due: worked by hand from the rules first, then compared with what the code says."""

from datetime import UTC, datetime, timedelta

import pytest

from backend.clocks.schemas import (
    Acknowledgement,
    Answer,
    Completion,
    Due,
    Event,
    Extension,
    Interruption,
    Refusal,
    Transfer,
)
from backend.clocks.service import due, explain
from tests.backend.clocks.factories import RULES, at, calendar_for, country_of, due_of, plain_rule


def days(found: Due) -> dict[str, str | None]:
    """What may still be done and until when."""
    return {option.act: str(option.until) if option.until else None for option in found.options}


def test_a_romanian_request_registered_on_a_friday_before_two_holidays() -> None:
    """Registered Friday 27 November 2026, 10 days, free days.

    Day 1 is Saturday the 28th, day 4 the holiday of 1 December (calendar days: it counts), day 10 Monday 7 December.
    Day 10 is the day of expiry and does not count: the last day to answer is Tuesday 8 December, a working day.
    A refusal: day 5 is Wednesday the 2nd, so it must leave by Thursday 3 December.
    """
    found = due_of("ro-foi", "2026-11-27")
    assert str(found.day) == "2026-12-08"
    assert explain(found, "en") == (
        "Received on Friday 27 November 2026. Day 1 is Saturday 28 November. Day 10 is Monday 7 December. "
        "The day on which the term expires does not count either, so the end moves to Tuesday 8 December. "
        "The answer is due by the end of Tuesday 8 December 2026. "
        "The term can be extended if the person is told by Tuesday 8 December. "
        "A refusal needs reasons and must be sent by Thursday 3 December."
    )


def test_a_romanian_request_that_ends_on_days_off_moves_past_all_of_them() -> None:
    """Registered Wednesday 18 November 2026: day 10 is Saturday the 28th, so the term ends on Sunday the 29th.

    Monday the 30th is Saint Andrew's Day and Tuesday 1 December the National Day: it moves to Wednesday 2 December.
    """
    found = due_of("ro-foi", "2026-11-18")
    assert str(found.day) == "2026-12-02"
    assert (
        "the end moves to Sunday 29 November. The end moves on, because Sunday 29 November is on a weekend. "
        "The end moves on, because Monday 30 November is a public holiday (Saint Andrew's Day). "
        "The end moves on, because Tuesday 1 December is a public holiday (National Day). "
        "The answer is due by the end of Wednesday 2 December 2026."
    ) in explain(found, "en")


def test_a_turkish_request_over_republic_day() -> None:
    """Received Tuesday 27 October 2026, 15 working days.

    Day 1 is Wednesday the 28th (half a day off, worked in the morning), the 29th is left out, day 2 is Friday the 30th,
    2-6 November are days 3-7, 9-13 November days 8-12, Monday the 16th to Wednesday the 18th days 13-15.
    """
    found = due_of("tr-foi", "2026-10-27")
    assert str(found.day) == "2026-11-18"
    assert explain(found, "en") == (
        "Received on Tuesday 27 October 2026. Day 1 is Wednesday 28 October. "
        "Wednesday 28 October (Republic Day (from 1pm)) counts as a working day. "
        "Thursday 29 October (Republic Day) does not count. Day 15 is Wednesday 18 November. "
        "Weekend days that do not count: 6. The answer is due by the end of Wednesday 18 November 2026. "
        "The term can be extended if the person is told by Wednesday 18 November."
    )


def test_a_south_african_request_whose_thirtieth_day_is_a_sunday() -> None:
    """Received Friday 30 October 2026: 31 October is day 1, so 29 November is day 30, a Sunday: Monday the 30th.

    Forwarding: 14 days, Friday 13 November.
    """
    found = due_of("za-foi", "2026-10-30")
    assert str(found.day) == "2026-11-30"
    assert explain(found, "en") == (
        "Received on Friday 30 October 2026. Day 1 is Saturday 31 October. Day 30 is Sunday 29 November. "
        "The end moves on, because Sunday 29 November is on a weekend. "
        "The answer is due by the end of Monday 30 November 2026. "
        "The term can be extended if the person is told by Monday 30 November. "
        "If another body is responsible, the request must be forwarded to it by Friday 13 November and the person told."
    )


def test_a_macedonian_request_over_new_year() -> None:
    """Received Wednesday 30 December 2026, 20 calendar days: the 31st is day 1, so 19 January is day 20.

    New Year and Christmas (7 January) are calendar days like any other.
    """
    found = due_of("mk-foi", "2026-12-30")
    assert str(found.day) == "2027-01-19"
    assert explain(found, "en") == (
        "Received on Wednesday 30 December 2026. Day 1 is Thursday 31 December. Day 20 is Tuesday 19 January. "
        "The answer is due by the end of Tuesday 19 January 2027."
    )


@pytest.mark.parametrize(
    ("rule", "received", "expected"),
    [
        ("ro-petition", "2026-11-02", "2026-12-03"),  # day 30 is 2 December
        ("tr-petition", "2026-10-01", "2026-10-31"),  # a Saturday: no rule moves it
        ("mk-foi-oral", "2026-11-20", "2026-11-25"),
        ("mk-petition", "2026-11-01", "2026-12-31"),
        ("za-foi", "2026-10-29", "2026-11-28"),  # a Saturday is a day like any other
        ("za-foi", "2026-11-25", "2026-12-28"),  # Christmas, Goodwill on a Saturday, Sunday
        ("za-foi", "2026-11-16", "2026-12-17"),  # the Day of Reconciliation
        ("za-tribunal", "2026-11-23", "2027-02-22"),  # day 90 is Sunday 21 February
        ("za-municipal", "2026-12-10", "2026-12-28"),  # 16 and 25 December left out
        ("tr-foi", "2026-10-31", "2026-11-20"),  # received on a Saturday: day 1 is the Monday
        ("tr-foi", "2026-05-22", "2026-06-17"),  # 25 and 26 May, three days of the feast, 1-5, 8-12, 15-17 June
    ],
)
def test_other_days_worked_by_hand(rule: str, received: str, expected: str) -> None:
    assert str(due_of(rule, received).day) == expected


EXTENDED = [
    # told in time: 30 days from registration; day 30 is Sunday 27 December, the day after is the last
    ("ro-foi", "2026-11-27", "2026-12-08", None, "2026-12-28", "extended"),
    ("ro-foi", "2026-11-27", "2026-12-09", None, "2026-12-08", "overdue"),
    ("ro-foi", "2026-11-27", None, None, "2026-12-08", "overdue"),
    # 45 days: day 45 is 17 December
    ("ro-petition", "2026-11-02", "2026-12-01", None, "2026-12-18", "extended"),
    ("ro-petition", "2026-11-02", "2026-12-01", 5, "2026-12-08", "overdue"),
    ("ro-petition", "2026-11-02", "2026-12-01", 99, "2026-12-18", "extended"),
    # 30 working days: 16-27 are 19 November to 4 December, 28-30 are 7 to 9 December
    ("tr-foi", "2026-10-27", "2026-11-18", None, "2026-12-09", "running"),
    ("tr-foi", "2026-10-27", "2026-11-11", 20, "2026-11-25", "overdue"),
    # 60 days: 29 December
    ("za-foi", "2026-10-30", "2026-11-30", None, "2026-12-29", "extended"),
    ("za-foi", "2026-10-30", "2026-12-01", None, "2026-11-30", "deemed_refused"),
    # the law of 2019 has no extension that was confirmed
    ("mk-foi", "2026-11-27", "2026-12-01", 30, "2026-12-17", "running"),
]


@pytest.mark.parametrize(("rule", "received", "told", "length", "expected", "state"), EXTENDED)
def test_an_extension_holds_when_the_person_was_told_in_time(
    rule: str, received: str, told: str | None, length: int | None, expected: str, state: str
) -> None:
    country = country_of(RULES[rule])
    decided = at(told or "2026-12-01", country)
    event = Extension(at=decided, notified_at=decided if told else None, days=length)
    found = due_of(rule, received, event, now="2026-12-09 12:00")
    if state == "running":
        found = due_of(rule, received, event, now=f"{told} 12:00")
        state = "extended" if rule == "tr-foi" else "running"
    assert (str(found.day), found.state) == (expected, state)


def test_a_late_extension_is_named_and_has_no_effect() -> None:
    told = at("2026-12-09", "RO")
    found = due_of("ro-foi", "2026-11-27", Extension(at=told, notified_at=told), now="2026-12-09 11:00")
    assert found.late == ("extension",)
    assert (
        "The extension has no effect: the person was told on Wednesday 9 December, "
        "and the last day for that was Tuesday 8 December." in explain(found, "en")
    )


def test_a_term_is_extended_once() -> None:
    """By 10 days to 40: Wednesday 9 December; the second time brings nothing."""
    first, second = (at(day, "ZA") for day in ("2026-11-20", "2026-11-25"))
    events = [Extension(at=first, notified_at=first, days=10), Extension(at=second, notified_at=second)]
    found = due_of("za-foi", "2026-10-30", *events, now="2026-11-26")
    assert str(found.day) == "2026-12-09"
    assert "extend" not in days(found)


FEE = at("2026-11-10", "TR")
"""A Tuesday: working day 9 of a request of 27 October; eight days are used."""


def test_a_fee_notice_stops_the_clock_until_it_is_paid() -> None:
    """Told on Tuesday 10 November, paid on Tuesday the 17th: neither day counts, nor those between.

    Days 1-8 are used (until the 9th); days 9-15 are Wednesday the 18th to Thursday the 26th.
    """
    paid = Interruption(at=FEE, until=at("2026-11-17 15:00", "TR"))
    found = due_of("tr-foi", "2026-10-27", paid, now="2026-11-18")
    assert (str(found.day), found.state) == ("2026-11-26", "running")
    assert (
        "The days from Tuesday 10 November to Tuesday 17 November do not count: the office was waiting for the person."
        in explain(found, "en")
    )


def test_while_the_fee_is_open_the_person_is_taken_to_use_all_the_time() -> None:
    """15 working days after 10 November: 11-13 are 1-3, 16-20 are 4-8, 23-27 are 9-13, the last is 1 December.

    The seven days left are then 2-4 and 7-10 December.
    """
    found = due_of("tr-foi", "2026-10-27", Interruption(at=FEE), now="2026-11-12")
    assert (str(found.day), found.state, found.reminders) == ("2026-12-10", "interrupted", ())
    assert days(found) == {"extend": "2026-12-10", "pay": "2026-12-01"}


@pytest.mark.parametrize(
    ("until", "now", "state"),
    [
        (None, "2026-12-01 23:00", "interrupted"),
        (None, "2026-12-02 00:01", "lapsed"),
        ("2026-12-01 23:00", "2026-12-02", "running"),
        ("2026-12-02 00:01", "2026-12-03", "lapsed"),
    ],
)
def test_a_fee_that_is_not_paid_in_time_ends_the_request(until: str | None, now: str, state: str) -> None:
    paid = at(until, "TR") if until else None
    found = due_of("tr-foi", "2026-10-27", Interruption(at=FEE, until=paid), now=now)
    assert found.state == state
    assert ("The request has lapsed" in explain(found, "en")) == (state == "lapsed")
    assert ("The answer is due" in explain(found, "en")) == (state != "lapsed")


def test_a_payment_that_is_still_to_come_is_none() -> None:
    event = Interruption(at=FEE, until=at("2026-11-17", "TR"))
    found = due_of("tr-foi", "2026-10-27", event, now="2026-11-16")
    assert (str(found.day), found.state) == ("2026-12-10", "interrupted")


def test_a_fee_notice_after_the_term_changes_nothing() -> None:
    found = due_of("tr-foi", "2026-10-27", Interruption(at=at("2026-11-19", "TR")), now="2026-11-20")
    assert (str(found.day), found.state) == ("2026-11-18", "overdue")


def test_a_term_can_begin_anew_after_an_interruption() -> None:
    """If a rule says so: five working days after Monday 9 November are done on Monday the 16th."""
    rule = plain_rule(length=5, interruption={"then": "restarts"})
    received, told, paid = (at(day, "ZA") for day in ("2026-11-02", "2026-11-04", "2026-11-09"))
    found = due(rule, received, calendar_for("ZA"), now=paid, events=[Interruption(at=told, until=paid)])
    assert str(found.day) == "2026-11-16"


def test_a_south_african_request_that_is_made_clear_meanwhile() -> None:
    """PAIA s 19(3): from the notice, Wednesday 4 November, to the reply, Tuesday the 10th, seven days are disregarded.

    Day 30 moves from Sunday 29 November to Sunday 6 December: Monday 7 December.
    """
    event = Completion(at=at("2026-11-04", "ZA"), until=at("2026-11-10", "ZA"))
    assert str(due_of("za-foi", "2026-10-30", event, now="2026-11-11").day) == "2026-12-07"


def test_while_a_macedonian_request_is_completed_the_clock_runs_on() -> None:
    """Asked on Monday 4 January 2027: three days are over on Thursday the 7th, and the 20 days do not move."""
    event = Completion(at=at("2027-01-04", "MK"))
    found = due_of("mk-foi", "2026-12-30", event, now="2027-01-05")
    assert (str(found.day), found.state, days(found)) == ("2027-01-19", "running", {"complete": "2027-01-07"})
    assert days(due_of("mk-foi", "2026-12-30", event, now="2027-01-08")) == {}


@pytest.mark.parametrize(
    ("rule", "sent", "late"),
    [
        ("ro-foi", "2026-12-03", False),  # the fifth day is the 2nd; it does not count
        ("ro-foi", "2026-12-04", True),
        ("tr-foi", "2026-12-17", False),  # no term of its own: the answer's
        ("tr-foi", "2026-12-21", True),
    ],
)
def test_a_refusal_has_its_own_term(rule: str, sent: str, late: bool) -> None:
    country = country_of(RULES[rule])
    found = due_of(rule, "2026-11-27", Refusal(at=at(sent, country)), now=sent + " 11:00")
    assert (found.state, found.late) == ("answered", ("refusal",) if late else ())


@pytest.mark.parametrize(
    ("rule", "sent", "there", "expected", "late"),
    [
        # day 5 of Monday 2 November is Saturday the 7th, free: Sunday, so Monday the 9th is the last day to forward
        ("ro-petition", "2026-11-09", "2026-11-11", "2026-12-14", False),  # day 30 Friday 11 December, free: Saturday
        ("ro-petition", "2026-11-10", "2026-11-11", "2026-12-14", True),
        ("ro-petition", "2026-11-09", None, "2026-12-10", False),  # not known when it was registered: when it was sent
        ("tr-petition", "2026-11-09", "2026-11-11", "2026-12-02", False),  # begins not anew, has no number of days
        ("mk-petition", "2026-11-09", None, "2027-01-01", False),
        ("za-foi", "2026-11-16", "2026-11-17", "2026-12-17", False),  # 14 days: the 16th
        ("za-foi", "2026-11-17", "2026-11-17", "2026-12-17", True),
    ],
)
def test_forwarding_ends_the_clock_here_and_may_begin_it_anew_there(
    rule: str, sent: str, there: str | None, expected: str, late: bool
) -> None:
    country = country_of(RULES[rule])
    event = Transfer(at=at(sent, country), registered_at=at(there, country) if there else None)
    found = due_of(rule, "2026-11-02", event, now="2026-11-18")
    assert (str(found.day), found.state, found.late) == (expected, "transferred", ("transfer",) if late else ())
    assert not found.reminders
    assert not found.options


def test_where_it_is_forwarded_to_the_whole_term_runs_without_what_was_before() -> None:
    """Registered there on Tuesday 17 November: day 30 is Thursday 17 December."""
    events: list[Event] = [
        Extension(at=at("2026-11-03", "ZA"), notified_at=at("2026-11-03", "ZA")),
        Completion(at=at("2026-11-04", "ZA")),
        Transfer(at=at("2026-11-16", "ZA"), registered_at=at("2026-11-17", "ZA")),
    ]
    assert str(due_of("za-foi", "2026-11-02", *events, now="2026-11-20").day) == "2026-12-17"


def test_a_sunday_that_is_worked_ends_a_term() -> None:
    sunday = frozenset({at("2026-11-29", "ZA").date()})
    assert due_of("za-foi", "2026-10-30", extra_working_days=sunday).day in sunday


def test_what_a_rule_does_not_know_changes_nothing() -> None:
    events: list[Event] = [
        Interruption(at=at("2026-12-01", "RO")),
        Completion(at=at("2026-12-01", "RO")),
        Transfer(at=at("2026-12-01", "RO")),
    ]
    found = due_of("ro-foi", "2026-11-27", *events, now="2026-12-02")
    assert (found.day, found.state) == (due_of("ro-foi", "2026-11-27").day, "running")
    assert explain(found, "en").count("What was noted on Tuesday 1 December does not change this term.") == 3


@pytest.mark.parametrize("rule", sorted(RULES))
def test_a_term_is_over_one_second_after_the_last_of_its_day(rule: str) -> None:
    country = country_of(RULES[rule])
    received = at("2026-10-14 23:30", country)
    calendar = calendar_for(country)
    moment = due(RULES[rule], received, calendar, now=received).moment
    assert (moment.hour, moment.minute, moment.second, moment.tzinfo) == (23, 59, 59, calendar.zone)
    after = "deemed_refused" if rule == "za-foi" else "overdue"
    for now, state in ((moment, "running"), (moment + timedelta(seconds=1), after)):
        assert due(RULES[rule], received, calendar, now=now).state == state


@pytest.mark.parametrize(
    ("sent", "late"), [("2026-12-08 23:59", ()), ("2026-12-09 00:00", ("answer",))], ids=["in time", "late"]
)
def test_an_answer_ends_it_in_time_or_not(sent: str, late: tuple[str, ...]) -> None:
    found = due_of("ro-foi", "2026-11-27", Answer(at=at(sent, "RO")), now="2026-12-20")
    assert (found.state, found.late, found.options, found.reminders) == ("answered", late, (), ())


def test_what_has_not_happened_yet_does_not_count() -> None:
    later = Answer(at=at("2026-12-03", "RO"))
    assert due_of("ro-foi", "2026-11-27", later, now="2026-12-02").state == "running"


def test_the_receipt_is_confirmed_in_its_own_term() -> None:
    """Five working days of Thursday 10 December: 11, 14, 15, 17 (the 16th is a holiday), 18."""
    assert days(due_of("za-municipal", "2026-12-10")) == {"acknowledge": "2026-12-18"}
    told = Acknowledgement(at=at("2026-12-11", "ZA"))
    assert days(due_of("za-municipal", "2026-12-10", told, now="2026-12-14")) == {}
    told = Acknowledgement(at=at("2026-12-21", "ZA"))
    found = due_of("za-municipal", "2026-12-10", told, now="2026-12-21 12:00")
    assert (days(found), found.late, found.state) == ({}, ("acknowledgement",), "running")


def test_the_day_of_receipt_is_the_offices() -> None:
    """Half past eleven at night in UTC is the next day in Istanbul."""
    received = datetime(2026, 10, 26, 23, 30, tzinfo=UTC)
    assert str(due(RULES["tr-foi"], received, calendar_for("TR"), now=received).day) == "2026-11-18"


def test_a_new_holiday_moves_a_date_and_is_named() -> None:
    """Friday 30 October off as well: the 15 days end on Thursday 19 November."""
    bridge = frozenset({at("2026-10-30", "TR").date()})
    found = due_of("tr-foi", "2026-10-27", extra_holidays=bridge)
    assert str(found.day) == "2026-11-19"
    assert "Friday 30 October (a day off of the office) does not count." in explain(found, "en")
    worked = due_of("tr-foi", "2026-10-27", extra_working_days=frozenset({at("2026-10-29", "TR").date()}))
    assert str(worked.day) == "2026-11-17"


def test_a_due_date_survives_being_stored() -> None:
    found = due_of("tr-foi", "2026-10-27", Interruption(at=FEE), now="2026-11-12")
    assert Due.model_validate_json(found.model_dump_json()) == found
