"""Puts jobs into the queue in the transaction of what causes them."""

from datetime import datetime
from typing import Any

import procrastinate
from psycopg import AsyncConnection
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.database import driver_connection

QUEUE = procrastinate.App(connector=procrastinate.PsycopgConnector())
"""Never opened: every job is put in over the caller's own connection."""
COMMON = "default"
WEBHOOKS = "webhooks"
"""Calls of other people's servers wait here, where a slow one keeps no other job waiting."""


async def defer(
    session: AsyncSession, task: str, *, at: datetime | None = None, queue: str = COMMON, **arguments: object
) -> None:
    """Have a job done once the transaction commits, and not if it does not; not before `at`."""
    await defer_on(await driver_connection(session), task, at=at, queue=queue, **arguments)


async def defer_on(
    connection: AsyncConnection[Any],
    task: str,
    *,
    at: datetime | None = None,
    queue: str = COMMON,
    **arguments: object,
) -> None:
    """The same over a connection of psycopg itself."""
    job = QUEUE.configure_task(task, schedule_at=at, queue=queue, connection=connection)
    await job.defer_async(**arguments)  # type: ignore[arg-type]
