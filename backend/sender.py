"""The sending half of the worker: takes lanes of the outbox and hands their parts to the providers."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from uuid import UUID

import psycopg
import structlog

from backend.announcements import service as announcements
from backend.contacts import service as contacts
from backend.core.database import Connection, Pool
from backend.core.settings import Settings
from backend.outbox import repository, service
from backend.outbox.schemas import LaneClaim, Part
from channels.adapter import Adapter
from channels.errors import BLOCKED, UNSURE, SendError

log = structlog.get_logger()
MATCH_REPORTS_SECONDS = 10.0
LONGEST_SLEEP_SECONDS = 1.0
LAST_SECONDS = 5.0
"""How long parts that are with a provider may take to come back when we are told to stop."""
BULLETINS = 2
"""Addresses at most that get bulletins at once: whoever waits for an answer finds a free place, and the channel too."""
KEEP_ALL = -1
"""No version of a lane: it is given back as it is."""


class Sender:
    """Sends what lies in the outbox, one part at a time to each address, up to sender_concurrency at once."""

    def __init__(self, settings: Settings, pool: Pool, adapters: Mapping[str, Adapter]) -> None:
        self._settings = settings
        self._pool = pool
        self._adapters = {name: adapter for name, adapter in adapters.items() if not adapter.pull}
        self._wake = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()
        self._bulletins = 0
        self.held: set[UUID] = set()

    def wake(self, _notice: str | None = None) -> None:
        """Something may be due."""
        self._wake.set()

    async def run(self) -> None:
        """Send until cancelled; without a channel to send on there is nothing to do."""
        try:
            await self._run()
        finally:
            self._stopping.set()
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=LAST_SECONDS)

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            try:
                pause = await self._start_due() if self._adapters else self._settings.poll_seconds
            except (psycopg.Error, OSError) as error:
                log.warning("outbox_claim_failed", error=type(error).__name__)
                pause = self._settings.poll_seconds
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):  # wait_for may swallow being cancelled
                    await self._wake.wait()

    async def _start_due(self) -> float:
        """Take what may be sent; returns how long to sleep, in seconds."""
        free = self._settings.sender_concurrency - len(self._tasks)
        if free <= 0:
            return LONGEST_SLEEP_SECONDS
        bulk, channels = max(BULLETINS - self._bulletins, 0), list(self._adapters)
        async with self._pool.connection() as connection:
            lanes = await repository.claim(connection, channels, self._settings.lease_seconds, free, bulk)
            due = 0.0 if lanes else await repository.seconds_to_next(connection, channels, bulk=bulk > 0)
        for lane in lanes:
            self._start(lane)
        if lanes:
            return 0.0
        return self._settings.poll_seconds if due is None else min(max(due, 0.01), LONGEST_SLEEP_SECONDS)

    def _start(self, lane: LaneClaim) -> None:
        self.held.add(lane.token)
        self._bulletins += lane.bulk
        task = asyncio.create_task(self._drain(lane))
        self._tasks.add(task)
        task.add_done_callback(lambda done: self._done(done, lane))

    def _done(self, task: asyncio.Task[None], lane: LaneClaim) -> None:
        self.held.discard(lane.token)
        self._bulletins -= lane.bulk
        self._tasks.discard(task)
        self.wake()
        if not task.cancelled() and (error := task.exception()):
            log.error("send_failed", channel=lane.channel, error=type(error).__name__)

    async def _drain(self, lane: LaneClaim) -> None:
        adapter = self._adapters[lane.channel]
        while True:
            async with self._pool.connection() as connection:
                part, version = await repository.next_part(connection, lane)
                if part is None or self._stopping.is_set():
                    await repository.release(connection, lane, version if part is None else KEEP_ALL)
                    return
                if part.expired:
                    await service.expired(connection, lane, part)
                    continue
                if part.kind == "bulletin" and await self._taken_back(connection, lane, part):
                    continue
            if not await self._send(adapter, lane, part):
                return

    async def _taken_back(self, connection: Connection, lane: LaneClaim, part: Part) -> bool:
        """Whether a bulletin is not sent because its person wants it no more; one they may have counts as sent."""
        stopped = await contacts.stopped(connection, lane.channel, lane.address)
        of = await announcements.unwanted(connection, lane.id, part.number, stopped=stopped)
        if of is None and not stopped:
            return False
        async with connection.transaction():
            was = await service.unwanted(connection, part)
            if of and was == "queued":
                await announcements.take_back(connection, of, lane.id, part.number, stopped=stopped)
        return True

    async def _send(self, adapter: Adapter, lane: LaneClaim, part: Part) -> bool:
        """Hand one part over; False when the lane was lost or given back. No connection is held meanwhile."""
        if not await self._marked(adapter, lane, part):
            return False
        try:
            provider_id = await adapter.send(lane.address, part.part)
        except SendError as error:
            return not await self._note_failure(lane, part, error)
        except Exception as error:  # a fault of ours, in an adapter: the provider may have the part
            unknown = SendError(UNSURE, retryable=True, detail=type(error).__name__)
            return not await self._note_failure(lane, part, unknown)
        await self._note_sent(adapter, lane, part, provider_id)
        log.debug("sent", channel=lane.channel, conversation=str(lane.id), seq=part.number)
        if not adapter.pace.per_address_seconds:
            return True
        async with self._pool.connection() as connection:  # others may send while this address rests
            await repository.release(connection, lane, KEEP_ALL)
        return False

    async def _note_sent(self, adapter: Adapter, lane: LaneClaim, part: Part, provider_id: str | None) -> None:
        """Note it however long the database is away: a part that is not noted is sent again."""
        while True:
            try:
                async with self._pool.connection() as connection:
                    return await service.sent(connection, adapter, lane, part, provider_id)
            except (psycopg.OperationalError, OSError) as error:
                log.warning("sent_not_noted", channel=lane.channel, error=type(error).__name__)
            await asyncio.sleep(self._settings.poll_seconds)

    async def _marked(self, adapter: Adapter, lane: LaneClaim, part: Part) -> bool:
        if adapter.pace.per_second:
            async with self._pool.connection() as connection:
                wait = await repository.slot(connection, lane.channel, 1.0 / adapter.pace.per_second)
            await asyncio.sleep(wait)
        async with self._pool.connection() as connection:
            if not (marked := await repository.mark(connection, lane, part)):
                await repository.release(connection, lane, KEEP_ALL)
            return marked

    async def _note_failure(self, lane: LaneClaim, part: Part, error: SendError) -> bool:
        log.warning("not_sent", channel=lane.channel, conversation=str(lane.id), seq=part.number, code=error.code)
        async with self._pool.connection() as connection, connection.transaction():
            given_back = await service.failed(connection, lane, part, error)
            if error.code == BLOCKED:
                await contacts.stop(connection, lane.channel, lane.address)
        return given_back

    async def match_reports(self) -> None:
        """Apply words of providers that came before we knew the message, until cancelled."""
        while True:
            await asyncio.sleep(MATCH_REPORTS_SECONDS)
            try:
                async with self._pool.connection() as connection, connection.transaction():
                    await repository.match_reports(connection)
            except (psycopg.Error, OSError) as error:
                log.warning("reports_not_matched", error=type(error).__name__)
