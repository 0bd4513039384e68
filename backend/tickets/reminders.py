"""Telling people of a term's steps: half of it, four fifths, two days before, overdue, escalated.

Each step is told once to each person it concerns, however often the term is counted anew, and again only when the date
has moved past it. What is due while somebody is away and nobody stands in is told to who is in charge.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.accounts import absences, service as accounts
from backend.accounts.schemas import Agent
from backend.audit.service import record_without_agent
from backend.clocks.schemas import Due
from backend.core.database import utcnow
from backend.core.settings import Settings
from backend.notices import service as notices
from backend.notices.schemas import Kind, Telling
from backend.offices.service import Office
from backend.tickets import watch
from backend.tickets.assignment import SYSTEM
from backend.tickets.happenings import announce
from backend.tickets.models import Ticket
from backend.tickets.recipients import Team
from backend.tickets.steps import Plan, plan
from backend.tickets.terms import REMINDED, dues_of

BATCH = 500
ESCALATED = "escalated"
UNATTENDED: Kind = "unattended"


@dataclass(frozen=True)
class Reached:
    """A step of a ticket's term that people are told of now."""

    ticket: Ticket
    kind: Kind
    to: Sequence[Agent]

    @property
    def line(self) -> tuple[UUID, str, dict[str, object]]:
        """What the history says of it."""
        if self.kind == ESCALATED:
            return self.ticket.id, ESCALATED, {}
        return self.ticket.id, REMINDED, {"kind": self.kind}


async def remind(session: AsyncSession, settings: Settings, office: Office) -> int:
    """Tell of everything that is reached now, batch by batch; returns how many steps that were."""
    told, looked_at = 0, BATCH
    while looked_at == BATCH:
        looked_at, new = await remind_some(session, settings, office)
        told += new
    return told


async def remind_some(session: AsyncSession, settings: Settings, office: Office) -> tuple[int, int]:
    """Tell of what is reached now, BATCH tickets at most: how many were looked at, how many steps were told.

    The number of statements does not depend on how many tickets are open, nor, up to BATCH, on how many are reached;
    only what is escalated takes some of its own.
    """
    now = utcnow()
    tickets = await watch.reached(session, office.profile.id, now, BATCH)
    if not tickets:
        return 0, 0
    dues = await dues_of(session, settings, office, tickets, now)
    moved = await watch.last_moved(session, [one.id for one in tickets])
    team = Team(await accounts.colleagues(session, office.profile.id))
    steps: list[Reached] = []
    for ticket in tickets:
        due = dues[ticket.id]
        steps += _reached(ticket, due, team, plan(due, ticket.reminded, now, moved.get(ticket.id)))
    await _tell(session, steps)
    return len(tickets), len(steps)


def _reached(ticket: Ticket, due: Due | None, team: Team, before: Plan) -> list[Reached]:
    """What is told of a ticket now; of several steps reached at once, before the end, only the last one."""
    after = before.once_told()
    ticket.reminded, ticket.next_reminder_at = list(after.told), after.next_at
    ticket.escalated_at = _escalated_at(ticket, after, before.now)
    reached = before.reached
    steps: list[Reached] = []
    if ESCALATED in reached:
        steps.append(Reached(ticket, "escalated", team.supervisors(ticket)))
    elif "overdue" in reached:
        kind: Kind = "deemed_refused" if due and due.state == "deemed_refused" else "overdue"
        steps.append(Reached(ticket, kind, team.answerable(ticket)))
    elif reached:
        steps.append(Reached(ticket, reached[-1], team.reminded(ticket)))
    return steps


def _escalated_at(ticket: Ticket, after: Plan, now: datetime) -> datetime | None:
    if ESCALATED not in after.told:
        return None
    return ticket.escalated_at or now


async def _tell(session: AsyncSession, steps: Sequence[Reached]) -> None:
    events = await watch.add_events(session, [step.line for step in steps])
    told = list(zip(steps, events, strict=True))
    await notices.tell(
        session, [Telling(one.id, step.ticket.id, step.kind, event) for step, event in told for one in step.to]
    )
    for step, event in told:
        if step.kind == ESCALATED:
            await _escalate(session, step.ticket, event)


async def _escalate(session: AsyncSession, ticket: Ticket, event: int) -> None:
    reference = ticket.reference
    await record_without_agent(
        session, ticket.office_id, SYSTEM, "ticket.escalated", "ticket", ticket.id, reference=reference
    )
    await announce(session, ticket, ESCALATED, event)


async def look_after_absences(session: AsyncSession, office: Office) -> int:
    """Tell who is in charge what is due while somebody is away for whom nobody stands in; once for each absence.

    Returns of how many tickets.
    """
    team = Team(await accounts.colleagues(session, office.profile.id))
    steps: list[Reached] = []
    for absence in await absences.begun(session, office.profile.id):
        absence.told_at = utcnow()
        due = await watch.due_while_away(session, absence.account_id, absence.begins_at, absence.ends_at)
        steps += [Reached(one, UNATTENDED, team.in_charge(one)) for one in due if not team.working_on(one)]
    await _tell(session, steps)
    return len(steps)
