"""A landlord, a tenant, and an office that brings their dispute from step to step."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.accounts.models import Account
from backend.accounts.schemas import Agent, Role
from backend.answers.desk import Desk
from backend.conversations.service import arrive, conversation
from backend.core.database import utcnow
from backend.core.settings import Settings
from backend.disputes import repository, service, telling
from backend.disputes.notices import TELL_TASK
from backend.disputes.schemas import Confirmed, PartyData
from backend.disputes.service import Whole
from backend.offices.schemas import Office
from backend.tickets.models import Ticket, TicketEvent
from backend.tickets.repository import history, ticket_by_reference
from backend.tickets.schemas import Author, Filed, NewAppointment, NewTicket, Seen
from backend.tickets.service import file_ticket
from channels.message import Arrival, Inbound
from channels.web.adapter import WebAdapter

OFFICE = "western-cape-housing"
CAPE = ZoneInfo("Africa/Johannesburg")
TENANT, LANDLORD = "Thandi Jacobs", "Piet van Wyk"
MOBILE, HIDDEN = "+27821234567", "+27831112222"
"""The respondent's number, and the complainant's."""
ADDRESS = "Kerkstraat 9\nPaarl 7646"


class Pushing(WebAdapter):
    """A channel that is sent to."""

    pull = False

    def __init__(self, name: str) -> None:
        self.name = name


ADAPTERS = {"web": WebAdapter(), "sms": Pushing("sms")}
NEVER_QUIET = {"quiet_from": time(0), "quiet_until": time(0), "survey_delay_minutes": 0.0}
DETAILS = {"dispute_role": "tenant", "dispute_topic": "deposit", "other_party": LANDLORD}


@dataclass
class Town:
    """Everything a test needs."""

    session: AsyncSession
    settings: Settings
    office: Office
    pin: str = ""

    def desk(self, **changes: Any) -> Desk:
        settings = self.settings.model_copy(update={**NEVER_QUIET, **changes})
        return Desk(settings, self.office, ADAPTERS)

    async def agent(self, role: Role = "agent", *units: str, name: str = "Ana", language: str = "en") -> Agent:
        account = Account(
            id=uuid4(),
            office_id=OFFICE,
            login=f"{uuid4()}",
            name=name,
            role=role,
            units=list(units),
            languages=[],
            language=language,
            created_at=utcnow(),
        )
        self.session.add(account)
        await self.session.flush()
        return Agent(id=account.id, office_id=OFFICE, name=name, role=role, units=units, language=language)

    async def person(self, channel: str = "sms", *, address: str = HIDDEN, language: str = "af") -> Author:
        """Somebody who wrote an hour ago."""
        inbound = Inbound(external_id=str(uuid4()), text="hallo")
        arrival = Arrival(sender=address, inbound=inbound, language=language, name=TENANT)
        found, _ = await arrive(self.session, self.settings, self.office, channel, arrival)
        await self.session.execute(
            text("UPDATE conversation SET heard_at = now() - interval '1 hour' WHERE id = :id"), {"id": found}
        )
        return await self.author(found)

    async def author(self, conversation_id: UUID) -> Author:
        found = await conversation(self.session, conversation_id)
        return Author(contact_id=found.contact_id, conversation_id=found.id, channel=found.channel)

    async def filed(self, author: Author | None = None, **fields: Any) -> Ticket:
        """A dispute a tenant handed in; `fields` are of NewTicket, or columns set afterwards."""
        new = {
            "request_key": f"{uuid4()}",
            "kind": "housing_dispute",
            "description": "My deposit of R8 000 was not paid back.",
            "place": "Langstraat 5, Kaapstad",
            "details": DETAILS,
            "language": "af",
        }
        filing = {key: value for key, value in fields.items() if key in NewTicket.model_fields}
        by = author or await self.person()
        told: Filed = await file_ticket(self.session, self.settings, self.office, by, NewTicket(**{**new, **filing}))
        self.pin = told.pin
        ticket = await ticket_by_reference(self.session, OFFICE, told.reference)
        assert ticket is not None
        for column in fields.keys() - filing.keys():
            setattr(ticket, column, fields[column])
        await self.session.flush()
        return ticket

    async def whole(self, ticket: Ticket) -> Whole:
        found = await service.opened(self.session, self.office, ticket)
        assert found is not None
        return found

    async def seen(self, ticket: Ticket) -> Seen:
        return Seen(ticket.id, (await self.events(ticket))[-1].id)

    async def events(self, ticket: Ticket) -> list[TicketEvent]:
        return list(await history(self.session, ticket.id))

    async def registered(self, agent: Agent, ticket: Ticket | None = None, **respondent: Any) -> Ticket:
        """A dispute that has been registered and told."""
        found = ticket or await self.filed()
        seen = await self.seen(found)
        await service.register(self.session, self.settings, self.office, agent, seen, confirmed(**respondent))
        return found

    async def goes(self, agent: Agent, ticket: Ticket, step: str, **more: Any) -> None:
        seen = await self.seen(ticket)
        await service.move_on(self.session, self.office, agent, seen, step, **more)

    async def tells(self, **changes: Any) -> list[str]:
        """Carry out what waits to be told, as the worker would; returns the ways it was told."""
        query = text("DELETE FROM procrastinate_jobs WHERE task_name = :name RETURNING args, id")
        jobs = sorted(await self.session.execute(query, {"name": TELL_TASK}), key=lambda job: job[1])
        desk = self.desk(**changes)
        return [(await telling.tell(self.session, desk, args["notice_id"])).channel for args, _ in jobs]

    async def notices(self, ticket: Ticket) -> list[tuple[str, str, str | None]]:
        """(side, about, channel) of all that was or is to be told."""
        found = await repository.notices(self.session, ticket.id)
        return [(party.side, notice.about, notice.channel) for notice, party in found]

    async def texted(self, address: str) -> list[str]:
        """Bodies in the outbox for a number."""
        query = text(
            "SELECT part->>'text' FROM delivery JOIN lane ON lane.id = lane_id WHERE address = :address "
            "ORDER BY delivery.id"
        )
        return list((await self.session.scalars(query, {"address": address})).all())

    async def said(self, author: Author) -> list[tuple[str, list[dict[str, str]]]]:
        """(text, buttons) of what the office said unasked in a conversation."""
        query = text(
            "SELECT content->>'text', content->'buttons' FROM message "
            "WHERE conversation_id = :id AND author = 'system' ORDER BY seq"
        )
        return [tuple(row) for row in await self.session.execute(query, {"id": author.conversation_id})]


def confirmed(**respondent: Any) -> Confirmed:
    """What an agent confirms: a tenant against a landlord with a mobile number."""
    them = {"name": LANDLORD, "role": "landlord", "phone": MOBILE, "language": "af", **respondent}
    return Confirmed(
        complainant=PartyData(name=TENANT, role="tenant", phone=HIDDEN, language="af"),
        respondent=PartyData(**them),
        topic="deposit",
        claim="The deposit of R8 000.",
    )


def appointment(days: int = 7, at: time = time(10), **fields: Any) -> NewAppointment:
    """An appointment in so many days, at a time of the Cape."""
    day = utcnow().astimezone(CAPE).date() + timedelta(days=days)
    values = {"at": datetime.combine(day, at, CAPE), "who": "Lerato Nkosi", "place": "Waalstraat 27", **fields}
    return NewAppointment(**values)
