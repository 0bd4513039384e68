"""Requests for a copy of one's data, or for its erasure."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.database import Base


class PrivacyRequest(Base):
    """What a person asked for, who confirmed it and who carried it out."""

    __tablename__ = "privacy_request"
    __table_args__ = (Index("ix_privacy_request_state", "office_id", "state", "at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    office_id: Mapped[str]
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), index=True)
    conversation_id: Mapped[UUID]
    kind: Mapped[str]
    """export or erasure."""
    language: Mapped[str]
    channel: Mapped[str]
    state: Mapped[str] = mapped_column(default="asked")
    """asked, confirmed, done or declined."""
    at: Mapped[datetime]
    confirmed_by: Mapped[UUID | None]
    confirmed_name: Mapped[str | None]
    """The agent's name at the time."""
    confirmed_at: Mapped[datetime | None]
    done_by: Mapped[UUID | None]
    done_name: Mapped[str | None]
    done_at: Mapped[datetime | None]
    link_digest: Mapped[str | None] = mapped_column(unique=True)
    link_until: Mapped[datetime | None]
    link_used_at: Mapped[datetime | None]
