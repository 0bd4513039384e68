"""Connections of psycopg's own, and a channel nobody else uses."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.core.database import Connection, Pool
from backend.core.settings import Settings
from tests.backend.outbox.factories import pool_of


@pytest.fixture(scope="module")
async def pool(settings: Settings, engine: AsyncEngine) -> AsyncIterator[Pool]:
    async with pool_of(settings, 6) as pool:
        yield pool


@pytest.fixture
async def connection(pool: Pool) -> AsyncIterator[Connection]:
    async with pool.connection() as connection:
        yield connection


@pytest.fixture
def channel() -> str:
    return f"test-{uuid4()}"
