"""The tables of articles, of all they ever said, and of questions that found none."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.database import Base


class Article(Base):
    """An office's answer to a question topic in one language: what the assistant says now."""

    __tablename__ = "article"
    __table_args__ = (Index("ix_article_words", "words", postgresql_using="gin"),)

    office_id: Mapped[str] = mapped_column(primary_key=True)
    topic: Mapped[str] = mapped_column(primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    body: Mapped[str]
    """As plain text, the way every channel carries it."""
    link: Mapped[str | None]
    owner: Mapped[str]
    expires: Mapped[date]
    words: Mapped[str] = mapped_column(TSVECTOR)
    """Folded words of title and body, for search."""


class ArticleVersion(Base):
    """One version of an article. Versions are only ever added; a draft's state changes when it is decided on."""

    __tablename__ = "article_version"
    __table_args__ = (UniqueConstraint("office_id", "topic", "language", "number"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    office_id: Mapped[str]
    topic: Mapped[str]
    language: Mapped[str]
    number: Mapped[int]
    """Counted from 1 for each article."""
    state: Mapped[str]
    """published, withdrawn, draft, offered (by the file, while the desk's text stays); of drafts decided on:
    superseded (something was published after it) or dropped."""
    origin: Mapped[str]
    """file or desk: whose text it is."""
    title: Mapped[str]
    body: Mapped[str]
    """Markdown."""
    link: Mapped[str | None]
    owner: Mapped[str]
    expires: Mapped[date]
    sample: Mapped[bool]
    """The office has not yet checked the text."""
    digest: Mapped[str | None]
    """Of the file's content; set for versions that tell what the file held, empty when the file was gone."""
    restores: Mapped[int | None]
    """The number of the earlier version it goes back to."""
    account_id: Mapped[UUID | None]
    actor: Mapped[str]
    """Their name at that moment; empty for a file."""
    at: Mapped[datetime]


class Unanswered(Base):
    """A question that no article answered. It is forgotten after a while."""

    __tablename__ = "unanswered"
    __table_args__ = (Index("ix_unanswered_folded", "office_id", "folded"), Index("ix_unanswered_at", "at"))

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    office_id: Mapped[str]
    message_id: Mapped[str | None] = mapped_column(unique=True)
    """The message that asked: a repeated turn counts once."""
    conversation_id: Mapped[UUID | None] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), index=True)
    words: Mapped[str]
    """As written, without numbers and addresses; empty for a pressed button."""
    folded: Mapped[str]
    language: Mapped[str]
    label: Mapped[str]
    """What the model took it for, such as `faq/marriage`; empty when it said nothing."""
    confidence: Mapped[float | None]
    """From 0 to 1."""
    offered: Mapped[int]
    """How many near articles were offered instead."""
    at: Mapped[datetime]
    dismissed_at: Mapped[datetime | None]
