"""The statements of a turn: claim, answer, give back. One round trip each, over psycopg itself.

They run for every message; through the ORM they cost more than the work they do.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from psycopg.types.json import Jsonb

from backend.conversations.schemas import Claim, Outcome, Turn, Waiting
from backend.core.database import Connection


class Shown(NamedTuple):
    """A message as it is stored, with the vote on it."""

    seq: int
    external_id: str | None
    author: str
    language: str | None
    state: str
    at: datetime
    content: dict[str, Any]
    useful: bool | None


class Stored(NamedTuple):
    """What became of an answer."""

    newest: int
    """The newest number of the conversation."""
    heard: bool
    """Whether the answers were kept: not when an agent took the chat over meanwhile."""
    released: bool
    """Whether the conversation was given back."""


# `seen` is the newest number this statement could see. When the conversation's own number is higher, a message was
# being stored at the same moment: finishing looks again instead of giving the conversation back.
CLAIM = """
    WITH due AS (
        SELECT id FROM conversation
        WHERE due_at <= now() AND (lease_until IS NULL OR lease_until < now()) AND channel = ANY(%(channels)s)
        ORDER BY due_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
    ), claimed AS (
        UPDATE conversation
        SET lease_token = gen_random_uuid(), lease_until = now() + make_interval(secs => %(seconds)s)
        FROM due WHERE conversation.id = due.id
        RETURNING conversation.*
    )
    SELECT c.id, c.lease_token, c.channel, c.address, m.id, m.seq, m.content, m.attempts, m.created_at,
           CASE WHEN m.seq <= c.person_seq THEN 'agent' ELSE c.holder END, c.language, c.language_choice, c.contact_id,
           (SELECT COALESCE(max(seq), 0) FROM message WHERE conversation_id = c.id), m.more, m.due_at <= now()
    FROM claimed AS c LEFT JOIN LATERAL (
        SELECT id, seq, content, attempts, created_at, due_at, lead(seq) OVER (ORDER BY seq) IS NOT NULL AS more
        FROM message WHERE conversation_id = c.id AND state = 'received' ORDER BY seq LIMIT 1
    ) AS m ON true
    ORDER BY c.due_at
"""

NEXT = """
    SELECT m.id, m.seq, m.content, m.attempts, m.created_at,
           CASE WHEN m.seq <= c.person_seq THEN 'agent' ELSE c.holder END, c.language, c.language_choice, c.contact_id,
           c.last_seq, m.more, m.due_at <= now()
    FROM conversation AS c LEFT JOIN LATERAL (
        SELECT id, seq, content, attempts, created_at, due_at, lead(seq) OVER (ORDER BY seq) IS NOT NULL AS more
        FROM message WHERE conversation_id = c.id AND state = 'received' ORDER BY seq LIMIT 1
    ) AS m ON true
    WHERE c.id = %(conversation_id)s
"""

# What an agent took over meanwhile is not answered by the bot, even if they have given the chat back again: the fence
# is this statement's own reading of the holder, and of the number up to which messages were a person's.
ANSWER = """
    WITH mine AS (
        UPDATE conversation SET
            last_seq = last_seq + CASE WHEN holder = 'agent' OR %(seq)s <= person_seq THEN 0 ELSE %(count)s END,
            language = %(language)s,
            language_choice = CASE WHEN %(chose)s THEN %(language_choice)s ELSE language_choice END,
            holder = CASE WHEN %(queue)s AND holder = 'bot' AND %(seq)s > person_seq THEN 'queue' ELSE holder END,
            noticed_at = CASE WHEN last_seq = %(seen)s AND NOT %(more)s THEN NULL ELSE noticed_at END,
            queued_at = CASE WHEN %(queue)s AND holder = 'bot' AND %(seq)s > person_seq THEN now() ELSE queued_at END,
            waiting_since = CASE WHEN %(queue)s AND holder = 'bot' AND %(seq)s > person_seq THEN now()
                                 ELSE waiting_since END,
            lease_token = CASE WHEN last_seq = %(seen)s AND NOT %(more)s THEN NULL ELSE lease_token END,
            lease_until = CASE WHEN last_seq = %(seen)s AND NOT %(more)s THEN NULL ELSE lease_until END,
            due_at = CASE WHEN last_seq = %(seen)s AND NOT %(more)s THEN NULL ELSE due_at END
        WHERE id = %(conversation_id)s AND lease_token = %(token)s
        RETURNING last_seq, holder <> 'agent' AND %(seq)s > person_seq AS heard, lease_token IS NULL AS released
    ), settled AS (
        UPDATE message SET state = %(state)s, error = %(error)s, settled_at = now(), due_at = NULL
        FROM mine WHERE message.id = %(message_id)s
    ), stored AS (
        INSERT INTO message (conversation_id, seq, author, channel, content, language, state, attempts, reply_to,
                             created_at)
        SELECT %(conversation_id)s, mine.last_seq - %(count)s + reply.position, %(author)s, %(channel)s,
               reply.content, reply.language, %(sent)s, 0, %(seq)s, clock_timestamp()
        FROM mine, unnest(%(contents)s::jsonb[], %(languages)s::text[]) WITH ORDINALITY
                   AS reply (content, language, position)
        WHERE mine.heard
    )
    SELECT last_seq, heard, released, pg_notify('komshu_message', %(conversation_id)s::text) FROM mine
"""

# A message that came in since `last_seq` was read has set due_at itself: leave it. Who was told to wait is not told
# again before everything that waited is answered.
RELEASE = """
    UPDATE conversation
    SET lease_token = NULL, lease_until = NULL,
        noticed_at = CASE WHEN EXISTS (
            SELECT FROM message WHERE conversation_id = %(conversation_id)s AND state = 'received'
        ) THEN noticed_at END,
        due_at = CASE WHEN last_seq = %(last_seq)s
                 THEN (SELECT due_at FROM message WHERE conversation_id = %(conversation_id)s AND state = 'received'
                       ORDER BY seq LIMIT 1)
                 ELSE due_at END
    WHERE id = %(conversation_id)s AND lease_token = %(token)s
"""
HOLD = "SELECT 1 FROM conversation WHERE id = %(conversation_id)s AND lease_token = %(token)s FOR UPDATE"
POSTPONE = """
    UPDATE message
    SET attempts = attempts + %(tries)s, error = %(error)s, due_at = now() + make_interval(secs => %(seconds)s)
    WHERE id = %(message_id)s
"""
LATE = """
    SELECT c.id, c.lease_token, c.channel, c.address, m.id, m.seq, m.content, m.attempts, m.created_at,
           c.holder, c.language, c.language_choice, c.contact_id, c.last_seq, false
    FROM conversation AS c CROSS JOIN LATERAL (
        SELECT * FROM message WHERE conversation_id = c.id AND state = 'received' ORDER BY seq LIMIT 1
    ) AS m
    WHERE c.due_at IS NOT NULL AND c.noticed_at IS NULL AND c.holder <> 'agent' AND c.channel = ANY(%(channels)s)
          AND m.seq > c.person_seq AND NOT m.content ? 'hidden'
          AND m.created_at < now() - make_interval(secs => %(seconds)s)
          AND NOT EXISTS (SELECT FROM message AS said WHERE said.conversation_id = c.id AND said.author <> 'citizen'
                          AND said.created_at > now() - make_interval(secs => %(seconds)s))
    ORDER BY c.due_at LIMIT %(limit)s FOR UPDATE OF c SKIP LOCKED
"""
SAY = """
    WITH mine AS (
        UPDATE conversation
        SET last_seq = last_seq + 1, noticed_at = CASE WHEN %(noticed)s THEN now() ELSE noticed_at END
        WHERE id = %(conversation_id)s
        RETURNING last_seq
    ), stored AS (
        INSERT INTO message (conversation_id, seq, author, channel, content, language, state, attempts, created_at)
        SELECT %(conversation_id)s, last_seq, %(author)s, %(channel)s, %(content)s, %(language)s, %(sent)s, 0,
               clock_timestamp()
        FROM mine
    )
    SELECT last_seq, pg_notify('komshu_message', %(conversation_id)s::text) FROM mine
"""
AFTER = """
    SELECT message.seq, external_id, author, message.language, state, created_at, content, useful
    FROM message LEFT JOIN usefulness USING (conversation_id, seq)
    WHERE conversation_id = %(conversation_id)s AND message.seq > %(after)s AND NOT content ? 'hidden'
    ORDER BY message.seq LIMIT %(limit)s
"""
# One round trip for a message of the web chat: who says it, whether it is known, its number, its row.
RECEIVE = """
    WITH mine AS (
        SELECT conversation.id FROM identity JOIN conversation USING (contact_id, channel)
        WHERE channel = %(channel)s AND identity.external_id = %(digest)s
    ), known AS (
        SELECT seq FROM message
        WHERE channel = %(channel)s AND external_id = (SELECT id FROM mine) || ':' || %(id)s
    ), numbered AS (
        UPDATE conversation SET last_seq = last_seq + 1, due_at = LEAST(COALESCE(due_at, now()), now()),
            heard_at = now(), waiting_since = CASE WHEN holder <> 'bot' THEN COALESCE(waiting_since, now()) END
        WHERE id = (SELECT id FROM mine) AND NOT EXISTS (SELECT FROM known)
        RETURNING id, last_seq
    ), stored AS (
        INSERT INTO message (conversation_id, seq, author, channel, external_id, content, state, attempts, due_at,
                             created_at)
        SELECT id, last_seq, 'citizen', %(channel)s, id || ':' || %(id)s, %(content)s, 'received', 0, now(),
               clock_timestamp()
        FROM numbered
        RETURNING seq
    )
    SELECT seq, pg_notify('komshu_due', ''), pg_notify('komshu_message', (SELECT id FROM mine) || ' citizen')
    FROM stored
    UNION ALL SELECT seq, NULL, NULL FROM known
"""
FETCHED = "UPDATE message SET content = %(content)s WHERE id = %(message_id)s"
RENEW = """
    UPDATE conversation SET lease_until = now() + make_interval(secs => %(seconds)s) WHERE lease_token = ANY(%(tokens)s)
"""


def _waiting(row: Sequence[Any]) -> Waiting | None:
    """The message of a row of CLAIM or NEXT when it is due; order is never broken by skipping one that is not."""
    *values, due = row
    return Waiting(*values) if due else None


async def claim(
    connection: Connection, lease_seconds: float, limit: int, channels: Sequence[str]
) -> list[tuple[Claim, Waiting | None, int]]:
    """Take up to `limit` conversations that waited longest: each with its next message and its newest number."""
    values = {"seconds": lease_seconds, "limit": limit, "channels": list(channels)}
    found = await connection.execute(CLAIM, values)
    return [(Claim(*row[:4]), _waiting(row[4:]), row[13]) for row in await found.fetchall()]


async def next_waiting(connection: Connection, conversation_id: UUID) -> tuple[Waiting | None, int]:
    """The oldest message without an answer, if it is due now, and the conversation's newest number."""
    row = await (await connection.execute(NEXT, {"conversation_id": conversation_id})).fetchone()
    assert row is not None
    return _waiting(row), row[9]


async def release(connection: Connection, claim: Claim, last_seq: int) -> None:
    """Give a conversation back; it stays due for what waits in it."""
    values = {"conversation_id": claim.conversation_id, "token": claim.token, "last_seq": last_seq}
    await connection.execute(RELEASE, values)


async def answer(
    connection: Connection,
    claim: Claim,
    waiting: Waiting,
    turn: Turn,
    outcome: Outcome,
    *,
    sent: str,
) -> Stored | None:
    """Store a message's answers and its new state together; None when the lease was lost and nothing was stored."""
    values = {
        "conversation_id": claim.conversation_id,
        "token": claim.token,
        "channel": claim.channel,
        "message_id": waiting.id,
        "seq": waiting.seq,
        "seen": waiting.seen,
        "more": waiting.more,
        "count": len(turn.replies),
        "contents": [Jsonb(reply.content()) for reply in turn.replies],
        "languages": [reply.language or turn.language for reply in turn.replies],
        "language": turn.language,
        "language_choice": turn.language_choice,
        "chose": turn.language_choice != waiting.language_choice,
        "author": turn.author,
        "sent": sent,
        "state": outcome.state,
        "error": outcome.error,
        "queue": outcome.queue,
    }
    row = await (await connection.execute(ANSWER, values)).fetchone()
    return Stored(*row[:3]) if row else None


async def hold(connection: Connection, claim: Claim) -> bool:
    """Whether a claim is still good; it stays so until the transaction ends."""
    values = {"conversation_id": claim.conversation_id, "token": claim.token}
    return await (await connection.execute(HOLD, values)).fetchone() is not None


async def postpone(connection: Connection, message_id: int, seconds: float, error: str, *, counts: bool) -> None:
    """Try a message again later; counts says whether this was one of its tries."""
    values = {"message_id": message_id, "tries": int(counts), "error": error, "seconds": seconds}
    await connection.execute(POSTPONE, values)


async def store_content(connection: Connection, message_id: int, content: dict[str, Any]) -> None:
    """Replace what a message holds, once its file was fetched."""
    await connection.execute(FETCHED, {"message_id": message_id, "content": Jsonb(content)})


async def renew(connection: Connection, tokens: Sequence[UUID], lease_seconds: float) -> None:
    """Keep leases for another while."""
    await connection.execute(RENEW, {"tokens": list(tokens), "seconds": lease_seconds})


async def late(
    connection: Connection, seconds: float, limit: int, channels: Sequence[str]
) -> list[tuple[Claim, Waiting]]:
    """Conversations whose next message has waited that long without a word; theirs until the transaction ends."""
    values = {"seconds": seconds, "limit": limit, "channels": list(channels)}
    rows = await (await connection.execute(LATE, values)).fetchall()
    return [(Claim(*row[:4]), Waiting(*row[4:])) for row in rows]


async def say(connection: Connection, claim: Claim, turn: Turn, sent: str, *, noticed: bool = False) -> int:
    """Store a word nobody asked for; returns its number. Noticed: it says that an answer takes longer."""
    [reply] = turn.replies
    values = {
        "conversation_id": claim.conversation_id,
        "channel": claim.channel,
        "author": turn.author,
        "content": Jsonb(reply.content()),
        "language": turn.language,
        "sent": sent,
        "noticed": noticed,
    }
    row = await (await connection.execute(SAY, values)).fetchone()
    assert row is not None
    return int(row[0])


async def messages_after(connection: Connection, conversation_id: UUID, after: int, limit: int) -> list[Shown]:
    """Messages with a number above `after`, in order, each with the vote on it."""
    values = {"conversation_id": conversation_id, "after": after, "limit": limit}
    return [Shown(*row) for row in await (await connection.execute(AFTER, values)).fetchall()]


async def receive(
    connection: Connection, channel: str, digest: str, message_id: str, content: dict[str, Any]
) -> int | None:
    """Store a message of a known person once and wake the workers; returns its number, None for an unknown person.

    Raises psycopg's UniqueViolation when the same message was being stored at the same moment.
    """
    values = {"channel": channel, "digest": digest, "id": message_id, "content": Jsonb(content)}
    row = await (await connection.execute(RECEIVE, values)).fetchone()
    return int(row[0]) if row else None
