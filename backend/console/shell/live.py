"""What tells open consoles that something changed; they fetch it themselves, so that they show the server's list."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

EVERYTHING = "all"


class Watch:
    """What changed since one console last heard."""

    def __init__(self) -> None:
        self._news = asyncio.Event()
        self._changed: set[str] = set()

    def add(self, changed: str) -> None:
        """Something changed."""
        self._changed.add(changed)
        self._news.set()

    async def wait(self, seconds: float) -> bool:
        """Wait for a change, so long at most; says whether there is one."""
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            return False
        return True

    def take(self) -> list[str]:
        """What changed, and forget it."""
        self._news.clear()
        changed, self._changed = sorted(self._changed), set()
        return changed


class DeskFeed:
    """All consoles this process has open."""

    def __init__(self) -> None:
        self._watches: set[Watch] = set()

    def changed(self, what: str | None) -> None:
        """A notice of the database: a chat's id, or `ticket:<id>`; None when notices may have been missed."""
        for watch in self._watches:
            watch.add(what or EVERYTHING)

    @contextmanager
    def watching(self) -> Iterator[Watch]:
        """A watch for one console, for as long as it is open."""
        watch = Watch()
        self._watches.add(watch)
        try:
            yield watch
        finally:
            self._watches.discard(watch)


async def beats(watch: Watch, seconds: float, pause: float) -> AsyncIterator[list[str]]:
    """What changed, gathered over a pause so that a busy desk is not told of every word; empty as a sign of life."""
    while True:
        if await watch.wait(seconds):
            await asyncio.sleep(pause)
        yield watch.take()
