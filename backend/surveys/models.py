"""What people say once their ticket is closed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.database import Base


class Satisfaction(Base):
    """One closing of a ticket that somebody was asked about, and the answer if one came."""

    __tablename__ = "satisfaction"
    __table_args__ = (
        UniqueConstraint("ticket_id", "closing"),
        Index("ix_satisfaction_asked_at", "office_id", "asked_at"),
        Index("ix_satisfaction_conversation_id", "conversation_id", "asked_at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    office_id: Mapped[str]
    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"))
    closing: Mapped[int]
    """The event of the ticket's history that closed it: asked once for each."""
    unit: Mapped[str]
    """Who answered for the ticket when it was closed."""
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    channel: Mapped[str]
    language: Mapped[str]
    seq: Mapped[int]
    """The question's number in its conversation."""
    asked_at: Mapped[datetime]
    solved: Mapped[bool | None]
    score: Mapped[int | None]
    """1 (very dissatisfied) to 5 (very satisfied)."""
    words: Mapped[str | None]
    at: Mapped[datetime | None]
    """When it was answered last."""
