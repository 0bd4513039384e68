"""Disputes between a landlord and a tenant: the two parties, what each was told, who comes to an appointment."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, ForeignKey, Identity, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.database import Base, Json


class Dispute(Base):
    """What a ticket of the kind `housing_dispute` is besides."""

    __tablename__ = "dispute"

    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), primary_key=True)
    topic: Mapped[str | None]
    claim: Mapped[str]
    """What the respondent is told that it is about, as an agent has put it."""
    step: Mapped[str | None]
    """A step of the office's disputes.yml; null until it is registered."""
    ended: Mapped[str | None]
    """An end of disputes.yml, or `closed` where the ticket ended in another way."""
    registered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ruling_document: Mapped[UUID | None]
    """The document of the ticket that holds the ruling."""
    opened_at: Mapped[datetime]


class DisputeParty(Base):
    """One side of a dispute. Neither side learns the other's telephone number, address or language."""

    __tablename__ = "dispute_party"
    __table_args__ = (UniqueConstraint("ticket_id", "side"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("dispute.ticket_id", ondelete="CASCADE"))
    side: Mapped[str]
    """complainant or respondent"""
    role: Mapped[str | None]
    """landlord or tenant"""
    name: Mapped[str]
    postal_address: Mapped[str | None]
    phone: Mapped[str | None]
    """E.164; of the respondent it is what the complainant says until an agent has confirmed it."""
    language: Mapped[str]
    representative: Mapped[str | None]
    representative_document: Mapped[UUID | None]
    """The document of the ticket that shows the representative's authority."""
    confirmed_at: Mapped[datetime | None]
    """When an agent confirmed what is said here; nothing is sent before."""
    confirmed_by: Mapped[str | None]
    contact_id: Mapped[UUID | None] = mapped_column(ForeignKey("contact.id", ondelete="SET NULL"), index=True)
    """The complainant's contact; the respondent's once they have proved with the PIN of an SMS who they are."""
    pin_digest: Mapped[str | None]
    """The respondent's own PIN; the complainant's is the ticket's."""
    statement: Mapped[str | None]
    """Their side, in their own words."""
    statement_at: Mapped[datetime | None]
    score: Mapped[int | None]
    """1 (very dissatisfied) to 5 (very satisfied), asked after the end."""
    words: Mapped[str | None]
    scored_at: Mapped[datetime | None]


class DisputeNotice(Base):
    """Something a party has to be told, once."""

    __tablename__ = "dispute_notice"
    __table_args__ = (UniqueConstraint("party_id", "key"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    party_id: Mapped[UUID] = mapped_column(ForeignKey("dispute_party.id", ondelete="CASCADE"))
    about: Mapped[str]
    """One of schemas.About."""
    key: Mapped[str]
    """What it is about exactly: the same key is told to a party once."""
    content: Mapped[Json]
    created_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
    """When it was handed to the channel, or a letter was posted."""
    channel: Mapped[str | None]
    """chat, sms, letter, or none when it had become untrue before anybody was told."""
    text: Mapped[str | None]
    """What was said, without the PIN."""
    language: Mapped[str | None]


class AppointmentAnswer(Base):
    """What a party says to an appointment as it stands; another time makes it void."""

    __tablename__ = "appointment_answer"

    visit_id: Mapped[int] = mapped_column(ForeignKey("visit.id", ondelete="CASCADE"), primary_key=True)
    party_id: Mapped[UUID] = mapped_column(ForeignKey("dispute_party.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int]
    comes: Mapped[bool]
    proposal: Mapped[str | None]
    """When they could come instead, in their words."""
    at: Mapped[datetime]
