"""Reads and writes requests for one's data."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.privacy.models import PrivacyRequest

OPEN = ("asked", "confirmed")
# The bot keeps its trackers in a table of its own, which no feature of the backend owns.
FORGET_TRACKERS = text("DELETE FROM bot_session WHERE conversation_id = ANY(:ids)")


async def add(session: AsyncSession, request: PrivacyRequest) -> None:
    """Store a request."""
    session.add(request)
    await session.flush()


async def is_open(session: AsyncSession, contact_id: UUID, kind: str) -> bool:
    """Whether a person waits for something of this kind."""
    query = select(PrivacyRequest.id).where(
        PrivacyRequest.contact_id == contact_id, PrivacyRequest.kind == kind, PrivacyRequest.state.in_(OPEN)
    )
    return await session.scalar(query.limit(1)) is not None


async def fetch(
    session: AsyncSession, office_id: str, request_id: UUID, *, lock: bool = False
) -> PrivacyRequest | None:
    """A request of an office; locked until the transaction ends when asked."""
    query = select(PrivacyRequest).where(PrivacyRequest.id == request_id, PrivacyRequest.office_id == office_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found: PrivacyRequest | None = await session.scalar(query)
    return found


async def newest(session: AsyncSession, office_id: str, limit: int) -> Sequence[PrivacyRequest]:
    """Requests of an office, the newest first."""
    query = select(PrivacyRequest).where(PrivacyRequest.office_id == office_id)
    return (await session.scalars(query.order_by(PrivacyRequest.at.desc(), PrivacyRequest.id).limit(limit))).all()


async def by_link(session: AsyncSession, digest: str) -> PrivacyRequest | None:
    """The request a link belongs to, locked until the transaction ends."""
    query = select(PrivacyRequest).where(PrivacyRequest.link_digest == digest).with_for_update()
    found: PrivacyRequest | None = await session.scalar(query)
    return found


async def forget_trackers(session: AsyncSession, conversation_ids: Collection[UUID]) -> None:
    """Make the bot forget some conversations."""
    await session.execute(FORGET_TRACKERS, {"ids": [str(one) for one in conversation_ids]})
