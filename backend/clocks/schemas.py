"""A statutory term as data, what can happen to a request, and when the answer is due."""

from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from backend.offices.schemas import Data, TicketKind, Weekday

Status = Literal["confirmed", "partly", "example"]
Channel = Literal["web", "telegram", "sms", "whatsapp", "phone", "post", "email", "desk"]
Need = Literal["name", "address", "reply_address", "identity_number", "signature", "form"]
NeedKind = Literal["required", "required_on_paper", "advised"]
State = Literal["running", "interrupted", "extended", "overdue", "lapsed", "deemed_refused", "answered", "transferred"]
Act = Literal["extend", "refuse", "transfer", "acknowledge", "pay", "complete"]
EventKind = Literal["extension", "interruption", "completion", "transfer", "refusal", "answer", "acknowledgement"]
Reason = Literal["weekend", "holiday", "day_off"]
StepKind = Literal[
    "received", "first_day", "left_out", "weekends", "half_day", "last_day", "expiry", "rolled", "due",
    "paused", "waiting", "runs_on", "restarted", "extended", "transferred", "refused", "answered", "acknowledged",
    "without_effect",
]  # fmt: skip


class Counting(Data):
    """How the days of a term are counted."""

    unit: Literal["working_days", "calendar_days"]
    first_day_counts: bool = False
    """Whether the day of receipt is day 1."""
    last_day_counts: bool = True
    """If not, the term ends on the day after the last one counted (Romania's free days)."""
    roll_over: Literal["none", "next_working_day", "sunday_or_holiday"] = "none"
    """What an end on a day off does: stay, move to the next working day, or move past Sundays and holidays only."""
    half_days: Literal["working", "free"] = "working"
    """What a day counts as whose afternoon is a holiday."""


class Part(Data):
    """Something that has a term of its own, in days counted as the rule counts them."""

    days: int | None = Field(None, ge=1)
    """None: no number of days is known."""
    status: Status | None = None
    """Where it differs from the rule's."""


class ExtensionTerm(Data):
    """A longer term, if the person is told in time: `total` days from receipt, or `added` to the length."""

    total: int | None = Field(None, ge=1)
    added: int | None = Field(None, ge=1)
    notice_within: int = Field(ge=1)
    """Days from receipt within which the person must be told."""
    status: Status | None = None

    @model_validator(mode="after")
    def one_measure(self) -> Self:
        """Total or added, not both."""
        if (self.total is None) == (self.added is None):
            raise ValueError("give either total or added")
        return self


class PauseTerm(Part):
    """Waiting for the person: for a fee, or for what is missing in the request."""

    then: Literal["resumes", "restarts", "runs_on"]
    """What the term does: stand still meanwhile, begin anew afterwards, or run on."""
    lapses: bool = False
    """Whether the request is at an end when the days pass in vain."""


class TransferTerm(Part):
    """Forwarding to the body responsible."""

    restarts: bool
    """Whether the term begins anew there."""


class Rule(Data):
    """One term of a country or an office for some kinds of ticket."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    kinds: tuple[TicketKind, ...]
    status: Status
    checked: date
    """When somebody last compared it with its source."""
    source: Annotated[str, Field(min_length=1)]
    link: str = ""
    notes: str = ""
    length: int = Field(ge=1)
    counting: Counting
    extension: ExtensionTerm | None = None
    interruption: PauseTerm | None = None
    completion: PauseTerm | None = None
    transfer: TransferTerm | None = None
    refusal: Part | None = None
    acknowledgement: Part | None = None
    silence: Literal["overdue", "refusal"] = "overdue"
    only_by: tuple[Channel, ...] = ()
    """The channels it is for; empty: all."""
    not_by: tuple[Channel, ...] = ()
    requires: dict[Need, NeedKind] = Field({})

    @model_validator(mode="after")
    def extension_extends(self) -> Self:
        """An extended term is longer than the term."""
        if self.extension and self.extension.total is not None and self.extension.total <= self.length:
            raise ValueError("extension.total is not longer than length")
        return self

    def takes(self, kind: str, channel: str) -> bool:
        """Whether it is for a kind of ticket that comes over a channel."""
        return kind in self.kinds and channel not in self.not_by and (not self.only_by or channel in self.only_by)


class CalendarChanges(Data):
    """What an office's calendar has other than its country's."""

    extra_holidays: tuple[date, ...] = ()
    extra_working_days: tuple[date, ...] = ()
    weekend: Annotated[tuple[Weekday, ...], Field(max_length=6)] | None = None


class Clocks(Data):
    """The rules that hold for an office, its own first, and what its calendar has of its own."""

    rules: tuple[Rule, ...] = ()
    calendar: CalendarChanges = CalendarChanges()

    @model_validator(mode="after")
    def each_rule_once(self) -> Self:
        """An id names one rule."""
        ids = [rule.id for rule in self.rules]
        if twice := sorted({name for name in ids if ids.count(name) > 1}):
            raise ValueError(f"{', '.join(twice)}: the id is there twice: give one another id or take it out")
        return self


class Requirement(Data):
    """Something a citizen must know before typing a page: `need` is to be given, or `need` is a channel not taken."""

    need: Need | Channel
    kind: NeedKind | Literal["not_accepted_by", "only_accepted_by"]


class Happened(Data):
    """Something that happened to a request, at a moment with its zone."""

    at: AwareDatetime


class Extension(Happened):
    """The term was extended; `notified_at` is when the person was told. None for `days`: as long as the rule allows."""

    kind: Literal["extension"] = "extension"
    notified_at: AwareDatetime | None = None
    days: int | None = Field(None, ge=1)


class Interruption(Happened):
    """The person was told of a fee; `until` is when it was paid."""

    kind: Literal["interruption"] = "interruption"
    until: AwareDatetime | None = None


class Completion(Happened):
    """The person was asked for what is missing; `until` is when it came."""

    kind: Literal["completion"] = "completion"
    until: AwareDatetime | None = None


class Transfer(Happened):
    """The request was forwarded; `registered_at` is when the body responsible registered it, if known."""

    kind: Literal["transfer"] = "transfer"
    registered_at: AwareDatetime | None = None


class Refusal(Happened):
    """A refusal was sent."""

    kind: Literal["refusal"] = "refusal"


class Answer(Happened):
    """An answer was sent."""

    kind: Literal["answer"] = "answer"


class Acknowledgement(Happened):
    """The receipt was confirmed to the person."""

    kind: Literal["acknowledgement"] = "acknowledgement"


Event = Annotated[
    Extension | Interruption | Completion | Transfer | Refusal | Answer | Acknowledgement, Field(discriminator="kind")
]


class Step(Data):
    """One step of the explanation."""

    kind: StepKind
    day: date
    until: date | None = None
    count: int | None = None
    """A number of days, or the number of the day."""
    reason: Reason | None = None
    name: str | None = None
    """The holiday's, in its country's language."""


class Reminder(Data):
    """When somebody should be reminded: at 50 % or 80 % of the time, or 48 hours before the end."""

    kind: Literal["half", "four_fifths", "two_days_before"]
    at: datetime


class Option(Data):
    """What may, or must, still be done, and until when; None: no number of days is known."""

    act: Act
    until: date | None


class Due(Data):
    """When an answer is due, why, and where the request stands."""

    rule: str
    country: str
    day: date
    moment: datetime
    """The last second of that day in the office's zone."""
    state: State
    steps: tuple[Step, ...]
    reminders: tuple[Reminder, ...]
    options: tuple[Option, ...]
    late: tuple[EventKind, ...] = ()
    """What was done, but after its term."""
