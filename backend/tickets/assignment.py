"""Tickets go to people by themselves, in units that want it so: to who has the least to do and is not away.

Restricted tickets go only to people named for the unit. Who passed a ticket on does not get it again this way, and what
is given back to the unit waits there for somebody to take it: no ticket goes round in a circle.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.accounts import service as accounts
from backend.accounts.schemas import Agent, Candidate
from backend.audit.service import record_without_agent
from backend.notices import service as notices
from backend.notices.schemas import Telling
from backend.offices.service import Office
from backend.tickets import repository
from backend.tickets.happenings import announce
from backend.tickets.models import Ticket
from backend.tickets.recipients import Team

LONG_AGO = datetime.min.replace(tzinfo=UTC)
SYSTEM = "komshu"


def chosen(candidates: Sequence[Candidate], loads: Mapping[UUID, int], language: str) -> Candidate | None:
    """Who of those who could gets the next ticket; None when nobody could.

    People named for the unit before those who work for the whole office; of these who speak the language, if there is
    one; of these the least load; among equals who is there now, then who was given none for longest.
    """

    def place(one: Candidate) -> tuple[bool, bool, int, bool, datetime, UUID]:
        agent = one.agent
        speaks = not agent.languages or language in agent.languages
        load, waited_since = loads.get(agent.id, 0), one.assigned_at or LONG_AGO
        return not agent.units, not speaks, load, not one.present, waited_since, agent.id

    return min(candidates, key=place, default=None)


async def give_out(session: AsyncSession, office: Office, ticket: Ticket) -> None:
    """Give an open ticket nobody has to somebody, if its unit wants that and somebody is there.

    Those who could get it are locked first and their tickets counted then, in a statement of its own: of two tickets
    given out at once the second one is counted with the first.
    """
    unit = office.units.get(ticket.unit)
    if unit is None or unit.assignment == "none" or ticket.assignee_id or ticket.duplicate_of:
        return
    await session.flush()
    found = await accounts.candidates(session, office.profile.id, ticket.unit, named_only=ticket.restricted)
    passed_on = await repository.passed_on_by(session, ticket.id)
    fitting = [one for one in found if one.agent.id not in passed_on]
    loads = await repository.loads(session, [one.agent.id for one in fitting])
    one = chosen(fitting, loads, ticket.language)
    if one is not None:
        await _give(session, ticket, one.agent)


async def _give(session: AsyncSession, ticket: Ticket, to: Agent) -> None:
    ticket.assignee_id = to.id
    ticket.state = "assigned" if ticket.state == "received" else ticket.state
    content = {"unit": [ticket.unit, ticket.unit], "to": to.name, "to_id": str(to.id), "why": "least_loaded"}
    event = await repository.add_event(
        session, ticket.id, "assigned", actor="system", channel="office", content=content
    )
    reference = ticket.reference
    await record_without_agent(
        session, ticket.office_id, SYSTEM, "ticket.assigned", "ticket", ticket.id, reference=reference, to=to.name
    )
    await announce(session, ticket, "assigned", event)
    await assigned(session, ticket, to.id, event)


async def assigned(session: AsyncSession, ticket: Ticket, to: UUID, event: int) -> None:
    """Somebody was given a ticket by another: they are told."""
    await accounts.note_assigned(session, to)
    await notices.tell(session, [Telling(to, ticket.id, "assigned", event)])


async def reopened(session: AsyncSession, office: Office, ticket: Ticket, event: int, by: UUID | None = None) -> None:
    """A ticket is worked on again: by who had it or stands in for them; else it is given out, or its head is told."""
    team = Team(await accounts.colleagues(session, ticket.office_id))
    told, held = team.working_on(ticket), ticket.assignee_id
    if held and not told:
        ticket.assignee_id = None
        await give_out(session, office, ticket)
        told = [] if ticket.assignee_id else team.in_charge(ticket)
        ticket.assignee_id = ticket.assignee_id or held
    elif not held:
        await give_out(session, office, ticket)
    await notices.tell(session, [Telling(one.id, ticket.id, "reopened", event) for one in told if one.id != by])
