"""What was done at the desk, by whom."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.database import Base, Json


class AuditEntry(Base):
    """One act; entries are only ever added."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_object", "object_kind", "object_id"), Index("ix_audit_entry_at", "at"))

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    office_id: Mapped[str]
    at: Mapped[datetime]
    account_id: Mapped[UUID | None]
    """Null for the command line and for a sign-in of nobody known."""
    actor: Mapped[str]
    """Their name at that moment."""
    action: Mapped[str]
    """Such as `chat.claim`; a sentence `audit.<action>` says it to people."""
    object_kind: Mapped[str]
    object_id: Mapped[str]
    content: Mapped[Json]
    """What changed; no texts of citizens."""
