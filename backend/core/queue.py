"""Puts jobs into the queue in the transaction of what causes them."""

from datetime import datetime

import procrastinate
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.database import driver_connection

QUEUE = procrastinate.App(connector=procrastinate.PsycopgConnector())
"""Never opened: every job is put in over the caller's own connection."""


async def defer(session: AsyncSession, task: str, *, at: datetime | None = None, **arguments: object) -> None:
    """Have a job done once the transaction commits, and not if it does not; not before `at`."""
    connection = await driver_connection(session)
    job = QUEUE.configure_task(task, schedule_at=at, connection=connection)
    await job.defer_async(**arguments)  # type: ignore[arg-type]
