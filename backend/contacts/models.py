"""People and the names channels know them by."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.database import Base


class Contact(Base):
    """A person who writes to the office."""

    __tablename__ = "contact"
    __table_args__ = (Index("ix_contact_words", "words", postgresql_using="gin"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    office_id: Mapped[str]
    name: Mapped[str | None]
    """What the channel calls them; shown to agents only."""
    phone: Mapped[str | None] = mapped_column(index=True)
    """E.164; given by the channel or shared by the person."""
    time_zone: Mapped[str | None]
    """An IANA name, from the number's country when it has one zone; null means the office's."""
    created_at: Mapped[datetime]
    words: Mapped[str] = mapped_column(TSVECTOR, server_default="", deferred=True)
    """Folded words of the name, for search."""


class Identity(Base):
    """How one channel knows a contact. On the web: the digest of the visitor's session token."""

    __tablename__ = "identity"
    __table_args__ = (UniqueConstraint("channel", "external_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), index=True)
    channel: Mapped[str]
    external_id: Mapped[str]
    stopped_at: Mapped[datetime | None]
    """Since when this person wants no messages they did not ask for."""
    created_at: Mapped[datetime]


class PrivacyNotice(Base):
    """The privacy line a person was shown before their first word: which one, and when."""

    __tablename__ = "privacy_notice"

    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), primary_key=True)
    at: Mapped[datetime]
    version: Mapped[str]
    """A digest of the line and its link."""
    channel: Mapped[str]
    language: Mapped[str]
