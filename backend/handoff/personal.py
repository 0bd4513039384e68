"""What agents wrote beside a person's chats is forgotten; that they did something stays."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.handoff.models import Draft, Note


async def forget(session: AsyncSession, conversation_ids: Collection[UUID]) -> None:
    """Take the words out of notes on some chats, and delete what was begun to be written in them."""
    await session.execute(update(Note).where(Note.conversation_id.in_(conversation_ids)).values(text=""))
    await session.execute(delete(Draft).where(Draft.conversation_id.in_(conversation_ids)))
