"""Wakes event streams when something new is in their conversation."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

import psycopg
import structlog

from backend.core.database import listening

log = structlog.get_logger()
RECONNECT_SECONDS = 1.0
ECHO_SECONDS = 0.5
"""The page a visitor writes on shows their words at once; their other pages get them with the answer, or by then."""


class Listener:
    """One LISTEN connection of this process, with what to call for each channel's notices, and after a reconnect."""

    def __init__(self, url: str, on_notice: Mapping[str, Callable[[str | None], None]]) -> None:
        self._url = url
        self._on_notice = on_notice

    async def run(self) -> None:
        """Listen until cancelled. A lost connection is opened anew; None tells that notices may have been missed."""
        while True:
            try:
                async with listening(self._url, *self._on_notice) as connection:
                    for call in self._on_notice.values():
                        call(None)
                    async for notice in connection.notifies():
                        self._on_notice[notice.channel](notice.payload)
            except (psycopg.Error, OSError) as error:
                log.warning("listener_lost", error=type(error).__name__)
            await asyncio.sleep(RECONNECT_SECONDS)


class LiveConversations:
    """Event streams by conversation."""

    def __init__(self) -> None:
        self._waiting: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._echoes: dict[str, asyncio.TimerHandle] = {}

    def wake(self, conversation_id: str | None) -> None:
        """Wake the streams of one conversation, or of all (None)."""
        if conversation_id and (echo := self._echoes.pop(conversation_id, None)):
            echo.cancel()
        for key in [conversation_id] if conversation_id else list(self._waiting):
            for event in self._waiting.get(key, ()):
                event.set()

    def echo(self, conversation_id: str) -> None:
        """Wake the streams of a conversation in ECHO_SECONDS, unless something else does before."""
        if conversation_id in self._waiting and conversation_id not in self._echoes:
            loop = asyncio.get_running_loop()
            self._echoes[conversation_id] = loop.call_later(ECHO_SECONDS, self.wake, conversation_id)

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
