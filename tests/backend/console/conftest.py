"""A desk for each test."""

from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.app import create_public_app
from backend.core.settings import Settings
from backend.offices.schemas import Office
from tests.backend.accounts.factories import CountingHasher, use_fast_hasher
from tests.backend.console.people import Desk


@pytest.fixture
def hasher(monkeypatch: pytest.MonkeyPatch) -> CountingHasher:
    """Passwords cost next to nothing, and comparisons are counted."""
    return use_fast_hasher(monkeypatch)


@pytest.fixture(scope="session")
async def shared_app(settings: Settings, office: Office) -> AsyncIterator[FastAPI]:
    """The app that serves one desk after the other."""
    app = create_public_app(settings, office)
    yield app
    await app.state.sessions.kw["bind"].dispose()


@pytest.fixture
async def desk(
    engine: AsyncEngine, settings: Settings, office: Office, shared_app: FastAPI, hasher: CountingHasher
) -> AsyncIterator[Desk]:
    """A desk of its own."""
    desk = Desk.new(engine, settings, office, shared_app)
    yield desk
    await desk.close()
