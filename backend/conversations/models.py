"""Conversations, their messages, and what people thought of answers."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.database import Base, Json


class Conversation(Base):
    """All that one contact and the office say to each other on one channel."""

    __tablename__ = "conversation"
    __table_args__ = (
        UniqueConstraint("contact_id", "channel"),
        Index("ix_conversation_due_at", "due_at", postgresql_where=text("due_at IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    office_id: Mapped[str]
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    channel: Mapped[str]
    address: Mapped[str] = mapped_column(default="")
    """Where the channel sends answers to; empty on the web, where people fetch them."""
    language: Mapped[str]
    """The language of the last turn; at first the page's."""
    language_choice: Mapped[str | None]
    """The language the citizen chose, which no detection overrides."""
    holder: Mapped[str] = mapped_column(default="bot")
    """Who answers: bot, queue (bot, a person was asked for) or agent (the bot is silent)."""
    queued_at: Mapped[datetime | None]
    last_seq: Mapped[int] = mapped_column(default=0)
    """Number of the newest message; taken under this row's lock, so numbers commit in order."""
    due_at: Mapped[datetime | None]
    """When a worker has something to do here; null when nothing waits."""
    lease_token: Mapped[UUID | None]
    lease_until: Mapped[datetime | None]
    heard_at: Mapped[datetime | None]
    """When the citizen last wrote."""
    noticed_at: Mapped[datetime | None]
    """When the citizen was told that an answer takes longer; null again when all that waited is answered."""
    created_at: Mapped[datetime]


class Message(Base):
    """One message, in or out, in the order of its conversation."""

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("conversation_id", "seq"),
        UniqueConstraint("channel", "external_id"),
        Index("ix_message_waiting", "conversation_id", "seq", postgresql_where=text("state = 'received'")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    seq: Mapped[int]
    author: Mapped[str]
    channel: Mapped[str]
    external_id: Mapped[str | None]
    content: Mapped[Json]
    language: Mapped[str | None]
    state: Mapped[str]
    """Inbound: received, answered, failed, muted. Outbound: sent, or queued when the outbox knows how far it is."""
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None]
    due_at: Mapped[datetime | None]
    reply_to: Mapped[int | None]
    created_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]


class Usefulness(Base):
    """A citizen's answer to "was this useful?" under one message."""

    __tablename__ = "usefulness"

    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    topic: Mapped[str] = mapped_column(index=True)
    language: Mapped[str]
    useful: Mapped[bool]
    at: Mapped[datetime]
