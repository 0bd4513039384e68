"""Notices: what an agent is told of tickets, until they have read it.

Which tickets an agent may see is not known here: who shows notices asks the tickets, at the time of reading.
"""

from collections.abc import Collection, Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.database import utcnow
from backend.notices import repository
from backend.notices.models import Notice
from backend.notices.schemas import Telling

COUNTED = 100
"""Unread ones that are counted: more are said to be many."""
SHOWN = 200
KEEP_READ = timedelta(days=90)
KEEP = timedelta(days=366)


async def tell(session: AsyncSession, tellings: Collection[Telling]) -> None:
    """Tell people something of tickets, each once, and wake their consoles. Two statements, however many."""
    if tellings:
        await repository.add(session, list(tellings))
        await repository.wake(session, sorted({one.account_id for one in tellings}))


async def unread_tickets(session: AsyncSession, account_id: UUID) -> Sequence[UUID]:
    """The ticket of each of somebody's unread notices, the newest first, COUNTED at most."""
    return await repository.unread(session, account_id, COUNTED)


async def newest(session: AsyncSession, account_id: UUID) -> Sequence[Notice]:
    """Somebody's notices, unread ones first, SHOWN at most."""
    return await repository.newest(session, account_id, SHOWN)


async def read(
    session: AsyncSession, account_id: UUID, *, notice_id: int | None = None, ticket_id: UUID | None = None
) -> None:
    """Somebody has read one notice of theirs, those about a ticket, or (with neither) all."""
    if await repository.mark_read(session, account_id, notice_id=notice_id, ticket_id=ticket_id):
        await repository.wake(session, [account_id])


async def purge(session: AsyncSession) -> int:
    """Forget what was read long ago, and what nobody read in a year; returns how many."""
    now = utcnow()
    return await repository.purge(session, now - KEEP_READ, now - KEEP)
