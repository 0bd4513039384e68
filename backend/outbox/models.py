"""What is to be sent over channels that do not fetch: one lane an address, its parts in order."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.database import Base, Json


class Lane(Base):
    """The parts on their way to one address; one worker at a time sends them, in order."""

    __tablename__ = "lane"
    __table_args__ = (Index("ix_lane_due_at", "bulk", "due_at", postgresql_where=text("due_at IS NOT NULL")),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    """The conversation's."""
    channel: Mapped[str]
    address: Mapped[str]
    version: Mapped[int] = mapped_column(default=0)
    """Grows with everything put in: who gives the lane back sees whether something came meanwhile."""
    bulk: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """Nothing but bulletins wait: they take the places others leave free."""
    due_at: Mapped[datetime | None]
    """Since when something waits; null when nothing does."""
    free_at: Mapped[datetime]
    """Not before: the pace of the channel, a provider's 429, the back-off after a failure."""
    fence: Mapped[int] = mapped_column(default=-1)
    """No word of the bot up to this number is sent any more: an agent took the chat over after it."""
    lease_token: Mapped[UUID | None]
    lease_until: Mapped[datetime | None]


class Delivery(Base):
    """One part of a message: one call of the provider."""

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("lane_id", "number", "position"),
        Index("ix_delivery_provider_id", "channel", "provider_id"),
        Index("ix_delivery_open", "lane_id", "id", postgresql_where=text("state IN ('queued', 'sending')")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    lane_id: Mapped[UUID] = mapped_column(ForeignKey("lane.id", ondelete="CASCADE"))
    number: Mapped[int]
    """The message's number in its conversation."""
    position: Mapped[int]
    channel: Mapped[str]
    part: Mapped[Json]
    kind: Mapped[str]
    """answer, notice, news, person or bulletin: whose word it is, and how long sending it makes sense."""
    state: Mapped[str] = mapped_column(default="queued")
    """queued, sending, sent, delivered, failed or withdrawn (an agent took the chat over before it left)."""
    attempts: Mapped[int] = mapped_column(default=0)
    unsure: Mapped[bool] = mapped_column(default=False)
    """It may have gone out twice: a process or a connection died between handing it over and noting it."""
    reason: Mapped[str | None]
    detail: Mapped[str | None]
    provider_id: Mapped[str | None]
    expires_at: Mapped[datetime]
    created_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]


class Pace(Base):
    """When a channel may send the next message; shared by all workers."""

    __tablename__ = "pace"

    channel: Mapped[str] = mapped_column(primary_key=True)
    next_at: Mapped[datetime]


class Report(Base):
    """A provider's word on a message that came before we had noted its id."""

    __tablename__ = "delivery_report"
    __table_args__ = (UniqueConstraint("channel", "provider_id", "state"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    channel: Mapped[str]
    provider_id: Mapped[str]
    state: Mapped[str]
    reason: Mapped[str | None]
    at: Mapped[datetime]
