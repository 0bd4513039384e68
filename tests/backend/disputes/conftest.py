"""A town with a tribunal: Cape Town's housing office."""

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.settings import ROOT, Settings
from backend.offices.schemas import Office
from backend.offices.service import read_office
from tests.backend.disputes.factories import Town


@pytest.fixture(scope="session")
def office() -> Office:
    """The Western Cape's housing office, as its files say."""
    return read_office(ROOT / "data" / "offices", "western-cape-housing")


@pytest.fixture
async def town(session: AsyncSession, settings: Settings, office: Office) -> Town:
    for table in ("procrastinate_jobs", "visit", "delivery"):
        await session.execute(text(f"DELETE FROM {table}"))
    return Town(session, settings, office)
