"""People with tickets that were closed, and a desk that asks them."""

from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.answers.desk import Desk
from backend.conversations.service import arrive, conversation
from backend.core.database import utcnow
from backend.core.settings import Settings
from backend.offices.schemas import Office
from backend.surveys.models import Satisfaction
from backend.surveys.service import Asked, ask
from backend.tickets.models import Ticket
from backend.tickets.repository import history, ticket_by_reference
from backend.tickets.schemas import Author, NewTicket
from backend.tickets.service import file_ticket, move
from channels.message import Arrival, Inbound
from channels.web.adapter import WebAdapter


class Pushing(WebAdapter):
    """A channel that is sent to."""

    pull = False

    def __init__(self, name: str) -> None:
        self.name = name


ADAPTERS = {"web": WebAdapter(), "sms": Pushing("sms"), "telegram": Pushing("telegram")}
NEVER_QUIET = {"quiet_from": time(0), "quiet_until": time(0)}


@dataclass
class Town:
    """Everything a test needs."""

    session: AsyncSession
    settings: Settings
    office: Office

    def desk(self, **changes: Any) -> Desk:
        settings = self.settings.model_copy(update={**NEVER_QUIET, **changes})
        return Desk(settings, self.office, ADAPTERS)

    async def person(self, channel: str = "sms", language: str = "en", *, address: str = "") -> UUID:
        """Somebody who wrote an hour ago; returns their conversation."""
        sender = address or f"+4072{uuid4().int % 10**7:07}"
        arrival = Arrival(sender=sender, inbound=Inbound(external_id=str(uuid4()), text="hello"), language=language)
        found, _ = await arrive(self.session, self.settings, self.office, channel, arrival)
        await self.heard(found, timedelta(hours=1))
        return found

    async def heard(self, conversation_id: UUID, ago: timedelta) -> None:
        values = {"at": utcnow() - ago, "id": conversation_id}
        await self.session.execute(text("UPDATE conversation SET heard_at = :at WHERE id = :id"), values)

    async def author(self, conversation_id: UUID) -> Author:
        found = await conversation(self.session, conversation_id)
        return Author(contact_id=found.contact_id, conversation_id=found.id, channel=found.channel)

    async def files(self, conversation_id: UUID, **fields: Any) -> Ticket:
        new = {"request_key": str(uuid4()), "category": "noise", "description": "Loud music", "language": "en"}
        by = await self.author(conversation_id)
        filed = await file_ticket(self.session, self.settings, self.office, by, NewTicket(**{**new, **fields}))
        ticket = await ticket_by_reference(self.session, "timisoara", filed.reference)
        assert ticket is not None
        return ticket

    async def closes(self, ticket: Ticket) -> int:
        """Close a ticket; returns the event that did it."""
        await move(self.session, self.office, ticket.reference, "closed", "cli")
        return (await history(self.session, ticket.id))[-1].id

    async def asks(self, ticket: Ticket, event: int, **changes: Any) -> Asked:
        return await ask(self.session, self.desk(**changes), ticket.id, event)

    async def closed_and_asked(self, conversation_id: UUID, **fields: Any) -> Ticket:
        ticket = await self.files(conversation_id, **fields)
        await self.asks(ticket, await self.closes(ticket))
        return ticket

    async def said(self, conversation_id: UUID) -> list[tuple[int, str, list[dict[str, str]]]]:
        """(number, text, buttons) of what the office said unasked."""
        query = text(
            "SELECT seq, content->>'text', content->'buttons' FROM message "
            "WHERE conversation_id = :id AND author = 'system' ORDER BY seq"
        )
        return [tuple(row) for row in await self.session.execute(query, {"id": conversation_id})]

    async def jobs(self, name: str) -> list[tuple[dict[str, Any], Any]]:
        """(arguments, not before) of the jobs of one name."""
        query = text("SELECT args, scheduled_at FROM procrastinate_jobs WHERE task_name = :name ORDER BY id")
        return [tuple(row) for row in await self.session.execute(query, {"name": name})]

    async def answers(self, *scores: int | None, unit: str = "environment", ago: timedelta = timedelta()) -> None:
        """Questions about one unit, each with its score or without an answer."""
        mine = await self.person()
        for number, score in enumerate(scores):
            ticket = await self.files(mine)
            row = Satisfaction(
                office_id="timisoara",
                ticket_id=ticket.id,
                closing=number,
                unit=unit,
                conversation_id=mine,
                channel="sms",
                language="en",
                seq=number,
                asked_at=utcnow() - ago,
                score=score,
                solved=None if score is None else True,
            )
            self.session.add(row)
        await self.session.flush()
