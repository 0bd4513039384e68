"""The table of articles."""

from datetime import date

from sqlalchemy import Index
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.database import Base


class Article(Base):
    """An office's answer to a question topic in one language."""

    __tablename__ = "article"
    __table_args__ = (Index("ix_article_words", "words", postgresql_using="gin"),)

    office_id: Mapped[str] = mapped_column(primary_key=True)
    topic: Mapped[str] = mapped_column(primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    body: Mapped[str]
    link: Mapped[str | None]
    owner: Mapped[str]
    expires: Mapped[date]
    words: Mapped[str] = mapped_column(TSVECTOR)
    """Folded words of title and body, for search."""
