"""Reads and writes what people say of closed tickets."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.surveys.models import Satisfaction
from backend.surveys.schemas import Group

SATISFIED = Satisfaction.score >= 4
GROUPS: dict[Group, ColumnElement[bool]] = {
    "asked": Satisfaction.asked_at.is_not(None),
    "answered": Satisfaction.score.is_not(None),
    "satisfied": SATISFIED,
    "dissatisfied": Satisfaction.score < 4,
    "unsolved": Satisfaction.solved.is_(False),
}


async def add(session: AsyncSession, values: dict[str, Any]) -> int | None:
    """Note that somebody is asked; None when they were about this closing."""
    statement = insert(Satisfaction).values(**values).on_conflict_do_nothing().returning(Satisfaction.id)
    found: int | None = await session.scalar(statement)
    return found


async def note_number(session: AsyncSession, survey_id: int, seq: int) -> None:
    """Note the question's number in its conversation."""
    await session.execute(update(Satisfaction).where(Satisfaction.id == survey_id).values(seq=seq))


async def newest(session: AsyncSession, ticket_id: UUID) -> Satisfaction | None:
    """What was asked last about a ticket, locked until the transaction ends."""
    query = select(Satisfaction).where(Satisfaction.ticket_id == ticket_id).order_by(Satisfaction.id.desc())
    found: Satisfaction | None = await session.scalar(query.limit(1).with_for_update())
    return found


async def waiting(session: AsyncSession, conversation_id: UUID, since: datetime) -> Satisfaction | None:
    """The newest question of a conversation since a moment that has no answer."""
    query = select(Satisfaction).where(
        Satisfaction.conversation_id == conversation_id,
        Satisfaction.asked_at >= since,
        Satisfaction.solved.is_(None),
        Satisfaction.score.is_(None),
    )
    found: Satisfaction | None = await session.scalar(query.order_by(Satisfaction.id.desc()).limit(1))
    return found


def _within(office_id: str, since: datetime, until: datetime) -> ColumnElement[bool]:
    return and_(Satisfaction.office_id == office_id, Satisfaction.asked_at >= since, Satisfaction.asked_at < until)


async def counts(
    session: AsyncSession, office_id: str, since: datetime, until: datetime
) -> list[tuple[str, int, int, int, int]]:
    """(unit, asked, scored, 4 or 5, said not solved) of what was asked in a stretch of time, by unit."""
    columns = [func.count().filter(GROUPS[group]) for group in ("asked", "answered", "satisfied", "unsolved")]
    query = select(Satisfaction.unit, *columns).where(_within(office_id, since, until)).group_by(Satisfaction.unit)
    return [(row[0], row[1], row[2], row[3], row[4]) for row in await session.execute(query)]


async def rows(
    session: AsyncSession, office_id: str, since: datetime, until: datetime, unit: str, group: Group, limit: int
) -> Sequence[Satisfaction]:
    """The questions behind a number, the newest first; a unit that is empty means all."""
    query = select(Satisfaction).where(_within(office_id, since, until), GROUPS[group])
    if unit:
        query = query.where(Satisfaction.unit == unit)
    return (await session.scalars(query.order_by(Satisfaction.asked_at.desc(), Satisfaction.id).limit(limit))).all()


async def of_tickets(session: AsyncSession, ticket_ids: Sequence[UUID]) -> Sequence[Satisfaction]:
    """All that was asked about some tickets, oldest first."""
    query = select(Satisfaction).where(Satisfaction.ticket_id.in_(ticket_ids)).order_by(Satisfaction.id)
    return (await session.scalars(query)).all()


async def forget_words(session: AsyncSession, ticket_ids: Sequence[UUID]) -> None:
    """Keep the scores of some tickets without the words."""
    mine = update(Satisfaction).where(Satisfaction.ticket_id.in_(ticket_ids))
    await session.execute(mine.values(words=None))
