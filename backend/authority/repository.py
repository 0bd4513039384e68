"""Reads and writes the table of who acts for whom."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.authority.models import Authority


async def add(session: AsyncSession, authority: Authority) -> None:
    """Store a claim."""
    session.add(authority)
    await session.flush()


async def of_ticket(session: AsyncSession, ticket_id: UUID, *, lock: bool = False) -> Authority | None:
    """Who the author of a ticket acts for; locked until the transaction ends when asked."""
    query = select(Authority).where(Authority.ticket_id == ticket_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found: Authority | None = await session.scalar(query)
    return found


async def not_accepted(session: AsyncSession, ticket_ids: Collection[UUID]) -> Sequence[UUID]:
    """Those of some tickets whose authority nobody has accepted."""
    query = select(Authority.ticket_id).where(Authority.ticket_id.in_(ticket_ids), Authority.state != "accepted")
    return (await session.scalars(query)).all()


async def forget(session: AsyncSession, ticket_id: UUID, gone: str) -> None:
    """Put a sign in the place of a represented person's name, and drop the reason."""
    mine = update(Authority).where(Authority.ticket_id == ticket_id)
    await session.execute(mine.values(name=gone, reason=None))
