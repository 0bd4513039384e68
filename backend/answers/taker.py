"""Takes one turn: fetches what lies with the provider, answers what needs no bot, asks the bot for the rest."""

import asyncio
from collections.abc import Mapping

import psycopg
import structlog
from sqlalchemy.exc import DataError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from backend.answers import service
from backend.answers.engine import Engine
from backend.answers.errors import TurnError
from backend.answers.fetching import Refusal, fetched
from backend.contacts import service as contacts
from backend.conversations.schemas import Claim, Turn, Waiting
from backend.core.database import Pool
from backend.core.settings import Settings
from backend.offices.service import Office
from backend.subscriptions import service as subscriptions
from backend.subscriptions.naming import is_way_out
from channels.adapter import Adapter

log = structlog.get_logger()
PERSON = ("chat.talk_to_person", "/talk_to_human")
MORE_THAN_WORDS = frozenset({"payload", "media", "photo", "hidden"})


class Taker:
    """Takes turns over the channels there are."""

    def __init__(
        self,
        settings: Settings,
        pool: Pool,
        sessions: async_sessionmaker[AsyncSession],
        engine: Engine,
        adapters: Mapping[str, Adapter],
        office: Office,
    ) -> None:
        self._settings = settings
        self._pool = pool
        self._sessions = sessions
        self._engine = engine
        self._adapters = adapters
        self._office = office
        self._seen: set[asyncio.Task[None]] = set()

    async def take(self, claim: Claim, waiting: Waiting) -> Waiting | None:
        """One turn; returns the next message. No transaction is open while the bot or a provider is asked."""
        try:
            turn = await self._turn(claim, waiting)
            async with self._pool.connection() as connection:
                return await service.finish(connection, self._adapters, claim, waiting, turn)
        except Exception as error:
            if _database_away(error):
                raise  # the lease runs out and the message is taken again
            code = error.code if isinstance(error, TurnError) else f"turn_{type(error).__name__}"
        log.warning("turn_failed", conversation=str(claim.conversation_id), seq=waiting.seq, code=code)
        async with self._pool.connection() as connection:
            return await service.fail(connection, self._settings, self._adapters, claim, waiting, code)

    async def _turn(self, claim: Claim, waiting: Waiting) -> Turn:
        """The answer; while a person holds the chat, what was sent is kept and the bot is silent."""
        if waiting.content.get("receipt"):
            self._show_seen(claim, waiting)
        own = await self._own_answer(claim, waiting)
        if waiting.holder == "agent":
            await self._fetched(claim, waiting)
            return service.silence(waiting)
        return own or await self._asked(claim, waiting)

    async def _own_answer(self, claim: Claim, waiting: Waiting) -> Turn | None:
        """What the backend answers itself, None for what the bot is asked."""
        content = waiting.content
        if content.get("outdated"):
            return service.sentence(waiting, "chat.button_outdated")
        if wish := content.get("wish"):
            return await self._wished(claim, waiting, wish)
        if kind := content.get("unreadable"):
            return service.sentence(waiting, f"chat.unreadable.{kind}", PERSON)
        if phone := content.get("phone"):
            return await self._phone(waiting, phone)
        if not content.keys() & MORE_THAN_WORDS and is_way_out(content.get("text", "")):
            return await self._left(waiting)
        return None

    async def _wished(self, claim: Claim, waiting: Waiting, wish: str) -> Turn | None:
        async with self._pool.connection() as connection:
            if wish == "stop":
                await contacts.stop(connection, claim.channel, claim.address)
            if wish == "start":
                await contacts.start(connection, claim.channel, claim.address)
        if waiting.content.get("silent"):
            return service.silence(waiting)
        if waiting.content.get("payload"):
            return None
        names, phone = self._office.profile.name, self._office.profile.phone
        name = names.get(waiting.spoken) or next(iter(names.values()))
        return service.sentence(waiting, f"chat.wish.{wish}", office=name, phone=phone)

    async def _left(self, waiting: Waiting) -> Turn:
        """No more announcements; what a repeated turn says is true again."""
        async with self._sessions() as session, session.begin():
            await subscriptions.leave(session, waiting.contact_id)
        return service.sentence(waiting, "subscriptions.left")

    async def _phone(self, waiting: Waiting, phone: str) -> Turn:
        async with self._pool.connection() as connection:
            kept = await contacts.share_phone(connection, waiting.contact_id, phone, self._office.profile.country)
        return service.sentence(waiting, "chat.phone_kept" if kept else "chat.phone_wrong")

    async def _asked(self, claim: Claim, waiting: Waiting) -> Turn:
        if not waiting.content.get("receipt"):
            self._show_seen(claim, waiting)
        if refusal := await self._fetched(claim, waiting):
            return service.sentence(waiting, refusal.sentence, PERSON, **refusal.values)
        turn = await self._engine.take_turn(claim, waiting)
        if turn.recovered:
            log.info("turn_recovered", conversation=str(claim.conversation_id), seq=waiting.seq)
        return turn

    def _show_seen(self, claim: Claim, waiting: Waiting) -> None:
        adapter = self._adapters[claim.channel]
        if not adapter.pull:
            task = asyncio.create_task(adapter.seen(claim.address, dict(waiting.content)))
            self._seen.add(task)
            task.add_done_callback(self._seen_done)

    def _seen_done(self, task: asyncio.Task[None]) -> None:
        self._seen.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.warning("seen_failed", error=type(error).__name__)

    async def _fetched(self, claim: Claim, waiting: Waiting) -> Refusal | None:
        adapter = self._adapters[claim.channel]
        return await fetched(self._settings, self._pool, self._sessions, adapter, claim, waiting)


def _database_away(error: Exception) -> bool:
    """Whether the database could not be asked; what it refuses to store is the message's own fault."""
    return isinstance(error, psycopg.Error | SQLAlchemyError) and not isinstance(error, psycopg.DataError | DataError)
