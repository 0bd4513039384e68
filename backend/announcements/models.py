"""Announcements, and what became of each for everybody who was to have it."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.database import Base, Json


class Announcement(Base):
    """What the office tells those who asked for news of a topic."""

    __tablename__ = "announcement"
    __table_args__ = (Index("ix_announcement_state", "office_id", "state", "changed_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    office_id: Mapped[str]
    topic: Mapped[str]
    areas: Mapped[list[Any]]
    """Districts of the gazetteer; none means everywhere."""
    texts: Mapped[Json]
    """Language -> text."""
    link: Mapped[str | None]
    valid_until: Mapped[datetime | None]
    """From then on it is sent to nobody any more."""
    emergency: Mapped[bool]
    """It is sent at night too, and into a talk."""
    state: Mapped[str] = mapped_column(default="draft")
    """draft, proposed, released, sending, sent or withdrawn."""
    version: Mapped[int] = mapped_column(default=1)
    """Grows with every change of what is sent: who proposes or releases names the version they looked at."""
    writers: Mapped[list[Any]]
    """Ids of the accounts that wrote or changed it: none of them releases it."""
    written_by: Mapped[str]
    """The name of who changed it last."""
    released_by: Mapped[str | None]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    released_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    """When it was sent to the last person, or withdrawn."""
    figures: Mapped[Json | None]
    """What became of it, kept when the rows of persons are forgotten."""


class AnnouncementDelivery(Base):
    """One person who is to have an announcement, once."""

    __tablename__ = "announcement_delivery"
    __table_args__ = (
        UniqueConstraint("announcement_id", "contact_id"),
        Index(
            "ix_announcement_delivery_open",
            "announcement_id",
            "due_at",
            postgresql_where=text("state IN ('waiting', 'later')"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    announcement_id: Mapped[UUID] = mapped_column(ForeignKey("announcement.id", ondelete="CASCADE"))
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), index=True)
    state: Mapped[str]
    """waiting, later, sent or skipped."""
    reason: Mapped[str | None]
    """Why later or skipped: one of `schemas.REASONS`."""
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    """Tries that failed by a fault of ours."""
    conversation_id: Mapped[UUID | None]
    number: Mapped[int | None]
    """The message's number in that conversation."""
    channel: Mapped[str | None]
    language: Mapped[str | None]
    settled_at: Mapped[datetime | None]


class AnnouncementPace(Base):
    """When an office may hand out the next batch; shared by all workers."""

    __tablename__ = "announcement_pace"

    office_id: Mapped[str] = mapped_column(primary_key=True)
    next_at: Mapped[datetime]
