"""Passwords that cost next to nothing, and an office of its own for what must be committed."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.offices.schemas import Office
from tests.backend.accounts.factories import CountingHasher, use_fast_hasher


@pytest.fixture(autouse=True)
def hasher(monkeypatch: pytest.MonkeyPatch) -> CountingHasher:
    return use_fast_hasher(monkeypatch)


@pytest.fixture
async def own_office(engine: AsyncEngine, office: Office) -> AsyncIterator[Office]:
    """An office nobody else has accounts in; they are gone after the test."""
    own = office.model_copy(update={"profile": office.profile.model_copy(update={"id": f"own-{uuid4().hex}"})})
    yield own
    async with engine.begin() as connection:
        await connection.execute(text("DELETE FROM account WHERE office_id = :id"), {"id": own.profile.id})
