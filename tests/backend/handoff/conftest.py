"""The floor of the desk."""

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.settings import Settings
from backend.offices.schemas import Office
from tests.backend.handoff.factories import Floor


@pytest.fixture
async def floor(session: AsyncSession, settings: Settings, office: Office) -> Floor:
    return Floor(session, settings, office)
