"""Tickets as they are filed and as they are told."""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from backend.offices.schemas import TicketKind


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


class Status(BaseModel):
    """What became of a ticket, in words."""

    reference: str
    state: str
    subject: str
    unit: str
    filed: str


class Lookup(BaseModel):
    """The answer to a look-up. Only `found` tells anything about a ticket."""

    result: Literal["found", "needs_reference", "needs_pin", "unknown", "locked"]
    tickets: list[Status] = []
