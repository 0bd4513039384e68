"""A channel that does as it is told, and lanes in the making."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from backend.core.database import Connection, Pool, make_pool
from backend.core.settings import Settings
from backend.outbox import repository, service
from backend.outbox.schemas import Kind, LaneClaim, Outgoing, Part
from channels.adapter import Call, Pace
from channels.errors import SendError
from channels.message import Media, Parsed

LEASE = 60.0
LOST = -1.0
"""A lease that is over when it begins."""
Answer = Callable[["ScriptedAdapter", str, dict[str, Any]], str | None]


class ScriptedAdapter:
    """An adapter of ours: `script` says what becomes of the next parts, then everything is taken.

    In the script an exception is raised, and text is the provider's id.
    """

    pull = False
    acknowledgement = ("text/plain", "")

    def __init__(self, *script: str | BaseException, pace: Pace | None = None, answer: Answer | None = None) -> None:
        self.name = f"scripted-{uuid4()}"
        self.pace = pace or Pace()
        self.script = list(script)
        self.answer = answer
        self.tried: list[tuple[str, dict[str, Any]]] = []
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.files: list[bytes | SendError | Exception] = []
        self.fetched = 0
        self.seen_of: list[dict[str, Any]] = []
        self._changed = asyncio.Condition()

    def verify(self, call: Call) -> None: ...

    def parse(self, call: Call) -> Parsed:
        return Parsed()

    def render(self, content: dict[str, Any], number: int) -> tuple[dict[str, Any], ...]:
        """A part for each line."""
        shared = {"number": number, "language": content.get("language")}
        return tuple({"text": line, **shared} for line in content["text"].splitlines())

    async def send(self, address: str, part: dict[str, Any]) -> str | None:
        async with self._changed:
            self.tried.append((address, part))
            self._changed.notify_all()
        taken = self.script.pop(0) if self.script else self._taken(address, part)
        if isinstance(taken, BaseException):
            raise taken
        async with self._changed:
            self.sent.append((address, part))
            self._changed.notify_all()
        return taken

    def _taken(self, address: str, part: dict[str, Any]) -> str | None:
        return self.answer(self, address, part) if self.answer else f"id-{uuid4()}"

    async def seen(self, address: str, content: dict[str, Any]) -> None:
        self.seen_of.append(content)

    async def fetch(self, media: Media, limit: int) -> bytes:
        self.fetched += 1
        file = self.files.pop(0) if len(self.files) > 1 else self.files[0]
        if isinstance(file, bytes):
            return file
        raise file

    async def close(self) -> None: ...

    async def until_sent(self, count: int) -> None:
        """Return when so many parts were taken."""
        await self.until(lambda: len(self.sent) >= count)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Return when something holds after a try."""
        async with asyncio.timeout(20), self._changed:
            await self._changed.wait_for(condition)

    def texts(self, address: str | None = None) -> list[str]:
        """What was taken, in order; for one address or for all."""
        return [part["text"] for to, part in self.sent if address in (None, to)]


@asynccontextmanager
async def pool_of(settings: Settings, size: int = 10) -> AsyncIterator[Pool]:
    """A pool of this test."""
    async with make_pool(settings.database_url, size) as pool:
        yield pool


def outgoing(number: int, *texts: str, kind: Kind = "answer") -> Outgoing:
    """A message of these parts."""
    return Outgoing(number, tuple({"text": text} for text in texts), kind)


async def queue(
    connection: Connection, channel: str, *messages: Outgoing, lane: UUID | None = None, at: datetime | None = None
) -> UUID:
    """Put messages into a lane, a new one if none is named, as if at that moment; its address is its id."""
    lane = lane or uuid4()
    await service.enqueue(connection, lane, channel, str(lane), messages)
    if at:
        await connection.execute("UPDATE lane SET due_at = %s WHERE id = %s", (at, lane))
    return lane


async def queue_texts(connection: Connection, channel: str, *texts: str, lane: UUID | None = None) -> UUID:
    """One message of one part for each text."""
    return await queue(connection, channel, *(outgoing(place, text) for place, text in enumerate(texts, 1)), lane=lane)


async def claim(connection: Connection, channel: str, lease: float = LEASE) -> LaneClaim | None:
    """The lane that waited longest, if one may send."""
    found = await repository.claim(connection, [channel], lease, 1)
    return found[0] if found else None


async def claimed(connection: Connection, channel: str, lease: float = LEASE) -> LaneClaim:
    """The lane that waited longest; there has to be one."""
    found = await claim(connection, channel, lease)
    assert found is not None
    return found


async def next_of(connection: Connection, lane: LaneClaim) -> Part:
    """The next part; there has to be one."""
    part, _ = await repository.next_part(connection, lane)
    assert part is not None
    return part


async def handed_over(
    connection: Connection, channel: str, *texts: str, lease: float = LEASE
) -> tuple[LaneClaim, Part]:
    """A new lane, claimed, whose first part is in a provider's hands."""
    await queue_texts(connection, channel, *texts)
    lane = await claimed(connection, channel, LEASE)
    part = await next_of(connection, lane)
    assert await repository.mark(connection, lane, part)
    if lease != LEASE:
        await repository.renew(connection, [lane.token], lease)
    return lane, part


async def rows(connection: Connection, lane: UUID, columns: str = "part->>'text', state") -> list[tuple[Any, ...]]:
    """The parts of a lane, in order."""
    found = await connection.execute(f"SELECT {columns} FROM delivery WHERE lane_id = %s ORDER BY id".encode(), (lane,))
    return await found.fetchall()


async def lane_row(connection: Connection, lane: UUID, columns: str) -> tuple[Any, ...]:
    """A lane as it is now."""
    row = await (await connection.execute(f"SELECT {columns} FROM lane WHERE id = %s".encode(), (lane,))).fetchone()
    assert row is not None
    return tuple(row)


async def make_free(connection: Connection, lane: UUID) -> None:
    """Let the time of the next try come."""
    await connection.execute("UPDATE lane SET free_at = now() WHERE id = %s", (lane,))
