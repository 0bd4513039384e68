"""Webhooks: endpoints, what they are told, and how far it has come.

A delivery is written in the transaction of what happened, sent by a job afterwards, and noted in a transaction of its
own: whoever is killed between sending and noting sends again, with the same webhook-id.
"""

import base64
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import get_args
from uuid import UUID, uuid4

import structlog
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from backend.accounts.schemas import Agent
from backend.audit.service import record_without_agent
from backend.core.backoff import wait_seconds
from backend.core.database import Connection, utcnow
from backend.core.queue import WEBHOOKS, defer, defer_on
from backend.core.sealing import sealed
from backend.core.settings import Settings
from backend.integrations import repository
from backend.integrations.addresses import Lookup, allowed_addresses, look_up, readable
from backend.integrations.errors import (
    WebhookAddressError,
    WebhookDisabledError,
    WebhookInvalidError,
    WebhookNotFoundError,
)
from backend.integrations.models import WebhookDelivery, WebhookEndpoint
from backend.integrations.schemas import EVENTS, DeliveryState, Happening, Result, Sending
from backend.integrations.service import LONGEST_NAME, allow, note
from backend.offices.service import Office

log = structlog.get_logger()
DELIVER_TASK = "integrations:deliver"
SECRET_BYTES = 32
OLD_SECRET_HOURS = 24
GIVE_UP_AFTER = timedelta(days=3)
LONGEST_WAIT_SECONDS = 4 * 3600.0
FIRST_DOUBLINGS = 2
"""The first wait is four to six seconds."""
SYSTEM = "komshu"
DELIVERY_STATES: tuple[DeliveryState, ...] = get_args(DeliveryState)


async def happened(connection: Connection, what: Happening) -> None:
    """Tell endpoints, once the transaction commits. Costs one look at a small table when there are none."""
    for endpoint_id in await repository.announce(connection, what):
        await defer_on(connection, DELIVER_TASK, queue=WEBHOOKS, endpoint_id=str(endpoint_id))


async def add_endpoint(
    sessions: async_sessionmaker[AsyncSession],
    settings: Settings,
    office: Office,
    by: Agent,
    *,
    name: str,
    url: str,
    events: Sequence[str],
    units: Sequence[str] = (),
    lookup: Lookup = look_up,
) -> tuple[WebhookEndpoint, str]:
    """A new endpoint, and its secret, which is told once. Its name is resolved first, outside any transaction.

    Raises WebhookInvalidError, WebhookAddressError or NotAllowedError.
    """
    allow(by)
    _check(office, name, events, units)
    await _check_address(settings, url, lookup)
    secret = _new_secret()
    endpoint = WebhookEndpoint(
        id=uuid4(),
        office_id=office.profile.id,
        name=name.strip(),
        url=url.strip(),
        events=[event for event in EVENTS if event in events],
        units=list(dict.fromkeys(units)),
        secret=sealed(settings.secret_key, secret),
        created_by=by.name,
        created_at=utcnow(),
    )
    async with sessions() as session, session.begin():
        await repository.save_endpoint(session, endpoint)
        await note(session, office, by, "webhook.add", "webhook", endpoint.id, events=endpoint.events)
    return endpoint, secret


def _check(office: Office, name: str, events: Sequence[str], units: Sequence[str]) -> None:
    right = {
        "name": 0 < len(name.strip()) <= LONGEST_NAME,
        "events": bool(events) and set(events) <= set(EVENTS),
        "units": set(units) <= set(office.units),
    }
    if wrong := next((field for field, fits in right.items() if not fits), None):
        raise WebhookInvalidError(field=wrong)


async def _check_address(settings: Settings, text: str, lookup: Lookup) -> None:
    private = settings.environment == "development"
    url = readable(text, private=private)
    if url is None:
        raise WebhookInvalidError(field="url")
    try:
        await allowed_addresses(url.host or "", url.port or 443, private=private, lookup=lookup)
    except (OSError, UnicodeError) as error:
        raise WebhookAddressError from error


def _new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


async def rotate(session: AsyncSession, settings: Settings, office: Office, by: Agent, endpoint_id: UUID) -> str:
    """A new secret, told once; the old one signs as well for another day. Raises WebhookNotFoundError."""
    endpoint = await of_id(session, office, by, endpoint_id)
    secret = _new_secret()
    endpoint.old_secret, endpoint.old_until = endpoint.secret, utcnow() + timedelta(hours=OLD_SECRET_HOURS)
    endpoint.secret = sealed(settings.secret_key, secret)
    await note(session, office, by, "webhook.rotate", "webhook", endpoint.id)
    return secret


async def of_id(session: AsyncSession, office: Office, by: Agent, endpoint_id: UUID) -> WebhookEndpoint:
    """One endpoint, for an administrator. Raises WebhookNotFoundError or NotAllowedError."""
    allow(by)
    endpoint = await repository.endpoint(session, office.profile.id, endpoint_id)
    if endpoint is None:
        raise WebhookNotFoundError
    return endpoint


async def endpoints(session: AsyncSession, office: Office, by: Agent) -> Sequence[WebhookEndpoint]:
    """All endpoints of the office, by name. Raises NotAllowedError."""
    allow(by)
    return await repository.endpoints(session, office.profile.id)


async def switch(session: AsyncSession, office: Office, by: Agent, endpoint_id: UUID, *, on: bool) -> None:
    """Switch an endpoint off, or on again: what waited is sent then. Raises WebhookNotFoundError."""
    endpoint = await of_id(session, office, by, endpoint_id)
    if (endpoint.disabled_at is None) is on:
        return
    endpoint.disabled_at, endpoint.disabled_reason = (None, None) if on else (utcnow(), "by_hand")
    await note(session, office, by, "webhook.enable" if on else "webhook.disable", "webhook", endpoint.id)
    if on:
        await session.flush()
        await defer(session, DELIVER_TASK, queue=WEBHOOKS, endpoint_id=str(endpoint.id))


async def remove(session: AsyncSession, office: Office, by: Agent, endpoint_id: UUID) -> None:
    """Forget an endpoint and what is on its way to it. Raises WebhookNotFoundError."""
    endpoint = await of_id(session, office, by, endpoint_id)
    await note(session, office, by, "webhook.remove", "webhook", endpoint.id)
    await repository.delete_endpoint(session, endpoint)


async def deliveries(
    session: AsyncSession, endpoint_id: UUID, *, state: str = "", before: int | None = None, limit: int = 50
) -> Sequence[WebhookDelivery]:
    """The newest deliveries to an endpoint the caller may see, below a number."""
    return await repository.deliveries(session, endpoint_id, state=state, before=before, limit=limit)


async def send_again(session: AsyncSession, office: Office, by: Agent, endpoint_id: UUID, delivery_id: UUID) -> None:
    """Send something again now, whatever became of it, for another three days if need be.

    Raises WebhookNotFoundError or WebhookDisabledError.
    """
    endpoint = await of_id(session, office, by, endpoint_id)
    delivery = await repository.delivery(session, endpoint.id, delivery_id)
    if delivery is None:
        raise WebhookNotFoundError
    if endpoint.disabled_at is not None:
        raise WebhookDisabledError
    delivery.state, delivery.begun_at, delivery.due_at = "waiting", utcnow(), utcnow()
    await note(session, office, by, "webhook.retry", "webhook", endpoint.id, delivery=str(delivery.id))
    await session.flush()
    await defer(session, DELIVER_TASK, queue=WEBHOOKS, endpoint_id=str(endpoint.id))


async def settle(session: AsyncSession, sending: Sending, result: Result) -> None:
    """Note how a try ended and give the lease back; what failed is tried again later or given up."""
    if not await repository.release(session, sending):
        return
    told = {"status": result.status, "reason": result.reason}
    if result.reason is None:
        await repository.settle(session, sending.id, state="delivered", **told)
        await repository.succeeded(session, sending.endpoint_id)
    elif result.reason == "gone":
        await repository.settle(session, sending.id, state="given_up", **told)
        await _switch_off(session, sending, "gone")
    elif utcnow() - sending.begun_at >= GIVE_UP_AFTER:
        await repository.settle(session, sending.id, state="given_up", **told)
        await _switch_off(session, sending, "failing")
    else:
        due_at = repository.later(_wait(sending.attempts, result.wait_seconds))
        await repository.settle(session, sending.id, due_at=due_at, **told)
        await defer(session, DELIVER_TASK, at=due_at, queue=WEBHOOKS, endpoint_id=str(sending.endpoint_id))


def _wait(attempts: int, asked: float) -> float:
    """Seconds until the next try; four seconds at first, four to six hours at last."""
    return max(asked, wait_seconds(attempts + FIRST_DOUBLINGS, LONGEST_WAIT_SECONDS))


async def _switch_off(session: AsyncSession, sending: Sending, reason: str) -> None:
    """Nothing arrived for as long as this was tried, or nobody is there any more: administrators are told."""
    since = sending.begun_at if reason == "failing" else None
    if await repository.disable(session, sending.endpoint_id, reason, since):
        log.warning("webhook_disabled", reason=reason, office=sending.office_id)
        await record_without_agent(
            session, sending.office_id, SYSTEM, "webhook.disabled", "webhook", sending.endpoint_id, reason=reason
        )


async def failing(session: AsyncSession, office: Office) -> list[WebhookEndpoint]:
    """Endpoints the system switched off: what administrators must look at."""
    found = await repository.endpoints(session, office.profile.id)
    return [one for one in found if one.disabled_at and one.disabled_reason != "by_hand"]
