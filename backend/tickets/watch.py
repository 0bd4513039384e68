"""The statements behind reminders: each reads or writes many tickets at once, so that the hourly job costs little."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import String, column, func, insert, select, values
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.database import Json, utcnow
from backend.tickets.models import Ticket, TicketEvent
from backend.tickets.repository import DESK_CHANNEL


async def reached(session: AsyncSession, office_id: str, now: datetime, limit: int) -> Sequence[Ticket]:
    """Open tickets whose next step is reached, the longest overdue first, locked; none that another process has."""
    query = select(Ticket).where(
        Ticket.office_id == office_id, Ticket.state != "closed", Ticket.next_reminder_at <= now
    )
    order = query.order_by(Ticket.next_reminder_at, Ticket.id).limit(limit)
    locked = order.with_for_update(skip_locked=True).execution_options(populate_existing=True)
    return (await session.scalars(locked)).all()


async def events(
    session: AsyncSession, tickets: Collection[UUID], kinds: Collection[str]
) -> Mapping[UUID, list[TicketEvent]]:
    """The lines of some kinds in the histories of some tickets, oldest first."""
    found: dict[UUID, list[TicketEvent]] = {one: [] for one in tickets}
    query = select(TicketEvent).where(TicketEvent.ticket_id.in_(tickets), TicketEvent.kind.in_(kinds))
    for event in await session.scalars(query.order_by(TicketEvent.id)):
        found[event.ticket_id].append(event)
    return found


async def last_moved(session: AsyncSession, tickets: Collection[UUID]) -> Mapping[UUID, datetime]:
    """When somebody of the office last did something to each of some tickets; the citizen's words move nothing."""
    query = select(TicketEvent.ticket_id, func.max(TicketEvent.at)).where(
        TicketEvent.ticket_id.in_(tickets), TicketEvent.actor.not_in(("citizen", "system"))
    )
    return {row[0]: row[1] for row in await session.execute(query.group_by(TicketEvent.ticket_id))}


async def add_events(session: AsyncSession, lines: Sequence[tuple[UUID, str, Json]]) -> Sequence[int]:
    """Write (ticket, kind, content) into histories and wake open consoles; returns the events' ids in that order."""
    if not lines:
        return []
    of_system = {"actor": "system", "channel": "office", "at": utcnow()}
    rows = [{**of_system, "ticket_id": one, "kind": kind, "content": content} for one, kind, content in lines]
    statement = insert(TicketEvent).returning(TicketEvent.id, sort_by_parameter_order=True)
    ids = (await session.scalars(statement, rows)).all()
    woken = values(column("payload", String), name="woken").data([(f"ticket:{one}",) for one, _, _ in lines])
    await session.execute(select(func.pg_notify(DESK_CHANNEL, woken.c.payload)))
    return ids


async def due_while_away(session: AsyncSession, account_id: UUID, begins: datetime, ends: datetime) -> Sequence[Ticket]:
    """Open tickets of somebody that are due between two moments."""
    query = select(Ticket).where(
        Ticket.assignee_id == account_id, Ticket.state != "closed", Ticket.due_at >= begins, Ticket.due_at < ends
    )
    return (await session.scalars(query.order_by(Ticket.due_at, Ticket.id))).all()
