"""Reads and writes tokens, kept answers, endpoints and deliveries."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy import delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.database import Connection, utcnow
from backend.integrations.models import ApiAnswer, ApiToken, WebhookDelivery, WebhookEndpoint
from backend.integrations.schemas import Happening, Sending

# For every endpoint that wants it and may know it. With no endpoint this reads an empty table and writes nothing.
ANNOUNCE = """
    INSERT INTO webhook_delivery (id, endpoint_id, event, subject, data, state, attempts, created_at, begun_at, due_at)
    SELECT gen_random_uuid(), id, %(event)s::text, %(subject)s, %(data)s, 'waiting', 0, now(), now(), now()
    FROM webhook_endpoint
    WHERE office_id = %(office)s AND disabled_at IS NULL AND events ? %(event)s
          AND CASE WHEN %(restricted)s THEN units ? %(unit)s
              ELSE units = '[]' OR %(unit)s::text IS NULL OR units ? %(unit)s END
    RETURNING endpoint_id
"""
# The lease is on the endpoint: one delivery at a time, the oldest due whose subject has none older on its way. Locking
# the endpoint first makes a second worker wait for this statement rather than pass by what it cannot see yet.
CLAIM = """
    WITH free AS (
        SELECT * FROM webhook_endpoint
        WHERE id = %(id)s AND disabled_at IS NULL AND (lease_until IS NULL OR lease_until < clock_timestamp())
        FOR NO KEY UPDATE
    ), next AS (
        SELECT waiting.* FROM webhook_delivery AS waiting JOIN free ON free.id = waiting.endpoint_id
        WHERE waiting.state = 'waiting' AND waiting.due_at <= clock_timestamp() AND NOT EXISTS (
            SELECT FROM webhook_delivery AS older
            WHERE older.endpoint_id = waiting.endpoint_id AND older.subject = waiting.subject
                  AND older.state = 'waiting' AND older.number < waiting.number
        )
        ORDER BY waiting.number LIMIT 1
    )
    UPDATE webhook_endpoint AS mine
    SET lease_token = gen_random_uuid(), lease_until = clock_timestamp() + make_interval(secs => %(seconds)s)
    FROM next WHERE mine.id = next.endpoint_id
    RETURNING next.id, mine.id, mine.office_id, mine.lease_token, mine.url, mine.secret,
              CASE WHEN mine.old_until > clock_timestamp() THEN mine.old_secret END,
              next.event, next.data, next.created_at, next.begun_at, next.attempts
"""
# Which endpoints have something due that nobody sends: left by a killed worker, or not yet begun.
DUE = """
    SELECT DISTINCT delivery.endpoint_id FROM webhook_delivery AS delivery
    JOIN webhook_endpoint AS endpoint ON endpoint.id = delivery.endpoint_id
    WHERE delivery.state = 'waiting' AND delivery.due_at <= now() AND endpoint.disabled_at IS NULL
          AND (endpoint.lease_until IS NULL OR endpoint.lease_until < now())
"""


async def insert_token(session: AsyncSession, token: ApiToken) -> None:
    """Store a token."""
    session.add(token)
    await session.flush()


async def token_of_digest(session: AsyncSession, digest: str) -> ApiToken | None:
    """The token with a digest, or None."""
    found: ApiToken | None = await session.scalar(select(ApiToken).where(ApiToken.digest == digest))
    return found


async def token(session: AsyncSession, office_id: str, token_id: UUID) -> ApiToken | None:
    """A token of an office, or None."""
    query = select(ApiToken).where(ApiToken.office_id == office_id, ApiToken.id == token_id)
    found: ApiToken | None = await session.scalar(query)
    return found


async def tokens(session: AsyncSession, office_id: str) -> Sequence[ApiToken]:
    """All tokens of an office, the newest first."""
    query = select(ApiToken).where(ApiToken.office_id == office_id).order_by(ApiToken.created_at.desc(), ApiToken.id)
    return (await session.scalars(query)).all()


async def touch(session: AsyncSession, token_id: UUID, before: datetime) -> None:
    """Note that a token is used now, unless that was noted since a moment."""
    stale = or_(ApiToken.used_at.is_(None), ApiToken.used_at < before)
    await session.execute(update(ApiToken).where(ApiToken.id == token_id, stale).values(used_at=utcnow()))


async def begin_answer(session: AsyncSession, token_id: UUID, key: str, request: str) -> bool:
    """Take a key for a request; False when it is taken. Who takes it at the same moment waits for the commit."""
    values = {"token_id": token_id, "key": key, "request": request, "status": 0, "headers": {}, "body": ""}
    statement = insert(ApiAnswer).values(**values, at=utcnow()).on_conflict_do_nothing().returning(ApiAnswer.key)
    return await session.scalar(statement) is not None


async def keep_answer(
    session: AsyncSession, token_id: UUID, key: str, status: int, headers: dict[str, str], body: str
) -> None:
    """Keep what a request was answered with."""
    mine = update(ApiAnswer).where(ApiAnswer.token_id == token_id, ApiAnswer.key == key)
    await session.execute(mine.values(status=status, headers=headers, body=body))


async def answer(session: AsyncSession, token_id: UUID, key: str) -> ApiAnswer:
    """The answer kept under a key."""
    return await session.get_one(ApiAnswer, (token_id, key), populate_existing=True)


async def purge_answers(session: AsyncSession, before: datetime) -> int:
    """Forget answers older than a moment; returns how many."""
    gone = await session.scalars(delete(ApiAnswer).where(ApiAnswer.at < before).returning(ApiAnswer.key))
    return len(gone.all())


async def save_endpoint(session: AsyncSession, endpoint: WebhookEndpoint) -> None:
    """Store an endpoint."""
    session.add(endpoint)
    await session.flush()


async def endpoint(session: AsyncSession, office_id: str, endpoint_id: UUID) -> WebhookEndpoint | None:
    """An endpoint of an office, locked until the transaction ends; or None."""
    query = select(WebhookEndpoint).where(WebhookEndpoint.office_id == office_id, WebhookEndpoint.id == endpoint_id)
    found: WebhookEndpoint | None = await session.scalar(
        query.with_for_update(key_share=True).execution_options(populate_existing=True)
    )
    return found


async def endpoints(session: AsyncSession, office_id: str) -> Sequence[WebhookEndpoint]:
    """All endpoints of an office, by name."""
    query = select(WebhookEndpoint).where(WebhookEndpoint.office_id == office_id)
    return (await session.scalars(query.order_by(WebhookEndpoint.name, WebhookEndpoint.id))).all()


async def delete_endpoint(session: AsyncSession, endpoint: WebhookEndpoint) -> None:
    """Forget an endpoint and all its deliveries."""
    await session.execute(delete(WebhookEndpoint).where(WebhookEndpoint.id == endpoint.id))


async def deliveries(
    session: AsyncSession, endpoint_id: UUID, *, state: str, before: int | None, limit: int
) -> Sequence[WebhookDelivery]:
    """The newest deliveries to an endpoint below a number, of one state or of all."""
    query = select(WebhookDelivery).where(WebhookDelivery.endpoint_id == endpoint_id)
    if state:
        query = query.where(WebhookDelivery.state == state)
    if before is not None:
        query = query.where(WebhookDelivery.number < before)
    return (await session.scalars(query.order_by(WebhookDelivery.number.desc()).limit(limit))).all()


async def delivery(session: AsyncSession, endpoint_id: UUID, delivery_id: UUID) -> WebhookDelivery | None:
    """A delivery to an endpoint, locked until the transaction ends; or None."""
    query = select(WebhookDelivery).where(WebhookDelivery.endpoint_id == endpoint_id, WebhookDelivery.id == delivery_id)
    found: WebhookDelivery | None = await session.scalar(
        query.with_for_update().execution_options(populate_existing=True)
    )
    return found


async def purge_deliveries(session: AsyncSession, before: datetime) -> int:
    """Forget what was delivered or given up and last tried before a moment; returns how many."""
    old = delete(WebhookDelivery).where(WebhookDelivery.state != "waiting", WebhookDelivery.tried_at < before)
    return len((await session.scalars(old.returning(WebhookDelivery.id))).all())


async def due_endpoints(session: AsyncSession) -> list[UUID]:
    """Endpoints for which something is due that nobody sends."""
    connection = await (await session.connection()).exec_driver_sql(DUE)
    return [row[0] for row in connection]


async def announce(connection: Connection, what: Happening) -> list[UUID]:
    """Write a delivery for every endpoint that is to be told; returns these endpoints."""
    values = {
        "event": what.event,
        "subject": what.subject,
        "data": Jsonb(what.data),
        "office": what.office_id,
        "unit": what.unit,
        "restricted": what.restricted,
    }
    return [row[0] for row in await (await connection.execute(ANNOUNCE, values)).fetchall()]


async def claim(connection: Connection, endpoint_id: UUID, seconds: float) -> Sending | None:
    """The next delivery to an endpoint, and the lease to send it; None when nothing is due or somebody else sends."""
    row = await (await connection.execute(CLAIM, {"id": endpoint_id, "seconds": seconds})).fetchone()
    if row is None:
        return None
    (delivery_id, endpoint, office_id, token, url, secret, old, *rest) = row
    secrets = tuple(one for one in (secret, old) if one)
    return Sending(delivery_id, endpoint, office_id, token, url, secrets, *rest)


async def release(session: AsyncSession, sending: Sending) -> bool:
    """Give a lease back; False when it was lost meanwhile, and another worker sends the same again."""
    mine = update(WebhookEndpoint).where(
        WebhookEndpoint.id == sending.endpoint_id, WebhookEndpoint.lease_token == sending.token
    )
    given = mine.values(lease_token=None, lease_until=None).returning(WebhookEndpoint.id)
    return await session.scalar(given) is not None


async def settle(session: AsyncSession, delivery_id: UUID, **values: object) -> None:
    """Note how a try ended."""
    mine = update(WebhookDelivery).where(WebhookDelivery.id == delivery_id)
    await session.execute(mine.values(attempts=WebhookDelivery.attempts + 1, tried_at=utcnow(), **values))


async def succeeded(session: AsyncSession, endpoint_id: UUID) -> None:
    """Note that an endpoint took something."""
    await session.execute(
        update(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id).values(succeeded_at=utcnow())
    )


async def disable(session: AsyncSession, endpoint_id: UUID, reason: str, silent_since: datetime | None = None) -> bool:
    """Switch an endpoint off, if it took nothing since a moment; whether it was switched off by this."""
    mine = update(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id, WebhookEndpoint.disabled_at.is_(None))
    if silent_since is not None:
        taken = WebhookEndpoint.succeeded_at
        mine = mine.where(or_(taken.is_(None), taken < silent_since))
    off = mine.values(disabled_at=utcnow(), disabled_reason=reason).returning(WebhookEndpoint.id)
    return await session.scalar(off) is not None


def later(seconds: float) -> datetime:
    """A moment so many seconds from now."""
    return utcnow() + timedelta(seconds=seconds)
