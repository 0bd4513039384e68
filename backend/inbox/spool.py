"""A folder that keeps what channels brought while the database was away, in order."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Sequence
from itertools import count
from pathlib import Path

import structlog
from pydantic import BaseModel, ValidationError

from channels.message import Parsed

log = structlog.get_logger()
DRAIN_SECONDS = 0.5
BATCH = 100


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
        self._writing: set[str] = set()
        self._waiting = {path.name for path in folder.glob("*.json")}

    @property
    def pending(self) -> bool:
        """Whether something waits: then new calls must queue behind it."""
        return bool(self._waiting or self._writing)

    async def add(self, spooled: Spooled) -> None:
        """Keep a call. When this returns it survives a power cut."""
        name = self._new_name()
        self._writing.add(name)
        try:
            await asyncio.to_thread(self._write, name, spooled.model_dump_json())
            self._waiting.add(name)
        finally:
            self._writing.discard(name)

    async def set_aside(self, spooled: Spooled) -> None:
        """Keep a call the database will not take for people to look at; renamed to `.json` it is tried again."""
        await asyncio.to_thread(self._write, f"{self._new_name()}.broken", spooled.model_dump_json())

    def _new_name(self) -> str:
        return f"{time.time_ns():020}-{next(self._numbers):08}.json"

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

    async def drain(self, store: Callable[[Sequence[Spooled]], Awaitable[bool]]) -> None:
        """Hand what waits to `store`, oldest first, until cancelled; what it does not take stays.

        Many calls at once: one by one would be slower than what comes in meanwhile, and never end.
        """
        while True:
            try:
                while await self._drain_some(store):
                    pass
            except OSError as error:
                log.error("spool_unreadable", error=type(error).__name__)
            await asyncio.sleep(DRAIN_SECONDS)

    async def _drain_some(self, store: Callable[[Sequence[Spooled]], Awaitable[bool]]) -> bool:
        """One batch; returns whether there may be more that can be stored now."""
        names = self._oldest()
        calls = {name: call for name in names if (call := self._read(name)) is not None}
        if calls and not await store(list(calls.values())):
            return False
        for name in names:
            if name in calls:
                (self._folder / name).unlink(missing_ok=True)
            self._waiting.discard(name)
        if calls:
            log.info("spooled_calls_stored", count=len(calls))
        return bool(names)

    def _oldest(self) -> list[str]:
        """Names of the oldest calls; none behind a call that is still on its way to the disk."""
        limit = min(self._writing, default="~")
        return [name for name in sorted(self._waiting)[:BATCH] if name < limit]

    def _read(self, name: str) -> Spooled | None:
        """A call that waits; None when another process has stored it, or nobody can read it."""
        path = self._folder / name
        try:
            return Spooled.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            return None
        except ValidationError:
            path.rename(path.with_name(f"{name}.broken"))
            log.error("spooled_call_broken", name=name)
            return None
