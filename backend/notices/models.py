"""What agents are told of their tickets."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.database import Base


class Notice(Base):
    """One thing one person is told of a ticket. Its words are made when it is read."""

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("account_id", "event", "kind"),
        Index(None, "account_id", "id"),
        Index("ix_notice_unread", "account_id", "ticket_id", postgresql_where=text("read_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str]
    """One of schemas.Kind."""
    event: Mapped[int]
    """The line of the ticket's history that it tells of: told once to each."""
    at: Mapped[datetime]
    read_at: Mapped[datetime | None]
