"""A town whose people want their data."""

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.settings import Settings
from backend.offices.schemas import Office
from tests.backend.surveys.factories import Town


@pytest.fixture
async def town(session: AsyncSession, settings: Settings, office: Office) -> Town:
    await session.execute(text("DELETE FROM procrastinate_jobs"))
    return Town(session, settings, office)
