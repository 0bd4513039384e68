"""Statutory clocks: which rule holds, what it asks of the citizen, when the answer is due and why."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from babel.dates import format_date

from backend.clocks.calendar import WorkingCalendar, calendar_of, holiday_name
from backend.clocks.progress import Progress, progress
from backend.clocks.repository import read_clocks
from backend.clocks.schemas import Clocks, Due, Event, Option, Reminder, Requirement, Rule, State, Step
from backend.core.catalogue import backend_catalogue

__all__ = [
    "Clocks",
    "Due",
    "Event",
    "Rule",
    "WorkingCalendar",
    "applicable",
    "calendar_of",
    "due",
    "explain",
    "read_clocks",
    "requirements",
]
LAST_SECOND = time(23, 59, 59)
TWO_DAYS = timedelta(hours=48)
OVER: frozenset[State] = frozenset({"answered", "transferred", "lapsed", "deemed_refused"})
SILENT_STATES = {"running", "extended"}
"""Nothing is to be said of them that the steps do not say."""


def applicable(rules: Iterable[Rule], kind: str, channel: str) -> Rule | None:
    """The rule for a kind of ticket that comes over a channel: one made for the channel before one for all.

    None when no rule is known, or none takes requests over this channel.
    """
    taking = (rule for rule in rules if rule.takes(kind, channel))
    return min(taking, key=lambda rule: not rule.only_by, default=None)


def requirements(rule: Rule) -> tuple[Requirement, ...]:
    """What a citizen must give, and over which channels not to come, known before they type a page."""
    given = [{"need": need, "kind": kind} for need, kind in rule.requires.items()]
    closed = [{"need": channel, "kind": "not_accepted_by"} for channel in rule.not_by]
    opened = [{"need": channel, "kind": "only_accepted_by"} for channel in rule.only_by]
    return tuple(Requirement.model_validate(content) for content in (*given, *closed, *opened))


def due(
    rule: Rule, received_at: datetime, calendar: WorkingCalendar, *, now: datetime, events: Iterable[Event] = ()
) -> Due:
    """When an answer is due, given all that happened until `now`; all moments know their zone.

    The same call with a changed calendar gives the new date. While the person is waited for, the date is the one there
    will be if they use all the time they have. Events of the future are left out.
    """
    made = progress(rule, received_at, calendar, now, events)
    count = made.term(made.length)
    moment = datetime.combine(count.end, LAST_SECOND, calendar.zone)
    state = _state(made, moment)
    return Due(
        rule=rule.id,
        country=calendar.country,
        day=count.end,
        moment=moment,
        state=state,
        steps=(*made.steps, *(() if state == "lapsed" else count.steps)),
        reminders=() if state in OVER | {"interrupted"} else _reminders(made.began, moment, calendar),
        options=() if state in OVER else tuple(_options(made)),
        late=tuple(made.late),
    )


def _state(made: Progress, moment: datetime) -> State:
    if made.done & {"answer", "refusal"}:
        return "answered"
    if "transfer" in made.done and made.rule.transfer:
        return "transferred"
    if made.lapsed:
        return "lapsed"
    if made.waiting and made.waiting.then != "runs_on":
        return "interrupted"
    if made.now > moment:
        return "deemed_refused" if made.rule.silence == "refusal" else "overdue"
    return "extended" if made.length > made.rule.length else "running"


def _reminders(began: datetime, moment: datetime, calendar: WorkingCalendar) -> tuple[Reminder, ...]:
    """The reminders that fall after the beginning, earliest first."""
    start, end = began.timestamp(), moment.timestamp()
    seconds = {
        "half": start + 0.5 * (end - start),
        "four_fifths": start + 0.8 * (end - start),
        "two_days_before": end - TWO_DAYS.total_seconds(),
    }
    found = sorted((at, kind) for kind, at in seconds.items() if at > start)
    moments = ({"kind": kind, "at": datetime.fromtimestamp(at, calendar.zone)} for at, kind in found)
    return tuple(Reminder.model_validate(content) for content in moments)


def _options(made: Progress) -> Iterable[Option]:
    """What may still be done, with the last day for it."""
    today = made.day(made.now)
    for act, until in _open_acts(made):
        if until is None or until >= today:
            yield Option.model_validate({"act": act, "until": until})


def _open_acts(made: Progress) -> Iterable[tuple[str, date | None]]:
    rule = made.rule
    if rule.extension and made.length == rule.length:
        yield "extend", made.term(rule.extension.notice_within).end
    acts: dict[str, Any] = {"refuse": rule.refusal, "transfer": rule.transfer}
    if "acknowledgement" not in made.done:
        acts["acknowledge"] = rule.acknowledgement
    for act, part in acts.items():
        if part:
            yield act, made.term(part.days).end if part.days else None
    if made.waiting:
        yield "pay" if made.waiting is rule.interruption else "complete", made.waiting_until


def explain(due: Due, language: str) -> str:
    """Why an answer is due on its day, where it stands and what may still be done: one sentence a step."""
    texts = backend_catalogue()
    sentences = [_step_sentence(due, step, language) for step in due.steps]
    if due.state not in SILENT_STATES:
        sentences.append(texts.text(f"clocks.state.{due.state}", language))
    sentences += [_option_sentence(option, language) for option in due.options]
    return " ".join(sentences)


def spoken_day(day: date, language: str, year: bool = False) -> str:
    """A day in the words of a language, e.g. `Tuesday 27 October`, with the year where asked."""
    pattern = backend_catalogue().text("clocks.format.day_and_year" if year else "clocks.format.day", language)
    return format_date(day, pattern, locale=language)


def _step_sentence(due: Due, step: Step, language: str) -> str:
    with_year = step.kind in {"received", "due"}
    until = spoken_day(step.until, language) if step.until else ""
    name = holiday_name(due.country, step.day, language) or step.name or ""
    values = {"day": spoken_day(step.day, language, with_year), "until": until, "count": step.count, "name": name}
    return backend_catalogue().text(_key(step), language, **values)


def _key(step: Step) -> str:
    """The sentence of a step; those of a day left out differ by the reason, others by whether they have an end."""
    if step.kind in {"left_out", "rolled"}:
        return f"clocks.step.{step.kind}.{step.reason}"
    if step.kind in {"waiting", "runs_on", "without_effect", "refused"} and step.until:
        return f"clocks.step.{step.kind}.until"
    return f"clocks.step.{step.kind}"


def _option_sentence(option: Option, language: str) -> str:
    if option.until is None:
        return backend_catalogue().text(f"clocks.option.{option.act}", language)
    return backend_catalogue().text(
        f"clocks.option.{option.act}.until", language, until=spoken_day(option.until, language)
    )
