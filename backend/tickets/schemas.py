"""Tickets as they are filed, worked on and told."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal, get_args
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from backend.authority.schemas import Claim, Relation
from backend.offices.schemas import Priority, TicketKind

State = Literal["received", "assigned", "in_progress", "waiting", "closed"]
STATES: tuple[State, ...] = get_args(State)
Outcome = Literal["solved", "partly", "refused", "forwarded", "duplicate", "withdrawn"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
Source = Literal["chat", "phone", "counter", "letter", "email", "cimer", "api"]
SOURCES: tuple[Source, ...] = get_args(Source)
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=8000)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]


class Position(BaseModel):
    """A point on the earth, WGS 84, in degrees."""

    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)


class NewTicket(BaseModel):
    """What a citizen files."""

    request_key: str = Field(min_length=1, max_length=200)
    kind: TicketKind = "complaint"
    category: str | None = None
    description: str = Field(min_length=1, max_length=8000)
    place: str | None = Field(None, max_length=500)
    position: Position | None = None
    photos: list[UUID] = Field([], max_length=10)
    details: dict[str, str] = {}
    language: str
    same_as: UUID | None = None
    """An open ticket about the same thing, of somebody else: this one follows it and gets its answer."""
    acting: Claim | None = None
    """For whom the author acts, when it is not for themselves."""


class Draft(BaseModel):
    """What is known of a ticket before it is filed."""

    category: str
    description: str = Field(max_length=8000)
    place: str | None = Field(None, max_length=500)
    position: Position | None = None
    language: str


class SameMatter(BaseModel):
    """An open ticket that may be about the same thing, as much of it as anybody may know."""

    id: UUID
    subject: str
    place: str
    filed: str


class Formalities(BaseModel):
    """What the law asks of a request, by kind of ticket and language."""

    kinds: dict[TicketKind, dict[str, str]]


class Author(BaseModel):
    """Who files or asks, and from where."""

    contact_id: UUID
    conversation_id: UUID | None
    channel: str


class Filed(BaseModel):
    """What the citizen is told after filing: the PIN is told once and never stored in clear."""

    reference: str
    pin: str
    unit: str
    due: str = ""
    """The day by which the law wants an answer, in words; empty when it sets none."""


class Status(BaseModel):
    """What became of a ticket, in words."""

    reference: str
    state: str
    subject: str
    unit: str
    filed: str
    missing: str = ""
    """Which paper must come, or be accepted, before more is told; empty when all is told."""


class Lookup(BaseModel):
    """The answer to a look-up. Only `found` tells anything about a ticket."""

    result: Literal["found", "needs_reference", "needs_pin", "unknown", "locked"]
    tickets: list[Status] = []


@dataclass(frozen=True)
class Seen:
    """A ticket as an agent saw it: `event` is the newest of its history then. Newer changes make an act stale."""

    ticket_id: UUID
    event: int


class Change(BaseModel):
    """What an agent puts right; only what is given changes."""

    kind: TicketKind | None = None
    category: str | None = None
    place: Line | None = None
    position: Position | None = None
    description: Words | None = None
    priority: Priority | None = None


class Answer(BaseModel):
    """How a ticket ends and what the citizen is told."""

    outcome: Literal["solved", "partly", "refused", "forwarded", "withdrawn"]
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)] = ""
    ground: Line = ""
    """Legal ground and way of appeal."""


class NewVisit(BaseModel):
    """When somebody goes where, and who."""

    at: AwareDatetime
    who: Annotated[Line, Field(min_length=1)]
    place: Line | None = None
    note: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)] = ""


class NewAppointment(BaseModel):
    """When both parties of a dispute are to come where, or be at the telephone, and who leads it."""

    at: AwareDatetime
    minutes: int = Field(60, ge=10, le=720)
    who: Annotated[Line, Field(min_length=1)]
    place: Line | None = None
    phone: Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)] | None = None
    note: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)] = ""


class Registration(BaseModel):
    """What an agent writes down for somebody at the telephone or the counter, or from a letter."""

    request_key: Annotated[str, Field(min_length=8, max_length=100)]
    """Made with the form: sending it twice makes one ticket."""
    source: Source = "phone"
    source_number: Line | None = None
    name: Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)] = ""
    phone: Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)] = ""
    language: str
    kind: TicketKind = "complaint"
    category: str | None = None
    place: Line | None = None
    position: Position | None = None
    details: dict[str, Annotated[str, StringConstraints(max_length=500)]] = {}
    words: Words
    acting_for: Annotated[str, StringConstraints(strip_whitespace=True, max_length=120)] = ""
    """Whom they act for, when it is not for themselves."""
    relation: Relation = "other"


@dataclass(frozen=True)
class Near:
    """An open ticket that may be about the same thing."""

    id: UUID
    reference: str
    created_at: datetime
    description: str
    place: str | None
    metres: int | None
    """How far away; None when one of the two has no position."""


CareAct = Literal["add", "withdraw", "reopen", "authorise"]
CareResult = Literal[
    "found", "done", "needs_reference", "needs_pin", "unknown", "locked",
    "closed", "open", "too_late", "authorised", "withheld",
]  # fmt: skip


class ChoiceRequest(BaseModel):
    """What a citizen wants to do with a ticket, and the words that may name it."""

    act: CareAct
    text: str = ""
    pin: str | None = None
    language: str


class Choice(BaseModel):
    """The tickets it can be done with. The results from `closed` on say why it cannot with the one named."""

    result: CareResult
    tickets: list[Status] = []


class CareRequest(BaseModel):
    """What a citizen does with a ticket of theirs."""

    act: CareAct
    reference: str = Field(max_length=20)
    request_key: str = Field(min_length=1, max_length=200)
    """The message that asks for it: a repeated turn does it once."""
    words: Annotated[str, StringConstraints(strip_whitespace=True, max_length=8000)] = ""
    photos: list[UUID] = Field([], max_length=10)
    language: str


class Care(BaseModel):
    """What became of it, and the ticket as it is now."""

    result: CareResult
    ticket: Status | None = None


@dataclass(frozen=True)
class Closing:
    """The end of a ticket, as it is asked about."""

    reference: str
    unit: str
    subject: str
    unit_name: str
