"""Jobs of the integrations feature."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from procrastinate import Blueprint, JobContext

from backend.core.database import driver_connection, utcnow
from backend.core.queue import WEBHOOKS, defer
from backend.integrations import repository, webhooks
from backend.integrations.addresses import look_up
from backend.integrations.sending import post
from backend.integrations.webhooks import DELIVER_TASK

log = structlog.get_logger()
jobs = Blueprint()
KEEP_ANSWERS = timedelta(hours=24)
KEEP_DELIVERIES = timedelta(days=30)
LEASE_BEYOND_TIMEOUT = 15.0
"""Seconds for noting what became of a try."""


@jobs.task(name=DELIVER_TASK.removeprefix("integrations:"), pass_context=True, queue=WEBHOOKS)
async def deliver(context: JobContext, endpoint_id: str) -> None:
    """Send an endpoint what is due, one after another."""
    while await deliver_next(context.additional_context, UUID(endpoint_id)):
        pass


async def deliver_next(values: dict[str, Any], endpoint_id: UUID) -> bool:
    """Send the next delivery that is due; False when there is none, or somebody else is sending."""
    settings, sessions = values["settings"], values["sessions"]
    async with sessions() as session, session.begin():
        connection = await driver_connection(session)
        seconds = settings.webhook_timeout_seconds + LEASE_BEYOND_TIMEOUT
        sending = await repository.claim(connection, endpoint_id, seconds)
    if sending is None:
        return False
    result = await post(settings, sending, values.get("lookup", look_up))
    async with sessions() as session, session.begin():
        await webhooks.settle(session, sending, result)
    log.info("webhook_sent", attempt=sending.attempts + 1, status=result.status, reason=result.reason)
    return True


@jobs.periodic(cron="* * * * *")
@jobs.task(pass_context=True, queue=WEBHOOKS, queueing_lock="sweep_webhooks")
async def sweep_webhooks(context: JobContext, timestamp: int) -> None:
    """Begin anew what a killed worker left."""
    async with context.additional_context["sessions"]() as session, session.begin():
        for endpoint_id in await repository.due_endpoints(session):
            await defer(session, DELIVER_TASK, queue=WEBHOOKS, endpoint_id=str(endpoint_id))


@jobs.periodic(cron="37 3 * * *")
@jobs.task(pass_context=True, queueing_lock="purge_integrations")
async def purge_integrations(context: JobContext, timestamp: int) -> None:
    """Forget kept answers after a day, and what was delivered or given up after a month."""
    async with context.additional_context["sessions"]() as session, session.begin():
        answers = await repository.purge_answers(session, utcnow() - KEEP_ANSWERS)
        deliveries = await repository.purge_deliveries(session, utcnow() - KEEP_DELIVERIES)
    log.info("integrations_purged", count=answers + deliveries)
