"""A desk for each test."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.core.settings import Settings
from backend.offices.schemas import Office
from tests.backend.accounts.factories import CountingHasher, use_fast_hasher
from tests.backend.console.people import Desk


@pytest.fixture
def hasher(monkeypatch: pytest.MonkeyPatch) -> CountingHasher:
    """Passwords cost next to nothing, and comparisons are counted."""
    return use_fast_hasher(monkeypatch)


@pytest.fixture
async def desk(engine: AsyncEngine, settings: Settings, office: Office, hasher: CountingHasher) -> AsyncIterator[Desk]:
    """A desk of its own."""
    desk = Desk.new(engine, settings, office)
    yield desk
    await desk.close()
