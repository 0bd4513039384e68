"""A town without jobs or answers of other tests."""

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.settings import Settings
from backend.offices.schemas import Office
from tests.backend.surveys.factories import Town


@pytest.fixture
async def town(session: AsyncSession, settings: Settings, office: Office) -> Town:
    for table in ("procrastinate_jobs", "satisfaction"):
        await session.execute(text(f"DELETE FROM {table}"))
    return Town(session, settings, office)
