"""Agents of an office with a tribunal in front of the pages of its disputes: the real app, in process."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.accounts import service as accounts
from backend.accounts.models import Account
from backend.app import create_public_app
from backend.console.shell.pages import COOKIE
from backend.core.database import make_sessions
from backend.core.settings import ROOT, Settings
from backend.offices.schemas import Office
from backend.offices.service import read_office
from backend.tickets.models import Ticket
from tests.backend.console.tickets.conftest import Desk
from tests.backend.disputes.factories import Town


@dataclass
class Console:
    """Agents of the office, and disputes every transaction can see."""

    engine: AsyncEngine
    settings: Settings
    office: Office
    client: Callable[[], httpx.AsyncClient]

    async def desk(self, role: Any = "agent", *units: str, name: str = "Ana", language: str = "en") -> Desk:
        """Somebody signed in."""
        async with make_sessions(self.engine)() as session, session.begin():
            who = await Town(session, self.settings, self.office).agent(role, *units, name=name, language=language)
            account = await session.get_one(Account, who.id)
            token = await accounts.open_sign_in(session, account, factor_due=False)
            await session.flush()
            signed_in = await accounts.signed_in(session, self.settings, token)
        client = self.client()
        client.cookies.set(COOKIE, token)
        return Desk(who, client, signed_in.csrf)

    async def within(self, act: Callable[[Town], Awaitable[Any]]) -> Any:
        """Do something in a transaction of its own."""
        async with make_sessions(self.engine)() as session, session.begin():
            return await act(Town(session, self.settings, self.office))

    async def seen(self, ticket: Ticket) -> int:
        """The newest event of a ticket."""
        found = await self.within(lambda town: town.seen(ticket))
        return int(found.event)


@pytest.fixture(scope="session")
def office() -> Office:
    """The Western Cape's housing office."""
    return read_office(ROOT / "data" / "offices", "western-cape-housing")


@pytest.fixture
async def console(engine: AsyncEngine, settings: Settings, office: Office) -> AsyncIterator[Console]:
    app = create_public_app(settings, office)
    clients: list[httpx.AsyncClient] = []

    def client() -> httpx.AsyncClient:
        made = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk")
        clients.append(made)
        return made

    async with engine.begin() as connection:
        for table in ("procrastinate_jobs", "visit", "delivery"):
            await connection.execute(text(f"DELETE FROM {table}"))
    await app.state.pool.open()
    yield Console(engine, settings, office, client)
    for made in clients:
        await made.aclose()
    await app.state.pool.close()
    await app.state.sessions.kw["bind"].dispose()
