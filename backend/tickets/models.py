"""Tickets, their history, what agents add to them, and the tries to look one up."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column

from backend.accounts.models import Account
from backend.core.database import Base, Json

OPEN = text("state <> 'closed'")
ESCALATED = text("state <> 'closed' AND escalated_at IS NOT NULL")


class Ticket(Base):
    """Something a citizen asked of the office, from receipt to outcome."""

    __tablename__ = "ticket"
    __table_args__ = (
        Index("ix_ticket_newest", "office_id", "created_at", "id"),
        Index("ix_ticket_changed", "office_id", "updated_at", "id"),
        Index("ix_ticket_due", "office_id", "due_at", "id", postgresql_where=OPEN),
        Index("ix_ticket_unit", "office_id", "unit", "created_at", "id"),
        Index("ix_ticket_category", "office_id", "category", "created_at", postgresql_where=OPEN),
        Index("ix_ticket_assignee", "assignee_id", "created_at", postgresql_where=OPEN),
        Index("ix_ticket_words", "words", postgresql_using="gin"),
        Index("ix_ticket_restricted", "conversation_id", postgresql_where=text("priority = 'restricted'")),
        Index("ix_ticket_reminder", "office_id", "next_reminder_at", "id", postgresql_where=OPEN),
        Index("ix_ticket_escalated", "office_id", "created_at", "id", postgresql_where=ESCALATED),
    )

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
    assignee_id: Mapped[UUID | None]
    """The account or API token that works on it."""
    source: Mapped[str] = mapped_column(server_default="chat")
    """How it reached the office: one of schemas.Source."""
    source_number: Mapped[str | None]
    """Its number where it came from, such as a registry's."""
    due_at: Mapped[datetime | None]
    reminded: Mapped[list[Any]] = mapped_column(default=list, server_default=text("'[]'::jsonb"))
    """Steps of its term that were told: each once, unless the date moves past it again."""
    next_reminder_at: Mapped[datetime | None]
    """When the next step of its term is reached; kept whenever the term is counted."""
    escalated_at: Mapped[datetime | None]
    """Since when supervisors know that it is overdue and nobody moves it."""
    closed_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    outcome_reason: Mapped[str | None]
    """What the citizen is told."""
    outcome_ground: Mapped[str | None]
    """Legal ground and way of appeal."""
    duplicate_of: Mapped[UUID | None] = mapped_column(ForeignKey("ticket.id"), index=True)
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
    words: Mapped[str] = mapped_column(TSVECTOR, server_default="", deferred=True)
    """Folded words of description, place and reference, for search."""

    @hybrid_property
    def restricted(self) -> bool:
        """Whether only people named for the unit may see it."""
        return self.priority == "restricted"


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
    """A failed try to see a ticket with a PIN; of the public pages also the last right one of each address."""

    __tablename__ = "lookup_try"
    __table_args__ = (
        Index("ix_lookup_try_contact", "contact_id", "at"),
        Index("ix_lookup_try_reference", "reference", "at"),
        Index("ix_lookup_try_address", "address", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[UUID | None] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    """Null: from a public page."""
    reference: Mapped[str]
    address: Mapped[str | None]
    """From a public page: a keyed digest of the network it came from."""
    proved: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    """Whether the PIN was right."""
    at: Mapped[datetime]


class TicketQuestion(Base):
    """What an agent asked another unit about a ticket, and its answer."""

    __tablename__ = "ticket_question"
    __table_args__ = (Index("ix_ticket_question_waiting", "unit", postgresql_where=text("answered_at IS NULL")),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), index=True)
    unit: Mapped[str]
    question: Mapped[str]
    asked_by: Mapped[str]
    """The agent's name at the time; the account stands in the history."""
    asked_at: Mapped[datetime]
    answer: Mapped[str | None]
    answered_by: Mapped[str | None]
    answered_at: Mapped[datetime | None]


class Visit(Base):
    """Somebody of the office goes where a ticket is about."""

    __tablename__ = "visit"
    __table_args__ = (Index("ix_visit_appointment", "at", postgresql_where=text("step IS NOT NULL")),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    place: Mapped[str | None]
    who: Mapped[str]
    note: Mapped[str]
    found: Mapped[str | None]
    """What was seen or done there."""
    done_at: Mapped[datetime | None]
    step: Mapped[str | None]
    """The step of a dispute both parties are called to; null for a visit nobody is called to."""
    minutes: Mapped[int | None]
    """How long an appointment takes."""
    phone: Mapped[str | None]
    """Where an appointment is by telephone: the number to call."""
    version: Mapped[int] = mapped_column(server_default="0", default=0)
    """How often it was moved or cancelled."""
    cancelled_at: Mapped[datetime | None]


class TicketChat(Base):
    """A conversation an agent says is about a ticket. It proves nothing about who may know of the ticket."""

    __tablename__ = "ticket_chat"

    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), primary_key=True)
    conversation_id: Mapped[UUID] = mapped_column(primary_key=True, index=True)
    at: Mapped[datetime]


class SavedFilter(Base):
    """A view of the list an agent keeps under a name."""

    __tablename__ = "saved_filter"
    __table_args__ = (UniqueConstraint("account_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey(Account.id, ondelete="CASCADE"))
    name: Mapped[str]
    query: Mapped[str]
    """The list's parameters, as in its address."""
    at: Mapped[datetime]
