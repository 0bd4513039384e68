"""The worker: takes turns for conversations that wait, and runs the jobs."""

import asyncio
import signal
from uuid import UUID

import httpx
import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from backend.conversations import service
from backend.conversations.engine import Engine
from backend.conversations.errors import TurnError
from backend.conversations.live import Listener
from backend.conversations.repository import DUE_CHANNEL, renew
from backend.conversations.schemas import Claim, Waiting
from backend.core.database import make_engine, make_sessions
from backend.core.settings import Settings
from backend.jobs import run_jobs

log = structlog.get_logger()
RENEWALS_PER_LEASE = 3


class MessageWorker:
    """Claims conversations, one turn at a time in each, up to worker_concurrency at once."""

    def __init__(self, settings: Settings, sessions: async_sessionmaker[AsyncSession], engine: Engine) -> None:
        self._settings = settings
        self._sessions = sessions
        self._engine = engine
        self._wake = asyncio.Event()
        self._held: set[UUID] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def wake(self, _notice: str | None = None) -> None:
        """Something may be due."""
        self._wake.set()

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            self._wake.clear()
            while len(self._tasks) < self._settings.worker_concurrency and await self._start_one():
                pass
            try:
                await asyncio.wait_for(self._wake.wait(), self._settings.poll_seconds)
            except TimeoutError:
                continue

    async def _start_one(self) -> bool:
        try:
            async with self._sessions() as session, session.begin():
                claimed = await service.claim_next(session, self._settings.lease_seconds)
        except (SQLAlchemyError, OSError) as error:
            log.warning("claim_failed", error=type(error).__name__)
            return False
        if claimed is None:
            return False
        claim, waiting = claimed
        if waiting is not None:
            self._start(claim, waiting)
        return True

    def _start(self, claim: Claim, waiting: Waiting) -> None:
        self._held.add(claim.token)
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
                waiting = await self._take(claim, waiting)
        finally:
            self._held.discard(claim.token)

    async def _take(self, claim: Claim, waiting: Waiting) -> Waiting | None:
        """One turn; no transaction is open while the bot is asked."""
        if waiting.holder == "agent":
            async with self._sessions() as session, session.begin():
                return await service.pass_to_agent(session, claim, waiting)
        try:
            turn = await self._engine.take_turn(claim, waiting)
        except TurnError as error:
            log.warning("turn_failed", conversation=str(claim.conversation_id), seq=waiting.seq, code=error.code)
            async with self._sessions() as session, session.begin():
                return await service.fail(session, self._settings, claim, waiting, error.code)
        if turn.recovered:
            log.info("turn_recovered", conversation=str(claim.conversation_id), seq=waiting.seq)
        async with self._sessions() as session, session.begin():
            return await service.finish(session, claim, waiting, turn)

    async def renew_leases(self) -> None:
        """Keep what is held, until cancelled."""
        while True:
            await asyncio.sleep(self._settings.lease_seconds / RENEWALS_PER_LEASE)
            if not self._held:
                continue
            try:
                async with self._sessions() as session, session.begin():
                    await renew(session, list(self._held), self._settings.lease_seconds)
            except (SQLAlchemyError, OSError) as error:
                log.warning("renew_failed", error=type(error).__name__)


async def work(settings: Settings) -> None:
    """Run the message worker and the jobs until SIGTERM or SIGINT."""
    sessions = make_sessions(make_engine(settings.database_url, settings.worker_concurrency + 2))
    async with httpx.AsyncClient() as client:
        worker = MessageWorker(settings, sessions, Engine(settings, client))
        listener = Listener(settings.database_url, DUE_CHANNEL, worker.wake)
        parts = (worker.run(), worker.renew_leases(), listener.run(), run_jobs(settings, sessions))
        tasks = [asyncio.create_task(part) for part in parts]
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, lambda: [task.cancel() for task in tasks])
        await _all_or_none(tasks)


async def _all_or_none(tasks: list[asyncio.Task[None]]) -> None:
    """End when told to; raise what ended a part by itself, so that the supervisor starts a whole worker again."""
    done, running = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    for task in done:
        if not task.cancelled() and (error := task.exception()):
            raise error
