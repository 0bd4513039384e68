"""Reads and writes the list of redactions, and what the bot remembers of conversations."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from backend.redaction.models import Redaction

# The bot keeps its trackers in a table of its own, which no feature of the backend owns.
TRACKERS = text("SELECT conversation_id, events FROM bot_session WHERE conversation_id = ANY(:ids) FOR UPDATE")
REMEMBER = text("UPDATE bot_session SET events = :events WHERE conversation_id = :id").bindparams(
    bindparam("events", type_=JSONB)
)


async def add(session: AsyncSession, redaction: Redaction) -> None:
    """Store a redaction."""
    session.add(redaction)
    await session.flush()


async def fetch(session: AsyncSession, redaction_id: UUID) -> Redaction | None:
    """A redaction by id, as it is now."""
    return await session.get(Redaction, redaction_id, populate_existing=True)


async def of_file(session: AsyncSession, file: str) -> Sequence[Redaction]:
    """All redactions of one file (`kind/id`), oldest first."""
    query = select(Redaction).where(Redaction.spots.contains([{"file": file}])).order_by(Redaction.at, Redaction.id)
    return (await session.scalars(query.execution_options(populate_existing=True))).all()


async def due(session: AsyncSession, before: datetime) -> Sequence[UUID]:
    """Redactions of files that were begun before a moment and are not done."""
    query = select(Redaction.id).where(Redaction.done_at.is_(None), Redaction.at < before)
    return (await session.scalars(query.order_by(Redaction.at))).all()


async def everything(session: AsyncSession) -> Sequence[Redaction]:
    """The whole list, oldest first."""
    return (await session.scalars(select(Redaction).order_by(Redaction.at, Redaction.id))).all()


async def trackers(session: AsyncSession, conversation_ids: Collection[UUID]) -> list[tuple[str, list[Any]]]:
    """What the bot remembers of some conversations, locked until the transaction ends."""
    rows = await session.execute(TRACKERS, {"ids": [str(one) for one in conversation_ids]})
    return [(row[0], row[1]) for row in rows]


async def remember(session: AsyncSession, conversation_id: str, events: list[Any]) -> None:
    """What the bot shall remember of a conversation."""
    await session.execute(REMEMBER, {"id": conversation_id, "events": events})
