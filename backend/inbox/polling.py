"""Fetches messages from providers that keep them for us, for offices without a public address."""

import asyncio
from collections.abc import Mapping
from typing import Any

import psycopg
import structlog

from backend.core.catalogue import backend_catalogue
from backend.core.database import listening
from backend.core.languages import LANGUAGES
from backend.core.settings import Settings
from backend.inbox.service import Inbox
from backend.inbox.spool import Spooled
from channels.adapter import Adapter, Call, Poller
from channels.errors import PayloadError, SendError

log = structlog.get_logger()
WAIT_SECONDS = 25.0
RETRY_SECONDS = 3.0
COMMANDS = ("help", "status", "person", "language", "stop", "start")
ONLY_ONE = "SELECT pg_try_advisory_lock(hashtext('komshu_poll_' || %s))"


def menus() -> dict[str, list[tuple[str, str]]]:
    """The commands with what they do, by language."""
    texts = backend_catalogue()
    return {code: [(name, texts.text(f"channel.command.{name}", code)) for name in COMMANDS] for code in LANGUAGES}


async def attend(settings: Settings, inbox: Inbox, adapters: Mapping[str, Adapter]) -> None:
    """Prepare every channel that wants it and fetch from those that are to be polled, until cancelled."""
    visits = [_attend(settings, inbox, adapter) for adapter in adapters.values() if isinstance(adapter, Poller)]
    await asyncio.gather(*visits)
    await asyncio.Event().wait()


async def _attend(settings: Settings, inbox: Inbox, adapter: Adapter) -> None:
    """One channel; the workers of an installation leave it to the one that has the lock."""
    assert isinstance(adapter, Poller)
    while True:
        try:
            async with listening(settings.database_url) as connection:
                if await _alone(connection, adapter.name):
                    await adapter.prepare(settings.public_base_url, menus())
                    await _serve(connection, inbox, adapter)
        except (psycopg.Error, SendError, OSError) as error:
            code = error.code if isinstance(error, SendError) else type(error).__name__
            log.warning("polling_failed", channel=adapter.name, code=code)
        await asyncio.sleep(RETRY_SECONDS)


async def _alone(connection: psycopg.AsyncConnection[Any], channel: str) -> bool:
    row = await (await connection.execute(ONLY_ONE, (channel,))).fetchone()
    return bool(row and row[0])


async def _serve(connection: psycopg.AsyncConnection[Any], inbox: Inbox, adapter: Adapter) -> None:
    """Fetch until something breaks; what the database did not take is fetched again."""
    assert isinstance(adapter, Poller)
    offset: int | None = None
    while True:
        if not adapter.polling:
            await asyncio.sleep(WAIT_SECONDS)
        for number, body in await adapter.updates(offset, WAIT_SECONDS) if adapter.polling else ():
            if not await _stored(inbox, adapter, body):
                return
            offset = number + 1
        await connection.execute("SELECT 1")  # raises when the connection, and the lock with it, is gone


async def _stored(inbox: Inbox, adapter: Adapter, body: bytes) -> bool:
    try:
        parsed = adapter.parse(Call("", {}, body))
    except PayloadError as error:
        log.warning("call_malformed", channel=adapter.name, code=error.code)
        return True
    return not parsed.events or await inbox.store(Spooled(channel=adapter.name, parsed=parsed))
