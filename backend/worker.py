"""The worker: takes turns for conversations that wait, sends what lies in the outbox, and runs the jobs."""

import asyncio
import signal
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from uuid import UUID

import aiohttp
import psycopg
import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from backend.answers import service
from backend.answers.desk import Desk
from backend.answers.engine import Engine
from backend.answers.taker import Taker
from backend.conversations import turns
from backend.conversations.desk import index_words, lock_index
from backend.conversations.repository import DUE_CHANNEL
from backend.conversations.schemas import Claim, Waiting
from backend.core.database import Pool, make_engine, make_pool, make_sessions
from backend.core.live import Listener
from backend.core.memory import settle
from backend.core.settings import ENV_FILE, Settings
from backend.handoff import service as handoff
from backend.inbox.polling import attend
from backend.inbox.service import Inbox
from backend.inbox.spool import Spool
from backend.jobs import run_jobs
from backend.offices.service import loaded_office
from backend.outbox import repository as outbox
from backend.outbox.service import OUTBOX_CHANNEL
from backend.sender import LAST_SECONDS, Sender
from channels.adapter import Adapter
from channels.registry import configured

log = structlog.get_logger()
RENEWALS_PER_LEASE = 3
NOTICE_SECONDS = 1.0
DESK_SECONDS = 2.0
MOST_CONNECTIONS = 4
CANCEL_SECONDS = LAST_SECONDS + 1.0
"""How long a part that was cancelled may take to end before it is cancelled again."""


class MessageWorker:
    """Claims conversations, one turn at a time in each, up to worker_concurrency at once."""

    def __init__(self, settings: Settings, pool: Pool, taker: Taker, channels: Sequence[str]) -> None:
        self._settings = settings
        self._pool = pool
        self._taker = taker
        self._channels = channels
        self._wake = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self.held: set[UUID] = set()

    def wake(self, _notice: str | None = None) -> None:
        """Something may be due."""
        self._wake.set()

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            self._wake.clear()
            await self._start_due()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._settings.poll_seconds):  # wait_for may swallow being cancelled
                    await self._wake.wait()

    async def _start_due(self) -> None:
        """Take what is due until a look finds fewer than there are places: some may have become free while we asked."""
        while (free := self._settings.worker_concurrency - len(self._tasks)) > 0:
            claimed = await self._claimed(free)
            for claim, waiting in claimed:
                self._start(claim, waiting)
            if len(claimed) < free:
                return

    async def _claimed(self, most: int) -> list[tuple[Claim, Waiting]]:
        try:
            async with self._pool.connection() as connection:
                return await service.claim_due(connection, self._settings.lease_seconds, most, self._channels)
        except (psycopg.Error, OSError) as error:
            log.warning("claim_failed", error=type(error).__name__)
            return []

    def _start(self, claim: Claim, waiting: Waiting) -> None:
        self.held.add(claim.token)
        task = asyncio.create_task(self._drain(claim, waiting))
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        if len(self._tasks) >= self._settings.worker_concurrency:
            self.wake()  # there is room again; otherwise whatever came in has woken us itself
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("drain_failed", error=type(error).__name__)

    async def _drain(self, claim: Claim, waiting: Waiting | None) -> None:
        try:
            while waiting is not None:
                waiting = await self._taker.take(claim, waiting)
        finally:
            self.held.discard(claim.token)


async def keep_leases(settings: Settings, pool: Pool, worker: MessageWorker, sender: Sender) -> None:
    """Keep what is held, until cancelled."""
    while True:
        await asyncio.sleep(settings.lease_seconds / RENEWALS_PER_LEASE)
        try:
            async with pool.connection() as connection:
                if worker.held:
                    await turns.renew(connection, list(worker.held), settings.lease_seconds)
                if sender.held:
                    await outbox.renew(connection, list(sender.held), settings.lease_seconds)
        except (psycopg.Error, OSError) as error:
            log.warning("renew_failed", error=type(error).__name__)


async def tell_waiting(settings: Settings, pool: Pool, adapters: Mapping[str, Adapter]) -> None:
    """Tell who waits too long that the message is here, until cancelled."""
    while True:
        await asyncio.sleep(NOTICE_SECONDS)
        try:
            async with pool.connection() as connection:
                await service.tell_waiting(connection, adapters, settings.notice_seconds)
        except (psycopg.Error, OSError) as error:
            log.warning("notice_failed", error=type(error).__name__)


async def attend_desk(sessions: async_sessionmaker[AsyncSession], desk: Desk) -> None:
    """Give chats back whose agents left, and keep the desk's search up to date, until cancelled."""
    while True:
        await asyncio.sleep(DESK_SECONDS)
        try:
            async with sessions() as session, session.begin():
                if await lock_index(session):
                    await handoff.sweep(session, desk)
                    await index_words(session)
        except (SQLAlchemyError, psycopg.Error, OSError) as error:
            log.warning("desk_failed", error=type(error).__name__)


async def work(settings: Settings) -> None:
    """Run the message worker, the sender and the jobs until SIGTERM or SIGINT."""
    adapters = configured(ENV_FILE, settings.public_base_url)
    sessions = make_sessions(make_engine(settings.database_url, 2))
    async with sessions() as session:
        office = await loaded_office(session, settings.office)
    size = settings.worker_concurrency + settings.sender_concurrency
    async with aiohttp.ClientSession() as client, make_pool(settings.database_url, min(size, MOST_CONNECTIONS)) as pool:
        taker = Taker(settings, pool, sessions, Engine(settings, client), adapters, office)
        worker = MessageWorker(settings, pool, taker, list(adapters))
        sender = Sender(settings, pool, adapters)
        inbox = Inbox(settings, sessions, office, adapters, Spool(settings.spool_dir))
        notices: dict[str, Callable[[str | None], None]] = {DUE_CHANNEL: worker.wake, OUTBOX_CHANNEL: sender.wake}
        parts = (
            worker.run(),
            sender.run(),
            sender.match_reports(),
            keep_leases(settings, pool, worker, sender),
            tell_waiting(settings, pool, adapters),
            attend(settings, inbox, adapters),
            attend_desk(sessions, Desk(settings, office, adapters)),
            run_jobs(settings, sessions, office, adapters),
            Listener(settings.database_url, notices).run(),
        )
        settle()
        tasks = [asyncio.create_task(part) for part in parts]
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, lambda: [task.cancel() for task in tasks])
        await _all_or_none(tasks)
    for adapter in adapters.values():
        await adapter.close()


async def _all_or_none(tasks: list[asyncio.Task[None]]) -> None:
    """End when told to; raise what ended a part by itself, so that the supervisor starts a whole worker again."""
    done, running = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    while running:  # a library may swallow being cancelled: half a worker would hold its place for ever
        for task in running:
            task.cancel()
        _, running = await asyncio.wait(running, timeout=CANCEL_SECONDS)
    for task in done:
        if not task.cancelled() and (error := task.exception()):
            raise error
