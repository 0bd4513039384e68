"""Reads and writes contacts and identities."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contacts.models import Contact, Identity
from backend.core.database import utcnow


async def insert_contact(session: AsyncSession, office_id: str, channel: str, external_id: str) -> UUID:
    """A new contact with one identity."""
    contact = Contact(office_id=office_id, created_at=utcnow())
    session.add(contact)
    await session.flush()
    session.add(
        Identity(contact_id=contact.id, channel=channel, external_id=external_id, created_at=contact.created_at)
    )
    await session.flush()
    return contact.id


async def find_contact(session: AsyncSession, channel: str, external_id: str) -> UUID | None:
    """The contact behind a channel's name for a person, or None."""
    query = select(Identity.contact_id).where(Identity.channel == channel, Identity.external_id == external_id)
    found: UUID | None = await session.scalar(query)
    return found
