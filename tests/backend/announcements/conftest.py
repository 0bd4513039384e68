"""A town of its own for every test."""

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.core.database import make_sessions
from backend.core.settings import Settings
from backend.offices.schemas import Office
from tests.backend.announcements.factories import Town, own_office


@pytest.fixture
def town(engine: AsyncEngine, settings: Settings, office: Office) -> Town:
    return Town(make_sessions(engine), settings, own_office(office))
