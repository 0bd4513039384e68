"""The API."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.core.settings import Settings
from backend.offices.schemas import Office
from tests.backend.api.office import Api


@pytest.fixture(scope="module")
async def api(engine: AsyncEngine, settings: Settings, office: Office) -> AsyncIterator[Api]:
    """An app and office of its own for each file, on the run's database."""
    api = Api.new(engine, settings.model_copy(update={"api_requests_per_minute": 100_000}), office)
    yield api
    await api.close()
