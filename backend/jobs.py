"""The job queue: procrastinate on the same PostgreSQL, with the jobs of every feature."""

import asyncio
from collections.abc import Mapping
from typing import Any

import procrastinate
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from backend.accounts import tasks as accounts
from backend.announcements import tasks as announcements
from backend.attachments import tasks as attachments
from backend.core.queue import COMMON, WEBHOOKS
from backend.core.settings import Settings, libpq_url
from backend.disputes import tasks as disputes
from backend.integrations import tasks as integrations
from backend.knowledge import tasks as knowledge
from backend.notices import tasks as notices
from backend.notifications import tasks as notifications
from backend.offices.service import Office
from backend.privacy import tasks as privacy
from backend.redaction import tasks as redaction
from backend.surveys import tasks as surveys
from backend.tickets import tasks as tickets
from channels.adapter import Adapter

CONCURRENCY = {COMMON: 2, WEBHOOKS: 4}
"""Jobs at once, by queue: other people's slow servers hold up nothing of ours."""


def make_jobs(settings: Settings) -> procrastinate.App:
    """The queue with all jobs known to it."""
    connector = procrastinate.PsycopgConnector(conninfo=libpq_url(settings.database_url), min_size=1, max_size=6)
    app = procrastinate.App(connector=connector)
    app.add_tasks_from(accounts.jobs, namespace="accounts")
    app.add_tasks_from(attachments.jobs, namespace="attachments")
    app.add_tasks_from(tickets.jobs, namespace="tickets")
    app.add_tasks_from(knowledge.jobs, namespace="knowledge")
    app.add_tasks_from(integrations.jobs, namespace="integrations")
    app.add_tasks_from(notices.jobs, namespace="notices")
    app.add_tasks_from(notifications.jobs, namespace="notifications")
    app.add_tasks_from(surveys.jobs, namespace="surveys")
    app.add_tasks_from(disputes.jobs, namespace="disputes")
    app.add_tasks_from(privacy.jobs, namespace="privacy")
    app.add_tasks_from(redaction.jobs, namespace="redaction")
    app.add_tasks_from(announcements.jobs, namespace="announcements")
    return app


async def run_jobs(
    settings: Settings,
    sessions: async_sessionmaker[AsyncSession],
    office: Office,
    adapters: Mapping[str, Adapter],
) -> None:
    """Run due jobs until cancelled. Finished ones are deleted: a long table makes every claim slower."""
    app = make_jobs(settings)
    values = {"settings": settings, "sessions": sessions, "office": office, "adapters": adapters}
    async with app.open_async():
        await asyncio.gather(*(_run_queue(app, queue, count, values) for queue, count in CONCURRENCY.items()))


async def _run_queue(app: procrastinate.App, queue: str, count: int, values: dict[str, Any]) -> None:
    await app.run_worker_async(
        queues=[queue],
        concurrency=count,
        delete_jobs="successful",
        install_signal_handlers=False,
        additional_context=values,
    )
