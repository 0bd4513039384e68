"""Reads and writes tickets, their history and look-up tries."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.database import Json, utcnow
from backend.tickets.models import LookupTry, Ticket, TicketEvent, TicketLink


async def ticket_of_request(session: AsyncSession, request_key: str) -> Ticket | None:
    """The ticket one message filed, or None."""
    found: Ticket | None = await session.scalar(select(Ticket).where(Ticket.request_key == request_key))
    return found


async def insert_ticket(session: AsyncSession, values: dict[str, object]) -> Ticket | None:
    """Store a ticket; None when its reference or its request is taken."""
    statement = insert(Ticket).values(**values).on_conflict_do_nothing().returning(Ticket)
    created: Ticket | None = await session.scalar(statement)
    return created


async def add_event(
    session: AsyncSession, ticket_id: UUID, kind: str, *, actor: str, channel: str, content: Json
) -> int:
    """Write one line of a ticket's history; returns its id."""
    event = TicketEvent(ticket_id=ticket_id, at=utcnow(), actor=actor, channel=channel, kind=kind, content=content)
    session.add(event)
    await session.flush()
    return event.id


async def was_told(session: AsyncSession, ticket_id: UUID, event: int) -> bool:
    """Whether the citizen was told of a change already."""
    told = select(TicketEvent.id).where(
        TicketEvent.ticket_id == ticket_id,
        TicketEvent.kind == "told",
        TicketEvent.content["event"].as_integer() == event,
    )
    return await session.scalar(told.limit(1)) is not None


async def history(session: AsyncSession, ticket_id: UUID) -> Sequence[TicketEvent]:
    """A ticket's history, oldest first."""
    query = select(TicketEvent).where(TicketEvent.ticket_id == ticket_id).order_by(TicketEvent.id)
    return (await session.scalars(query)).all()


async def ticket_by_reference(session: AsyncSession, office_id: str, reference: str) -> Ticket | None:
    """The ticket with this reference, or None."""
    query = select(Ticket).where(Ticket.office_id == office_id, Ticket.reference == reference)
    found: Ticket | None = await session.scalar(query)
    return found


async def tickets_of(session: AsyncSession, contact_id: UUID, limit: int) -> Sequence[Ticket]:
    """A contact's newest tickets, those proved with the PIN among them."""
    linked = select(TicketLink.ticket_id).where(TicketLink.contact_id == contact_id)
    mine = or_(Ticket.contact_id == contact_id, Ticket.id.in_(linked))
    return (await session.scalars(select(Ticket).where(mine).order_by(Ticket.created_at.desc()).limit(limit))).all()


async def ticket(session: AsyncSession, ticket_id: UUID) -> Ticket:
    """A ticket by its id."""
    return await session.get_one(Ticket, ticket_id)


async def link(session: AsyncSession, ticket_id: UUID, contact_id: UUID) -> None:
    """Remember that a contact proved to be the person behind a ticket."""
    values = {"ticket_id": ticket_id, "contact_id": contact_id, "at": utcnow()}
    await session.execute(insert(TicketLink).values(**values).on_conflict_do_nothing())


async def linked_contacts(session: AsyncSession, ticket_id: UUID) -> Sequence[UUID]:
    """Contacts who proved to be the person behind a ticket."""
    return (await session.scalars(select(TicketLink.contact_id).where(TicketLink.ticket_id == ticket_id))).all()


async def add_try(session: AsyncSession, contact_id: UUID, reference: str) -> None:
    """Remember a failed try."""
    session.add(LookupTry(contact_id=contact_id, reference=reference, at=utcnow()))
    await session.flush()


async def count_tries(
    session: AsyncSession, since: datetime, *, contact_id: UUID | None = None, reference: str | None = None
) -> int:
    """Failed tries since a moment, of a contact or on a reference."""
    mine = LookupTry.contact_id == contact_id if contact_id else LookupTry.reference == reference
    return await session.scalar(select(func.count()).select_from(LookupTry).where(mine, LookupTry.at >= since)) or 0


async def purge_tries(session: AsyncSession, before: datetime) -> int:
    """Forget tries older than a moment; returns how many."""
    gone = await session.scalars(delete(LookupTry).where(LookupTry.at < before).returning(LookupTry.id))
    return len(gone.all())
