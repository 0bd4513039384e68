"""Reads and writes notes, drafts and canned replies."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.database import utcnow
from backend.handoff.models import CannedReply, Draft, Note


async def add_note(session: AsyncSession, note: Note) -> None:
    """Write a note."""
    session.add(note)
    await session.flush()


async def notes(session: AsyncSession, conversation_id: UUID, after_seq: int, before_seq: int | None) -> Sequence[Note]:
    """The notes on a chat from a place in it on and, unless that is None, up to another, oldest first."""
    query = select(Note).where(Note.conversation_id == conversation_id, Note.after_seq >= after_seq)
    if before_seq is not None:
        query = query.where(Note.after_seq < before_seq)
    return (await session.scalars(query.order_by(Note.id))).all()


async def count_acts(session: AsyncSession, conversation_id: UUID, kinds: Sequence[str], since: datetime) -> int:
    """How many acts of some kinds there were in a chat since a moment."""
    query = select(func.count()).where(Note.conversation_id == conversation_id, Note.kind.in_(kinds), Note.at >= since)
    return await session.scalar(query) or 0


async def draft(session: AsyncSession, account_id: UUID, conversation_id: UUID) -> str:
    """What an agent has begun to write, or nothing."""
    found = await session.get(Draft, (account_id, conversation_id))
    return found.text if found else ""


async def save_draft(session: AsyncSession, account_id: UUID, conversation_id: UUID, text: str) -> None:
    """Keep what an agent has begun to write; nothing is forgotten."""
    if not text:
        mine = delete(Draft).where(Draft.account_id == account_id, Draft.conversation_id == conversation_id)
        await session.execute(mine)
        return
    values = {"account_id": account_id, "conversation_id": conversation_id, "text": text, "at": utcnow()}
    new = insert(Draft).values(**values)
    changed = {"text": text, "at": values["at"]}
    await session.execute(new.on_conflict_do_update(index_elements=["account_id", "conversation_id"], set_=changed))


async def canned_replies(session: AsyncSession, office_id: str, units: Sequence[str]) -> Sequence[CannedReply]:
    """The ready sentences of everybody and of some units, by name; all of them when no unit is named."""
    query = select(CannedReply).where(CannedReply.office_id == office_id)
    if units:
        query = query.where(or_(CannedReply.unit.is_(None), CannedReply.unit.in_(units)))
    return (await session.scalars(query.order_by(CannedReply.name))).all()


async def canned_reply(session: AsyncSession, office_id: str, reply_id: UUID) -> CannedReply | None:
    """One ready sentence, or None."""
    found: CannedReply | None = await session.scalar(
        select(CannedReply).where(CannedReply.office_id == office_id, CannedReply.id == reply_id)
    )
    return found


async def named(session: AsyncSession, office_id: str, name: str) -> CannedReply | None:
    """The ready sentence with a name, or None."""
    found: CannedReply | None = await session.scalar(
        select(CannedReply).where(CannedReply.office_id == office_id, CannedReply.name == name)
    )
    return found


async def save_canned_reply(session: AsyncSession, reply: CannedReply) -> None:
    """Store a ready sentence."""
    session.add(reply)
    await session.flush()


async def delete_canned_reply(session: AsyncSession, reply: CannedReply) -> None:
    """Remove a ready sentence."""
    await session.delete(reply)
    await session.flush()
