"""Reads and writes notices."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import String, column, delete, func, select, update, values
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.database import utcnow
from backend.notices.models import Notice
from backend.notices.schemas import Telling

DESK_CHANNEL = "komshu_desk"
"""Wakes open consoles; the payload says what changed."""


async def add(session: AsyncSession, tellings: Sequence[Telling]) -> None:
    """Store what is new among these, in one statement."""
    at = utcnow()
    rows = [
        {"account_id": one.account_id, "ticket_id": one.ticket_id, "kind": one.kind, "event": one.event, "at": at}
        for one in tellings
    ]
    await session.execute(insert(Notice).values(rows).on_conflict_do_nothing())


async def wake(session: AsyncSession, accounts: Iterable[UUID]) -> None:
    """Let the open consoles of some people fetch their notices anew."""
    payloads = values(column("payload", String), name="woken").data([(f"notices:{one}",) for one in accounts])
    await session.execute(select(func.pg_notify(DESK_CHANNEL, payloads.c.payload)))


async def unread(session: AsyncSession, account_id: UUID, limit: int) -> Sequence[UUID]:
    """The ticket of each of somebody's newest unread notices."""
    query = select(Notice.ticket_id).where(Notice.account_id == account_id, Notice.read_at.is_(None))
    return (await session.scalars(query.order_by(Notice.id.desc()).limit(limit))).all()


async def newest(session: AsyncSession, account_id: UUID, limit: int) -> Sequence[Notice]:
    """Somebody's notices, unread ones first, the newest first."""
    query = select(Notice).where(Notice.account_id == account_id)
    return (await session.scalars(query.order_by(Notice.read_at.is_not(None), Notice.id.desc()).limit(limit))).all()


async def mark_read(
    session: AsyncSession, account_id: UUID, *, notice_id: int | None = None, ticket_id: UUID | None = None
) -> int:
    """Note that somebody read one notice, those about a ticket, or all; returns how many were unread."""
    mine = update(Notice).where(Notice.account_id == account_id, Notice.read_at.is_(None)).values(read_at=utcnow())
    if notice_id is not None:
        mine = mine.where(Notice.id == notice_id)
    if ticket_id is not None:
        mine = mine.where(Notice.ticket_id == ticket_id)
    return len((await session.scalars(mine.returning(Notice.id))).all())


async def purge(session: AsyncSession, read_before: datetime, told_before: datetime) -> int:
    """Delete notices that were read, or told, before a moment; returns how many."""
    old = delete(Notice).where((Notice.read_at < read_before) | (Notice.at < told_before))
    return len((await session.scalars(old.returning(Notice.id))).all())
