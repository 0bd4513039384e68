"""The tables of photos and documents."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.database import Base


class Attachment(Base):
    """A photo a contact sent, re-encoded, on disk under its id."""

    __tablename__ = "attachment"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), index=True)
    ticket_id: Mapped[UUID | None] = mapped_column(index=True)
    width: Mapped[int]
    height: Mapped[int]
    size_bytes: Mapped[int]
    created_at: Mapped[datetime]


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
