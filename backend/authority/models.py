"""The table of who acts for whom."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.database import Base


class Authority(Base):
    """A ticket's author says that they act for somebody else; the paper that shows it, and what became of it."""

    __tablename__ = "authority"

    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str]
    """Who is represented; personal data."""
    relation: Mapped[str]
    """One of schemas.Relation."""
    state: Mapped[str]
    """One of schemas.State."""
    attachment_id: Mapped[UUID | None] = mapped_column(ForeignKey("attachment.id", ondelete="SET NULL"), index=True)
    """The paper, when the author sent it: a photo or a PDF."""
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.id", ondelete="SET NULL"), index=True)
    """The paper, when an agent added it."""
    reason: Mapped[str | None]
    """Why it was refused, as the author was told."""
    claimed_at: Mapped[datetime]
    shown_at: Mapped[datetime | None]
    checked_by: Mapped[str | None]
    """The agent's name at the time; the account stands in the ticket's history."""
    checked_at: Mapped[datetime | None]
