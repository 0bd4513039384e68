"""The jobs as the worker runs them, and what the bot's own failures bring."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import procrastinate
from sqlalchemy import text

from backend.answers import service as answers
from backend.conversations.schemas import Outcome
from backend.core.database import driver_connection, utcnow
from backend.core.queue import WEBHOOKS
from backend.core.settings import libpq_url
from backend.integrations import tasks
from backend.integrations.models import ApiAnswer, WebhookDelivery
from backend.integrations.webhooks import DELIVER_TASK
from backend.jobs import CONCURRENCY, make_jobs
from tests.backend.conversations.factories import ADAPTERS, answer, claimed, says, visitor
from tests.backend.integrations.receivers import Hooked
from tests.peers.webhook import Behaviour


async def run(hooked: Hooked) -> None:
    """Run the jobs of the webhooks' queue until none is due."""
    connector = procrastinate.PsycopgConnector(conninfo=libpq_url(hooked.settings.database_url))
    app = procrastinate.App(connector=connector)
    app.task(name=DELIVER_TASK, pass_context=True, queue=WEBHOOKS)(tasks.deliver.func)
    async with app.open_async():
        await app.run_worker_async(
            queues=[WEBHOOKS],
            wait=False,
            install_signal_handlers=False,
            listen_notify=False,
            delete_jobs="successful",
            additional_context=hooked.values,
        )


async def jobs_of(hooked: Hooked) -> int:
    """How many jobs wait for the endpoint."""
    query = "SELECT count(*) FROM procrastinate_jobs WHERE args->>'endpoint_id' = :id AND status = 'todo'"
    return int(await hooked.scalar(query, id=str(hooked.endpoint_id)))


def test_the_worker_knows_the_job_and_has_room_for_it(hooked: Hooked) -> None:
    assert any(name.endswith(DELIVER_TASK) for name in make_jobs(hooked.settings).tasks)
    assert CONCURRENCY[WEBHOOKS] >= 2


async def test_the_worker_delivers_what_happened_and_puts_off_what_failed(hooked: Hooked) -> None:
    ticket = await hooked.ticket()
    await run(hooked)
    assert hooked.peer.said == [("ticket.filed", str(ticket.id))]
    assert await jobs_of(hooked) == 0
    hooked.peer.behaviours.append(Behaviour(500))
    await hooked.ticket()
    await run(hooked)
    assert len(hooked.peer.calls) == 2
    assert await jobs_of(hooked) == 1


async def test_what_a_killed_worker_left_is_found(hooked: Hooked) -> None:
    await hooked.ticket()
    async with hooked.sessions() as session, session.begin():
        await session.execute(text("DELETE FROM procrastinate_jobs WHERE queue_name = 'webhooks'"))
    context: Any = SimpleNamespace(additional_context=hooked.values)
    await tasks.sweep_webhooks(context, 0)
    assert await jobs_of(hooked) == 1
    await run(hooked)
    assert len(hooked.peer.calls) == 1


async def test_old_answers_and_deliveries_are_forgotten(hooked: Hooked) -> None:
    token = await hooked.token()
    body = {"language": "en", "words": "Hole"}
    for key in ("old", "new"):
        await hooked.call(token, "POST", "/tickets", body, Idempotency_Key=key)
    await hooked.deliver()
    old, new = await hooked.deliveries()
    async with hooked.sessions() as session, session.begin():
        (await session.get_one(WebhookDelivery, old.id)).tried_at = utcnow() - timedelta(days=31)
        long_ago = utcnow() - timedelta(hours=25)
        await session.execute(text("UPDATE api_answer SET at = :at"), {"at": long_ago})
    await hooked.call(token, "POST", "/tickets", body, Idempotency_Key="newest")
    context: Any = SimpleNamespace(additional_context=hooked.values)
    await tasks.purge_integrations(context, 0)
    left = [one.id for one in await hooked.deliveries()]
    assert old.id not in left
    assert new.id in left
    assert await hooked.scalar(f"SELECT count(*) FROM {ApiAnswer.__tablename__}") == 1


async def test_a_turn_that_failed_and_calls_a_person_is_told_once(hooked: Hooked) -> None:
    ids: list[UUID] = []
    for _ in range(2):
        async with hooked.sessions() as session, session.begin():
            chat = await visitor(session, hooked.office)
            await says(session, hooked.settings, chat, "Hello")
            claim, waiting = await claimed(session)
            connection = await driver_connection(session)
            outcome = Outcome("failed", "broken", queue=True)
            await answers.finish(connection, ADAPTERS, claim, waiting, answer("A person will answer."), outcome)
            ids.append(chat.id)
    await hooked.deliver()
    assert hooked.peer.said == [("chat.queued", str(one)) for one in ids]
