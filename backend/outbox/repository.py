"""The statements of the outbox. One round trip each; they run for every message sent."""

from collections.abc import Sequence
from uuid import UUID

from psycopg.types.json import Jsonb

from backend.core.database import Connection, utcnow
from backend.outbox.schemas import DeliveryState, Failure, LaneClaim, Outgoing, Part

OUTBOX_CHANNEL = "komshu_outbox"

ENQUEUE = """
    WITH mine AS (
        INSERT INTO lane (id, channel, address, version, fence, bulk, due_at, free_at)
        VALUES (%(lane)s, %(channel)s, %(address)s, 1, -1, %(bulk)s, now(), now())
        ON CONFLICT (id) DO UPDATE SET address = EXCLUDED.address, version = lane.version + 1,
            bulk = EXCLUDED.bulk AND (lane.bulk OR lane.due_at IS NULL),
            due_at = LEAST(COALESCE(lane.due_at, EXCLUDED.due_at), EXCLUDED.due_at)
        RETURNING id
    )
    INSERT INTO delivery (lane_id, number, position, channel, part, kind, state, attempts, unsure, expires_at,
                          created_at)
    SELECT mine.id, part.number, part.position, %(channel)s, part.content, part.kind, 'queued', 0, false,
           now() + part.keeps, clock_timestamp()
    FROM mine, unnest(%(numbers)s::int[], %(positions)s::int[], %(contents)s::jsonb[], %(kinds)s::text[],
                      %(keeps)s::interval[]) AS part (number, position, content, kind, keeps)
    ON CONFLICT (lane_id, number, position) DO NOTHING
"""
CLAIM = """
    WITH others AS (
        SELECT id FROM lane
        WHERE NOT bulk AND due_at <= now() AND free_at <= now() AND (lease_until IS NULL OR lease_until < now())
              AND channel = ANY(%(channels)s)
        ORDER BY due_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
    ), bulletins AS (
        SELECT id FROM lane
        WHERE bulk AND due_at <= now() AND free_at <= now() AND (lease_until IS NULL OR lease_until < now())
              AND channel = ANY(%(channels)s)
        ORDER BY due_at LIMIT LEAST(%(bulk)s, %(limit)s - (SELECT count(*) FROM others)) FOR UPDATE SKIP LOCKED
    ), due AS (
        SELECT id FROM others UNION ALL SELECT id FROM bulletins
    )
    UPDATE lane SET lease_token = gen_random_uuid(), lease_until = now() + make_interval(secs => %(seconds)s)
    FROM due WHERE lane.id = due.id
    RETURNING lane.id, lease_token, channel, address, version, bulk
"""
NEXT = """
    SELECT lane.version, part.id, part.number, part.part, part.attempts, part.expires_at < now(), part.kind
    FROM lane LEFT JOIN LATERAL (
        SELECT * FROM delivery
        WHERE lane_id = lane.id AND state IN ('queued', 'sending')
              AND (number > lane.fence OR kind IN ('news', 'person', 'bulletin'))
        ORDER BY kind = 'bulletin', id LIMIT 1
    ) AS part ON true
    WHERE lane.id = %(lane)s AND lease_token = %(token)s
"""
SLOT = """
    INSERT INTO pace (channel, next_at) VALUES (%(channel)s, now() + make_interval(secs => %(seconds)s))
    ON CONFLICT (channel) DO UPDATE SET next_at = GREATEST(pace.next_at, now()) + make_interval(secs => %(seconds)s)
    RETURNING GREATEST(extract(epoch FROM next_at - now()) - %(seconds)s, 0)::float
"""
# A part found as `sending` was in the hands of a worker that died: it may have gone out. One that such a worker has
# noted in the meantime is none to send any more. The lane's lock makes it wait for an agent who is taking over: what is
# marked is marked before their commit, or not at all.
MARK = """
    UPDATE delivery SET state = 'sending', unsure = unsure OR state = 'sending', attempts = attempts + 1
    WHERE id = %(id)s AND state IN ('queued', 'sending') AND EXISTS (
        SELECT FROM lane WHERE lane.id = lane_id AND lease_token = %(token)s AND lease_until > now()
                               AND (number > fence OR kind IN ('news', 'person', 'bulletin'))
        FOR SHARE
    )
    RETURNING id
"""
# An agent took the chat over: what the bot said and what has not left is not sent any more. A part that is with the
# provider at this moment counts as said; when it comes back as failed, the fence keeps it from a second try.
FENCE = """
    WITH fenced AS (
        UPDATE lane SET fence = GREATEST(fence, %(number)s) WHERE id = %(lane)s RETURNING id
    ), withdrawn AS (
        UPDATE delivery SET state = 'withdrawn', settled_at = now()
        FROM fenced
        WHERE lane_id = fenced.id AND number <= %(number)s AND state = 'queued' AND kind IN ('answer', 'notice')
        RETURNING delivery.id
    )
    SELECT count(*) FROM withdrawn
"""
SENDING = "SELECT EXISTS (SELECT FROM delivery WHERE lane_id = %(lane)s AND state = 'sending')"
SENT = """
    WITH noted AS (
        UPDATE delivery SET state = 'sent', provider_id = %(provider_id)s, reason = NULL, detail = NULL,
               settled_at = now()
        WHERE id = %(id)s
    )
    UPDATE lane SET free_at = now() + make_interval(secs => %(pause)s) WHERE id = %(lane)s
    RETURNING pg_notify('komshu_message', id::text)
"""
# Who lost the lane says nothing: whoever has it now may have sent the part.
LATER = """
    WITH mine AS (
        UPDATE lane SET lease_token = NULL, lease_until = NULL, free_at = now() + make_interval(secs => %(seconds)s)
        WHERE id = %(lane)s AND lease_token = %(token)s
        RETURNING id, fence
    )
    UPDATE delivery SET reason = %(reason)s, detail = %(detail)s, unsure = unsure OR %(unsure)s,
        state = CASE WHEN number > mine.fence OR kind IN ('news', 'person', 'bulletin') THEN 'queued'
                     ELSE 'withdrawn' END
    FROM mine WHERE delivery.id = %(id)s AND state = 'sending'
    RETURNING pg_notify('komshu_message', lane_id::text)
"""
FAILED = """
    UPDATE delivery SET state = 'failed', reason = %(reason)s, detail = %(detail)s, settled_at = now()
    WHERE lane_id = %(lane)s AND state IN ('queued', 'sending') AND (id = %(id)s OR %(all)s)
    RETURNING pg_notify('komshu_message', lane_id::text)
"""
RELEASE = """
    UPDATE lane SET lease_token = NULL, lease_until = NULL,
        due_at = CASE WHEN version = %(version)s THEN NULL ELSE due_at END
    WHERE id = %(lane)s AND lease_token = %(token)s
    RETURNING due_at IS NOT NULL
"""
RENEW = "UPDATE lane SET lease_until = now() + make_interval(secs => %(seconds)s) WHERE lease_token = ANY(%(tokens)s)"
NEXT_DUE = """
    SELECT extract(epoch FROM min(GREATEST(due_at, free_at, COALESCE(lease_until, due_at))) - now())::float
    FROM lane WHERE due_at IS NOT NULL AND (NOT bulk OR %(bulk)s) AND channel = ANY(%(channels)s)
"""
REPORTED = """
    UPDATE delivery SET state = %(state)s, reason = %(reason)s, settled_at = now()
    WHERE channel = %(channel)s AND provider_id = %(provider_id)s
          AND (state = 'sending' OR (state = 'sent' AND %(state)s IN ('delivered', 'failed')))
    RETURNING lane_id, pg_notify('komshu_message', lane_id::text)
"""
KNOWN = "SELECT lane_id FROM delivery WHERE channel = %(channel)s AND provider_id = %(provider_id)s"
KEEP_REPORT = """
    INSERT INTO delivery_report (channel, provider_id, state, reason, at)
    VALUES (%(channel)s, %(provider_id)s, %(state)s, %(reason)s, now()) ON CONFLICT DO NOTHING
"""
MATCH_REPORTS = """
    WITH matched AS (
        DELETE FROM delivery_report AS report USING delivery
        WHERE delivery.channel = report.channel AND delivery.provider_id = report.provider_id
        RETURNING report.channel, report.provider_id, report.state, report.reason, report.id
    )
    SELECT channel, provider_id, state, reason FROM matched ORDER BY id
"""
FORGET_REPORTS = "DELETE FROM delivery_report WHERE at < now() - interval '7 days'"
STATES = """
    SELECT DISTINCT ON (number) number, state, reason, detail, unsure, attempts, settled_at
    FROM delivery WHERE lane_id = %(lane)s AND number > %(after)s
    ORDER BY number,
             array_position(ARRAY['failed', 'withdrawn', 'queued', 'sending', 'sent', 'delivered'], state), position
"""
FAILURES = """
    SELECT lane_id, number, channel, reason, COALESCE(detail, ''), settled_at
    FROM delivery WHERE state = 'failed' ORDER BY settled_at DESC LIMIT %(limit)s
"""
RETRY = """
    WITH again AS (
        UPDATE delivery SET state = 'queued', reason = NULL, detail = NULL, settled_at = NULL, attempts = 0,
               provider_id = NULL, expires_at = GREATEST(expires_at, now() + interval '1 hour'),
               kind = CASE WHEN %(by_person)s THEN 'person' ELSE kind END
        WHERE lane_id = %(lane)s AND number = %(number)s AND state = 'failed'
        RETURNING lane_id
    )
    UPDATE lane SET version = version + 1, due_at = COALESCE(due_at, now()), free_at = now()
    WHERE id = (SELECT lane_id FROM again LIMIT 1)
    RETURNING pg_notify('komshu_outbox', '')
"""
# Only what is whole in our hands: of a bulletin whose first part has left, the rest follows.
WITHDRAW = """
    UPDATE delivery SET state = 'withdrawn', settled_at = now()
    FROM unnest(%(lanes)s::uuid[], %(numbers)s::int[]) AS taken (lane, message)
    WHERE lane_id = lane AND number = message AND kind = 'bulletin' AND state = 'queued' AND NOT EXISTS (
        SELECT FROM delivery AS other
        WHERE other.lane_id = lane AND other.number = message AND other.state <> 'queued'
    )
    RETURNING lane_id, number, pg_notify('komshu_message', lane_id::text)
"""
UNWANTED = """
    WITH was AS (
        SELECT id, lane_id, state FROM delivery WHERE id = %(id)s AND state IN ('queued', 'sending') FOR UPDATE
    ), taken AS (
        UPDATE delivery SET state = 'withdrawn', settled_at = now() FROM was WHERE delivery.id = was.id
    )
    SELECT state, pg_notify('komshu_message', lane_id::text) FROM was
"""
FORGET_SENT = "DELETE FROM delivery WHERE lane_id = %(lane)s AND state NOT IN ('queued', 'sending')"


async def enqueue(connection: Connection, lane: UUID, channel: str, address: str, outgoing: Sequence[Outgoing]) -> None:
    """Put messages into a lane, to be sent from `at` on; a part that is in it already is not put in again."""
    now = utcnow()
    parts = [
        (one.number, position, Jsonb(part), one.kind, one.keeps(now))
        for one in outgoing
        for position, part in enumerate(one.parts)
    ]
    if not parts:
        return
    numbers, positions, contents, kinds, keeps = (list(column) for column in zip(*parts, strict=True))
    values = {"numbers": numbers, "positions": positions, "contents": contents, "kinds": kinds, "keeps": keeps}
    to = {"lane": lane, "channel": channel, "address": address, "bulk": set(kinds) == {"bulletin"}}
    await connection.execute(ENQUEUE, {**to, **values})
    await connection.execute(f"SELECT pg_notify('{OUTBOX_CHANNEL}', '')".encode())


async def claim(
    connection: Connection, channels: Sequence[str], lease_seconds: float, limit: int, bulk: int | None = None
) -> list[LaneClaim]:
    """Take up to `limit` lanes that may send now; those with nothing but bulletins last, and at most `bulk` of them."""
    most = limit if bulk is None else bulk
    values = {"channels": list(channels), "seconds": lease_seconds, "limit": limit, "bulk": most}
    return [LaneClaim(*row) for row in await (await connection.execute(CLAIM, values)).fetchall()]


async def next_part(connection: Connection, lane: LaneClaim) -> tuple[Part | None, int]:
    """The part to send now, None when the lane is empty or lost; and the lane's version when this was read."""
    found = await connection.execute(NEXT, {"lane": lane.id, "token": lane.token})
    row = await found.fetchone()
    if row is None or row[1] is None:
        return None, row[0] if row else lane.version
    return Part(*row[1:]), row[0]


async def slot(connection: Connection, channel: str, seconds: float) -> float:
    """Reserve the channel's next moment to send, `seconds` apart from others'; returns how long to wait for it."""
    row = await (await connection.execute(SLOT, {"channel": channel, "seconds": seconds})).fetchone()
    assert row is not None
    return float(row[0])


async def mark(connection: Connection, lane: LaneClaim, part: Part) -> bool:
    """Note that a part is being handed over; False when the lane was lost meanwhile, or the part settled."""
    return await (await connection.execute(MARK, {"id": part.id, "token": lane.token})).fetchone() is not None


async def note_sent(connection: Connection, lane: LaneClaim, part: Part, provider_id: str | None, pause: float) -> None:
    """A part was taken by the provider; the lane rests for `pause` seconds."""
    values = {"id": part.id, "lane": lane.id, "provider_id": provider_id, "pause": pause}
    await connection.execute(SENT, values)


async def note_later(
    connection: Connection, lane: LaneClaim, part: Part, seconds: float, reason: str, detail: str, *, unsure: bool
) -> None:
    """A part is to be tried again in `seconds`; the lane is given back."""
    values = {"reason": reason, "detail": detail, "seconds": seconds, "unsure": unsure}
    await connection.execute(LATER, {"id": part.id, "lane": lane.id, "token": lane.token, **values})


async def note_failed(
    connection: Connection, lane: LaneClaim, part: Part, reason: str, detail: str, *, everything: bool
) -> None:
    """A part, or everything that waits in its lane, will not be sent."""
    values = {"id": part.id, "lane": lane.id, "reason": reason, "detail": detail, "all": everything}
    await connection.execute(FAILED, values)


async def release(connection: Connection, lane: LaneClaim, version: int) -> bool:
    """Give a lane back as it was at `version`; returns whether something was put in since."""
    values = {"lane": lane.id, "token": lane.token, "version": version}
    row = await (await connection.execute(RELEASE, values)).fetchone()
    return bool(row and row[0])


async def renew(connection: Connection, tokens: Sequence[UUID], lease_seconds: float) -> None:
    """Keep lanes for another while."""
    await connection.execute(RENEW, {"tokens": list(tokens), "seconds": lease_seconds})


async def seconds_to_next(connection: Connection, channels: Sequence[str], *, bulk: bool = True) -> float | None:
    """How long until a lane may send, None when nothing waits; without `bulk`, bulletins do not count."""
    row = await (await connection.execute(NEXT_DUE, {"channels": list(channels), "bulk": bulk})).fetchone()
    return None if row is None or row[0] is None else float(row[0])


async def report(connection: Connection, channel: str, provider_id: str, state: str, reason: str | None) -> UUID | None:
    """Note a provider's word; returns the lane, or None when the message is not known (yet)."""
    values = {"channel": channel, "provider_id": provider_id, "state": state, "reason": reason}
    await connection.execute(REPORTED, values)
    row = await (await connection.execute(KNOWN, values)).fetchone()
    if row is None:
        await connection.execute(KEEP_REPORT, values)
    return row[0] if row else None


async def match_reports(connection: Connection) -> int:
    """Apply words that came too early, forget old ones; returns how many were applied."""
    rows = await (await connection.execute(MATCH_REPORTS)).fetchall()
    for channel, provider_id, state, reason in rows:
        await report(connection, channel, provider_id, state, reason)
    await connection.execute(FORGET_REPORTS)
    return len(rows)


async def states(connection: Connection, lane: UUID, after: int) -> list[DeliveryState]:
    """How far the messages of a conversation with numbers above `after` have come."""
    rows = await (await connection.execute(STATES, {"lane": lane, "after": after})).fetchall()
    return [DeliveryState(*row) for row in rows]


async def retry(connection: Connection, lane: UUID, number: int, *, by_person: bool = False) -> bool:
    """Send a failed message again, as a person's own word if one asks for it; False when it did not fail."""
    values = {"lane": lane, "number": number, "by_person": by_person}
    return await (await connection.execute(RETRY, values)).fetchone() is not None


async def fence(connection: Connection, lane: UUID, number: int) -> int:
    """Send no word of the bot up to this number any more; returns how many parts were withdrawn."""
    row = await (await connection.execute(FENCE, {"lane": lane, "number": number})).fetchone()
    assert row is not None
    return int(row[0])


async def sending(connection: Connection, lane: UUID) -> bool:
    """Whether a part of a lane is with the provider at this moment."""
    row = await (await connection.execute(SENDING, {"lane": lane})).fetchone()
    return bool(row and row[0])


async def failures(connection: Connection, limit: int) -> list[Failure]:
    """The newest messages that were given up."""
    rows = await (await connection.execute(FAILURES, {"limit": limit})).fetchall()
    return [Failure(*row) for row in rows]


async def withdraw(connection: Connection, messages: Sequence[tuple[UUID, int]]) -> set[tuple[UUID, int]]:
    """Take bulletins back, given as (lane, number); returns those that had not left."""
    lanes, numbers = [lane for lane, _ in messages], [number for _, number in messages]
    rows = await (await connection.execute(WITHDRAW, {"lanes": lanes, "numbers": numbers})).fetchall()
    return {(row[0], row[1]) for row in rows}


async def note_unwanted(connection: Connection, part: Part) -> str:
    """The person stopped such messages before this one left; returns the state it was in, empty when it is settled."""
    row = await (await connection.execute(UNWANTED, {"id": part.id})).fetchone()
    return str(row[0]) if row else ""


async def forget_sent(connection: Connection, lane: UUID) -> None:
    """Delete the parts that are not on their way any more."""
    await connection.execute(FORGET_SENT, {"lane": lane})


async def forget_lane(connection: Connection, lane: UUID) -> None:
    """Delete a lane with its address and everything in it."""
    await connection.execute("DELETE FROM lane WHERE id = %(lane)s", {"lane": lane})
