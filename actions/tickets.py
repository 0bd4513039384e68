"""Tickets as the actions ask the backend for them, and as they file them."""

from typing import Literal

from pydantic import BaseModel

CareAct = Literal["add", "withdraw", "reopen", "authorise"]
CareResult = Literal[
    "found", "done", "needs_reference", "needs_pin", "unknown", "locked",
    "closed", "open", "too_late", "authorised", "withheld",
]  # fmt: skip


class Filed(BaseModel):
    """What the citizen is told after filing."""

    reference: str
    pin: str
    unit: str
    due: str = ""


class Status(BaseModel):
    """What became of a ticket, in words."""

    reference: str
    state: str
    subject: str
    unit: str
    filed: str
    missing: str = ""
    """Which paper must come before more is told."""


class Lookup(BaseModel):
    """The answer to a look-up."""

    result: Literal["found", "needs_reference", "needs_pin", "unknown", "locked"]
    tickets: list[Status]


class Choice(BaseModel):
    """The tickets of a person something can be done with, or why it cannot with the one they named."""

    result: CareResult
    tickets: list[Status]


class CareRequest(BaseModel):
    """What a person does with a ticket of theirs; the same request_key again does nothing more."""

    act: CareAct
    reference: str
    request_key: str
    words: str = ""
    photos: list[str] = []
    language: str


class Care(BaseModel):
    """What became of it, and the ticket as it is now."""

    result: CareResult
    ticket: Status | None


class HandedBack(BaseModel):
    """What a person did in a chat the bot gets back."""

    tickets: list[Status]


class Position(BaseModel):
    """A point on the earth, WGS 84, in degrees."""

    latitude: float
    longitude: float


class Acting(BaseModel):
    """For whom a ticket is filed; no paper when it is still to come."""

    name: str
    relation: str
    paper: str | None = None


class NewTicket(BaseModel):
    """What is filed."""

    request_key: str
    kind: str
    category: str | None
    description: str
    place: str | None
    position: Position | None
    photos: list[str]
    details: dict[str, str]
    language: str
    same_as: str | None = None
    acting: Acting | None = None


class Told(BaseModel):
    """What is known of a ticket before it is filed."""

    category: str
    description: str
    place: str | None
    position: Position | None
    language: str


class SameMatter(BaseModel):
    """An open ticket that may be about the same thing."""

    id: str
    subject: str
    place: str
    filed: str


class Formalities(BaseModel):
    """What the law asks of a request, by kind of ticket and language."""

    kinds: dict[str, dict[str, str]]
