"""Reads and writes the tries to see a ticket on the public pages, and forgets those of chats too."""

from datetime import datetime

from sqlalchemy import and_, case, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.database import utcnow
from backend.tickets.models import LookupTry


async def count_open_tries(
    session: AsyncSession, since: datetime, reference: str, address: str
) -> tuple[int, int, int]:
    """Failed tries on public pages since a moment: (on this reference from this address, from it at all, by all)."""
    here, named = LookupTry.address == address, LookupTry.reference == reference
    counts = [func.count().filter(which) for which in (and_(here, named), here, named)]
    failed = and_(LookupTry.contact_id.is_(None), ~LookupTry.proved, LookupTry.at >= since)
    row = (await session.execute(select(*counts).where(failed, or_(here, named)))).one()
    return row[0], row[1], row[2]


async def note_proof(session: AsyncSession, reference: str, address: str) -> None:
    """Remember that the PIN came from this address, in the place of when it last did."""
    mine = and_(LookupTry.reference == reference, LookupTry.address == address, LookupTry.proved)
    await session.execute(delete(LookupTry).where(mine))
    session.add(LookupTry(contact_id=None, reference=reference, address=address, proved=True, at=utcnow()))
    await session.flush()


async def has_proved(session: AsyncSession, since: datetime, reference: str, address: str) -> bool:
    """Whether the PIN came from this address since a moment."""
    mine = and_(LookupTry.reference == reference, LookupTry.address == address, LookupTry.proved)
    return await session.scalar(select(LookupTry.id).where(mine, LookupTry.at >= since).limit(1)) is not None


async def purge_tries(session: AsyncSession, failed_before: datetime, proved_before: datetime) -> int:
    """Forget failed tries and right ones older than a moment each; returns how many."""
    old = LookupTry.at < case((LookupTry.proved, proved_before), else_=failed_before)
    gone = await session.scalars(delete(LookupTry).where(old).returning(LookupTry.id))
    return len(gone.all())
