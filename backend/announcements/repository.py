"""Reads and writes announcements, and what became of them for each person."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy import ARRAY, ColumnElement, Uuid, and_, any_, delete, exists, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.announcements.models import Announcement, AnnouncementDelivery, AnnouncementPace
from backend.announcements.schemas import OPEN
from backend.core.database import Connection, Json

ROWS_OPEN = and_(AnnouncementDelivery.announcement_id == Announcement.id, AnnouncementDelivery.state.in_(OPEN))


async def one(
    session: AsyncSession, office_id: str, announcement_id: UUID, *, lock: bool = False
) -> Announcement | None:
    """An announcement of an office; locked until the transaction ends, when asked."""
    query = select(Announcement).where(Announcement.office_id == office_id, Announcement.id == announcement_id)
    found: Announcement | None = await session.scalar(query.with_for_update() if lock else query)
    return found


async def newest(session: AsyncSession, office_id: str, states: Sequence[str], limit: int) -> Sequence[Announcement]:
    """Announcements in some states, those changed last first."""
    query = select(Announcement).where(Announcement.office_id == office_id, Announcement.state.in_(states))
    return (await session.scalars(query.order_by(Announcement.changed_at.desc(), Announcement.id).limit(limit))).all()


async def counts(session: AsyncSession, ids: Sequence[UUID]) -> list[tuple[UUID, str, str | None, str | None, int]]:
    """(announcement, state, reason, channel, people)."""
    of = AnnouncementDelivery
    columns = of.announcement_id, of.state, of.reason, of.channel
    query = select(*columns, func.count()).where(of.announcement_id.in_(ids)).group_by(*columns)
    return [(row[0], row[1], row[2], row[3], row[4]) for row in await session.execute(query)]


async def add_people(session: AsyncSession, announcement_id: UUID, people: Sequence[UUID], now: datetime) -> None:
    """Write down who is to be told; who is there already stays as they are."""
    fixed = {"announcement_id": announcement_id, "state": "waiting", "due_at": now, "attempts": 0}
    everybody = func.unnest(literal(people, ARRAY(Uuid())))
    rows = select(*(literal(value) for value in fixed.values()), everybody)
    statement = insert(AnnouncementDelivery).from_select([*fixed, "contact_id"], rows)
    await session.execute(statement.on_conflict_do_nothing())


async def in_state(session: AsyncSession, office_id: str, state: str) -> Sequence[Announcement]:
    """All announcements in a state, locked, in the order of their ids."""
    query = select(Announcement).where(Announcement.office_id == office_id, Announcement.state == state)
    return (await session.scalars(query.order_by(Announcement.id).with_for_update())).all()


def _due(now: datetime) -> ColumnElement[bool]:
    return exists().where(ROWS_OPEN, AnnouncementDelivery.due_at <= now)


async def next_due(session: AsyncSession, office_id: str, now: datetime) -> Announcement | None:
    """The announcement that is sent first, emergencies before others: nobody withdraws it in this transaction."""
    query = select(Announcement).where(Announcement.office_id == office_id, Announcement.state == "sending", _due(now))
    ordered = query.order_by(Announcement.emergency.desc(), Announcement.released_at, Announcement.id).limit(1)
    found: Announcement | None = await session.scalar(ordered.with_for_update(read=True))
    return found


async def next_person(session: AsyncSession, announcement_id: UUID, now: datetime) -> AnnouncementDelivery | None:
    """Somebody who is to be told now and nobody else is telling, locked."""
    of = AnnouncementDelivery
    query = select(of).where(of.announcement_id == announcement_id, of.state.in_(OPEN), of.due_at <= now)
    query = query.order_by(of.due_at, of.id).limit(1).with_for_update(skip_locked=True)
    found: AnnouncementDelivery | None = await session.scalar(query)
    return found


async def skip_open(session: AsyncSession, announcement_id: UUID, reason: str, now: datetime) -> None:
    """Nobody who waits is told any more."""
    of = AnnouncementDelivery
    waiting = update(of).where(of.announcement_id == announcement_id, of.state.in_(OPEN))
    await session.execute(waiting.values(state="skipped", reason=reason, settled_at=now))


async def told(session: AsyncSession, announcement_id: UUID) -> list[tuple[UUID, int]]:
    """(conversation, number) of all messages that were written."""
    of = AnnouncementDelivery
    query = select(of.conversation_id, of.number).where(of.announcement_id == announcement_id, of.state == "sent")
    found = await session.execute(query)
    return [(row[0], row[1]) for row in found if row[0] is not None and row[1] is not None]


async def note_withdrawn(session: AsyncSession, announcement_id: UUID, conversation_ids: Sequence[UUID]) -> None:
    """These people's messages were taken back before they left."""
    of, ids = AnnouncementDelivery, literal(conversation_ids, ARRAY(Uuid()))
    mine = update(of).where(of.announcement_id == announcement_id, of.conversation_id == any_(ids))
    await session.execute(mine.values(state="skipped", reason="withdrawn"))


# A message's row is found by its person: announcements have an index of those, and none of conversations.
UNWANTED = """
    SELECT mine.announcement_id FROM announcement_delivery AS mine
    JOIN announcement AS told ON told.id = mine.announcement_id
    WHERE mine.contact_id = (SELECT contact_id FROM conversation WHERE id = %(conversation_id)s)
          AND mine.conversation_id = %(conversation_id)s AND mine.number = %(number)s
          AND (%(stopped)s OR mine.state <> 'sent' OR NOT EXISTS (
              SELECT FROM subscription AS wish
              WHERE wish.contact_id = mine.contact_id AND wish.topic = told.topic AND wish.ended_at IS NULL
                    AND (wish.area IS NULL OR told.areas = '[]' OR told.areas ? wish.area)
          ))
"""
TAKE_BACK = """
    UPDATE announcement_delivery SET state = 'skipped', reason = %(reason)s
    WHERE contact_id = (SELECT contact_id FROM conversation WHERE id = %(conversation_id)s)
          AND conversation_id = %(conversation_id)s AND number = %(number)s AND state = 'sent'
    RETURNING channel
"""
KEPT_FIGURES = "SELECT figures FROM announcement WHERE id = %(id)s FOR UPDATE"
KEEP_FIGURES = "UPDATE announcement SET figures = %(figures)s WHERE id = %(id)s"


async def unwanted(connection: Connection, conversation_id: UUID, number: int, *, stopped: bool) -> UUID | None:
    """The announcement of a message whose person wants it no more, or that was taken back; None while it is wanted."""
    values = {"conversation_id": conversation_id, "number": number, "stopped": stopped}
    row = await (await connection.execute(UNWANTED, values)).fetchone()
    return row[0] if row else None


async def take_back(connection: Connection, conversation_id: UUID, number: int, reason: str) -> str | None:
    """Note that a message was not sent; returns its channel, None when that was noted before."""
    values = {"conversation_id": conversation_id, "number": number, "reason": reason}
    row = await (await connection.execute(TAKE_BACK, values)).fetchone()
    return row[0] if row else None


async def kept_figures(connection: Connection, announcement_id: UUID) -> Json | None:
    """The figures kept at an announcement's end, theirs until the transaction ends."""
    row = await (await connection.execute(KEPT_FIGURES, {"id": announcement_id})).fetchone()
    return row[0] if row else None


async def keep_figures(connection: Connection, announcement_id: UUID, figures: Json) -> None:
    """Keep other figures."""
    await connection.execute(KEEP_FIGURES, {"id": announcement_id, "figures": Jsonb(figures)})


async def has_open(session: AsyncSession, announcement_id: UUID) -> bool:
    """Whether somebody is still to be told."""
    of = AnnouncementDelivery
    query = select(exists().where(of.announcement_id == announcement_id, of.state.in_(OPEN)))
    return bool(await session.scalar(query))


async def clock(session: AsyncSession) -> datetime:
    """The time as the job queue sees it: the database's."""
    now: datetime = (await session.scalars(select(func.now()))).one()
    return now


async def pace(session: AsyncSession, office_id: str, now: datetime) -> AnnouncementPace:
    """When the office may hand out the next batch, locked until the transaction ends."""
    first = insert(AnnouncementPace).values(office_id=office_id, next_at=now).on_conflict_do_nothing()
    await session.execute(first)
    query = select(AnnouncementPace).where(AnnouncementPace.office_id == office_id).with_for_update()
    return (await session.scalars(query.execution_options(populate_existing=True))).one()


async def work_left(session: AsyncSession, office_id: str, now: datetime) -> bool:
    """Whether something is to be done now: somebody is to be told, or an announcement to be opened or ended."""
    over = or_(Announcement.valid_until <= now, ~exists().where(ROWS_OPEN))
    sending = and_(Announcement.state == "sending", or_(_due(now), over))
    query = select(Announcement.id).where(
        Announcement.office_id == office_id, or_(Announcement.state == "released", sending)
    )
    return await session.scalar(query.limit(1)) is not None


async def forget(session: AsyncSession, contact_id: UUID) -> None:
    """Forget what somebody was told."""
    await session.execute(delete(AnnouncementDelivery).where(AnnouncementDelivery.contact_id == contact_id))


async def of_contact(session: AsyncSession, contact_id: UUID) -> list[tuple[Any, ...]]:
    """(topic, state, reason, channel, when) of all that somebody was to be told, oldest first."""
    of = AnnouncementDelivery
    columns = Announcement.topic, of.state, of.reason, of.channel, of.settled_at
    query = select(*columns).join(Announcement, Announcement.id == of.announcement_id)
    return [tuple(row) for row in await session.execute(query.where(of.contact_id == contact_id).order_by(of.id))]


async def forget_ended(session: AsyncSession, office_id: str, before: datetime) -> None:
    """Forget everybody who was to be told of what ended before a moment."""
    ended = select(Announcement.id).where(Announcement.office_id == office_id, Announcement.ended_at < before)
    await session.execute(delete(AnnouncementDelivery).where(AnnouncementDelivery.announcement_id.in_(ended)))
