"""What has happened to a request, in order, and what each thing does to its term."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from backend.clocks.calendar import Count, Span, WorkingCalendar, count_days
from backend.clocks.schemas import (
    Acknowledgement,
    Answer,
    Completion,
    Event,
    EventKind,
    Extension,
    Interruption,
    PauseTerm,
    Refusal,
    Rule,
    Step,
    Transfer,
)


@dataclass
class Progress:
    """How far a request has come; the events are applied one after the other."""

    rule: Rule
    calendar: WorkingCalendar
    began: datetime
    """Since when the term runs: the receipt, or what made it begin anew."""
    now: datetime
    length: int
    steps: list[Step] = field(default_factory=list)
    paused: list[Span] = field(default_factory=list)
    late: list[EventKind] = field(default_factory=list)
    done: set[EventKind] = field(default_factory=set)
    waiting: PauseTerm | None = None
    waiting_until: date | None = None
    """The last day on which the person may do what is waited for."""
    lapsed: bool = False

    def day(self, moment: datetime) -> date:
        """The office's day of a moment."""
        return moment.astimezone(self.calendar.zone).date()

    def term(self, days: int) -> Count:
        """A term of some days from the beginning of this one, counted as the rule counts, past the pauses."""
        return count_days(self.calendar, self.rule.counting, days, self.day(self.began), self.paused)

    def note(self, kind: str, day: date, **values: Any) -> None:
        """Put a step into the explanation."""
        self.steps.append(Step.model_validate({"kind": kind, "day": day, **values}))


def progress(
    rule: Rule, received_at: datetime, calendar: WorkingCalendar, now: datetime, events: Iterable[Event]
) -> Progress:
    """Apply the events that have happened until now, in the order of their moments."""
    made = Progress(rule, calendar, received_at, now, rule.length)
    made.note("received", made.day(received_at))
    for event in sorted(events, key=_moment):
        if _moment(event) <= now:
            APPLY[event.kind](made, event)
            made.done.add(event.kind)
    return made


def _moment(event: Event) -> datetime:
    return event.notified_at or event.at if isinstance(event, Extension) else event.at


def _extend(made: Progress, event: Extension) -> None:
    term, told = made.rule.extension, event.notified_at
    if term is None or told is None or made.length > made.rule.length:
        made.note("without_effect", made.day(_moment(event)))
        return
    limit = made.term(term.notice_within).end
    if made.day(told) > limit:
        made.late.append("extension")
        made.note("without_effect", made.day(told), until=limit)
        return
    longest = term.total or made.rule.length + (term.added or 0)
    asked = longest if event.days is None else event.days + (made.rule.length if term.added else 0)
    made.length = max(made.rule.length, min(longest, asked))
    made.note("extended", made.day(told), count=made.length)


def _pause(made: Progress, event: Interruption | Completion) -> None:
    term = made.rule.interruption if isinstance(event, Interruption) else made.rule.completion
    since = made.day(event.at)
    if term is None or since > made.term(made.length).end:
        made.note("without_effect", since)
        return
    until = None if event.until is None or event.until > made.now else made.day(event.until)
    limit = count_days(made.calendar, made.rule.counting, term.days, since).end if term.days else None
    if term.lapses and limit and (until or made.day(made.now)) > limit:
        made.lapsed = True
    if until is None and not made.lapsed:
        made.waiting, made.waiting_until = term, limit
    _stand_still(made, term, since, until, limit)


def _stand_still(made: Progress, term: PauseTerm, since: date, until: date | None, limit: date | None) -> None:
    """While the person is waited for, the days until their last one are left out; where it is not known, until now."""
    last = until or limit or made.day(made.now)
    if term.then == "runs_on":
        made.note("runs_on", since, until=limit)
        return
    made.note("waiting" if until is None else "paused", since, until=until or limit)
    if term.then == "resumes":
        made.paused.append((since, last))
    else:
        _restart(made, last)
        made.note("restarted", last)


def _restart(made: Progress, day: date) -> None:
    made.paused.clear()
    made.began = datetime.combine(day, datetime.min.time(), made.calendar.zone)


def _transfer(made: Progress, event: Transfer) -> None:
    term, day = made.rule.transfer, made.day(event.at)
    if term is None:
        made.note("without_effect", day)
        return
    if term.days and day > made.term(term.days).end:
        made.late.append("transfer")
    made.note("transferred", day)
    if term.restarts:
        there = made.day(event.registered_at or event.at)
        made.length = made.rule.length
        _restart(made, there)
        made.note("restarted", there)


def _refuse(made: Progress, event: Refusal) -> None:
    term, day = made.rule.refusal, made.day(event.at)
    limit = made.term(term.days).end if term and term.days else None
    if day > (limit or made.term(made.length).end):
        made.late.append("refusal")
    made.note("refused", day, until=limit)


def _answer(made: Progress, event: Answer) -> None:
    if made.day(event.at) > made.term(made.length).end:
        made.late.append("answer")
    made.note("answered", made.day(event.at))


def _acknowledge(made: Progress, event: Acknowledgement) -> None:
    term, day = made.rule.acknowledgement, made.day(event.at)
    if term and term.days and day > made.term(term.days).end:
        made.late.append("acknowledgement")
    made.note("acknowledged", day)


APPLY: dict[str, Callable[[Progress, Any], None]] = {
    "extension": _extend,
    "interruption": _pause,
    "completion": _pause,
    "transfer": _transfer,
    "refusal": _refuse,
    "answer": _answer,
    "acknowledgement": _acknowledge,
}
