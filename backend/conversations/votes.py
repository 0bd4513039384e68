"""What citizens thought of answers, counted for the desk."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from backend.accounts.schemas import Agent
from backend.conversations.desk import seen_by
from backend.conversations.models import Conversation, Usefulness


@dataclass(frozen=True)
class Votes:
    """How many found answers useful, and how many did not."""

    yes: int = 0
    no: int = 0

    @property
    def all(self) -> int:
        """How many voted."""
        return self.yes + self.no


@dataclass(frozen=True)
class NotUseful:
    """An answer somebody did not find useful."""

    conversation_id: UUID
    seq: int
    topic: str
    language: str
    at: datetime


_YES = func.count().filter(Usefulness.useful)
_NO = func.count().filter(~Usefulness.useful)


async def counts(session: AsyncSession, office_id: str) -> dict[tuple[str, str], Votes]:
    """All votes by topic and language of the answer."""
    query = (
        select(Usefulness.topic, Usefulness.language, _YES, _NO)
        .join(Conversation, Conversation.id == Usefulness.conversation_id)
        .where(Conversation.office_id == office_id)
        .group_by(Usefulness.topic, Usefulness.language)
    )
    return {(topic, language): Votes(yes, no) for topic, language, yes, no in await session.execute(query)}


async def by_week(
    session: AsyncSession, office_id: str, zone: str, since: datetime, topic: str = "", language: str = ""
) -> dict[date, Votes]:
    """Votes by the Monday of their week in a time zone; weeks without any are left out."""
    week = func.date_trunc("week", func.timezone(zone, Usefulness.at))
    query = (
        select(week, _YES, _NO)
        .join(Conversation, Conversation.id == Usefulness.conversation_id)
        .where(Conversation.office_id == office_id, Usefulness.at >= since, _about(topic, language))
        .group_by(week)
    )
    return {monday.date(): Votes(yes, no) for monday, yes, no in await session.execute(query)}


async def newest_not_useful(
    session: AsyncSession, agent: Agent, topic: str = "", language: str = "", limit: int = 50
) -> Sequence[NotUseful]:
    """The newest answers that were not useful, in chats the agent may see."""
    query = (
        select(Usefulness.conversation_id, Usefulness.seq, Usefulness.topic, Usefulness.language, Usefulness.at)
        .join(Conversation, Conversation.id == Usefulness.conversation_id)
        .where(seen_by(agent), ~Usefulness.useful, _about(topic, language))
        .order_by(Usefulness.at.desc())
    )
    return [NotUseful(*row) for row in await session.execute(query.limit(limit))]


def _about(topic: str, language: str) -> ColumnElement[bool]:
    wanted: list[ColumnElement[bool]] = [true()]
    if topic:
        wanted.append(Usefulness.topic == topic)
    if language:
        wanted.append(Usefulness.language == language)
    return and_(*wanted)
