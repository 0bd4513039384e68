"""Disputes as agents, parties and the assistant see them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Literal, get_args
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

Side = Literal["complainant", "respondent"]
SIDES: tuple[Side, ...] = get_args(Side)
Role = Literal["landlord", "tenant"]
ROLES: tuple[Role, ...] = get_args(Role)
About = Literal["step", "appointment", "moved", "cancelled", "reminder", "ended", "survey", "changed"]
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=8000)]
OTHER: dict[str, Side] = {"complainant": "respondent", "respondent": "complainant"}


class PartyData(BaseModel):
    """Who a party is and how they are reached, as an agent has confirmed it."""

    name: Annotated[Line, Field(min_length=1)]
    role: Role
    postal_address: Line = ""
    phone: Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)] = ""
    language: str
    representative: Line = ""
    representative_document: UUID | None = None


class Confirmed(BaseModel):
    """Both parties and what the respondent is told that it is about."""

    complainant: PartyData
    respondent: PartyData
    topic: str | None = None
    claim: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


class Ending(BaseModel):
    """How a dispute ends."""

    end: str
    outcome: Literal["solved", "partly", "refused", "forwarded", "withdrawn"]
    text: Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)] = ""
    appeal: Line = ""
    document: UUID | None = None


class AppointmentReply(BaseModel):
    """A party's answer to an appointment, by a button of the chat."""

    appointment: int
    comes: bool
    proposal: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""
    language: str


class Replied(BaseModel):
    """Whether an answer was kept; not by who is no party, nor to an appointment that is over, moved or cancelled."""

    kept: bool
    reference: str = ""
    when: str = ""


class DisputeStatus(BaseModel):
    """How far a dispute is, in words, for one of its parties; empty words for what is not there."""

    reference: str
    step: str
    due: str
    appointment: str = ""
    appointment_id: int | None = None
    page: str = ""


@dataclass(frozen=True)
class StepShown:
    """One step of the line: its name, when it was reached, whether it was left out."""

    key: str
    name: str
    at: datetime | None
    state: Literal["done", "current", "skipped", "coming"]


@dataclass(frozen=True)
class AppointmentShown:
    """An appointment in words."""

    id: int
    step: str
    at: datetime
    when: str
    zone: str
    local: str
    """In the party's own time, where that is another; else empty."""
    minutes: int
    where: str
    who: str
    note: str
    version: int
    over: bool
    cancelled: bool
    comes: bool | None
    proposal: str


@dataclass(frozen=True)
class PartyPage:
    """A dispute as one of its parties may see it: of the other party the name and the role, nothing else."""

    party_id: UUID
    side: Side
    reference: str
    name: str
    other_name: str
    other_role: str | None
    topic: str
    place: str
    claim: str
    due: str
    steps: list[StepShown]
    appointments: list[AppointmentShown]
    statement: str
    ended: str
    ruling: str
    appeal: str
    has_document: bool
    """Whether the ruling is there as a document, too."""
    asked: bool
    """Whether they are asked how satisfied they are."""
    score: int | None
    token: str = field(repr=False, default="")
    """Proves for a while that the PIN was given."""
