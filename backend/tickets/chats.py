"""Tickets as they are seen from a chat: the person's own, and the chat a reference belongs to."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.accounts.schemas import Agent
from backend.offices.service import Office
from backend.tickets.models import Ticket
from backend.tickets.reference import find_reference
from backend.tickets.repository import newest_of, visible_to


async def of_contact(session: AsyncSession, agent: Agent, contact_id: UUID, limit: int = 10) -> list[Ticket]:
    """A person's newest tickets on all their channels, as far as the agent may see them."""
    return list(await session.scalars(newest_of(contact_id, limit).where(visible_to(agent))))


async def chats_behind(session: AsyncSession, office: Office, agent: Agent, text: str) -> list[UUID]:
    """The chats in which the ticket a text names was filed, if the agent may see it."""
    reference = find_reference(text, office.profile.reference_prefix)
    query = select(Ticket.conversation_id).where(
        Ticket.reference == (reference or ""), Ticket.conversation_id.is_not(None), visible_to(agent)
    )
    return [found for found in await session.scalars(query) if found]
