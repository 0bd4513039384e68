"""A folder that keeps what channels brought while the database was away, in order."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from itertools import count
from pathlib import Path

import structlog
from pydantic import BaseModel

from channels.message import Parsed

log = structlog.get_logger()
DRAIN_SECONDS = 0.5


class Spooled(BaseModel):
    """What one call of a channel brought."""

    channel: str
    parsed: Parsed


class Spool:
    """Files, one a call, whose names sort by time; written through to the disk before the provider is answered."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._numbers = count()
        self._writing = 0
        self._waiting = len(self._files())

    @property
    def pending(self) -> bool:
        """Whether something waits: then new calls must queue behind it."""
        return self._waiting > 0 or self._writing > 0

    async def add(self, spooled: Spooled) -> None:
        """Keep a call. When this returns it survives a power cut."""
        name = f"{time.time_ns():020}-{next(self._numbers):08}.json"
        self._writing += 1
        try:
            await asyncio.to_thread(self._write, name, spooled.model_dump_json())
            self._waiting += 1
        finally:
            self._writing -= 1

    def _write(self, name: str, content: str) -> None:
        partial = self._folder / f"{name}.partial"
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.rename(self._folder / name)
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob("*.json"))

    async def drain(self, store: Callable[[Spooled], Awaitable[bool]]) -> None:
        """Hand what waits to `store`, oldest first, until cancelled; what it does not take stays."""
        while True:
            await self._drain_once(store)
            await asyncio.sleep(DRAIN_SECONDS)

    async def _drain_once(self, store: Callable[[Spooled], Awaitable[bool]]) -> None:
        for path in self._files() if self._waiting else []:
            spooled = Spooled.model_validate_json(path.read_text(encoding="utf-8"))
            if not await store(spooled):
                return
            path.unlink()
            self._waiting -= 1
            log.info("spooled_call_stored", channel=spooled.channel)
