"""Conversations, their messages, and what people thought of answers."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.database import Base, Json


class Conversation(Base):
    """All that one contact and the office say to each other on one channel."""

    __tablename__ = "conversation"
    __table_args__ = (
        UniqueConstraint("contact_id", "channel"),
        Index("ix_conversation_due_at", "due_at", postgresql_where=text("due_at IS NOT NULL")),
        Index("ix_conversation_held", "office_id", "holder", "waiting_since", postgresql_where=text("holder <> 'bot'")),
        Index("ix_conversation_heard_at", "office_id", "heard_at"),
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
    unit: Mapped[str | None]
    """The unit whose agents are to answer; null means the whole desk."""
    agent_id: Mapped[UUID | None]
    """The account or API token that holds the chat; null unless holder is agent."""
    held_at: Mapped[datetime | None]
    waiting_since: Mapped[datetime | None]
    """Since when the citizen waits for a person's word; null when a person spoke last, or none is wanted."""
    promised_at: Mapped[datetime | None]
    """By when a person was promised."""
    spoken_at: Mapped[datetime | None]
    """When a person last wrote to the citizen."""
    callback: Mapped[bool] = mapped_column(default=False)
    """The citizen wants to be called rather than written to."""
    person_seq: Mapped[int] = mapped_column(default=0)
    """Messages up to this number were a person's to answer: the bot answers none of them late."""
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
    account_id: Mapped[UUID | None]
    """The agent who wrote it."""
    created_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]


class MessageWords(Base):
    """The folded words of a message, for the desk's search; written a moment after the message."""

    __tablename__ = "message_words"
    __table_args__ = (Index("ix_message_words_words", "words", postgresql_using="gin"),)

    message_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("message.id", ondelete="CASCADE"), primary_key=True)
    conversation_id: Mapped[UUID]
    words: Mapped[str] = mapped_column(TSVECTOR)


class Usefulness(Base):
    """A citizen's answer to "was this useful?" under one message."""

    __tablename__ = "usefulness"

    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    topic: Mapped[str] = mapped_column(index=True)
    language: Mapped[str]
    useful: Mapped[bool]
    at: Mapped[datetime]
