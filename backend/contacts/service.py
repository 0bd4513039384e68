"""Contacts: who is behind an identity on a channel."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.contacts import repository
from backend.core.secrets import new_token, token_digest

WEB = "web"


async def new_web_visitor(session: AsyncSession, office_id: str) -> tuple[UUID, str]:
    """A new visitor of the web chat: the contact and the token only the visitor's browser keeps."""
    token = new_token()
    return await repository.insert_contact(session, office_id, WEB, token_digest(token)), token


async def web_visitor(session: AsyncSession, token: str) -> UUID | None:
    """The contact of a web session token, or None for a forged or forgotten one."""
    return await repository.find_contact(session, WEB, token_digest(token))
