"""Reads and writes the office table."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.database import utcnow
from backend.offices.models import OfficeRow
from backend.offices.schemas import Office


async def save_office(session: AsyncSession, office: Office) -> None:
    """Store an office, replacing what was loaded before."""
    values = {"content": office.model_dump(mode="json"), "loaded_at": utcnow()}
    statement = insert(OfficeRow).values(id=office.profile.id, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=["id"], set_=values))


async def fetch_office(session: AsyncSession, office_id: str) -> Office | None:
    """The loaded office, or None."""
    content = await session.scalar(select(OfficeRow.content).where(OfficeRow.id == office_id))
    return Office.model_validate(content) if content else None
