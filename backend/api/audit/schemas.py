"""The audit log as other systems see it."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from backend.audit.models import AuditEntry


class AuditLine(BaseModel):
    """One act. What exactly changed stands where it was changed."""

    id: int
    at: datetime
    actor: str = Field(description="Their name at that moment.")
    account_id: UUID | None = Field(description="An account or a token; null for the command line and the system.")
    action: str = Field(examples=["ticket.closed"])
    object_kind: str = Field(examples=["ticket"])
    object_id: str

    @classmethod
    def of(cls, entry: AuditEntry) -> "AuditLine":
        """An entry of the log."""
        return cls(**{name: getattr(entry, name) for name in cls.model_fields})


class AuditPage(BaseModel):
    """Some acts, the newest first; `next` is the cursor of the next page. A page may hold less than it looked at."""

    items: list[AuditLine]
    next: int | None = None
