"""Who wants announcements of what, where, and how they said so."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.database import Base


class Subscription(Base):
    """One wish for announcements of a topic, in one district or everywhere; it stays as a record once it ended."""

    __tablename__ = "subscription"
    __table_args__ = (
        Index(
            "uq_subscription_active",
            "contact_id",
            "topic",
            "area",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_subscription_topic", "office_id", "topic", "area", postgresql_where=text("ended_at IS NULL")),
        Index("ix_subscription_contact_id", "contact_id", "asked_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    office_id: Mapped[str]
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    topic: Mapped[str]
    """The id of a topic of the office's announcements.yml."""
    area: Mapped[str | None]
    """A district's name in the gazetteer; null means everywhere."""
    channel: Mapped[str]
    """Where the person said yes."""
    language: Mapped[str]
    """The language of the sentence they said yes to."""
    sentence: Mapped[str]
    """The version of that sentence: a digest of its words."""
    asked_at: Mapped[datetime]
    """When they said yes."""
    ended_at: Mapped[datetime | None]
    ended_how: Mapped[str | None]
    """person (in the dialogue), phrase (the way out of an announcement), agent, or replaced (now everywhere)."""
