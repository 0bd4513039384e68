"""Tickets: filing one, and telling what became of it to whoever may know."""

import secrets
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.accounts.schemas import Agent
from backend.attachments.service import attach_photos
from backend.audit.service import record
from backend.authority.schemas import Claim
from backend.authority.service import claim
from backend.contacts.phones import e164
from backend.contacts.service import caller
from backend.core.blocks import all_shown
from backend.core.catalogue import backend_catalogue
from backend.core.database import Json, utcnow
from backend.core.errors import NotAllowedError
from backend.core.queue import defer
from backend.core.secrets import keyed_digest, same
from backend.core.settings import Settings
from backend.offices.service import Office
from backend.tickets import repository
from backend.tickets.assignment import give_out
from backend.tickets.errors import (
    PhoneUnreadableError,
    StateUnknownError,
    TicketNotFoundError,
    UnknownCategoryError,
)
from backend.tickets.happenings import announce
from backend.tickets.models import Ticket
from backend.tickets.reference import find_reference, mentions_reference, new_reference
from backend.tickets.schemas import STATES, Author, Filed, Lookup, NewTicket, Registration, Status
from backend.tickets.status import status_of
from backend.tickets.terms import answer_by, first_due, keep
from backend.tickets.withholding import AUTHORITY, decision_lines, told_status

NEWS_TASK = "notifications:tell_ticket_news"
SURVEY_TASK = "surveys:ask_if_solved"
PIN_DIGITS = 6
TRIES_PER_REFERENCE_AND_DAY = 20
OWN_TICKETS_SHOWN = 3


async def file_ticket(
    session: AsyncSession, settings: Settings, office: Office, author: Author, new: NewTicket
) -> Filed:
    """File a ticket for a message. The same request_key again gives the same ticket and a fresh PIN.

    Raises UnknownCategoryError.
    """
    return await _file(session, settings, office, author, new)


async def register(
    session: AsyncSession,
    settings: Settings,
    office: Office,
    agent: Agent,
    new: Registration,
) -> Filed:
    """File a ticket for somebody at the telephone or the counter.

    Reference and PIN are to be read out. The person is found by their number, or becomes a contact no channel knows;
    a name other than the known one is kept with the ticket. Raises NotAllowedError, PhoneUnreadableError or
    UnknownCategoryError.
    """
    if not agent.may("ticket"):
        raise NotAllowedError
    phone = e164(new.phone, office.profile.country) if new.phone else None
    if new.phone and phone is None:
        raise PhoneUnreadableError
    contact_id = await caller(session, office.profile.id, new.name or None, phone)
    author = Author(contact_id=contact_id, conversation_id=None, channel=new.source)
    ticket = NewTicket(
        request_key=f"desk:{agent.id}:{new.request_key}",
        description=new.words,
        details={**new.details, "name": new.name} if new.name else dict(new.details),
        acting=Claim(name=new.acting_for, relation=new.relation) if new.acting_for else None,
        **new.model_dump(include={"kind", "category", "place", "position", "language"}),
    )
    return await _file(session, settings, office, author, ticket, (agent, new))


async def _file(
    session: AsyncSession,
    settings: Settings,
    office: Office,
    author: Author,
    new: NewTicket,
    desk: tuple[Agent, Registration] | None = None,
) -> Filed:
    if new.category is not None and new.category not in office.categories.categories:
        raise UnknownCategoryError
    pin = f"{secrets.randbelow(10**PIN_DIGITS):0{PIN_DIGITS}}"
    ticket = await repository.ticket_of_request(session, new.request_key)
    if ticket is None:
        ticket = await _insert(session, office, author, new, desk)
        keep(ticket, first_due(settings, office, ticket))
        ticket.duplicate_of = await repository.followed(session, ticket, new.same_as) if new.same_as else None
        await give_out(session, office, ticket)
    ticket.pin_digest = pin_digest(settings, ticket, pin)
    unit = office.units[ticket.unit].name.get(new.language, ticket.unit)
    due = answer_by(settings, office, ticket, new.language)
    return Filed(reference=ticket.reference, pin=pin, unit=unit, due=due)


async def _insert(
    session: AsyncSession, office: Office, author: Author, new: NewTicket, desk: tuple[Agent, Registration] | None
) -> Ticket:
    values = _row(office, author, new)
    if desk:
        values |= desk[1].model_dump(include={"source", "source_number"})
    while True:
        reference = new_reference(office.profile.reference_prefix)
        values |= {"reference": reference, "words": repository.searchable(new.description, new.place, reference)}
        if ticket := await repository.insert_ticket(session, values):
            await attach_photos(session, author.contact_id, new.photos, ticket.id)
            await _begin_history(session, ticket, author, desk[0] if desk else None)
            if new.acting:
                await _begin_authority(session, ticket, author, new.acting, desk[0] if desk else None)
            return ticket
        if ticket := await repository.ticket_of_request(session, new.request_key):
            return ticket


async def _begin_history(session: AsyncSession, ticket: Ticket, author: Author, agent: Agent | None) -> None:
    actor, content = "citizen", {"unit": ticket.unit}
    if agent:
        actor, content = f"agent:{agent.id}", {"unit": ticket.unit, "by": agent.name}
        await record(session, agent, "ticket.registered", "ticket", ticket.id, reference=ticket.reference)
    event = await repository.add_event(
        session, ticket.id, "received", actor=actor, channel=author.channel, content=content
    )
    await announce(session, ticket, "received", event)


async def _begin_authority(
    session: AsyncSession, ticket: Ticket, author: Author, said: Claim, agent: Agent | None
) -> None:
    """Write down for whom it is filed; a paper that is not the author's own counts as none."""
    papers = [said.paper] if said.paper else []
    mine = await attach_photos(session, author.contact_id, papers, ticket.id)
    claimed = await claim(session, ticket.id, said if mine else said.model_copy(update={"paper": None}))
    actor, by = (f"agent:{agent.id}", {"by": agent.name}) if agent else ("citizen", {})
    content = {"state": claimed.state, "name": said.name, "relation": said.relation, **by}
    await repository.add_event(session, ticket.id, AUTHORITY, actor=actor, channel=author.channel, content=content)


def _row(office: Office, author: Author, new: NewTicket) -> dict[str, object]:
    category = office.categories.categories.get(new.category or "")
    now = utcnow()
    return {
        **new.model_dump(exclude={"photos", "position", "same_as", "acting"}),
        **author.model_dump(),
        "office_id": office.profile.id,
        "unit": office.unit_for(new.kind, new.category, new.place),
        "priority": category.priority if category else "normal",
        "state": "received",
        "latitude": new.position.latitude if new.position else None,
        "longitude": new.position.longitude if new.position else None,
        "pin_digest": "",
        "created_at": now,
        "updated_at": now,
    }


def pin_digest(settings: Settings, ticket: Ticket, pin: str) -> str:
    """What is kept of a ticket's PIN."""
    return keyed_digest(settings.secret_key, f"{ticket.id}:{pin}")


async def look_up(
    session: AsyncSession, settings: Settings, office: Office, author: Author, text: str, pin: str | None, language: str
) -> Lookup:
    """What became of a ticket, told to its author, or to anybody with reference and PIN.

    Who had the PIN once needs it no more for this ticket: they may go on here from another channel, and its news come
    to the channel they last wrote on. A wrong reference and a wrong PIN are answered alike, and tries are limited per
    person and per reference.
    """
    prefix = office.profile.reference_prefix
    reference = find_reference(text, prefix)
    if reference is None and not mentions_reference(text, prefix):
        return await _own_tickets(session, office, author, language)
    ticket = await repository.ticket_by_reference(session, office.profile.id, reference) if reference else None
    if ticket is not None and author.contact_id in await people_behind(session, ticket.id):
        return Lookup(result="found", tickets=[await told_status(session, office, ticket, language)])
    if await _locked(session, settings, author, reference or ""):
        return Lookup(result="locked")
    if pin is None:
        return Lookup(result="needs_pin")
    if ticket is not None and same(ticket.pin_digest, pin_digest(settings, ticket, pin)):
        await repository.link(session, ticket.id, author.contact_id)
        return Lookup(result="found", tickets=[await told_status(session, office, ticket, language)])
    await repository.add_try(session, author.contact_id, reference or "")
    return Lookup(result="unknown")


async def people_behind(session: AsyncSession, ticket_id: UUID) -> set[UUID]:
    """The author of a ticket, and the contacts of other channels who proved with the PIN to be the same person."""
    ticket = await repository.ticket(session, ticket_id)
    return {ticket.contact_id, *await repository.linked_contacts(session, ticket_id)}


async def move(session: AsyncSession, office: Office, reference: str, state: str, actor: str) -> None:
    """Bring a ticket to another state; the citizen is told. Raises TicketNotFoundError or StateUnknownError."""
    ticket = await repository.ticket_by_reference(session, office.profile.id, reference, lock=True)
    if ticket is None:
        raise TicketNotFoundError
    if state not in STATES:
        raise StateUnknownError
    if ticket.state == state:
        return
    ticket.state, ticket.updated_at = state, utcnow()
    ticket.closed_at = ticket.updated_at if state == "closed" else None
    ticket.outcome = ticket.outcome_reason = ticket.outcome_ground = None  # of an end before this one
    change = {"state": state}
    event = await repository.add_event(session, ticket.id, "state", actor=actor, channel="office", content=change)
    await announce(session, ticket, "state", event)
    await defer(session, NEWS_TASK, ticket_id=str(ticket.id), event=event, state=state)


async def note_told(session: AsyncSession, ticket_id: UUID, event: int, channel: str) -> None:
    """Write down that the citizen was told of a change, and where."""
    content = {"event": event}
    await repository.add_event(session, ticket_id, "told", actor="system", channel=channel, content=content)


async def was_told(session: AsyncSession, ticket_id: UUID, event: int) -> bool:
    """Whether the citizen was told of a change already."""
    return await repository.was_told(session, ticket_id, event)


async def news_text(
    session: AsyncSession, office: Office, ticket_id: UUID, event: int, state: str, language: str
) -> str:
    """What a citizen is told of a ticket's new state, and what the agent said with it, in the agent's own words."""
    ticket, change = await repository.ticket(session, ticket_id), await repository.event(session, ticket_id, event)
    if change and change.kind == AUTHORITY:
        return "\n".join(decision_lines(change, await told_status(session, office, ticket, language), language))
    status, texts = status_of(office, ticket, language), backend_catalogue()
    says = texts.text(f"ticket.state.{state}", language)
    news = texts.text("ticket.news", language, **{**status.model_dump(), "state": says})
    return "\n".join([news, *_said(all_shown(change.content, language), language)]) if change else news


def _said(content: Json, language: str) -> list[str]:
    texts = backend_catalogue()
    lines = (
        [texts.text("ticket.news.question", language, question=content["question"])] if "question" in content else []
    )
    if outcome := content.get("outcome"):
        lines.append(
            texts.text("ticket.news.outcome", language, outcome=texts.text(f"ticket.outcome.{outcome}", language))
        )
        lines += [content[part] for part in ("reason", "ground") if content.get(part)]
    return [*lines, content["notice"]] if content.get("notice") else lines


async def filed_in(
    session: AsyncSession, office: Office, conversation_id: UUID, since: datetime, language: str
) -> list[Status]:
    """What was filed in a chat since a moment, newest first."""
    filed = await repository.filed_in(session, conversation_id, since)
    return [await told_status(session, office, ticket, language) for ticket in filed]


async def _own_tickets(session: AsyncSession, office: Office, author: Author, language: str) -> Lookup:
    tickets = await repository.tickets_of(session, author.contact_id, OWN_TICKETS_SHOWN)
    if not tickets:
        return Lookup(result="needs_reference")
    return Lookup(result="found", tickets=[await told_status(session, office, ticket, language) for ticket in tickets])


async def _locked(session: AsyncSession, settings: Settings, author: Author, reference: str) -> bool:
    now = utcnow()
    tries = await repository.count_tries(session, now - timedelta(hours=1), contact_id=author.contact_id)
    if tries >= settings.lookup_tries_per_hour:
        return True
    tries = await repository.count_tries(session, now - timedelta(days=1), reference=reference)
    return bool(reference) and tries >= TRIES_PER_REFERENCE_AND_DAY


async def ticket_of(session: AsyncSession, request_key: str) -> str | None:
    """The reference of the ticket that was filed for a request, or None."""
    ticket = await repository.ticket_of_request(session, request_key)
    return ticket.reference if ticket else None


async def ticket_by_id(session: AsyncSession, ticket_id: UUID, *, lock: bool = False) -> Ticket | None:
    """A ticket, locked until the transaction ends when asked; None when there is none. For jobs, not for people."""
    return await session.get(Ticket, ticket_id, with_for_update=lock or None, populate_existing=lock)


async def ticket_named(session: AsyncSession, office: Office, reference: str) -> Ticket | None:
    """The ticket with a reference; whether the caller may know of it is the caller's to find out."""
    return await repository.ticket_by_reference(session, office.profile.id, reference)


async def note_said(session: AsyncSession, ticket: Ticket, kind: str, content: Json) -> None:
    """Write down what somebody outside the office said about a ticket on a page or by a button."""
    ticket.updated_at = utcnow()
    await repository.add_event(session, ticket.id, kind, actor="citizen", channel="web", content=content)
