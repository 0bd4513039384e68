"""What is not told of a ticket yet: who acts for somebody else hears personal answers once that is accepted."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.authority import service as authorities
from backend.authority.models import Authority
from backend.core.catalogue import backend_catalogue
from backend.offices.service import Office
from backend.tickets import repository
from backend.tickets.models import Ticket, TicketEvent
from backend.tickets.schemas import Status
from backend.tickets.status import status_of
from backend.tickets.terms import FORMAL_KINDS

AUTHORITY = "authority"
WITHHELD = "withheld"
SAID_ANYWAY = (AUTHORITY, "asked")
"""Events that are told at once: news of the paper itself, and what the office asks of the author."""


async def withheld(session: AsyncSession, ticket: Ticket) -> Authority | None:
    """For whom the author acts, while that is not accepted and the ticket is personal; None when all may be told."""
    if not (ticket.restricted or ticket.kind in FORMAL_KINDS):
        return None
    found = await authorities.of_ticket(session, ticket.id)
    return found if found and found.state != "accepted" else None


async def told_status(session: AsyncSession, office: Office, ticket: Ticket, language: str) -> Status:
    """What became of a ticket, as far as its author may know; else which paper is missing."""
    status, authority = status_of(office, ticket, language), await withheld(session, ticket)
    if authority is None:
        return status
    state = backend_catalogue().text("authority.withheld", language)
    return status.model_copy(update={"state": state, "missing": missing(authority, language)})


def missing(authority: Authority, language: str) -> str:
    """Which paper is missing, or what was wrong with it, in words."""
    values = {"name": authority.name, "reason": authority.reason or ""}
    return backend_catalogue().text(f"authority.missing.{authority.state}", language, **values)


async def keeps_back(session: AsyncSession, ticket_id: UUID, event: int) -> Authority | None:
    """For whom the author acts, when an event of the ticket's history may not be told to them now."""
    authority = await withheld(session, await repository.ticket(session, ticket_id))
    found = await repository.event(session, ticket_id, event) if authority else None
    return None if found and found.kind in SAID_ANYWAY else authority


async def instead(session: AsyncSession, ticket_id: UUID, event: int, state: str, language: str) -> str:
    """What is said in place of news that may not be told; empty when the author has heard it already.

    They hear it once, and again when the ticket is closed.
    """
    ticket = await repository.ticket(session, ticket_id)
    authority = await withheld(session, ticket)
    noted = await repository.noted(session, ticket_id, WITHHELD)
    said_before = any(one.content["event"] == event or state != "closed" for one in noted)
    if authority is None or said_before:
        return ""
    lines = [backend_catalogue().text("authority.news.withheld", language, reference=ticket.reference)]
    return "\n".join([*lines, missing(authority, language)])


async def note_withheld(session: AsyncSession, ticket_id: UUID, event: int, channel: str) -> None:
    """Write down that an event was kept back."""
    noted = [one.content["event"] for one in await repository.noted(session, ticket_id, WITHHELD)]
    if event not in noted:
        content = {"event": event}
        await repository.add_event(session, ticket_id, WITHHELD, actor="system", channel=channel, content=content)


async def wants_paper(session: AsyncSession, ticket_id: UUID, event: int) -> str | None:
    """The reference to send a paper for, when news of an event are that one is missing or was refused."""
    ticket, found = await repository.ticket(session, ticket_id), await repository.event(session, ticket_id, event)
    authority = await authorities.of_ticket(session, ticket_id)
    if authority is None or authority.state not in ("claimed", "refused"):
        return None
    told = found is not None and (found.kind == AUTHORITY or await withheld(session, ticket) is not None)
    return ticket.reference if told else None


async def untold_end(session: AsyncSession, ticket_id: UUID, event: int) -> int | None:
    """The event that closed a ticket, when an event that accepted its authority makes it one to be told now."""
    found = await repository.event(session, ticket_id, event)
    ticket = await repository.ticket(session, ticket_id)
    if found is None or found.kind != AUTHORITY or found.content["state"] != "accepted" or ticket.state != "closed":
        return None
    end = await repository.newest_ending(session, ticket_id)
    return end if end and not await repository.was_told(session, ticket_id, end) else None


def decision_lines(event: TicketEvent, status: Status, language: str) -> list[str]:
    """What the author is told of a decision about their paper; the first line says which ticket."""
    texts, content = backend_catalogue(), event.content
    values = {"reference": status.reference, "name": content.get("name", ""), "reason": content.get("reason", "")}
    said = texts.text(f"authority.news.{content['state']}", language, **values)
    return [said, texts.text("authority.news.state", language, state=status.state)]
