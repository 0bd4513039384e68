"""Questions that found no article: noted without numbers and addresses, shown in groups, forgotten after a while."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession

from backend.accounts.schemas import Agent
from backend.audit.service import record
from backend.core.database import utcnow
from backend.core.errors import NotAllowedError
from backend.core.folding import folded_words
from backend.knowledge.models import Unanswered
from backend.knowledge.schemas import Asked

KEPT = timedelta(days=90)
LONGEST = 300
"""Characters kept of a question."""
MASK = "#"
ADDRESS = re.compile(r"\S*@\S*|\b(?:https?://|www\.)\S+")
NUMBER = re.compile(r"\+?\(?\w*\d(?:[\s()./\\\-–]{0,3}\w*\d)*\w*")
FEWEST_DIGITS = 4
"""From so many digits on, a number may be somebody's: a phone, an account, a birth date."""


# A chat that is not stored, as on the command line, is none; built once, because it runs for every unanswered message.
NOTE = text(
    """
    INSERT INTO unanswered (office_id, message_id, conversation_id, words, folded, language, label, confidence, offered,
                            at)
    VALUES (:office_id, :message_id, (SELECT id FROM conversation WHERE id = :conversation_id), :words, :folded,
            :language, :label, :confidence, :offered, :at)
    ON CONFLICT DO NOTHING
    """
)


@dataclass(frozen=True)
class Group:
    """Questions of the same folded words in one language."""

    folded: str
    language: str
    words: str
    """The newest way it was written."""
    label: str
    confidence: float | None
    count: int
    offered: int
    """How many near articles the newest one was offered."""
    newest: datetime
    oldest: datetime
    conversations: tuple[UUID, ...]
    """Where it was asked, newest first."""


def masked(said: str) -> str:
    """A text without e-mail and web addresses and without runs of four and more digits, however they are written."""
    without = NUMBER.sub(_masked_number, ADDRESS.sub(MASK, said[: 4 * LONGEST]))
    return " ".join(without.replace("\0", "").split())[:LONGEST]


def _masked_number(found: re.Match[str]) -> str:
    written = found[0]
    return MASK if sum(sign.isdigit() for sign in written) >= FEWEST_DIGITS else written


async def note(session: AsyncSession, office_id: str, asked: Asked, offered: int = 0) -> None:
    """Keep a question that no article answered; the same message again counts once. Nothing here fails the answer."""
    words = masked(asked.text)
    folded = " ".join(folded_words(words)) or asked.label
    if not folded:
        return
    values = {
        "office_id": office_id,
        "message_id": asked.message_id or None,
        "conversation_id": _conversation(asked.message_id),
        "words": words,
        "folded": folded,
        "language": asked.language,
        "label": asked.label,
        "confidence": asked.confidence,
        "offered": offered,
        "at": utcnow(),
    }
    await session.execute(NOTE, values)


def _conversation(message_id: str) -> UUID | None:
    try:
        return UUID(message_id.partition(":")[0])
    except ValueError:
        return None


async def groups(
    session: AsyncSession, office_id: str, *, language: str = "", only_empty: bool = False, limit: int = 200
) -> Sequence[Group]:
    """What was asked without an answer and is not dismissed, newest first; `only_empty`: nothing near was offered."""
    query = (
        select(
            Unanswered.folded,
            Unanswered.language,
            _newest(Unanswered.words),
            _newest(Unanswered.label),
            _newest(Unanswered.confidence),
            func.count(),
            _newest(Unanswered.offered),
            func.max(Unanswered.at),
            func.min(Unanswered.at),
            _newest_first(Unanswered.conversation_id),
        )
        .where(Unanswered.office_id == office_id, Unanswered.dismissed_at.is_(None))
        .group_by(Unanswered.folded, Unanswered.language)
    )
    if language:
        query = query.where(Unanswered.language == language)
    if only_empty:
        query = query.where(Unanswered.offered == 0)
    rows = await session.execute(query.order_by(func.max(Unanswered.at).desc()).limit(limit))
    return [_group(*row) for row in rows]


def _group(*columns: Any) -> Group:
    values = [*columns[:-1], tuple(dict.fromkeys(chat for chat in columns[-1] if chat))]
    return Group(*values)


def _newest_first(column: Any) -> ColumnElement[Any]:
    return func.array_agg(
        aggregate_order_by(column, Unanswered.at.desc(), Unanswered.id.desc()), type_=ARRAY(column.type)
    )


def _newest(column: Any) -> ColumnElement[Any]:
    return _newest_first(column)[1]


async def dismiss(session: AsyncSession, agent: Agent, folded: str, language: str) -> int:
    """Take a group off the list; who asks the same again brings it back. Returns how many. Raises NotAllowedError."""
    if not (agent.may("ticket") or agent.may("publish")):
        raise NotAllowedError
    statement = update(Unanswered).where(
        Unanswered.office_id == agent.office_id,
        Unanswered.folded == folded,
        Unanswered.language == language,
        Unanswered.dismissed_at.is_(None),
    )
    done = await session.execute(statement.values(dismissed_at=utcnow()).returning(Unanswered.id))
    count = len(done.all())
    if count:
        await record(session, agent, "question.dismiss", "question", language, count=count)
    return count


async def purge(session: AsyncSession, before: datetime) -> int:
    """Forget what was asked before a moment; returns how many."""
    gone = await session.execute(delete(Unanswered).where(Unanswered.at < before).returning(Unanswered.id))
    return len(gone.all())


async def forget(session: AsyncSession, conversation_ids: Collection[UUID]) -> None:
    """Forget what was asked in some conversations."""
    await session.execute(delete(Unanswered).where(Unanswered.conversation_id.in_(conversation_ids)))
