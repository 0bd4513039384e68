"""What conversations hold of a person: read for a copy, and forgotten."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.models import Conversation, Message, MessageWords, Usefulness
from backend.conversations.repository import MESSAGE_CHANNEL
from backend.conversations.secrecy import veiled
from backend.core.database import notify
from backend.core.folding import folded_words

FORGOTTEN = {"text": "", "hidden": "forgotten"}
"""A message without its words: shown nowhere."""
WAITING = "received"
"""A message that waits for its answer is forgotten with the next round."""


async def of_contact(session: AsyncSession, contact_id: UUID) -> list[tuple[Conversation, Sequence[Message]]]:
    """A person's conversations with all that was said, oldest first."""
    chats = select(Conversation).where(Conversation.contact_id == contact_id).order_by(Conversation.created_at)
    return [(of, await _messages(session, of.id)) for of in (await session.scalars(chats)).all()]


async def _messages(session: AsyncSession, conversation_id: UUID) -> Sequence[Message]:
    query = select(Message).where(Message.conversation_id == conversation_id, Message.content["hidden"].is_(None))
    return (await session.scalars(query.order_by(Message.seq))).all()


async def votes_of(session: AsyncSession, conversation_ids: Collection[UUID]) -> Sequence[Usefulness]:
    """What somebody thought of answers."""
    query = select(Usefulness).where(Usefulness.conversation_id.in_(conversation_ids)).order_by(Usefulness.at)
    return (await session.scalars(query)).all()


async def forget_words(session: AsyncSession, conversation_ids: Collection[UUID]) -> None:
    """Take the words, photos and positions out of all messages; nobody is told news here before they write again."""
    await _forget(session, Message.conversation_id.in_(conversation_ids))
    silent = update(Conversation).where(Conversation.id.in_(conversation_ids))
    await session.execute(silent.values(heard_at=None))


async def count_older(session: AsyncSession, office_id: str, before: datetime) -> int:
    """How many messages with words are older than a moment."""
    return await session.scalar(select(func.count()).where(_older(office_id, before))) or 0


async def forget_older(session: AsyncSession, office_id: str, before: datetime) -> None:
    """Take the words out of messages older than a moment."""
    await _forget(session, _older(office_id, before))


def _older(office_id: str, before: datetime) -> ColumnElement[bool]:
    ours = select(Conversation.id).where(Conversation.office_id == office_id)
    return and_(
        Message.conversation_id.in_(ours),
        Message.created_at < before,
        Message.state != WAITING,
        Message.content["hidden"].is_(None),
    )


async def _forget(session: AsyncSession, which: ColumnElement[bool]) -> None:
    old = select(Message.id).where(which, Message.state != WAITING)
    await session.execute(delete(MessageWords).where(MessageWords.message_id.in_(old)))
    gone = update(Message).where(Message.id.in_(old))
    await session.execute(gone.values(content=FORGOTTEN, external_id=None, error=None))


async def forget_addresses(session: AsyncSession, conversation_ids: Collection[UUID]) -> None:
    """Nothing can be sent to these any more."""
    gone = update(Conversation).where(Conversation.id.in_(conversation_ids))
    await session.execute(gone.values(address=""))


async def locked(session: AsyncSession, conversation_ids: Collection[UUID]) -> Sequence[Conversation]:
    """Some chats, which no worker begins to answer before the transaction ends."""
    query = select(Conversation).where(Conversation.id.in_(conversation_ids)).order_by(Conversation.id)
    return (await session.scalars(query.with_for_update().execution_options(populate_existing=True))).all()


async def ids_of(session: AsyncSession, contact_ids: Collection[UUID]) -> Sequence[UUID]:
    """The conversations of some people."""
    query = select(Conversation.id).where(Conversation.contact_id.in_(contact_ids)).order_by(Conversation.created_at)
    return (await session.scalars(query)).all()


async def texts_of(session: AsyncSession, conversation_ids: Collection[UUID], *, lock: bool) -> Sequence[Message]:
    """All messages of some chats, hidden ones too, in their order."""
    query = select(Message).where(Message.conversation_id.in_(conversation_ids))
    query = query.order_by(Message.conversation_id, Message.seq)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return (await session.scalars(query)).all()


async def refold(session: AsyncSession, messages: Collection[Message]) -> None:
    """Make the search find messages by the words they have now, and wake the pages that show them."""
    await session.execute(delete(MessageWords).where(MessageWords.message_id.in_([one.id for one in messages])))
    for message in messages:
        words = func.to_tsvector("simple", " ".join(folded_words(veiled(message.content.get("text") or ""))))
        row = MessageWords(message_id=message.id, conversation_id=message.conversation_id, words=words)
        session.add(row)
    await session.flush()
    for conversation_id in {message.conversation_id for message in messages}:
        await notify(session, MESSAGE_CHANNEL, str(conversation_id))
