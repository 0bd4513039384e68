"""Trackers on PostgreSQL: one row a conversation, one statement a turn."""

import json
import os
from typing import Any, Iterable, Optional

from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker

from bot.session import compacted

READ = "SELECT events FROM bot_session WHERE conversation_id = %s"
WRITE = """
    INSERT INTO bot_session (conversation_id, events, updated_at) VALUES (%s, %s, now())
    ON CONFLICT (conversation_id) DO UPDATE SET events = EXCLUDED.events, updated_at = EXCLUDED.updated_at
"""


class PostgresTrackerStore(TrackerStore):
    """Errors are raised, never papered over with an empty conversation."""

    def __init__(self, domain: Domain, host: Optional[str] = None, event_broker: Any = None, **_: Any) -> None:
        super().__init__(domain, event_broker)
        self._url = host or os.environ["BOT_DATABASE_URL"]
        self._pool: Optional[AsyncConnectionPool] = None

    async def _connections(self) -> AsyncConnectionPool:
        if self._pool is None:
            self._pool = AsyncConnectionPool(
                self._url, min_size=1, max_size=3, open=False, kwargs={"autocommit": True}, timeout=5
            )
            await self._pool.open()
        return self._pool

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Write what has to be remembered."""
        events = [event.as_dict() for event in compacted(tracker)]
        pool = await self._connections()
        async with pool.connection() as connection:
            await connection.execute(WRITE, (tracker.sender_id, Jsonb(events, dumps=json.dumps)))

    async def retrieve(self, sender_id: str) -> Optional[DialogueStateTracker]:
        """The tracker of a conversation, or None for a new one."""
        pool = await self._connections()
        async with pool.connection() as connection:
            row = await (await connection.execute(READ, (sender_id,))).fetchone()
        if row is None:
            return None
        return DialogueStateTracker.from_dict(sender_id, row[0], self.domain.slots)

    async def keys(self) -> Iterable[str]:
        """The ids of all conversations."""
        pool = await self._connections()
        async with pool.connection() as connection:
            rows = await (await connection.execute("SELECT conversation_id FROM bot_session")).fetchall()
        return [row[0] for row in rows]
