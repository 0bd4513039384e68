"""Tokens of the API, answers kept for repeated requests, webhook endpoints and what is delivered to them."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.database import Base, Json

WAITING = text("state = 'waiting'")


class ApiToken(Base):
    """What a program proves itself with. It acts at the desk under its own name and id."""

    __tablename__ = "api_token"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    office_id: Mapped[str]
    digest: Mapped[str] = mapped_column(unique=True)
    """Of the token, which is shown once and never stored."""
    name: Mapped[str]
    scopes: Mapped[list[Any]]
    units: Mapped[list[Any]]
    """Empty means the whole office, restricted matters excepted."""
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class ApiAnswer(Base):
    """What a write with an Idempotency-Key was answered with."""

    __tablename__ = "api_answer"
    __table_args__ = (Index("ix_api_answer_at", "at"),)

    token_id: Mapped[UUID] = mapped_column(ForeignKey("api_token.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    """The digest of what the program sent as its key."""
    request: Mapped[str]
    """The digest of method, address and body."""
    status: Mapped[int]
    headers: Mapped[Json]
    body: Mapped[str]
    """Sealed: it may hold a PIN."""
    at: Mapped[datetime]


class WebhookEndpoint(Base):
    """An address of another system that wants to know what happens."""

    __tablename__ = "webhook_endpoint"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    office_id: Mapped[str]
    name: Mapped[str]
    url: Mapped[str]
    events: Mapped[list[Any]]
    units: Mapped[list[Any]]
    """Empty means the whole office, restricted matters excepted."""
    secret: Mapped[str]
    """Sealed."""
    old_secret: Mapped[str | None]
    """Sealed; signs as well until old_until."""
    old_until: Mapped[datetime | None]
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    succeeded_at: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    disabled_reason: Mapped[str | None]
    """by_hand, failing (nothing arrived for three days) or gone (the receiver said so)."""
    lease_token: Mapped[UUID | None]
    lease_until: Mapped[datetime | None]
    """One delivery at a time is sent to an endpoint; a killed worker's lease runs out."""


class WebhookDelivery(Base):
    """One happening on its way to one endpoint."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        Index("ix_webhook_delivery_waiting", "endpoint_id", "subject", "number", postgresql_where=WAITING),
        Index("ix_webhook_delivery_endpoint", "endpoint_id", "number"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    number: Mapped[int] = mapped_column(BigInteger, Identity())
    """Gives the order of what happened to one subject: whoever acts on it holds its lock."""
    endpoint_id: Mapped[UUID] = mapped_column(ForeignKey("webhook_endpoint.id", ondelete="CASCADE"))
    event: Mapped[str]
    subject: Mapped[str]
    data: Mapped[Json]
    state: Mapped[str]
    attempts: Mapped[int]
    created_at: Mapped[datetime]
    begun_at: Mapped[datetime]
    """From when the time counts after which it is given up; begins anew when somebody sends it again."""
    due_at: Mapped[datetime]
    tried_at: Mapped[datetime | None]
    status: Mapped[int | None]
    reason: Mapped[str | None]
