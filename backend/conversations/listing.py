"""The desk's lists of chats: views, filters, search, order, counts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Literal, NamedTuple, get_args
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, Select, and_, bindparam, func, literal, or_, select, union
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from backend.accounts.schemas import Agent
from backend.contacts.models import Contact
from backend.conversations.desk import seen_by
from backend.conversations.models import Conversation, Message, MessageWords
from backend.conversations.secrecy import veiled
from backend.core.database import utcnow
from backend.core.folding import folded_words

View = Literal["mine", "unassigned", "all", "waiting", "overdue", "bot"]
VIEWS: tuple[View, ...] = get_args(View)
ANSWER_WITHIN = timedelta(minutes=30)
"""A chat an agent holds is overdue when the citizen waits that long for the next word."""
RECENT = timedelta(days=7)
"""How long the assistant's own chats are listed."""
PREVIEW_CHARACTERS = 140
LEAST_DIGITS = 5
KEPT_STATEMENTS = 500
NOW: ColumnElement[datetime] = bindparam("now", type_=DateTime(timezone=True))


@dataclass(frozen=True)
class Wanted:
    """Which chats a list shows."""

    view: View = "all"
    unit: str = ""
    language: str = ""
    channel: str = ""
    words: str = ""


@dataclass(frozen=True)
class Listed:
    """One chat of a list."""

    id: UUID
    channel: str
    language: str
    holder: str
    unit: str | None
    agent_id: UUID | None
    queued_at: datetime | None
    waiting_since: datetime | None
    promised_at: datetime | None
    heard_at: datetime | None
    callback: bool
    name: str | None
    preview: str
    author: str | None


class Place(NamedTuple):
    """Where a chat stands in a list."""

    waiting_since: datetime | None
    heard_at: datetime | None
    id: UUID


def _in_view(view: View, agent: Agent) -> ColumnElement[bool]:
    held, queued = Conversation.holder == "agent", Conversation.holder == "queue"
    late = or_(Conversation.promised_at < NOW, and_(held, Conversation.waiting_since < NOW - ANSWER_WITHIN))
    views: dict[View, ColumnElement[bool]] = {
        "mine": and_(held, Conversation.agent_id == agent.id),
        "unassigned": queued,
        "all": Conversation.holder != "bot",
        "waiting": and_(held, Conversation.waiting_since.is_(None)),
        "overdue": and_(Conversation.holder != "bot", Conversation.waiting_since.is_not(None), late),
        "bot": and_(Conversation.holder == "bot", Conversation.heard_at > NOW - RECENT),
    }
    return views[view]


def _filter(agent: Agent, wanted: Wanted) -> ColumnElement[bool]:
    chosen = [seen_by(agent)]
    if wanted.unit:
        chosen.append(Conversation.unit == wanted.unit)
    if wanted.language:
        chosen.append(Conversation.language == wanted.language)
    if wanted.channel:
        chosen.append(Conversation.channel == wanted.channel)
    return and_(*chosen)


async def listed(
    session: AsyncSession, agent: Agent, wanted: Wanted, also: Sequence[UUID], limit: int, after: Place | None = None
) -> list[Listed]:
    """The chats of a list, who waits longest first; a search looks through all chats.

    `also` are conversations that match the words elsewhere, such as by a ticket's reference. `after` is the place of
    the last chat that was seen already.
    """
    rows = await session.execute(_listing(agent, wanted, tuple(also), limit, after), {"now": utcnow()})
    chats = [Listed(*tuple(row)) for row in rows]
    return [replace(one, preview=veiled(one.preview)) for one in chats]


@lru_cache(maxsize=KEPT_STATEMENTS)
def _listing(
    agent: Agent, wanted: Wanted, also: tuple[UUID, ...], limit: int, after: Place | None
) -> Select[*tuple[Any, ...]]:
    """Kept, for every console asks for the same list again and again: making the statement costs more than its rows."""
    searched = bool(wanted.words.strip())
    page = select(Conversation).where(_filter(agent, wanted))
    page = page.where(_matching(agent.office_id, wanted.words, also) if searched else _in_view(wanted.view, agent))
    if after is not None:
        page = page.where(_behind(after, searched=searched))
    page = page.order_by(*_order(Conversation, searched=searched)).limit(limit)
    chat = aliased(Conversation, page.subquery())
    return _with_previews(chat).order_by(*_order(chat, searched=searched))


def _with_previews(chat: type[Conversation]) -> Select[*tuple[Any, ...]]:
    """What a list shows of chats: looked up for those of the page only."""
    last = aliased(Message)
    newest = (
        select(func.left(last.content["text"].astext, PREVIEW_CHARACTERS).label("preview"), last.author)
        .where(last.conversation_id == chat.id, last.content["hidden"].is_(None))
        .order_by(last.seq.desc())
        .limit(1)
        .lateral()
    )
    query = select(
        chat.id,
        chat.channel,
        func.coalesce(chat.language_choice, chat.language),
        chat.holder,
        chat.unit,
        chat.agent_id,
        chat.queued_at,
        chat.waiting_since,
        chat.promised_at,
        chat.heard_at,
        chat.callback,
        Contact.name,
        func.coalesce(newest.c.preview, ""),
        newest.c.author,
    )
    return query.join(Contact, Contact.id == chat.contact_id).outerjoin(newest, literal(True))


def _order(chat: type[Conversation], *, searched: bool) -> list[ColumnElement[Any]]:
    """Who waits longest first; of what a search finds, what was written last."""
    heard: list[ColumnElement[Any]] = [chat.heard_at.desc().nulls_last(), chat.id.asc()]
    return heard if searched else [chat.waiting_since.asc().nulls_last(), *heard]


def _behind(place: Place, *, searched: bool) -> ColumnElement[bool]:
    """Chats that stand behind a place of a list, in the list's order."""
    heard, waits, later = Conversation.heard_at, Conversation.waiting_since, Conversation.id > place.id
    rest = and_(heard.is_(None), later)
    if place.heard_at is not None:
        rest = or_(heard < place.heard_at, and_(heard == place.heard_at, later), heard.is_(None))
    if searched:
        return rest
    if place.waiting_since is None:
        return and_(waits.is_(None), rest)
    return or_(waits > place.waiting_since, and_(waits == place.waiting_since, rest), waits.is_(None))


def _matching(office_id: str, words: str, also: Sequence[UUID]) -> ColumnElement[bool]:
    """Chats in which a message or the person's name holds all words (beginnings count), or the number these digits;
    and those of `also`.

    Each way has its index; together in one condition they would be tried on every chat.
    """
    folded, digits = folded_words(words), "".join(sign for sign in words if sign.isdigit()).lstrip("0")
    of_person = select(Conversation.id).join(Contact, Contact.id == Conversation.contact_id)
    of_person = of_person.where(Conversation.office_id == office_id)
    ways = [select(Conversation.id).where(Conversation.id.in_(also))]
    if folded:
        query = func.to_tsquery("simple", " & ".join(f"{word}:*" for word in folded))
        ways.append(select(MessageWords.conversation_id).where(MessageWords.words.bool_op("@@")(query)))
        ways.append(of_person.where(Contact.words.bool_op("@@")(query)))
    if len(digits) >= LEAST_DIGITS:
        ways.append(of_person.where(Contact.phone.contains(digits, autoescape=True)))
    return Conversation.id.in_(union(*ways))


async def counts(session: AsyncSession, agent: Agent, wanted: Wanted) -> dict[View, int]:
    """How many chats each view holds, with the filters of a list."""
    statement = _counting(agent, replace(wanted, view="all", words=""))
    row = (await session.execute(statement, {"now": utcnow()})).one()
    return dict(zip(VIEWS, row, strict=True))


@lru_cache(maxsize=KEPT_STATEMENTS)
def _counting(agent: Agent, wanted: Wanted) -> Select[*tuple[Any, ...]]:
    columns: list[Any] = [func.count().filter(_in_view(view, agent)) for view in VIEWS]
    listed_anywhere = or_(Conversation.holder != "bot", Conversation.heard_at > NOW - RECENT)
    return select(*columns).select_from(Conversation).where(_filter(agent, wanted), listed_anywhere)


async def count_waiting_for(session: AsyncSession, agent_id: UUID) -> int:
    """In how many chats an agent holds the citizen waits for their next word."""
    query = select(func.count()).where(
        Conversation.agent_id == agent_id, Conversation.holder == "agent", Conversation.waiting_since.is_not(None)
    )
    return await session.scalar(query) or 0
