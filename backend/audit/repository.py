"""Reads and writes the audit log."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.audit.models import AuditEntry


async def add(session: AsyncSession, entry: AuditEntry) -> None:
    """Write one entry, in the transaction of what it tells."""
    session.add(entry)
    await session.flush()


async def page(
    session: AsyncSession, office_id: str, *, before: int | None, action: str, actor: str, limit: int
) -> Sequence[AuditEntry]:
    """The newest entries below an id; an action may be a beginning such as `chat.`."""
    query = select(AuditEntry).where(AuditEntry.office_id == office_id)
    if before is not None:
        query = query.where(AuditEntry.id < before)
    if action:
        query = query.where(AuditEntry.action.startswith(action, autoescape=True))
    if actor:
        query = query.where(AuditEntry.actor.icontains(actor, autoescape=True))
    return (await session.scalars(query.order_by(AuditEntry.id.desc()).limit(limit))).all()


async def of_object(session: AsyncSession, office_id: str, kind: str, object_id: str) -> Sequence[AuditEntry]:
    """What was done to one thing, oldest first."""
    query = select(AuditEntry).where(
        AuditEntry.office_id == office_id, AuditEntry.object_kind == kind, AuditEntry.object_id == object_id
    )
    return (await session.scalars(query.order_by(AuditEntry.id))).all()


async def is_told(session: AsyncSession, office_id: str, action: str, object_id: str, since: datetime) -> bool:
    """Whether an act on a thing was written down since a moment."""
    query = select(AuditEntry.id).where(
        AuditEntry.office_id == office_id,
        AuditEntry.at >= since,
        AuditEntry.action == action,
        AuditEntry.object_id == object_id,
    )
    return await session.scalar(query.limit(1)) is not None
