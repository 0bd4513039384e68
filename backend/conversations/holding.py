"""The statements of holding a chat: one round trip each, so that of two agents who act at once one is first."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from psycopg.errors import UniqueViolation
from psycopg.types.json import Jsonb

from backend.conversations.happenings import announce
from backend.core.database import Connection
from backend.integrations.schemas import EventName

DESK_CHANNEL = "komshu_desk"
"""Notices, with a conversation's id, that who holds it or what is noted in it changed."""
MOST_WORDS = 1500
"""Characters of what the citizen told a person that the bot is told."""


class Held(NamedTuple):
    """A chat as it is after an act."""

    id: UUID
    channel: str
    address: str
    language: str
    last_seq: int


RETURNING = """
    RETURNING id, channel, address, COALESCE(language_choice, language), last_seq,
              pg_notify('komshu_desk', id::text), pg_notify('komshu_message', id::text)
"""
TAKE = """
    UPDATE conversation SET holder = 'agent', agent_id = %(agent)s, held_at = now(),
        queued_at = COALESCE(queued_at, now()), unit = COALESCE(unit, %(unit)s)
    WHERE id = %(id)s AND office_id = %(office)s
          AND (holder <> 'agent' OR (%(from)s::uuid IS NOT NULL AND agent_id = %(from)s::uuid))
"""
TRANSFER = """
    UPDATE conversation SET agent_id = %(to)s, held_at = now()
    WHERE id = %(id)s AND holder = 'agent' AND agent_id = %(agent)s
"""
GIVE_BACK = """
    UPDATE conversation SET holder = 'bot', agent_id = NULL, held_at = NULL, queued_at = NULL, waiting_since = NULL,
        promised_at = NULL, unit = NULL, callback = false,
        person_seq = CASE WHEN holder = 'agent' THEN last_seq ELSE person_seq END
    WHERE id = %(id)s AND holder <> 'bot' AND agent_id IS NOT DISTINCT FROM %(agent)s::uuid
"""
QUEUE = """
    UPDATE conversation SET holder = 'queue', agent_id = NULL, held_at = NULL, queued_at = COALESCE(queued_at, now()),
        waiting_since = COALESCE(waiting_since, now()), promised_at = %(promised_at)s,
        unit = COALESCE(%(unit)s, unit), person_seq = last_seq
    WHERE id = %(id)s AND holder = 'agent' AND agent_id = %(agent)s
"""
# The agent's word, under the same lock that says they hold the chat. The same key again stores nothing.
SPEAK = """
    WITH known AS (
        SELECT seq FROM message WHERE channel = %(channel)s AND external_id = %(key)s
    ), mine AS (
        UPDATE conversation SET last_seq = last_seq + 1, spoken_at = now(), waiting_since = NULL, promised_at = NULL
        WHERE id = %(id)s AND holder = 'agent' AND agent_id = %(agent)s AND NOT EXISTS (SELECT FROM known)
        RETURNING id, last_seq
    ), stored AS (
        INSERT INTO message (conversation_id, seq, author, channel, external_id, content, language, state, attempts,
                             account_id, created_at)
        SELECT id, last_seq, 'agent', %(channel)s, %(key)s, %(content)s, %(language)s, %(sent)s, 0, %(agent)s,
               clock_timestamp()
        FROM mine RETURNING seq
    )
    SELECT seq, true, pg_notify('komshu_message', %(id)s::text), pg_notify('komshu_desk', %(id)s::text) FROM stored
    UNION ALL SELECT seq, false, NULL, NULL FROM known
"""
# What the bot is told of a chat it gets back is a message like any other: answered once, in its place.
TELL_BOT = """
    WITH mine AS (
        UPDATE conversation SET last_seq = last_seq + 1, due_at = LEAST(COALESCE(due_at, now()), now())
        WHERE id = %(id)s RETURNING id, channel, last_seq
    ), told AS (
        SELECT COALESCE(right(string_agg(content->>'text', E'\n' ORDER BY seq), %(most)s), '') AS words
        FROM message WHERE conversation_id = %(id)s AND author = 'citizen' AND created_at >= %(since)s
                           AND NOT content ? 'payload'
    )
    INSERT INTO message (conversation_id, seq, author, channel, content, state, attempts, due_at, created_at)
    SELECT id, last_seq, 'system', channel,
           jsonb_build_object('text', '', 'hidden', true, 'handed_back', words, 'since', %(since)s::timestamptz),
           'received', 0, now(), clock_timestamp()
    FROM mine, told
    RETURNING pg_notify('komshu_due', '')
"""
PROMISE = """
    UPDATE conversation SET promised_at = %(at)s WHERE id = %(id)s AND holder <> 'bot' AND promised_at IS NULL
"""


async def _held(connection: Connection, statement: str, values: Mapping[str, Any], happening: EventName) -> Held | None:
    row = await (await connection.execute((statement + RETURNING).encode(), values)).fetchone()
    if row is None:
        return None
    await announce(connection, row[0], happening)
    return Held(*row[:5])


async def take(
    connection: Connection, office_id: str, conversation_id: UUID, agent: UUID, unit: str | None, *, of: UUID | None
) -> Held | None:
    """An agent takes a chat over; from a colleague only when it is named. None when somebody else holds it."""
    values = {"id": conversation_id, "office": office_id, "agent": agent, "unit": unit, "from": of}
    return await _held(connection, TAKE, values, "chat.taken")


async def pass_on(connection: Connection, conversation_id: UUID, agent: UUID, to: UUID) -> Held | None:
    """An agent's chat goes to a colleague; None when it is not theirs."""
    return await _held(connection, TRANSFER, {"id": conversation_id, "agent": agent, "to": to}, "chat.taken")


async def give_back(connection: Connection, conversation_id: UUID, agent: UUID | None) -> Held | None:
    """The bot gets a chat back from an agent, or from the queue (agent None); None when it is not theirs."""
    values = {"id": conversation_id, "agent": agent}
    return await _held(connection, GIVE_BACK, values, "chat.returned")


async def queue(
    connection: Connection, conversation_id: UUID, agent: UUID, unit: str | None, promised_at: datetime | None
) -> Held | None:
    """An agent's chat goes back into the queue, of a unit; None when it is not theirs."""
    values = {"id": conversation_id, "agent": agent, "unit": unit, "promised_at": promised_at}
    return await _held(connection, QUEUE, values, "chat.queued")


async def speak(
    connection: Connection,
    held: Held,
    agent: UUID,
    key: str,
    content: dict[str, Any],
    sent: str,
) -> tuple[int, bool] | None:
    """Store an agent's word: (its number, whether it is new); None when the agent does not hold the chat."""
    values = {
        "id": held.id,
        "channel": held.channel,
        "agent": agent,
        "key": key,
        "content": Jsonb(content),
        "language": held.language,
        "sent": sent,
    }
    try:
        async with connection.transaction():
            row = await (await connection.execute(SPEAK, values)).fetchone()
    except UniqueViolation:  # the same word was being stored at the same moment: now it is known
        row = await (await connection.execute(SPEAK, values)).fetchone()
    return (row[0], row[1]) if row else None


async def tell_bot(connection: Connection, conversation_id: UUID, since: datetime) -> None:
    """Let the bot know, in its turn, that it has the chat again, and what the citizen wrote to the person since."""
    await connection.execute(TELL_BOT, {"id": conversation_id, "since": since, "most": MOST_WORDS})


async def promise(connection: Connection, conversation_id: UUID, at: datetime) -> None:
    """Note by when a person was promised, unless that is known."""
    await connection.execute(PROMISE, {"id": conversation_id, "at": at})
