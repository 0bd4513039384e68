"""Agents, citizens and tickets for tests of the desk."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.accounts.models import Account
from backend.accounts.schemas import Agent, Role
from backend.contacts.service import new_web_visitor
from backend.core.database import utcnow
from backend.core.settings import Settings
from backend.offices.schemas import Office
from backend.tickets.models import Ticket, TicketEvent
from backend.tickets.repository import history, ticket_by_reference
from backend.tickets.schemas import Author, NewTicket, Seen
from backend.tickets.service import file_ticket


async def agent(
    session: AsyncSession, role: Role = "agent", *units: str, name: str = "Ana", language: str = "en"
) -> Agent:
    """Somebody of the desk of Timișoara, with an account."""
    account = Account(
        id=uuid4(),
        office_id="timisoara",
        login=f"{uuid4()}",
        name=name,
        role=role,
        units=list(units),
        languages=[],
        language=language,
        created_at=utcnow(),
    )
    session.add(account)
    await session.flush()
    return Agent(id=account.id, office_id="timisoara", name=name, role=role, units=units, language=language)


@dataclass
class Town:
    """A session, settings, an office, and what happens in it."""

    session: AsyncSession
    settings: Settings
    office: Office

    async def ticket(self, **fields: Any) -> Ticket:
        """A ticket a citizen filed; `fields` are of NewTicket, or columns set afterwards."""
        contact_id, _ = await new_web_visitor(self.session, "timisoara")
        new = {"request_key": f"{uuid4()}", "category": "noise", "description": "Loud music", "language": "en"}
        filing = {key: value for key, value in fields.items() if key in NewTicket.model_fields}
        by = Author(contact_id=contact_id, conversation_id=None, channel="web")
        filed = await file_ticket(self.session, self.settings, self.office, by, NewTicket(**{**new, **filing}))
        ticket = await self.named(filed.reference)
        for column in fields.keys() - filing.keys():
            setattr(ticket, column, fields[column])
        await self.session.flush()
        return ticket

    async def named(self, reference: str) -> Ticket:
        """The ticket with a reference."""
        ticket = await ticket_by_reference(self.session, "timisoara", reference)
        assert ticket is not None
        return ticket

    async def seen(self, ticket: Ticket) -> Seen:
        """The ticket as it is now."""
        return Seen(ticket.id, (await self.events(ticket))[-1].id)

    async def events(self, ticket: Ticket) -> list[TicketEvent]:
        """The history, oldest first."""
        return list(await history(self.session, ticket.id))

    async def last(self, ticket: Ticket) -> TicketEvent:
        """The newest event."""
        return (await self.events(ticket))[-1]

    async def news(self) -> list[tuple[UUID, int, str]]:
        """(ticket, event, state) of every piece of news put in the queue."""
        rows = await self.session.execute(text("SELECT args FROM procrastinate_jobs ORDER BY id"))
        return [(UUID(args["ticket_id"]), args["event"], args["state"]) for (args,) in rows]

    async def audited(self, ticket: Ticket) -> list[str]:
        """What the audit log says was done to a ticket."""
        query = text("SELECT action FROM audit_entry WHERE object_id = :id ORDER BY id")
        return list((await self.session.scalars(query, {"id": str(ticket.id)})).all())
