"""What the desk reads of conversations: one chat whole, who holds what, words for the search."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.accounts.schemas import Agent
from backend.contacts.models import Contact, Identity
from backend.conversations.models import Conversation, Message, MessageWords, Usefulness
from backend.conversations.secrecy import veiled, veiled_content
from backend.core.database import Json
from backend.core.folding import folded_words
from backend.tickets.models import Ticket

INDEX_BATCH = 500
INDEX_WINDOW = 20_000
"""Messages looked through for unindexed ones: numbers are given before they are committed, so gaps fill late."""
ADD_WORDS = text(
    """
    INSERT INTO message_words (message_id, conversation_id, words)
    SELECT message_id, conversation_id, to_tsvector('simple', words)
    FROM unnest(CAST(:ids AS bigint[]), CAST(:conversations AS uuid[]), CAST(:words AS text[]))
        AS said (message_id, conversation_id, words)
    ON CONFLICT DO NOTHING
    """
)


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
    if rows:
        words = [" ".join(folded_words(veiled(said or ""))) for _, _, said in rows]
        values = {"ids": [row[0] for row in rows], "conversations": [row[1] for row in rows], "words": words}
        await session.execute(ADD_WORDS, values)
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
