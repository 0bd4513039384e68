"""Reads and writes tickets, their history and look-up tries."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, delete, false, func, or_, select, true
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.accounts.schemas import Agent
from backend.core.database import Json, notify, utcnow
from backend.core.folding import folded_words
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

CHANGES = (
    *("received", "state", "assigned", "taken", "changed", "asked", "closed", "reopened", "followed"),
    *("dispute_registered", "dispute_step"),
)
"""Events after which an act based on what was seen before is stale; what is only added makes none stale."""
NO_UNIT = ""
WEIGHTS = {"low": 1, "normal": 2, "high": 3, "restricted": 3, "urgent": 4}
"""How much a ticket counts in what its agent has to do."""
DESK_CHANNEL = "komshu_desk"
"""Wakes open consoles; the payload says what changed."""


async def ticket_of_request(session: AsyncSession, request_key: str) -> Ticket | None:
    """The ticket one message filed, or None."""
    found: Ticket | None = await session.scalar(select(Ticket).where(Ticket.request_key == request_key))
    return found


def searchable(description: str, place: str | None, reference: str) -> ColumnElement[str]:
    """What the list's search looks at."""
    return func.to_tsvector("simple", " ".join(folded_words(f"{description} {place or ''} {reference}")))


def visible_to(agent: Agent) -> ColumnElement[bool]:
    """Tickets an agent may see: of their units, restricted ones only if they are named for the unit."""
    if not agent.may("read"):
        return false()
    everywhere = agent.sees_unit(NO_UNIT)
    units = [unit for unit in agent.units if agent.sees_unit(unit)]
    closely = [unit for unit in agent.units if agent.sees_restricted(unit)]
    theirs = and_(Ticket.priority == "restricted", Ticket.unit.in_(closely))
    common = and_(Ticket.priority != "restricted", true() if everywhere else Ticket.unit.in_(units))
    return and_(Ticket.office_id == agent.office_id, or_(common, theirs))


async def seen_ticket(session: AsyncSession, agent: Agent, ticket_id: UUID, *, lock: bool = False) -> Ticket | None:
    """A ticket, if this agent may see it; locked until the transaction ends when asked."""
    query = select(Ticket).where(Ticket.id == ticket_id, visible_to(agent))
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found: Ticket | None = await session.scalar(query)
    return found


async def seen_reference(session: AsyncSession, agent: Agent, reference: str) -> Ticket | None:
    """The ticket with a reference, if this agent may see it."""
    found: Ticket | None = await session.scalar(select(Ticket).where(Ticket.reference == reference, visible_to(agent)))
    return found


async def newest_change(session: AsyncSession, ticket_id: UUID) -> TicketEvent | None:
    """The newest event that makes acts based on older ones stale."""
    query = select(TicketEvent).where(TicketEvent.ticket_id == ticket_id, TicketEvent.kind.in_(CHANGES))
    found: TicketEvent | None = await session.scalar(query.order_by(TicketEvent.id.desc()).limit(1))
    return found


async def event(session: AsyncSession, ticket_id: UUID, event_id: int) -> TicketEvent | None:
    """One event of a ticket."""
    query = select(TicketEvent).where(TicketEvent.ticket_id == ticket_id, TicketEvent.id == event_id)
    found: TicketEvent | None = await session.scalar(query)
    return found


async def followers(session: AsyncSession, ticket_id: UUID) -> Sequence[Ticket]:
    """Duplicates of a ticket, oldest first, locked until the transaction ends."""
    query = select(Ticket).where(Ticket.duplicate_of == ticket_id).order_by(Ticket.created_at, Ticket.id)
    return (await session.scalars(query.with_for_update().execution_options(populate_existing=True))).all()


async def seen_followers(session: AsyncSession, agent: Agent, ticket_id: UUID) -> Sequence[Ticket]:
    """Duplicates of a ticket that this agent may see, oldest first."""
    query = select(Ticket).where(Ticket.duplicate_of == ticket_id, visible_to(agent)).order_by(Ticket.created_at)
    return (await session.scalars(query)).all()


async def insert_ticket(session: AsyncSession, values: dict[str, object]) -> Ticket | None:
    """Store a ticket; None when its reference or its request is taken."""
    statement = insert(Ticket).values(**values).on_conflict_do_nothing().returning(Ticket)
    created: Ticket | None = await session.scalar(statement)
    return created


async def add_event(
    session: AsyncSession, ticket_id: UUID, kind: str, *, actor: str, channel: str, content: Json
) -> int:
    """Write one line of a ticket's history and wake open consoles; returns its id."""
    event = TicketEvent(ticket_id=ticket_id, at=utcnow(), actor=actor, channel=channel, kind=kind, content=content)
    session.add(event)
    await session.flush()
    await notify(session, DESK_CHANNEL, f"ticket:{ticket_id}")
    return event.id


async def was_told(session: AsyncSession, ticket_id: UUID, event: int) -> bool:
    """Whether the citizen was told of a change already."""
    told = select(TicketEvent.id).where(
        TicketEvent.ticket_id == ticket_id,
        TicketEvent.kind == "told",
        TicketEvent.content["event"].as_integer() == event,
    )
    return await session.scalar(told.limit(1)) is not None


async def noted(session: AsyncSession, ticket_id: UUID, kind: str) -> Sequence[TicketEvent]:
    """The events of one kind of a ticket, oldest first."""
    query = select(TicketEvent).where(TicketEvent.ticket_id == ticket_id, TicketEvent.kind == kind)
    return (await session.scalars(query.order_by(TicketEvent.id))).all()


async def history(session: AsyncSession, ticket_id: UUID) -> Sequence[TicketEvent]:
    """A ticket's history, oldest first."""
    query = select(TicketEvent).where(TicketEvent.ticket_id == ticket_id).order_by(TicketEvent.id)
    return (await session.scalars(query)).all()


async def ticket_by_reference(
    session: AsyncSession, office_id: str, reference: str, *, lock: bool = False
) -> Ticket | None:
    """The ticket with this reference, or None; locked until the transaction ends when asked."""
    query = select(Ticket).where(Ticket.office_id == office_id, Ticket.reference == reference)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found: Ticket | None = await session.scalar(query)
    return found


def newest_of(contact_id: UUID, limit: int | None) -> Select[Ticket]:
    """A contact's newest tickets, those proved with the PIN among them."""
    linked = select(TicketLink.ticket_id).where(TicketLink.contact_id == contact_id)
    mine = or_(Ticket.contact_id == contact_id, Ticket.id.in_(linked))
    return select(Ticket).where(mine).order_by(Ticket.created_at.desc()).limit(limit)


async def tickets_of(session: AsyncSession, contact_id: UUID, limit: int | None) -> Sequence[Ticket]:
    """A contact's newest tickets, those proved with the PIN among them."""
    return (await session.scalars(newest_of(contact_id, limit))).all()


async def ticket(session: AsyncSession, ticket_id: UUID) -> Ticket:
    """A ticket by its id."""
    return await session.get_one(Ticket, ticket_id)


async def link(session: AsyncSession, ticket_id: UUID, contact_id: UUID) -> None:
    """Remember that a contact proved to be the person behind a ticket."""
    values = {"ticket_id": ticket_id, "contact_id": contact_id, "at": utcnow()}
    await session.execute(insert(TicketLink).values(**values).on_conflict_do_nothing())


async def linked_contacts(session: AsyncSession, ticket_id: UUID) -> Sequence[UUID]:
    """Contacts who proved to be the person behind a ticket."""
    return (await session.scalars(select(TicketLink.contact_id).where(TicketLink.ticket_id == ticket_id))).all()


async def add_try(session: AsyncSession, contact_id: UUID | None, reference: str, address: str | None = None) -> None:
    """Remember a failed try: a contact's in a chat, or one from the digest of an address on a public page."""
    session.add(LookupTry(contact_id=contact_id, reference=reference, address=address, at=utcnow()))
    await session.flush()


async def count_tries(
    session: AsyncSession, since: datetime, *, contact_id: UUID | None = None, reference: str | None = None
) -> int:
    """Failed tries in chats since a moment, of a contact or on a reference."""
    named = and_(LookupTry.reference == reference, LookupTry.contact_id.is_not(None))
    mine = LookupTry.contact_id == contact_id if contact_id else named
    return await session.scalar(select(func.count()).select_from(LookupTry).where(mine, LookupTry.at >= since)) or 0


async def one_at_a_time(session: AsyncSession, what: str) -> None:
    """Acts of the same name wait for each other until the commit."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtext(what))))


async def add_question(session: AsyncSession, question: TicketQuestion) -> None:
    """Store a question to a unit."""
    session.add(question)
    await session.flush()


async def question(session: AsyncSession, office_id: str, question_id: int) -> tuple[TicketQuestion, Ticket] | None:
    """A question and its ticket, both locked until the transaction ends."""
    query = (
        select(TicketQuestion, Ticket)
        .join(Ticket, Ticket.id == TicketQuestion.ticket_id)
        .where(TicketQuestion.id == question_id, Ticket.office_id == office_id)
        .with_for_update()
    )
    return (await session.execute(query)).one_or_none()


async def questions_of(session: AsyncSession, ticket_id: UUID) -> Sequence[TicketQuestion]:
    """Questions about a ticket, oldest first."""
    query = select(TicketQuestion).where(TicketQuestion.ticket_id == ticket_id).order_by(TicketQuestion.id)
    return (await session.scalars(query)).all()


async def questions_to(
    session: AsyncSession, office_id: str, units: Sequence[str], limit: int
) -> Sequence[tuple[TicketQuestion, Ticket]]:
    """Unanswered questions to units and their tickets, oldest first."""
    query = (
        select(TicketQuestion, Ticket)
        .join(Ticket, Ticket.id == TicketQuestion.ticket_id)
        .where(Ticket.office_id == office_id, TicketQuestion.unit.in_(units), TicketQuestion.answered_at.is_(None))
        .order_by(TicketQuestion.id)
    )
    return (await session.execute(query.limit(limit))).all()


async def add_visit(session: AsyncSession, visit: Visit) -> None:
    """Store a visit."""
    session.add(visit)
    await session.flush()


async def visit(session: AsyncSession, ticket_id: UUID, visit_id: int) -> Visit | None:
    """A visit, when it is this ticket's, locked until the transaction ends."""
    query = select(Visit).where(Visit.ticket_id == ticket_id, Visit.id == visit_id).with_for_update()
    found: Visit | None = await session.scalar(query)
    return found


async def visits_of(session: AsyncSession, ticket_id: UUID) -> Sequence[Visit]:
    """Visits for a ticket, by time."""
    return (await session.scalars(select(Visit).where(Visit.ticket_id == ticket_id).order_by(Visit.at))).all()


async def appointment(session: AsyncSession, visit_id: int) -> tuple[Visit, Ticket] | None:
    """An appointment of parties and its ticket."""
    query = select(Visit, Ticket).join(Ticket, Ticket.id == Visit.ticket_id).where(Visit.id == visit_id)
    row = (await session.execute(query.where(Visit.step.is_not(None)))).one_or_none()
    return (row[0], row[1]) if row else None


async def appointments_between(
    session: AsyncSession, office_id: str, since: datetime, until: datetime
) -> Sequence[tuple[Visit, Ticket]]:
    """Appointments of parties that begin in a stretch of time and were not cancelled, by time, with their tickets."""
    query = (
        select(Visit, Ticket)
        .join(Ticket, Ticket.id == Visit.ticket_id)
        .where(Ticket.office_id == office_id, Visit.step.is_not(None), Visit.cancelled_at.is_(None))
        .where(Visit.at >= since, Visit.at < until)
        .order_by(Visit.at, Visit.id)
    )
    return [(visit, ticket) for visit, ticket in await session.execute(query)]


async def coming_appointments(
    session: AsyncSession, agent: Agent, since: datetime, limit: int
) -> Sequence[tuple[Visit, Ticket]]:
    """Appointments that begin from a moment on, of tickets an agent may see, by time."""
    query = (
        select(Visit, Ticket)
        .join(Ticket, Ticket.id == Visit.ticket_id)
        .where(visible_to(agent), Visit.step.is_not(None), Visit.cancelled_at.is_(None), Visit.at >= since)
        .order_by(Visit.at, Visit.id)
    )
    return [(visit, ticket) for visit, ticket in await session.execute(query.limit(limit))]


async def add_chat(session: AsyncSession, ticket_id: UUID, conversation_id: UUID) -> bool:
    """Note that a conversation is about a ticket; False when it was noted already."""
    values = {"ticket_id": ticket_id, "conversation_id": conversation_id, "at": utcnow()}
    statement = insert(TicketChat).values(**values).on_conflict_do_nothing().returning(TicketChat.ticket_id)
    return await session.scalar(statement) is not None


async def chats_of(session: AsyncSession, ticket_id: UUID) -> Sequence[UUID]:
    """Conversations agents said are about a ticket, oldest first."""
    query = select(TicketChat.conversation_id).where(TicketChat.ticket_id == ticket_id).order_by(TicketChat.at)
    return (await session.scalars(query)).all()


async def save_filter(session: AsyncSession, account_id: UUID, name: str, query: str) -> None:
    """Keep a view of the list under a name; the same name again replaces it."""
    values = {"account_id": account_id, "name": name, "query": query, "at": utcnow()}
    statement = insert(SavedFilter).values(**values)
    await session.execute(statement.on_conflict_do_update(index_elements=["account_id", "name"], set_={"query": query}))


async def filters_of(session: AsyncSession, account_id: UUID) -> Sequence[SavedFilter]:
    """The views an agent keeps, by name."""
    query = select(SavedFilter).where(SavedFilter.account_id == account_id).order_by(SavedFilter.name)
    return (await session.scalars(query)).all()


async def delete_filter(session: AsyncSession, account_id: UUID, filter_id: int) -> None:
    """Forget a view of an agent."""
    mine = delete(SavedFilter).where(SavedFilter.account_id == account_id, SavedFilter.id == filter_id)
    await session.execute(mine)


async def filed_in(session: AsyncSession, conversation_id: UUID, since: datetime) -> Sequence[Ticket]:
    """Tickets filed in a chat since a moment, newest first."""
    query = select(Ticket).where(Ticket.conversation_id == conversation_id, Ticket.created_at >= since)
    return (await session.scalars(query.order_by(Ticket.created_at.desc()))).all()


async def open_tickets(session: AsyncSession, office_id: str, after: UUID | None, limit: int) -> Sequence[Ticket]:
    """Some tickets of an office that are not closed, behind one of them in a fixed order."""
    query = select(Ticket).where(Ticket.office_id == office_id, Ticket.state != "closed")
    if after is not None:
        query = query.where(Ticket.id > after)
    return (await session.scalars(query.order_by(Ticket.id).limit(limit))).all()


async def loads(session: AsyncSession, agents: Collection[UUID]) -> dict[UUID, int]:
    """How much each of some agents has to do: their open tickets, weighted by priority."""
    weight = func.sum(case(WEIGHTS, value=Ticket.priority, else_=WEIGHTS["normal"]))
    query = select(Ticket.assignee_id, weight).where(Ticket.assignee_id.in_(agents), Ticket.state != "closed")
    return {row[0]: row[1] for row in await session.execute(query.group_by(Ticket.assignee_id))}


async def passed_on_by(session: AsyncSession, ticket_id: UUID) -> set[UUID]:
    """Agents who passed a ticket on, gave it back, or routed it to another unit by putting its facts right."""
    rerouted = and_(TicketEvent.kind == "changed", TicketEvent.content["changed"].has_key("unit"))
    query = select(TicketEvent.actor).where(
        TicketEvent.ticket_id == ticket_id,
        TicketEvent.actor.startswith("agent:"),
        or_(TicketEvent.kind == "assigned", rerouted),
    )
    return {UUID(actor.removeprefix("agent:")) for actor in await session.scalars(query)}


async def followed(session: AsyncSession, ticket: Ticket, same_as: UUID) -> UUID | None:
    """The open ticket a new one may follow, or None: of the same office and category, and not restricted.

    Locked, so that it cannot end without its new duplicate.
    """
    query = select(Ticket.id).where(
        Ticket.id == same_as,
        Ticket.id != ticket.id,
        Ticket.office_id == ticket.office_id,
        Ticket.category == ticket.category,
        Ticket.state != "closed",
        Ticket.priority != "restricted",
        Ticket.duplicate_of.is_(None),
    )
    found: UUID | None = await session.scalar(query.with_for_update())
    return found


async def event_of_message(session: AsyncSession, ticket_id: UUID, request_key: str) -> bool:
    """Whether what a citizen's message asked for is written in a ticket's history already."""
    query = select(TicketEvent.id).where(
        TicketEvent.ticket_id == ticket_id,
        TicketEvent.actor == "citizen",
        TicketEvent.content["message"].astext == request_key,
    )
    return await session.scalar(query.limit(1)) is not None


async def open_followers(session: AsyncSession, ticket_id: UUID) -> list[Ticket]:
    """Open duplicates of a ticket, oldest first, locked until the transaction ends."""
    return [ticket for ticket in await followers(session, ticket_id) if ticket.state != "closed"]


async def newest_ending(session: AsyncSession, ticket_id: UUID) -> int | None:
    """The event that closed a ticket last."""
    ends = or_(
        TicketEvent.kind == "closed",
        and_(TicketEvent.kind == "state", TicketEvent.content["state"].astext == "closed"),
    )
    found: int | None = await session.scalar(
        select(func.max(TicketEvent.id)).where(TicketEvent.ticket_id == ticket_id, ends)
    )
    return found


async def seen_tickets(session: AsyncSession, agent: Agent, ids: Collection[UUID]) -> Sequence[Ticket]:
    """Those of some tickets that an agent may see."""
    return (await session.scalars(select(Ticket).where(Ticket.id.in_(ids), visible_to(agent)))).all()
