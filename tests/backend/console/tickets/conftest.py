"""Agents in front of the pages of the tickets: the real app, in process."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from backend.accounts import service as accounts
from backend.accounts.models import Account
from backend.accounts.schemas import Agent
from backend.app import create_public_app
from backend.console.shell.pages import COOKIE
from backend.core.database import make_sessions
from backend.core.settings import Settings
from backend.offices.schemas import Office
from backend.tickets.models import Ticket
from tests.backend.tickets.factories import Town, agent

TAGS = re.compile(r"<[^>]+>")


@dataclass
class Desk:
    """An agent with a browser."""

    agent: Agent
    client: httpx.AsyncClient
    csrf: str

    async def get(self, path: str, **options: Any) -> httpx.Response:
        """A page below /console/tickets."""
        return await self.client.get(f"/console/tickets{path}", **options)

    async def post(self, path: str, *, htmx: bool = False, **fields: Any) -> httpx.Response:
        """A form below /console/tickets, plain or by htmx."""
        files = fields.pop("files", None)
        headers = {"HX-Request": "true"} if htmx else {}
        data = {"csrf": self.csrf, **fields}
        return await self.client.post(f"/console/tickets{path}", data=data, files=files, headers=headers)

    async def text(self, path: str = "") -> str:
        """The words of a page."""
        return words(await self.get(path))


def words(answer: httpx.Response) -> str:
    """What a page says, without its tags."""
    return " ".join(TAGS.sub(" ", answer.text).split())


@dataclass
class Console:
    """Agents of one office, and tickets every transaction can see."""

    engine: AsyncEngine
    settings: Settings
    office: Office
    client: Callable[[], httpx.AsyncClient]

    async def desk(self, role: Any = "agent", *units: str, name: str = "Ana", language: str = "en") -> Desk:
        """Somebody signed in."""
        async with make_sessions(self.engine)() as session, session.begin():
            who = await agent(session, role, *units, name=name, language=language)
            account = await session.get_one(Account, who.id)
            token = await accounts.open_sign_in(session, account, factor_due=False)
            await session.flush()
            signed_in = await accounts.signed_in(session, self.settings, token)
        client = self.client()
        client.cookies.set(COOKIE, token)
        return Desk(who, client, signed_in.csrf)

    async def ticket(self, **fields: Any) -> Ticket:
        """A ticket a citizen filed."""
        return await self.within(lambda town: town.ticket(**fields))

    async def within(self, act: Callable[[Town], Awaitable[Any]]) -> Any:
        """Do something in a transaction of its own."""
        async with make_sessions(self.engine)() as session, session.begin():
            return await act(Town(session, self.settings, self.office))

    async def now(self, ticket: Ticket) -> Ticket:
        """The ticket as it is stored."""
        found: Ticket = await self.within(lambda town: _stored(town.session, ticket))
        return found

    async def seen(self, ticket: Ticket) -> int:
        """The newest event of a ticket."""
        found = await self.within(lambda town: town.seen(ticket))
        return int(found.event)


async def _stored(session: AsyncSession, ticket: Ticket) -> Ticket:
    return await session.get_one(Ticket, ticket.id)


@pytest.fixture
async def console(engine: AsyncEngine, settings: Settings, office: Office) -> AsyncIterator[Console]:
    app = create_public_app(settings, office)
    clients: list[httpx.AsyncClient] = []

    def client() -> httpx.AsyncClient:
        made = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk")
        clients.append(made)
        return made

    await app.state.pool.open()
    yield Console(engine, settings, office, client)
    for made in clients:
        await made.aclose()
    await app.state.pool.close()
    await app.state.sessions.kw["bind"].dispose()
