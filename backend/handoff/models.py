"""What agents write for themselves: notes on a chat, drafts, ready sentences. No outbound path reads these tables."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.database import Base, Json


class Note(Base):
    """An agent's private note on a chat, or an act of the desk in it, with its place between the messages."""

    __tablename__ = "note"
    __table_args__ = (Index("ix_note_conversation_id", "conversation_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    after_seq: Mapped[int]
    """The chat's newest number when it was written."""
    at: Mapped[datetime]
    account_id: Mapped[UUID | None]
    actor: Mapped[str]
    """Their name then; empty for the assistant's own acts."""
    kind: Mapped[str]
    """note, or an act: taken, passed_on, to_unit, handed_back, returned, requeued, ticket."""
    text: Mapped[str]
    content: Mapped[Json]


class Draft(Base):
    """What an agent has begun to write and not sent."""

    __tablename__ = "draft"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), primary_key=True)
    text: Mapped[str]
    at: Mapped[datetime]


class CannedReply(Base):
    """A ready sentence, in as many languages as somebody wrote it in."""

    __tablename__ = "canned_reply"
    __table_args__ = (UniqueConstraint("office_id", "name"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    office_id: Mapped[str]
    unit: Mapped[str | None]
    """Null: for everybody."""
    name: Mapped[str]
    texts: Mapped[Json]
    """By language; {citizen}, {agent}, {office}, {phone} and {reference} are filled in."""
    changed_at: Mapped[datetime]
