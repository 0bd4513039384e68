"""What tickets hold of a person is forgotten; the ticket stays, with what it was about, its dates and its outcome."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import unquote_plus
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, delete, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.accounts.models import Account
from backend.accounts.schemas import Agent
from backend.authority import service as authorities
from backend.core.database import Json, utcnow
from backend.offices.service import Office
from backend.tickets import repository
from backend.tickets.desk import write
from backend.tickets.models import (
    LookupTry,
    SavedFilter,
    Ticket,
    TicketChat,
    TicketEvent,
    TicketLink,
    TicketQuestion,
    Visit,
)

ERASED = "erased"
GONE = "…"
WORDS = ("text", "reason", "question", "notice", "who", "name", "message")
"""Parts of the history people wrote themselves, or that name somebody."""
FIELDS = ("description", "place", "latitude", "longitude", "details")


async def forget(session: AsyncSession, office: Office, agent: Agent, contact_id: UUID) -> list[UUID]:
    """Forget a person in their tickets; returns which they were. Of what they followed by PIN, only that they did."""
    mine = (await session.scalars(select(Ticket).where(Ticket.contact_id == contact_id).with_for_update())).all()
    for ticket in mine:
        await _redact(session, office, ticket)
        await write(session, agent, ticket, "erased")
    for table in (TicketLink, LookupTry):
        await session.execute(delete(table).where(table.contact_id == contact_id))
    return [ticket.id for ticket in mine]


async def count_closed(session: AsyncSession, office_id: str, before: datetime) -> int:
    """How many tickets were closed before a moment and still hold words of people."""
    return await session.scalar(select(func.count()).where(_old(office_id, before))) or 0


async def forget_closed(session: AsyncSession, office: Office, before: datetime) -> list[UUID]:
    """Forget people in tickets closed before a moment; returns which they were."""
    old = (await session.scalars(select(Ticket).where(_old(office.profile.id, before)).with_for_update())).all()
    for ticket in old:
        await _redact(session, office, ticket)
        await repository.add_event(session, ticket.id, ERASED, actor="system", channel="office", content={})
    return [ticket.id for ticket in old]


def _old(office_id: str, before: datetime) -> ColumnElement[bool]:
    erased = exists().where(TicketEvent.ticket_id == Ticket.id, TicketEvent.kind == ERASED)
    return and_(Ticket.office_id == office_id, Ticket.state == "closed", Ticket.closed_at < before, ~erased)


async def _redact(session: AsyncSession, office: Office, ticket: Ticket) -> None:
    category = office.categories.categories.get(ticket.category or "")
    ticket.description = category.name[office.profile.languages[0]] if category else ticket.kind
    ticket.place = ticket.latitude = ticket.longitude = ticket.source_number = ticket.outcome_reason = None
    ticket.details, ticket.updated_at = {}, utcnow()
    ticket.words = repository.searchable(ticket.description, None, ticket.reference)
    for event in await repository.history(session, ticket.id):
        event.content = _without_words(event.content)
    await _redact_work(session, ticket.id)
    await authorities.forget(session, ticket.id)


def _without_words(content: Json) -> Json:
    kept: dict[str, Any] = {key: GONE if key in WORDS and value else value for key, value in content.items()}
    if "changed" in kept:
        kept["changed"] = {field: values for field, values in kept["changed"].items() if field not in FIELDS}
    return kept


async def _redact_work(session: AsyncSession, ticket_id: UUID) -> None:
    asked: Sequence[TicketQuestion] = await repository.questions_of(session, ticket_id)
    for question in asked:
        question.question, question.answer = GONE, GONE if question.answer else None
    visits: Sequence[Visit] = await repository.visits_of(session, ticket_id)
    for visit in visits:
        visit.place, visit.phone, visit.note, visit.found = None, None, "", GONE if visit.found else None


async def ids_of(session: AsyncSession, contact_id: UUID) -> Sequence[UUID]:
    """The tickets a person filed."""
    return (await session.scalars(select(Ticket.id).where(Ticket.contact_id == contact_id))).all()


async def all_behind(
    session: AsyncSession, contact_ids: Collection[UUID], conversation_ids: Collection[UUID]
) -> Sequence[Ticket]:
    """Tickets of some people, those they proved to be theirs, and those filed in or linked with some chats."""
    proved = select(TicketLink.ticket_id).where(TicketLink.contact_id.in_(contact_ids))
    linked = select(TicketChat.ticket_id).where(TicketChat.conversation_id.in_(conversation_ids))
    mine = or_(
        Ticket.contact_id.in_(contact_ids),
        Ticket.conversation_id.in_(conversation_ids),
        Ticket.id.in_(proved),
        Ticket.id.in_(linked),
    )
    return (await session.scalars(select(Ticket).where(mine).order_by(Ticket.created_at))).all()


async def texts_of(
    session: AsyncSession, ticket_ids: Collection[UUID], *, lock: bool
) -> list[Ticket | TicketEvent | TicketQuestion | Visit]:
    """Some tickets with all that is written in and beside them."""
    statements: list[Select[Any]] = [select(Ticket).where(Ticket.id.in_(ticket_ids)).order_by(Ticket.id)]
    beside = (TicketEvent, TicketQuestion, Visit)
    statements += [select(table).where(table.ticket_id.in_(ticket_ids)).order_by(table.id) for table in beside]
    if lock:
        fresh = {"populate_existing": True}
        statements = [one.with_for_update().execution_options(**fresh) for one in statements]
    return [row for one in statements for row in await session.scalars(one)]


def refold(ticket: Ticket) -> None:
    """Make the search find a ticket by the words it has now."""
    ticket.updated_at = utcnow()
    ticket.words = repository.searchable(ticket.description, ticket.place, ticket.reference)


async def note_redacted(session: AsyncSession, agent: Agent, ticket_id: UUID, kind: str, **content: object) -> None:
    """Write into the history that something was made unreadable; the audit log knows of it already."""
    said = {"by": agent.name, **content}
    await repository.add_event(session, ticket_id, kind, actor=f"agent:{agent.id}", channel="office", content=said)


async def forget_filters(session: AsyncSession, office_id: str, holds: Callable[[str], bool]) -> None:
    """Forget agents' saved views that look for something."""
    ours = select(Account.id).where(Account.office_id == office_id)
    for saved in await session.scalars(select(SavedFilter).where(SavedFilter.account_id.in_(ours))):
        if holds(unquote_plus(saved.query)) or holds(saved.name):
            await session.delete(saved)
