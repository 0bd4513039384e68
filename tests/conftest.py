"""Shared parts of the suite: a real PostgreSQL, migrated, and an office."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import hypothesis
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from backend.core.database import make_engine, make_sessions
from backend.core.embedded import EmbeddedPostgres
from backend.core.settings import ROOT, Settings
from backend.knowledge.service import load_articles
from backend.migrations.upgrade import migrate
from backend.offices.schemas import Office
from backend.offices.service import load_office, read_office
from tests.stack import Stack, running

hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


@pytest.fixture(scope="session")
def database_url() -> Iterator[str]:
    """A migrated database of this run, on the embedded server."""
    folder = Path(tempfile.mkdtemp(prefix="komshu-test-", dir="/tmp"))
    folder.chmod(0o755)
    server = EmbeddedPostgres(folder)
    url = server.start()
    migrate(url)
    yield url
    server.stop()


@pytest.fixture(scope="session")
def settings(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of this run; nothing is read from the developer's environment file."""
    return Settings(
        _env_file=None,
        database_url=database_url,
        data_dir=tmp_path_factory.mktemp("data"),
        internal_token="t" * 40,
        secret_key="s" * 40,
        messages_per_minute=100_000,
        sessions_per_minute=100_000,
    )


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The whole assistant, running, for the office Timișoara."""
    with running() as stack:
        yield stack


@pytest.fixture(scope="session")
def office() -> Office:
    """Timișoara, as its files say."""
    return read_office(ROOT / "data" / "offices", "timisoara")


@pytest.fixture(scope="session")
async def engine(settings: Settings) -> AsyncIterator[AsyncEngine]:
    """An engine with the office and its articles loaded."""
    engine = make_engine(settings.database_url)
    async with make_sessions(engine)() as session, session.begin():
        loaded = await load_office(session, settings.offices_dir, settings.office)
        await load_articles(session, settings.offices_dir, loaded)
    yield engine
    await engine.dispose()


@pytest.fixture
async def session(engine: AsyncEngine) -> AsyncIterator[AsyncSession]:
    """A session whose changes are undone after the test."""
    async with engine.connect() as connection:
        outer = await connection.begin()
        async with AsyncSession(connection, expire_on_commit=False) as session:
            yield session
        await outer.rollback()
