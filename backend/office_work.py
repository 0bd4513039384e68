"""What a command does for the office, in one transaction."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.catalogue import backend_catalogue
from backend.core.database import make_engine, make_sessions
from backend.core.errors import KomshuError
from backend.core.settings import Settings
from backend.migrations.upgrade import migrate
from backend.offices.service import Office, load_office
from backend.start import fail, ready

Result = TypeVar("Result")
Work = Callable[[AsyncSession, Settings, Office], Awaitable[Result]]


def in_office(service: str, work: Work[Result]) -> Result:
    """What the work brings, done with the office loaded and the schema up to date.

    `service` is the name its logs carry. Ends the command with a sentence when the work raises a KomshuError.
    """
    with ready(service) as settings:
        try:
            migrate(settings.database_url)
            return asyncio.run(_within(settings, work))
        except KomshuError as error:
            fail(f"{backend_catalogue().text(f'error.{error.code}', 'en', **error.values)} ({error.code})")


async def _within(settings: Settings, work: Work[Result]) -> Result:
    engine = make_engine(settings.database_url)
    async with make_sessions(engine)() as session, session.begin():
        done = await work(session, settings, await load_office(session, settings.offices_dir, settings.office))
    await engine.dispose()
    return done
