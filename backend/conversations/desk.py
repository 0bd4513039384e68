"""What the desk reads of conversations: lists, counts, one chat whole, search."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple, get_args
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, literal, or_, select, text, union
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from backend.accounts.schemas import Agent
from backend.contacts.models import Contact, Identity
from backend.conversations.models import Conversation, Message, MessageWords, Usefulness
from backend.conversations.secrecy import veiled, veiled_content
from backend.core.database import Json, utcnow
from backend.core.folding import folded_words
from backend.tickets.models import Ticket

View = Literal["mine", "unassigned", "all", "waiting", "overdue", "bot"]
VIEWS: tuple[View, ...] = get_args(View)
ANSWER_WITHIN = timedelta(minutes=30)
"""A chat an agent holds is overdue when the citizen waits that long for the next word."""
RECENT = timedelta(days=7)
"""How long the assistant's own chats are listed."""
PREVIEW_CHARACTERS = 140
LEAST_DIGITS = 5
INDEX_BATCH = 500
INDEX_WINDOW = 20_000
"""Messages looked through for unindexed ones: numbers are given before they are committed, so gaps fill late."""


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


@dataclass(frozen=True)
class Chat:
    """One chat with the person behind it."""

    conversation: Conversation
    contact: Contact
    stopped: bool


@dataclass(frozen=True)
class Line:
    """One message of a chat, as the desk sees it."""

    seq: int
    author: str
    content: Json
    language: str | None
    state: str
    error: str | None
    at: datetime
    account_id: UUID | None
    useful: bool | None


def seen_by(agent: Agent) -> ColumnElement[bool]:
    """Chats that are an agent's to see: of the whole desk, of their units, and those they hold.

    A chat in which a restricted ticket was filed is as restricted as the ticket.
    """
    if not agent.may("read"):
        return false()
    held = Conversation.agent_id == agent.id
    mine = and_(Conversation.office_id == agent.office_id, or_(held, _tells_nothing_restricted(agent)))
    if not agent.units or agent.may("direct"):
        return mine
    return and_(mine, or_(Conversation.unit.is_(None), Conversation.unit.in_(agent.units), held))


def _tells_nothing_restricted(agent: Agent) -> ColumnElement[bool]:
    """Whether no restricted ticket was filed in a chat but those of units this agent is named for."""
    closely = [unit for unit in agent.units if agent.sees_restricted(unit)]
    filed = exists().where(
        Ticket.conversation_id == Conversation.id, Ticket.priority == "restricted", Ticket.unit.not_in(closely)
    )
    return ~filed


def _in_view(view: View, agent: Agent, now: datetime) -> ColumnElement[bool]:
    held, queued = Conversation.holder == "agent", Conversation.holder == "queue"
    late = or_(Conversation.promised_at < now, and_(held, Conversation.waiting_since < now - ANSWER_WITHIN))
    views: dict[View, ColumnElement[bool]] = {
        "mine": and_(held, Conversation.agent_id == agent.id),
        "unassigned": queued,
        "all": Conversation.holder != "bot",
        "waiting": and_(held, Conversation.waiting_since.is_(None)),
        "overdue": and_(Conversation.holder != "bot", Conversation.waiting_since.is_not(None), late),
        "bot": and_(Conversation.holder == "bot", Conversation.heard_at > now - RECENT),
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
    searched = bool(wanted.words.strip())
    page = select(Conversation).where(_filter(agent, wanted))
    if searched:
        page = page.where(_matching(agent.office_id, wanted.words, also))
    else:
        page = page.where(_in_view(wanted.view, agent, utcnow()))
    if after is not None:
        page = page.where(_behind(after, searched=searched))
    page = page.order_by(*_order(Conversation, searched=searched)).limit(limit)
    chat = aliased(Conversation, page.subquery())
    rows = await session.execute(_with_previews(chat).order_by(*_order(chat, searched=searched)))
    chats = [Listed(*tuple(row)) for row in rows]
    return [replace(one, preview=veiled(one.preview)) for one in chats]


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
    now = utcnow()
    columns = [func.count().filter(_in_view(view, agent, now)) for view in VIEWS]
    listed_anywhere = or_(Conversation.holder != "bot", Conversation.heard_at > now - RECENT)
    query = select(*columns).select_from(Conversation).where(_filter(agent, wanted), listed_anywhere)
    row = (await session.execute(query)).one()
    return dict(zip(VIEWS, row, strict=True))


async def count_waiting_for(session: AsyncSession, agent_id: UUID) -> int:
    """In how many chats an agent holds the citizen waits for their next word."""
    query = select(func.count()).where(
        Conversation.agent_id == agent_id, Conversation.holder == "agent", Conversation.waiting_since.is_not(None)
    )
    return await session.scalar(query) or 0


async def chat(session: AsyncSession, agent: Agent, conversation_id: UUID) -> Chat | None:
    """One chat with its contact; None when it is unknown or not this agent's to see."""
    stopped = exists().where(
        Identity.contact_id == Contact.id, Identity.channel == Conversation.channel, Identity.stopped_at.is_not(None)
    )
    query = (
        select(Conversation, Contact, stopped)
        .join(Contact, Contact.id == Conversation.contact_id)
        .where(Conversation.id == conversation_id, seen_by(agent))
    )
    row = (await session.execute(query)).first()
    return Chat(*row) if row else None


async def seen_among(session: AsyncSession, agent: Agent, ids: Collection[UUID]) -> set[UUID]:
    """Which of these chats are an agent's to see."""
    return set(await session.scalars(select(Conversation.id).where(Conversation.id.in_(ids), seen_by(agent))))


async def lines(session: AsyncSession, conversation_id: UUID, *, before: int | None, limit: int) -> list[Line]:
    """The newest messages of a chat below a number, oldest first."""
    query = (
        select(
            Message.seq,
            Message.author,
            Message.content,
            Message.language,
            Message.state,
            Message.error,
            Message.created_at,
            Message.account_id,
            Usefulness.useful,
        )
        .outerjoin(
            Usefulness,
            and_(Usefulness.conversation_id == Message.conversation_id, Usefulness.seq == Message.seq),
        )
        .where(Message.conversation_id == conversation_id, Message.content["hidden"].is_(None))
    )
    if before is not None:
        query = query.where(Message.seq < before)
    rows = (await session.execute(query.order_by(Message.seq.desc()).limit(limit))).all()
    return [replace(line, content=veiled_content(line.content)) for line in (Line(*row) for row in reversed(rows))]


async def others_of(session: AsyncSession, agent: Agent, of: Conversation) -> Sequence[Conversation]:
    """The person's chats on other channels, as far as they are this agent's to see."""
    query = select(Conversation).where(
        Conversation.contact_id == of.contact_id, Conversation.id != of.id, seen_by(agent)
    )
    return (await session.scalars(query.order_by(Conversation.heard_at.desc()))).all()


async def index_words(session: AsyncSession) -> int:
    """Fold the words of messages that are new since the last time; returns how many."""
    newest = select(func.coalesce(func.max(Message.id), 0)).scalar_subquery()
    known = exists().where(MessageWords.message_id == Message.id)
    query = (
        select(Message.id, Message.conversation_id, Message.content["text"].astext)
        .where(Message.id > newest - INDEX_WINDOW, ~known)
        .order_by(Message.id)
        .limit(INDEX_BATCH)
    )
    rows = (await session.execute(query)).all()
    for message_id, conversation_id, said in rows:
        words = func.to_tsvector("simple", " ".join(folded_words(veiled(said or ""))))
        values = {"message_id": message_id, "conversation_id": conversation_id, "words": words}
        await session.execute(insert(MessageWords).values(**values).on_conflict_do_nothing())
    return len(rows)


async def held_in_silence(session: AsyncSession, office_id: str, silent_since: datetime) -> Sequence[Conversation]:
    """Chats with agents in which nobody has written since a moment."""
    newest = func.greatest(Conversation.held_at, Conversation.heard_at, Conversation.spoken_at)
    query = select(Conversation).where(
        Conversation.office_id == office_id, Conversation.holder == "agent", newest < silent_since
    )
    return (await session.scalars(query)).all()


async def held_by(
    session: AsyncSession, office_id: str, agents: Sequence[UUID], team: Sequence[UUID]
) -> Sequence[Conversation]:
    """Chats in which the citizen waits for one of some agents, or for one who is not of the team any more."""
    query = select(Conversation).where(
        Conversation.office_id == office_id,
        Conversation.holder == "agent",
        or_(Conversation.agent_id.in_(agents), Conversation.agent_id.not_in(team)),
        Conversation.waiting_since.is_not(None),
    )
    return (await session.scalars(query)).all()


async def unpromised(session: AsyncSession, office_id: str) -> Sequence[Conversation]:
    """Queued chats of which it is not noted by when a person was promised."""
    query = select(Conversation).where(
        Conversation.office_id == office_id, Conversation.holder == "queue", Conversation.promised_at.is_(None)
    )
    return (await session.scalars(query)).all()


async def count_held(session: AsyncSession, agent_id: UUID) -> int:
    """How many chats an agent holds."""
    query = select(func.count()).where(Conversation.agent_id == agent_id, Conversation.holder == "agent")
    return await session.scalar(query) or 0


async def loads(session: AsyncSession, office_id: str) -> dict[UUID, int]:
    """How many chats each agent holds."""
    query = (
        select(Conversation.agent_id, func.count())
        .where(Conversation.office_id == office_id, Conversation.holder == "agent")
        .group_by(Conversation.agent_id)
    )
    return {row[0]: row[1] for row in await session.execute(query) if row[0]}


async def lock_index(session: AsyncSession) -> bool:
    """Whether this process is the one that folds words now; until the transaction ends."""
    return bool(await session.scalar(text("SELECT pg_try_advisory_xact_lock(7301)")))
