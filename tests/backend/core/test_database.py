"""Addresses, notices and failed statements."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.core.database import (
    described,
    libpq_url,
    listening,
    make_sessions,
    make_single_statements,
    notify,
    utcnow,
)
from backend.core.settings import Settings

URL = "postgresql+psycopg://komshu:hush@db.example.org:5433/komshu"


def test_an_address_for_libpq_keeps_everything_but_the_drivers_name() -> None:
    assert libpq_url(URL) == "postgresql://komshu:hush@db.example.org:5433/komshu"


def test_a_described_address_has_no_password() -> None:
    said = described(URL)
    assert (said["host"], said["dbname"]) == ("db.example.org", "komshu")
    assert "hush" not in str(said)


async def test_a_notice_arrives_when_its_transaction_commits_and_never_when_it_is_undone(
    engine: AsyncEngine, settings: Settings
) -> None:
    sessions = make_sessions(engine)
    async with listening(settings.database_url, "komshu_test") as connection:
        async with sessions() as session:
            await notify(session, "komshu_test", "undone")
            await session.rollback()
        async with sessions() as session, session.begin():
            await notify(session, "komshu_test", "it's done")
        async with asyncio.timeout(5):
            notices = [notice.payload async for notice in connection.notifies(stop_after=1)]
    assert notices == ["it's done"]


async def test_a_failed_statement_does_not_tell_what_people_wrote(engine: AsyncEngine) -> None:
    async with make_sessions(engine)() as session:
        with pytest.raises(DBAPIError) as failure:
            await session.execute(text("INSERT INTO no_such_table VALUES (:said)"), {"said": "my secret"})
    assert "my secret" not in str(failure.value)


def test_the_time_now_has_a_zone() -> None:
    assert utcnow().tzinfo is not None


async def test_a_single_statement_is_kept_though_nothing_is_committed(engine: AsyncEngine) -> None:
    async with make_single_statements(engine)() as session:
        await session.execute(text("CREATE TABLE kept_at_once (number int)"))
        await session.execute(text("INSERT INTO kept_at_once VALUES (7)"))
        async with make_sessions(engine)() as other:
            assert (await other.execute(text("SELECT number FROM kept_at_once"))).scalar_one() == 7
        await session.execute(text("DROP TABLE kept_at_once"))


async def test_the_same_connections_make_transactions_again_afterwards(engine: AsyncEngine) -> None:
    async with make_single_statements(engine)() as session:
        await session.execute(text("SELECT 1"))
    async with make_sessions(engine)() as session:
        await session.execute(text("CREATE TABLE never_kept (number int)"))
        await session.rollback()
    async with make_sessions(engine)() as session:
        assert (await session.execute(text("SELECT to_regclass('never_kept')"))).scalar_one() is None
