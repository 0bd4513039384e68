"""Wakes event streams when something new is in their conversation."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import psycopg
import structlog

from backend.core.database import listening

log = structlog.get_logger()
RECONNECT_SECONDS = 1.0


class Listener:
    """One LISTEN connection of this process; calls back for every notification, and once after a reconnect."""

    def __init__(self, url: str, channel: str, on_notice: Callable[[str | None], None]) -> None:
        self._url = url
        self._channel = channel
        self._on_notice = on_notice

    async def run(self) -> None:
        """Listen until cancelled. A lost connection is opened anew; None tells that notices may have been missed."""
        while True:
            try:
                async with listening(self._url, self._channel) as connection:
                    self._on_notice(None)
                    async for notice in connection.notifies():
                        self._on_notice(notice.payload)
            except (psycopg.Error, OSError) as error:
                log.warning("listener_lost", error=type(error).__name__)
            await asyncio.sleep(RECONNECT_SECONDS)


class LiveConversations:
    """Event streams by conversation."""

    def __init__(self) -> None:
        self._waiting: defaultdict[str, set[asyncio.Event]] = defaultdict(set)

    def wake(self, conversation_id: str | None) -> None:
        """Wake the streams of one conversation, or of all (None)."""
        for key in [conversation_id] if conversation_id else list(self._waiting):
            for event in self._waiting.get(key, ()):
                event.set()

    @asynccontextmanager
    async def watching(self, conversation_id: str) -> AsyncIterator[asyncio.Event]:
        """An event that is set whenever the conversation has something new."""
        event = asyncio.Event()
        self._waiting[conversation_id].add(event)
        try:
            yield event
        finally:
            self._waiting[conversation_id].discard(event)
            if not self._waiting[conversation_id]:
                del self._waiting[conversation_id]
