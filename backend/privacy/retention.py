"""What is forgotten by itself after so many days as the office has set; nothing where it has set none."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.announcements import service as announcements
from backend.conversations import personal as conversations
from backend.core.database import utcnow
from backend.core.settings import Settings
from backend.disputes import personal as disputes
from backend.offices.service import Office
from backend.subscriptions import service as subscriptions
from backend.surveys import service as surveys
from backend.tickets import personal as tickets


@dataclass(frozen=True)
class Purged:
    """How much was, or would be, forgotten; and tickets whose photos go as well."""

    messages: int = 0
    tickets: int = 0
    subscriptions: int = 0
    """Ended ones."""
    ticket_ids: tuple[UUID, ...] = ()


async def purge(session: AsyncSession, settings: Settings, office: Office, *, dry_run: bool) -> Purged:
    """Forget the words of old messages, and people in tickets and subscriptions that ended long ago.

    Only counts when it is a dry run.
    """
    now, office_id = utcnow(), office.profile.id
    messages = closed = wishes = 0
    ids: list[UUID] = []
    if settings.retention_message_days:
        before = now - timedelta(days=settings.retention_message_days)
        messages = await conversations.count_older(session, office_id, before)
        if not dry_run:
            await conversations.forget_older(session, office_id, before)
            await announcements.forget_ended(session, office_id, before)
    if settings.retention_ticket_days:
        before = now - timedelta(days=settings.retention_ticket_days)
        closed = await tickets.count_closed(session, office_id, before)
        wishes = await subscriptions.count_ended(session, office_id, before)
        if not dry_run:
            ids = await tickets.forget_closed(session, office, before)
            await surveys.forget_words(session, ids)
            await disputes.forget_tickets(session, ids)
            await subscriptions.forget_ended(session, office_id, before)
    return Purged(messages, closed, wishes, tuple(ids))
