"""Reads and writes subscriptions."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.database import utcnow
from backend.subscriptions.models import Subscription

ACTIVE = Subscription.ended_at.is_(None)


async def audience(session: AsyncSession, office_id: str, topic: str, areas: Collection[str]) -> list[UUID]:
    """Contacts with an active subscription to a topic, everywhere or in one of these areas; without areas, all."""
    query = select(Subscription.contact_id).where(Subscription.office_id == office_id, Subscription.topic == topic)
    if areas:
        query = query.where(or_(Subscription.area.is_(None), Subscription.area.in_(areas)))
    found = await session.scalars(query.where(ACTIVE).distinct().order_by(Subscription.contact_id))
    return list(found.all())


async def counts(session: AsyncSession, office_id: str) -> list[tuple[str, str | None, int]]:
    """(topic, area or None for everywhere, people) of what is active."""
    columns = Subscription.topic, Subscription.area
    query = select(*columns, func.count()).where(Subscription.office_id == office_id, ACTIVE).group_by(*columns)
    rows = await session.execute(query.order_by(Subscription.topic, Subscription.area.nulls_first()))
    return [(row[0], row[1], row[2]) for row in rows]


async def add(session: AsyncSession, values: dict[str, Any]) -> UUID | None:
    """Store a subscription; None when there is the same one already."""
    statement = insert(Subscription).values(**values).on_conflict_do_nothing().returning(Subscription.id)
    found: UUID | None = await session.scalar(statement)
    return found


async def active(session: AsyncSession, contact_id: UUID) -> Sequence[Subscription]:
    """What a contact is subscribed to, oldest first."""
    query = select(Subscription).where(Subscription.contact_id == contact_id, ACTIVE)
    return (await session.scalars(query.order_by(Subscription.asked_at, Subscription.id))).all()


async def all_of(session: AsyncSession, contact_id: UUID) -> Sequence[Subscription]:
    """All subscriptions a contact ever had, oldest first."""
    query = select(Subscription).where(Subscription.contact_id == contact_id)
    return (await session.scalars(query.order_by(Subscription.asked_at, Subscription.id))).all()


def of_area(topic: str, area: str | None) -> ColumnElement[bool]:
    """The subscription to one topic and area, None for everywhere."""
    here = Subscription.area.is_(None) if area is None else Subscription.area == area
    return and_(Subscription.topic == topic, here)


def districts_of(topic: str) -> ColumnElement[bool]:
    """The subscriptions to a topic in single districts."""
    return and_(Subscription.topic == topic, Subscription.area.is_not(None))


async def end(session: AsyncSession, contact_id: UUID, how: str, *which: ColumnElement[bool]) -> list[UUID]:
    """End a contact's active subscriptions, all or some; returns their ids."""
    mine = update(Subscription).where(Subscription.contact_id == contact_id, ACTIVE, *which)
    ended = await session.scalars(mine.values(ended_at=utcnow(), ended_how=how).returning(Subscription.id))
    return list(ended.all())


def with_id(subscription_id: UUID) -> ColumnElement[bool]:
    """The subscription with an id."""
    return Subscription.id == subscription_id


def _over(office_id: str, before: datetime) -> ColumnElement[bool]:
    return and_(Subscription.office_id == office_id, Subscription.ended_at < before)


async def count_ended(session: AsyncSession, office_id: str, before: datetime) -> int:
    """How many subscriptions ended before a moment."""
    return await session.scalar(select(func.count()).where(_over(office_id, before))) or 0


async def delete_ended(session: AsyncSession, office_id: str, before: datetime) -> None:
    """Delete subscriptions that ended before a moment."""
    await session.execute(delete(Subscription).where(_over(office_id, before)))


async def delete_all(session: AsyncSession, contact_id: UUID) -> None:
    """Delete all subscriptions of a contact, ended ones too."""
    await session.execute(delete(Subscription).where(Subscription.contact_id == contact_id))
