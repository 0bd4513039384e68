"""Two transactions at once, without guessing at times."""

import asyncio

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

BLOCKED = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND pid <> pg_backend_pid()")


async def until_blocked(engine: AsyncEngine) -> None:
    """Return as soon as some statement waits for another transaction's lock."""
    async with asyncio.timeout(5), engine.connect() as connection:
        while not await connection.scalar(BLOCKED):
            await connection.rollback()
