"""Who is behind a token."""

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contacts.models import Contact, Identity
from backend.contacts.service import new_web_visitor, web_visitor


async def test_a_visitor_is_known_again_by_their_token(session: AsyncSession) -> None:
    first, token = await new_web_visitor(session, "timisoara")
    second, other = await new_web_visitor(session, "timisoara")
    assert await web_visitor(session, token) == first
    assert await web_visitor(session, other) == second
    assert first != second


@pytest.mark.parametrize("forged", ["", "x", "ț"])
async def test_a_forged_token_is_nobodys(session: AsyncSession, forged: str) -> None:
    _, token = await new_web_visitor(session, "timisoara")
    for guess in (forged, token + "x", token.swapcase()):
        assert await web_visitor(session, guess) is None


async def test_the_token_itself_is_not_stored(session: AsyncSession) -> None:
    contact_id, token = await new_web_visitor(session, "timisoara")
    identity = await session.scalar(select(Identity).where(Identity.contact_id == contact_id))
    assert identity is not None
    assert identity.channel == "web"
    assert token not in identity.external_id
    assert await web_visitor(session, identity.external_id) is None


async def test_a_contact_belongs_to_its_office(session: AsyncSession) -> None:
    contact_id, _ = await new_web_visitor(session, "timisoara")
    contact = await session.get(Contact, contact_id)
    assert contact is not None
    assert contact.office_id == "timisoara"
