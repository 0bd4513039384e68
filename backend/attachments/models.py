"""The tables of photos and documents."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.database import Base


class Attachment(Base):
    """A photo or a PDF a contact sent, in the storage under its id."""

    __tablename__ = "attachment"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), index=True)
    ticket_id: Mapped[UUID | None] = mapped_column(index=True)
    width: Mapped[int]
    height: Mapped[int]
    """Both 0 for a PDF."""
    size_bytes: Mapped[int]
    media_type: Mapped[str] = mapped_column(server_default="image/jpeg")
    """Photos are encoded anew as JPEG; the other kind is application/pdf."""
    name: Mapped[str | None]
    """What a PDF was called."""
    pages: Mapped[int | None]
    created_at: Mapped[datetime]
    hidden_at: Mapped[datetime | None]
    """Since when nobody may see it, until a part of it is made unreadable."""


class Document(Base):
    """A file an agent added to a ticket, on disk under its id."""

    __tablename__ = "document"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    ticket_id: Mapped[UUID] = mapped_column(index=True)
    name: Mapped[str]
    media_type: Mapped[str]
    size_bytes: Mapped[int]
    added_by: Mapped[str]
    """The agent's name at the time."""
    created_at: Mapped[datetime]
    hidden_at: Mapped[datetime | None]
    """As of a photo."""
