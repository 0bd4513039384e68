"""Visits both parties of a dispute are called to: planned without clashes, moved, cancelled.

Every act raises NotAllowedError when the role may not work on tickets, and TicketNotFoundError when the agent may not
see the ticket.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from backend.accounts.schemas import Agent
from backend.core.database import utcnow
from backend.offices.hours import spoken_time
from backend.offices.schemas import as_said
from backend.offices.service import Office
from backend.tickets import repository
from backend.tickets.desk import said, write
from backend.tickets.errors import AppointmentClashError, AppointmentTimeError, VisitFinishedError, VisitNotFoundError
from backend.tickets.models import Ticket, Visit
from backend.tickets.schemas import NewAppointment

LONGEST = timedelta(hours=12)
"""No appointment takes longer: how far back one that still runs can have begun."""
SHOWN = 200


async def plan(
    session: AsyncSession, office: Office, agent: Agent, ticket: Ticket, step: str, new: NewAppointment
) -> Visit:
    """Call the parties to a step. Raises AppointmentTimeError or AppointmentClashError."""
    visit = Visit(ticket_id=ticket.id, step=step, version=0, **new.model_dump())
    await _fits(session, office, agent, visit)
    visit.place = visit.place or (None if visit.phone else ticket.place)
    await repository.add_visit(session, visit)
    await write(session, agent, ticket, "appointment", visit_id=visit.id, step=step, at=new.at.isoformat(), who=new.who)
    return visit


async def move(
    session: AsyncSession, office: Office, agent: Agent, ticket: Ticket, visit_id: int, new: NewAppointment
) -> Visit:
    """Another time, place or leader. Raises VisitNotFoundError, VisitFinishedError or as `plan` does."""
    visit = await _open(session, ticket, visit_id)
    before = visit.at
    for name, value in new.model_dump().items():
        setattr(visit, name, value)
    await _fits(session, office, agent, visit)
    visit.version += 1
    times = [before.isoformat(), new.at.isoformat()]
    await write(session, agent, ticket, "appointment_moved", visit_id=visit.id, step=visit.step, times=times)
    return visit


async def cancel(session: AsyncSession, agent: Agent, ticket: Ticket, visit_id: int, reason: str) -> Visit:
    """It does not take place. Raises VisitNotFoundError, VisitFinishedError or ReasonMissingError."""
    visit = await _open(session, ticket, visit_id)
    why = said(reason)
    visit.cancelled_at, visit.version = utcnow(), visit.version + 1
    await write(session, agent, ticket, "appointment_cancelled", visit_id=visit.id, step=visit.step, reason=why)
    return visit


async def drop(session: AsyncSession, ticket: Ticket) -> None:
    """Nobody has to come any more: the matter is over."""
    for visit in await of_ticket(session, ticket):
        if visit.cancelled_at is None and visit.done_at is None and visit.at > utcnow():
            visit.cancelled_at, visit.version = utcnow(), visit.version + 1


async def _open(session: AsyncSession, ticket: Ticket, visit_id: int) -> Visit:
    visit = await repository.visit(session, ticket.id, visit_id)
    if visit is None or visit.step is None:
        raise VisitNotFoundError
    if visit.done_at or visit.cancelled_at:
        raise VisitFinishedError
    return visit


async def _fits(session: AsyncSession, office: Office, agent: Agent, visit: Visit) -> None:
    if visit.at <= utcnow():
        raise AppointmentTimeError
    leader = as_said(visit.who)
    await repository.one_at_a_time(session, f"appointments {office.profile.id} {leader}")
    with session.no_autoflush:  # what is being changed is not to be found as its own clash
        around = await repository.appointments_between(session, office.profile.id, visit.at - LONGEST, ends(visit))
    for other, _ in around:
        if other.id != visit.id and as_said(other.who) == leader and ends(other) > visit.at:
            at = spoken_time(other.at.astimezone(office.profile.zone), agent.language)
            raise AppointmentClashError(at=at)


def ends(visit: Visit) -> datetime:
    """When an appointment is over."""
    return visit.at + timedelta(minutes=visit.minutes or 0)


async def of_ticket(session: AsyncSession, ticket: Ticket) -> list[Visit]:
    """All appointments of a ticket, by time, cancelled ones too."""
    return [visit for visit in await repository.visits_of(session, ticket.id) if visit.step is not None]


async def by_id(session: AsyncSession, visit_id: int) -> tuple[Visit, Ticket] | None:
    """An appointment and its ticket."""
    return await repository.appointment(session, visit_id)


async def one(session: AsyncSession, ticket: Ticket, visit_id: int) -> Visit | None:
    """An appointment of a ticket; None for a visit nobody is called to."""
    visit = await repository.visit(session, ticket.id, visit_id)
    return visit if visit is not None and visit.step is not None else None


async def coming(session: AsyncSession, agent: Agent) -> Sequence[tuple[Visit, Ticket]]:
    """Appointments that are not over, of tickets an agent may see, by time; at most 200."""
    found = await repository.coming_appointments(session, agent, utcnow() - LONGEST, SHOWN)
    return [(visit, ticket) for visit, ticket in found if ends(visit) > utcnow()]
