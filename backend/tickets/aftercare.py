"""What citizens do with their tickets after filing: add something, withdraw, reopen. Each is a line of the history.

Only who is behind a ticket may: its author, or who proved it with the PIN. To anybody else it does not exist.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.accounts.schemas import Agent
from backend.attachments.service import attach_photos
from backend.authority import service as authorities
from backend.core.database import utcnow
from backend.core.settings import Settings
from backend.offices.service import Office
from backend.tickets import repository
from backend.tickets.assignment import reopened
from backend.tickets.happenings import announce
from backend.tickets.models import Ticket, TicketEvent
from backend.tickets.reference import find_reference, mentions_reference
from backend.tickets.schemas import Author, Care, CareAct, CareRequest, CareResult, Choice, ChoiceRequest, Closing
from backend.tickets.service import look_up, people_behind
from backend.tickets.status import status_of
from backend.tickets.withholding import AUTHORITY, told_status, withheld

TICKETS_OFFERED = 4
TICKETS_LOOKED_AT = 50


async def choose(
    session: AsyncSession, settings: Settings, office: Office, author: Author, request: ChoiceRequest
) -> Choice:
    """The ticket a text names, if this person may act on it so; without a reference, those of theirs that fit."""
    prefix = office.profile.reference_prefix
    if find_reference(request.text, prefix) is None and not mentions_reference(request.text, prefix):
        mine = await repository.tickets_of(session, author.contact_id, TICKETS_LOOKED_AT)
        fitting = [one for one in mine if await _fitness(session, office, one, request.act) == "found"]
        offered = fitting[:TICKETS_OFFERED]
        tickets = [await told_status(session, office, ticket, request.language) for ticket in offered]
        return Choice(result="found" if tickets else "needs_reference", tickets=tickets)
    looked = await look_up(session, settings, office, author, request.text, request.pin, request.language)
    if looked.result != "found":
        return Choice(result=looked.result)
    ticket = await repository.ticket_by_reference(session, office.profile.id, looked.tickets[0].reference)
    assert ticket is not None
    return Choice(result=await _fitness(session, office, ticket, request.act), tickets=looked.tickets)


async def _fitness(session: AsyncSession, office: Office, ticket: Ticket, act: CareAct) -> CareResult:
    """Whether a citizen can do something with their ticket; who may not know how it stands is not told by a refusal."""
    if act == "authorise":
        return "found" if await authorities.waiting(session, [ticket.id]) else "authorised"
    fitness = _plain_fitness(office, ticket, act)
    tells = fitness != "found" or act == "reopen"
    return "withheld" if tells and await withheld(session, ticket) else fitness


def _plain_fitness(office: Office, ticket: Ticket, act: CareAct) -> CareResult:
    if act != "reopen":
        return "closed" if ticket.state == "closed" else "found"
    if ticket.state != "closed":
        return "open"
    window = timedelta(days=office.profile.reopen_days)
    return "found" if ticket.closed_at and utcnow() - ticket.closed_at <= window else "too_late"


async def care(session: AsyncSession, office: Office, author: Author, request: CareRequest) -> Care:
    """Do what a citizen asked for. The same request_key again does nothing more and answers alike."""
    ticket = await owned(session, office, author, request.reference, lock=True)
    if ticket is None:
        return Care(result="unknown")
    done = await repository.event_of_message(session, ticket.id, request.request_key)
    fitness = "found" if done else await _fitness(session, office, ticket, request.act)
    if fitness == "found" and not done:
        await ACTS[request.act](session, ticket, author, request)
        await _look_for_somebody(session, office, ticket, request)
    result: CareResult = "done" if fitness == "found" else fitness
    return Care(result=result, ticket=await told_status(session, office, ticket, request.language))


async def owned(
    session: AsyncSession, office: Office, author: Author, reference: str, *, lock: bool = False
) -> Ticket | None:
    """The ticket with a reference, if this person is behind it."""
    ticket = await repository.ticket_by_reference(session, office.profile.id, reference, lock=lock)
    mine = ticket is not None and author.contact_id in await people_behind(session, ticket.id)
    return ticket if mine else None


async def _add(session: AsyncSession, ticket: Ticket, author: Author, request: CareRequest) -> None:
    said = await _enclosed(session, ticket, author, request)
    await _write(session, ticket, author, "added", {"text": request.words, **said})
    if ticket.state == "waiting":
        ticket.state = _worked_on(ticket)
        await _write(session, ticket, author, "state", {"state": ticket.state, "before": "waiting"})


async def _withdraw(session: AsyncSession, ticket: Ticket, author: Author, request: CareRequest) -> None:
    ticket.state, ticket.closed_at, ticket.outcome = "closed", utcnow(), "withdrawn"
    await _write(session, ticket, author, "closed", {"outcome": "withdrawn", "message": request.request_key})
    await pass_on(session, await repository.open_followers(session, ticket.id))


async def pass_on(session: AsyncSession, followers: Sequence[Ticket]) -> None:
    """Other people's matters go on without the ticket they followed: the oldest answers for them now."""
    for follower in followers:
        main = follower if follower is followers[0] else None
        follower.duplicate_of = None if main else followers[0].id
        await _write(session, follower, None, "followed", {"main": None if main else followers[0].reference})


async def _reopen(session: AsyncSession, ticket: Ticket, author: Author, request: CareRequest) -> None:
    said = await _enclosed(session, ticket, author, request)
    ticket.state = _worked_on(ticket)
    ticket.closed_at = ticket.outcome = ticket.outcome_reason = ticket.outcome_ground = ticket.duplicate_of = None
    await _write(session, ticket, author, "reopened", {"reason": request.words, **said})


async def _look_for_somebody(session: AsyncSession, office: Office, ticket: Ticket, request: CareRequest) -> None:
    """Who had a reopened ticket is told, or somebody else gets it."""
    if request.act == "reopen":
        newest = await repository.newest_change(session, ticket.id)
        await reopened(session, office, ticket, newest.id if newest else 0)


async def _authorise(session: AsyncSession, ticket: Ticket, author: Author, request: CareRequest) -> None:
    """Hand the paper in that shows for whom they act; what came with it is a part of the ticket."""
    said = await _enclosed(session, ticket, author, request)
    authority = await authorities.of_ticket(session, ticket.id, lock=True)
    if authority is not None and said.get("photos"):
        authorities.show(authority, attachment_id=request.photos[0])
        await _write(session, ticket, author, AUTHORITY, {"state": authority.state, **said})


ACTS = {"add": _add, "withdraw": _withdraw, "reopen": _reopen, "authorise": _authorise}


def _worked_on(ticket: Ticket) -> str:
    return "in_progress" if ticket.assignee_id else "assigned"


async def _enclosed(session: AsyncSession, ticket: Ticket, author: Author, request: CareRequest) -> dict[str, object]:
    """Bind the photos that came with the words; what the history says of them and of the message."""
    bound = await attach_photos(session, author.contact_id, request.photos, ticket.id)
    return {"message": request.request_key, **({"photos": bound} if bound else {})}


async def _write(
    session: AsyncSession, ticket: Ticket, author: Author | None, kind: str, content: dict[str, object]
) -> None:
    ticket.updated_at = utcnow()
    actor, channel = ("citizen", author.channel) if author else ("system", "office")
    event = await repository.add_event(session, ticket.id, kind, actor=actor, channel=channel, content=content)
    await announce(session, ticket, kind, event)


async def ended(session: AsyncSession, office: Office, ticket_id: UUID, event: int, language: str) -> Closing | None:
    """A ticket's end, if it still is at its end: not reopened since, not withdrawn; None otherwise."""
    ticket = await repository.ticket(session, ticket_id)
    if ticket.state != "closed" or ticket.outcome == "withdrawn":
        return None
    if await repository.newest_ending(session, ticket_id) != event:
        return None
    status = status_of(office, ticket, language)
    return Closing(reference=ticket.reference, unit=ticket.unit, subject=status.subject, unit_name=status.unit)


async def reference_of(session: AsyncSession, ticket_id: UUID) -> str:
    """What people call a ticket."""
    return (await repository.ticket(session, ticket_id)).reference


async def seen_among(session: AsyncSession, agent: Agent, ids: Collection[UUID]) -> Mapping[UUID, Ticket]:
    """Those of some tickets an agent may see, by id."""
    return {ticket.id: ticket for ticket in await repository.seen_tickets(session, agent, ids)}


async def all_of(session: AsyncSession, contact_id: UUID) -> Sequence[tuple[Ticket, Sequence[TicketEvent]]]:
    """Every ticket a person filed or proved to be theirs, newest first, with its history."""
    mine = await repository.tickets_of(session, contact_id, None)
    return [(ticket, await repository.history(session, ticket.id)) for ticket in mine]
