"""The inbox: what providers bring is proved, stored once, and only then acknowledged."""

import asyncio
from collections.abc import Mapping, Sequence
from uuid import UUID, uuid5

import psycopg
import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from backend.conversations import service as conversations
from backend.core.catalogue import backend_catalogue
from backend.core.database import driver_connection
from backend.core.errors import InvalidRequestError
from backend.core.languages import known_language
from backend.core.metrics import CHANNEL_CALLS, CHANNEL_EVENTS
from backend.core.settings import Settings
from backend.inbox.errors import CallForgedError
from backend.inbox.spool import Spool, Spooled
from backend.offices.service import Office
from backend.outbox import service as outbox
from backend.outbox.schemas import Outgoing
from channels.adapter import Adapter, Call
from channels.errors import ForgedError, PayloadError
from channels.message import Arrival, Courtesy, Delivery, Event, Parsed

log = structlog.get_logger()
NEVER_STORABLE = frozenset({"22", "23", "54"})
"""Classes of SQLSTATE: wrong data, broken constraints, a limit of the database."""
STORE_SECONDS = 3.0
"""A database that takes longer to store a message is as good as away."""
BATCH_SECONDS = 20.0
"""For many at once."""
GROUPS = UUID("c2a3ab5c-93b1-4ce5-8f68-0c1f1a1d2a44")


class Inbox:
    """Accepts calls for all channels of an installation."""

    def __init__(
        self,
        settings: Settings,
        sessions: async_sessionmaker[AsyncSession],
        office: Office,
        adapters: Mapping[str, Adapter],
        spool: Spool,
    ) -> None:
        self._settings = settings
        self._sessions = sessions
        self._office = office
        self._adapters = adapters
        self._spool = spool
        self._storing: set[asyncio.Task[None]] = set()

    def proved(self, adapter: Adapter, call: Call) -> Parsed:
        """What a call brings, once it is proved. Raises CallForgedError or InvalidRequestError."""
        try:
            adapter.verify(call)
            parsed = adapter.parse(call)
        except ForgedError as error:
            CHANNEL_CALLS.labels(adapter.name, "forged").inc()
            log.warning("call_forged", channel=adapter.name, code=error.code)
            raise CallForgedError from None
        except PayloadError as error:
            CHANNEL_CALLS.labels(adapter.name, "malformed").inc()
            log.warning("call_malformed", channel=adapter.name, code=error.code)
            raise InvalidRequestError from None
        if parsed.ignored:
            CHANNEL_EVENTS.labels(adapter.name, f"ignored_{parsed.ignored}").inc()
        return parsed

    async def accept(self, channel: str, parsed: Parsed) -> None:
        """Keep what a call brought: in the database, or on the disk while that is away."""
        if not parsed.events:
            CHANNEL_CALLS.labels(channel, "ignored").inc()
            return
        spooled = Spooled(channel=channel, parsed=parsed)
        if not self._spool.pending and await self.store(spooled):
            CHANNEL_CALLS.labels(channel, "stored").inc()
            return
        await self._spool.add(spooled)
        CHANNEL_CALLS.labels(channel, "spooled").inc()

    async def store(self, spooled: Spooled) -> bool:
        """Store all that a call brought in one transaction; False while the database is away.

        A call that cannot be stored at any time is set aside, so that it does not keep others waiting.
        """
        try:
            await self._store_all(spooled)
        except Exception as error:
            name = type(error).__name__
            if _database_away(error):
                log.warning("database_away", channel=spooled.channel, error=name)
                return False
            CHANNEL_CALLS.labels(spooled.channel, "broken").inc()
            log.error("call_not_storable", channel=spooled.channel, error=name)
            await self._spool.set_aside(spooled)
        return True

    async def store_many(self, batch: Sequence[Spooled]) -> bool:
        """Store many calls in one transaction, or one by one when one of them cannot be; False while it is away."""
        try:
            await self._store_all(*batch, seconds=BATCH_SECONDS)
        except Exception as error:
            if _database_away(error):
                log.warning("database_away", error=type(error).__name__)
                return False
        else:
            return True
        for spooled in batch:
            if not await self.store(spooled):
                return False
        return True

    async def _store_all(self, *batch: Spooled, seconds: float | None = None) -> None:
        """Raises TimeoutError in time: to take a statement back from a database that hangs lasts longer than that."""
        storing = asyncio.create_task(self._store_events(batch))
        self._storing.add(storing)
        storing.add_done_callback(self._stored)
        if not (await asyncio.wait({storing}, timeout=seconds or STORE_SECONDS))[0]:
            storing.cancel()
            raise TimeoutError
        await storing

    def _stored(self, task: asyncio.Task[None]) -> None:
        self._storing.discard(task)
        if not task.cancelled():
            task.exception()  # who waited in vain has been told already

    async def _store_events(self, batch: Sequence[Spooled]) -> None:
        async with self._sessions() as session, session.begin():
            for spooled in batch:
                for event in spooled.parsed.events:
                    await self._store(session, spooled.channel, event)

    async def _store(self, session: AsyncSession, channel: str, event: Event) -> None:
        CHANNEL_EVENTS.labels(channel, type(event).__name__.lower()).inc()
        match event:
            case Arrival():
                await conversations.arrive(session, self._settings, self._office, channel, event)
            case Delivery():
                await outbox.reported(await driver_connection(session), channel, event)
            case Courtesy():
                await self._be_polite(session, channel, event)

    async def _be_polite(self, session: AsyncSession, channel: str, courtesy: Courtesy) -> None:
        """One sentence to an address that is no conversation; said once only."""
        language = known_language(courtesy.language or "") or self._office.profile.languages[0]
        text = backend_catalogue().text(courtesy.sentence, language)
        parts = self._adapters[channel].render({"text": text}, 0)
        lane = uuid5(GROUPS, f"{channel}:{courtesy.address}")
        outgoing = [Outgoing(0, parts, "notice")]
        await outbox.enqueue(await driver_connection(session), lane, channel, courtesy.address, outgoing)

    async def drain(self) -> None:
        """Bring what was spooled into the database, until cancelled."""
        await self._spool.drain(self.store_many)


def _database_away(error: Exception) -> bool:
    """Whether the same call may be stored later; what the database refuses is the call's own fault."""
    cause = getattr(error, "orig", error)
    refused = isinstance(cause, psycopg.DataError) or (getattr(cause, "sqlstate", None) or "")[:2] in NEVER_STORABLE
    return isinstance(error, SQLAlchemyError | psycopg.Error | OSError) and not refused
