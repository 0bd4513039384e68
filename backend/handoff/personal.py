"""What agents wrote beside a person's chats is forgotten; that they did something stays."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.handoff.models import Draft, Note


async def forget(session: AsyncSession, conversation_ids: Collection[UUID]) -> None:
    """Take the words out of notes on some chats, and delete what was begun to be written in them."""
    await session.execute(update(Note).where(Note.conversation_id.in_(conversation_ids)).values(text=""))
    await session.execute(delete(Draft).where(Draft.conversation_id.in_(conversation_ids)))


async def notes_of(session: AsyncSession, conversation_ids: Collection[UUID], *, lock: bool) -> Sequence[Note]:
    """All notes on some chats, oldest first."""
    query = select(Note).where(Note.conversation_id.in_(conversation_ids)).order_by(Note.id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return (await session.scalars(query)).all()


async def drafts_of(session: AsyncSession, conversation_ids: Collection[UUID]) -> Sequence[Draft]:
    """What was begun to be written in some chats, locked until the transaction ends."""
    query = select(Draft).where(Draft.conversation_id.in_(conversation_ids)).order_by(Draft.account_id)
    return (await session.scalars(query.with_for_update().execution_options(populate_existing=True))).all()
