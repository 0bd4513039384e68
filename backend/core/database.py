"""PostgreSQL: engine, sessions, and the waking of listeners."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar

import psycopg
from fastapi import Depends, Request
from psycopg.conninfo import conninfo_to_dict
from psycopg_pool import AsyncConnectionPool
from sqlalchemy import DateTime, MetaData, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase

from backend.core.settings import libpq_url

Json = dict[str, Any]
Connection = psycopg.AsyncConnection[Any]
Pool = AsyncConnectionPool[Connection]
POOL_WAIT_SECONDS = 5.0


class Base(DeclarativeBase):
    """Base of all tables. Constraint names are fixed so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar = {datetime: DateTime(timezone=True), Json: JSONB, list[Any]: JSONB}


def make_engine(url: str, pool_size: int = 10) -> AsyncEngine:
    """An engine for a `postgresql+psycopg://` URL; pool_size connections are kept."""
    return create_async_engine(url, pool_size=pool_size, max_overflow=0, pool_use_lifo=True, hide_parameters=True)


def make_sessions(engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    """Sessions whose objects stay readable after the commit."""
    return async_sessionmaker(engine, expire_on_commit=False)


def make_single_statements(engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    """Sessions of which each statement is its own transaction."""
    return make_sessions(engine.execution_options(isolation_level="AUTOCOMMIT"))


def make_pool(url: str, size: int) -> Pool:
    """Connections of psycopg itself, each statement its own transaction unless one is begun. Open it before use."""
    return AsyncConnectionPool(
        libpq_url(url), min_size=1, max_size=size, open=False, timeout=POOL_WAIT_SECONDS, kwargs={"autocommit": True}
    )


async def request_session(request: Request) -> AsyncIterator[AsyncSession]:
    """One session a request, committed when the endpoint returns and before the answer leaves."""
    sessions: async_sessionmaker[AsyncSession] = request.app.state.sessions
    async with sessions() as session, session.begin():
        yield session


async def single_statements(request: Request) -> AsyncIterator[AsyncSession]:
    """A session of which each statement is its own transaction: for reading, and for at most one statement that writes.

    Saves the round trips of a beginning and an end, which cost as much as the statement between them.
    """
    sessions: async_sessionmaker[AsyncSession] = request.app.state.single_statements
    async with sessions() as session:
        yield session


another_transaction = asynccontextmanager(request_session)
"""The same for what a request does after it has committed its own session to wait for another machine."""
# scope="function": the commit must come before the 2xx, or a crash between them loses what was accepted.
Session = Annotated[AsyncSession, Depends(request_session, scope="function")]
SingleStatements = Annotated[AsyncSession, Depends(single_statements, scope="function")]


async def driver_connection(session: AsyncSession) -> psycopg.AsyncConnection[Any]:
    """psycopg's own connection under a session, for statements of the message path; in the same transaction."""
    raw = await (await session.connection()).get_raw_connection()
    assert isinstance(raw.driver_connection, psycopg.AsyncConnection)
    return raw.driver_connection


async def notify(session: AsyncSession, channel: str, payload: str) -> None:
    """Wake whoever listens, when (and only if) the transaction commits."""
    await session.execute(text("SELECT pg_notify(:channel, :payload)"), {"channel": channel, "payload": payload})


@asynccontextmanager
async def listening(url: str, *channels: str) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
    """A connection of its own that listens on channels; read it with `connection.notifies()`."""
    connection = await psycopg.AsyncConnection.connect(libpq_url(url), autocommit=True)
    try:
        for channel in channels:
            await connection.execute(f"LISTEN {channel}".encode())
        yield connection
    finally:
        await connection.close()


def utcnow() -> datetime:
    """The time now, in UTC, with its zone."""
    return datetime.now(UTC)


def described(url: str) -> Mapping[str, Any]:
    """Host, port and database of a URL, for messages without the password."""
    return {key: value for key, value in conninfo_to_dict(libpq_url(url)).items() if key != "password"}
