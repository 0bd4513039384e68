"""Tickets, their history and the tries to look one up."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.database import Base, Json


class Ticket(Base):
    """Something a citizen asked of the office, from receipt to outcome."""

    __tablename__ = "ticket"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    office_id: Mapped[str]
    reference: Mapped[str] = mapped_column(unique=True)
    pin_digest: Mapped[str]
    request_key: Mapped[str] = mapped_column(unique=True)
    """The message that filed it: filing twice for one message makes one ticket."""
    kind: Mapped[str]
    category: Mapped[str | None]
    unit: Mapped[str]
    priority: Mapped[str]
    state: Mapped[str] = mapped_column(default="received")
    outcome: Mapped[str | None]
    description: Mapped[str]
    place: Mapped[str | None]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    details: Mapped[Json]
    language: Mapped[str]
    channel: Mapped[str]
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contact.id"), index=True)
    conversation_id: Mapped[UUID | None] = mapped_column(index=True)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class TicketEvent(Base):
    """One change of a ticket: who, when, what, from where."""

    __tablename__ = "ticket_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("ticket.id"), index=True)
    at: Mapped[datetime]
    actor: Mapped[str]
    channel: Mapped[str]
    kind: Mapped[str]
    content: Mapped[Json]


class TicketLink(Base):
    """A contact who proved with the PIN that a ticket filed on another channel is theirs."""

    __tablename__ = "ticket_link"

    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), primary_key=True)
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), primary_key=True, index=True)
    at: Mapped[datetime]


class LookupTry(Base):
    """A failed try to see a ticket with a PIN."""

    __tablename__ = "lookup_try"
    __table_args__ = (
        Index("ix_lookup_try_contact", "contact_id", "at"),
        Index("ix_lookup_try_reference", "reference", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    reference: Mapped[str]
    at: Mapped[datetime]
