"""The desk's list of tickets: views, filters, search, order, pages, counts."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal, get_args
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import ColumnElement, Select, Uuid, and_, func, literal, or_, select, tuple_, union_all
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from backend.accounts.absences import stood_in_for
from backend.accounts.schemas import Agent
from backend.contacts.phones import e164
from backend.contacts.service import matching, with_phone
from backend.core.database import utcnow
from backend.core.folding import folded_words
from backend.offices.service import Office
from backend.tickets.models import Ticket
from backend.tickets.reference import find_reference
from backend.tickets.repository import visible_to

View = Literal["mine", "unassigned", "open", "overdue", "escalated", "due_soon", "waiting", "all"]
VIEWS: tuple[View, ...] = get_args(View)
COUNTED: tuple[View, ...] = tuple(view for view in VIEWS if view != "all")
Sort = Literal["newest", "oldest", "due", "changed"]
SORTS: tuple[Sort, ...] = get_args(Sort)
PAGE = 50
SOON = timedelta(days=3)
MOST_WORDS = 8
DIGITS_OF_A_PHONE = 6


class Wanted(BaseModel):
    """Which tickets a list shows, in which order."""

    view: View = "open"
    unit: str = ""
    state: str = ""
    kind: str = ""
    category: str = ""
    language: str = ""
    channel: str = ""
    """A channel, or the source of what agents registered."""
    due_within: int | None = Field(None, ge=0, le=366)
    """Days from now; what is overdue is due within any number of them."""
    created_from: date | None = None
    created_to: date | None = None
    """The last day, in office time."""
    text: str = Field("", max_length=200)
    sort: Sort = "newest"
    after: str = Field("", max_length=100)
    """The cursor of the page before."""


@dataclass(frozen=True)
class Listed:
    """One ticket of a list. Nothing in it says who the citizen is."""

    id: UUID
    reference: str
    kind: str
    category: str | None
    unit: str
    priority: str
    state: str
    outcome: str | None
    place: str | None
    language: str
    channel: str
    assignee_id: UUID | None
    duplicate_of: UUID | None
    due_at: datetime | None
    escalated_at: datetime | None
    created_at: datetime
    updated_at: datetime
    beginning: str
    """Of the description."""


@dataclass(frozen=True)
class Page:
    """Some tickets, and the cursor of the next page when there is one."""

    tickets: list[Listed]
    after: str | None


COLUMNS: tuple[ColumnElement[Any] | InstrumentedAttribute[Any], ...] = (
    *(getattr(Ticket, name) for name in list(Listed.__dataclass_fields__)[:-1]),
    func.left(Ticket.description, 160).label("beginning"),
)
EQUAL = ("unit", "state", "kind", "category", "language", "channel")
KEYS: dict[str, InstrumentedAttribute[Any]] = {
    "newest": Ticket.created_at,
    "oldest": Ticket.created_at,
    "due": Ticket.due_at,
    "changed": Ticket.updated_at,
}
DOWNWARDS = ("newest", "changed")


async def tickets(session: AsyncSession, office: Office, agent: Agent, wanted: Wanted, limit: int = PAGE) -> Page:
    """A page of the tickets this agent may see and wants to."""
    query = await listing(session, office, agent, wanted)
    rows = [Listed(*row) for row in await session.execute(query.limit(limit + 1))]
    more = len(rows) > limit
    return Page(rows[:limit], _cursor(rows[limit - 1], wanted.sort) if more else None)


async def listing(session: AsyncSession, office: Office, agent: Agent, wanted: Wanted) -> Select[Any]:
    """The statement behind a list."""
    conditions = [visible_to(agent), *_narrowed(office, agent, wanted), *await _worded(session, office, wanted.text)]
    key = KEYS[wanted.sort]
    if wanted.after and (after := _after(wanted)) is not None:
        conditions.append(after)
    down = wanted.sort in DOWNWARDS
    order = (key.desc(), Ticket.id.desc()) if down else (key.asc().nulls_last(), Ticket.id.asc())
    return select(*COLUMNS).where(*conditions).order_by(*order)


def _view(view: View, agent: Agent, now: datetime) -> list[ColumnElement[bool]]:
    if view == "all":
        return []
    narrower: dict[str, ColumnElement[bool]] = {
        "mine": Ticket.assignee_id.in_(union_all(select(literal(agent.id, Uuid())), stood_in_for(agent.id))),
        "unassigned": Ticket.assignee_id.is_(None),
        "overdue": Ticket.due_at < now,
        "escalated": Ticket.escalated_at.is_not(None),
        "due_soon": Ticket.due_at.between(now, now + SOON),
        "waiting": Ticket.state == "waiting",
    }
    return [Ticket.state != "closed", *([narrower[view]] if view in narrower else [])]


def _narrowed(office: Office, agent: Agent, wanted: Wanted) -> list[ColumnElement[bool]]:
    now, zone = utcnow(), office.profile.zone
    conditions = _view(wanted.view, agent, now)
    conditions += [getattr(Ticket, name) == getattr(wanted, name) for name in EQUAL if getattr(wanted, name)]
    if wanted.due_within is not None:
        conditions.append(Ticket.due_at < now + timedelta(days=wanted.due_within))
    if wanted.created_from:
        conditions.append(Ticket.created_at >= datetime.combine(wanted.created_from, time.min, zone))
    if wanted.created_to and wanted.created_to < date.max:
        conditions.append(Ticket.created_at < datetime.combine(wanted.created_to + timedelta(days=1), time.min, zone))
    return conditions


async def _worded(session: AsyncSession, office: Office, text: str) -> list[ColumnElement[bool]]:
    """A reference, a telephone number, or words that must all be in the ticket or in the citizen's name."""
    if reference := find_reference(text, office.profile.reference_prefix):
        return [Ticket.reference == reference]
    digits = sum(sign.isdigit() for sign in text)
    if digits >= DIGITS_OF_A_PHONE and (phone := e164(text.strip(), office.profile.country)):
        return [Ticket.contact_id.in_(await with_phone(session, office.profile.id, phone))]
    return [await _word(session, office, word) for word in folded_words(text)[:MOST_WORDS]]


async def _word(session: AsyncSession, office: Office, word: str) -> ColumnElement[bool]:
    # Two steps instead of a join: an OR over two tables could use no index of either.
    found = Ticket.words.bool_op("@@")(func.to_tsquery("simple", f"{word}:*"))
    people = await matching(session, office.profile.id, word)
    return or_(found, Ticket.contact_id.in_(people)) if people else found


def _cursor(last: Listed, sort: Sort) -> str:
    value: datetime | None = getattr(last, KEYS[sort].key)
    return f"{value.isoformat() if value else ''}~{last.id}"


def _after(wanted: Wanted) -> ColumnElement[bool] | None:
    """What comes after the cursor; None for one that cannot be read."""
    key = KEYS[wanted.sort]
    moment, _, last = wanted.after.partition("~")
    try:
        value, ticket_id = datetime.fromisoformat(moment) if moment else None, UUID(last)
    except ValueError:
        return None
    if value is None:
        return and_(key.is_(None), Ticket.id > ticket_id)
    here, there = tuple_(key, Ticket.id), tuple_(value, ticket_id)
    if wanted.sort in DOWNWARDS:
        return here < there
    return or_(here > there, key.is_(None)) if wanted.sort == "due" else here > there


async def seen_among(session: AsyncSession, agent: Agent, ids: Collection[UUID]) -> set[UUID]:
    """Which of these tickets an agent may see."""
    return set(await session.scalars(select(Ticket.id).where(Ticket.id.in_(ids), visible_to(agent))))


async def counts(session: AsyncSession, agent: Agent) -> dict[View, int]:
    """How many open tickets each view holds for this agent, in one statement."""
    row = (await session.execute(counting(agent))).one()
    return dict(zip(COUNTED, row, strict=True))


def counting(agent: Agent) -> Select[Any]:
    """The statement behind the counts, a column for each view of COUNTED."""
    now = utcnow()
    columns: list[Any] = [func.count().filter(*_view(view, agent, now)) for view in COUNTED]
    return select(*columns).where(visible_to(agent), Ticket.state != "closed")
