"""What the console shows of a dispute: parties, the line of steps, appointments with answers, what was told and how."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession

from backend.accounts.schemas import Agent
from backend.core.database import driver_connection, utcnow
from backend.disputes import service
from backend.disputes.models import AppointmentAnswer, DisputeNotice, DisputeParty
from backend.disputes.page import steps_of
from backend.disputes.schemas import ROLES, SIDES
from backend.disputes.steps import ends_from, following
from backend.disputes.telling import lane_of
from backend.offices.service import Office
from backend.outbox import service as outbox
from backend.tickets import appointments, desk
from backend.tickets.models import Ticket, Visit


@dataclass(frozen=True)
class Called:
    """An appointment with what each party says to it."""

    visit: Visit
    answers: dict[str, AppointmentAnswer | None]
    over: bool

    @property
    def open(self) -> bool:
        """Whether it can be moved or cancelled."""
        return self.visit.cancelled_at is None and self.visit.done_at is None


@dataclass(frozen=True)
class Notice:
    """Something a party was or is to be told, and how far it came."""

    notice: DisputeNotice
    side: str
    delivery: str
    """The state of an SMS; empty for everything else."""

    @property
    def to_post(self) -> bool:
        """Whether it is a letter nobody has posted yet."""
        return self.notice.channel == "letter" and self.notice.told_at is None


async def dispute(
    session: AsyncSession, request: Request, agent: Agent, ticket: Ticket, language: str
) -> dict[str, Any] | None:
    """A dispute for the page of its ticket, which the agent may see; None when the ticket is none."""
    office: Office = request.app.state.office
    whole = await service.opened(session, office, ticket)
    if whole is None or office.disputes is None:
        return None
    step = whole.dispute.step
    notices = await service.notices_of(session, ticket.id)
    return {
        "dispute": whole.dispute,
        "parties": [whole.parties[side] for side in SIDES],
        "personal": agent.may("ticket"),
        "steps": await steps_of(session, office, whole, language),
        "appointments": await called(session, await appointments.of_ticket(session, ticket), whole.parties),
        "notices": await _delivered(session, notices),
        "next": following(office.disputes, step),
        "calls": [key for key, one in office.disputes.steps.items() if one.appointment],
        "ends": [(key, office.disputes.ends[key]) for key in ends_from(office.disputes, step)],
        "topics": office.disputes.topics,
        "roles": ROLES,
    }


async def called(session: AsyncSession, visits: Sequence[Visit], parties: dict[str, DisputeParty]) -> list[Called]:
    """Appointments of one dispute with the answers of its parties."""
    answers = await service.answers_to(session, visits)
    now = utcnow()
    return [
        Called(
            visit,
            {side: answers.get((visit.id, party.id)) for side, party in parties.items()},
            appointments.ends(visit) <= now,
        )
        for visit in visits
    ]


async def _delivered(session: AsyncSession, notices: Sequence[tuple[DisputeNotice, DisputeParty]]) -> list[Notice]:
    connection = await driver_connection(session)
    texted = {party.id: party for notice, party in notices if notice.channel == "sms"}
    states = {key: await outbox.states(connection, lane_of(party)) for key, party in texted.items()}
    return [Notice(notice, party.side, _state(states.get(party.id, {}), notice)) for notice, party in notices]


def _state(states: dict[int, Any], notice: DisputeNotice) -> str:
    known = states.get(notice.id) if notice.channel == "sms" else None
    return str(known.state) if known else ""


@dataclass(frozen=True)
class Coming:
    """An appointment of the list."""

    visit: Visit
    ticket: Ticket
    names: tuple[str, ...]
    answers: dict[str, AppointmentAnswer | None]


async def coming(session: AsyncSession, office: Office, agent: Agent, unit: str = "") -> list[Coming]:
    """The appointments that are not over, of tickets the agent may see, by time; of one unit when it is named."""
    found = []
    for visit, ticket in await appointments.coming(session, agent):
        whole = await service.opened(session, office, ticket) if not unit or ticket.unit == unit else None
        if whole is not None:
            [one] = await called(session, [visit], whole.parties)
            names = tuple(whole.parties[side].name for side in SIDES) if agent.may("ticket") else ()
            found.append(Coming(visit, ticket, names, one.answers))
    return found


async def letter(session: AsyncSession, agent: Agent, ticket_id: UUID, notice_id: int) -> tuple[Ticket, Any, Any]:
    """A ticket, its letter and to whom it goes. Raises NotAllowedError, TicketNotFoundError or NoticeNotFoundError."""
    desk.permit(agent)
    ticket = await desk.visible(session, agent, ticket_id)
    return (ticket, *await service.letter(session, ticket, notice_id))
