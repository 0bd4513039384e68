"""What was made unreadable: by whom, why and where. Never what it said."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.database import Base


class Redaction(Base):
    """One act. A restored backup that is older is brought to the same state with it."""

    __tablename__ = "redaction"
    __table_args__ = (Index("ix_redaction_due", "at", postgresql_where=text("done_at IS NULL")),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    office_id: Mapped[str]
    at: Mapped[datetime]
    account_id: Mapped[UUID]
    actor: Mapped[str]
    """Their name at that moment."""
    reason: Mapped[str]
    """One of schemas.REASONS."""
    object_kind: Mapped[str]
    """chat or ticket: where it was begun."""
    object_id: Mapped[UUID]
    spots: Mapped[list[Any]]
    """Words: place, start, length and the size of the text then, in characters. Files: kind, id and areas in pixels."""
    done_at: Mapped[datetime | None]
    """Null while the file of a picture or document is still to be changed."""
