"""What is erased of a person: words, name, number, photos. Tickets stay without them, and so do the figures."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.accounts.schemas import Agent
from backend.announcements import service as announcements
from backend.contacts import service as contacts
from backend.conversations import personal as conversations
from backend.core.database import driver_connection
from backend.disputes import personal as disputes
from backend.handoff import personal as handoff
from backend.knowledge import questions
from backend.offices.service import Office
from backend.outbox import service as outbox
from backend.privacy import repository
from backend.subscriptions import service as subscriptions
from backend.surveys import service as surveys
from backend.tickets import personal as tickets


async def erase(session: AsyncSession, office: Office, agent: Agent, contact_id: UUID) -> None:
    """All but the address, which is needed to tell that it is done, and the photos' files."""
    forgotten = await tickets.forget(session, office, agent, contact_id)
    await surveys.forget_words(session, forgotten)
    await disputes.forget(session, contact_id, forgotten)
    await subscriptions.forget(session, contact_id)
    await announcements.forget(session, contact_id)
    await _forget_talk(session, contact_id)
    await contacts.forget(session, contact_id)


async def finish(session: AsyncSession, contact_id: UUID) -> None:
    """What was said since, and the address: from now on nobody knows who it was."""
    ids = await _forget_talk(session, contact_id)
    connection = await driver_connection(session)
    for conversation_id in ids:
        await outbox.forget_lane(connection, conversation_id)
    await conversations.forget_addresses(session, ids)
    await contacts.forget_identities(session, contact_id)


async def _forget_talk(session: AsyncSession, contact_id: UUID) -> list[UUID]:
    ids = [of.id for of, _ in await conversations.of_contact(session, contact_id)]
    await conversations.forget_words(session, ids)
    await questions.forget(session, ids)
    await handoff.forget(session, ids)
    await repository.forget_trackers(session, ids)
    connection = await driver_connection(session)
    for conversation_id in ids:
        await outbox.forget_sent(connection, conversation_id)
    return ids
