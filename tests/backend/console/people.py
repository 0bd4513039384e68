"""A desk of its own for every test, and people in front of it: the real app in process, the real database."""

import re
from dataclasses import dataclass, field
from typing import Any, Self
from uuid import UUID, uuid4

import httpx
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import SecretStr
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from backend.accounts import service
from backend.accounts.models import Account
from backend.accounts.schemas import Role
from backend.app import create_public_app
from backend.audit.models import AuditEntry
from backend.console.shell.pages import COOKIE
from backend.core.database import make_sessions
from backend.core.settings import Settings
from backend.offices.schemas import Office
from tests.backend.accounts.factories import PASSWORD, account

CSRF = re.compile(r'name="csrf" value="([^"]+)"')
STREAM = "/console/stream"
"""It never ends: nothing waits for its body."""


@dataclass
class Person:
    """Somebody with a browser, signed in or not."""

    client: httpx.AsyncClient
    csrf: str = ""

    async def get(self, path: str, **options: Any) -> httpx.Response:
        """Open a page."""
        return await self.client.get(path, **options)

    async def post(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> httpx.Response:
        """Send a form of a page that is open here."""
        return await self.client.post(path, data={"csrf": self.csrf, **(data or {})}, **options)

    async def sign_in(self, login: str, password: str = PASSWORD, **fields: str) -> httpx.Response:
        """Send the sign-in form, and learn the token of the forms that follow."""
        answer = await self.client.post("/console/sign-in", data={"login": login, "password": password, **fields})
        return await self.learn(answer)

    async def learn(self, answer: httpx.Response) -> httpx.Response:
        """Take the token from whatever page one may see now."""
        if self.client.cookies.get(COOKIE):
            for path in ("/console/profile", "/console/password", "/console/second-factor"):
                if found := CSRF.search((await self.client.get(path)).text):
                    self.csrf = found[1]
        return answer


@dataclass
class Desk:
    """An office of its own with accounts everybody can see."""

    engine: AsyncEngine
    settings: Settings
    office: Office
    shared: FastAPI
    """Making an app takes longer than most tests: without changed settings this one serves every desk in its turn."""
    clients: list[httpx.AsyncClient] = field(default_factory=list)
    apps: dict[str, FastAPI] = field(default_factory=dict)

    @classmethod
    def new(cls, engine: AsyncEngine, settings: Settings, office: Office, shared: FastAPI) -> Self:
        """With no accounts at all, and keys of its own: nobody else's wrong tries count here."""
        profile = office.profile.model_copy(update={"id": f"desk-{uuid4().hex}"})
        own = settings.model_copy(update={"secret_key": SecretStr(uuid4().hex)})
        desk = cls(engine, own, office.model_copy(update={"profile": profile}), shared)
        shared.state.settings, shared.state.office = own, desk.office
        return desk

    def app(self, **changes: Any) -> FastAPI:
        """The app, with some settings changed; made once for each set of changes."""
        if not changes:
            return self.shared
        key = repr(sorted(changes.items()))
        if key not in self.apps:
            self.apps[key] = create_public_app(self.settings.model_copy(update=changes), self.office)
        return self.apps[key]

    def stranger(self, headers: dict[str, str] | None = None, **changes: Any) -> Person:
        """Somebody who is not signed in."""
        transport = httpx.ASGITransport(self.app(**changes))
        client = httpx.AsyncClient(
            transport=transport, base_url="http://desk", headers={"Accept-Language": "en", **(headers or {})}
        )
        self.clients.append(client)
        return Person(client)

    async def account(self, role: Role = "agent", **columns: Any) -> Account:
        """An account whose password is PASSWORD."""
        async with make_sessions(self.engine)() as session, session.begin():
            return await account(session, role, **{"office_id": self.office.profile.id, **columns})

    async def somebody(self, role: Role = "agent", factor_due: bool = False, **columns: Any) -> Person:
        """Somebody with that role who is signed in."""
        return await self.signed_in(await self.account(role, **columns), factor_due=factor_due)

    async def signed_in(self, of: Account, factor_due: bool = False, **changes: Any) -> Person:
        """The owner of an account, signed in in one more browser."""
        async with make_sessions(self.engine)() as session, session.begin():
            mine = await session.get_one(Account, of.id)
            token = await service.open_sign_in(session, mine, factor_due=factor_due)
            csrf = (await service.signed_in(session, self.settings, token)).csrf
        person = self.stranger(**changes)
        person.client.cookies.set(COOKIE, token)
        person.csrf = csrf
        return person

    async def fresh(self, of: Account) -> Account:
        """An account as it is now."""
        async with make_sessions(self.engine)() as session:
            return await session.get_one(Account, of.id)

    async def fresh_named(self, name: str) -> Account:
        """The account of a name."""
        async with make_sessions(self.engine)() as session:
            query = select(Account).where(Account.office_id == self.office.profile.id, Account.name == name)
            return (await session.scalars(query)).one()

    async def acts(self) -> list[AuditEntry]:
        """What the audit log holds, oldest first."""
        async with make_sessions(self.engine)() as session:
            query = select(AuditEntry).where(AuditEntry.office_id == self.office.profile.id).order_by(AuditEntry.id)
            return list(await session.scalars(query))

    async def run(self, statement: str, **values: Any) -> Any:
        """One statement, committed."""
        async with make_sessions(self.engine)() as session, session.begin():
            return await session.execute(text(statement), values)

    def session(self) -> AsyncSession:
        """A session of its own."""
        return make_sessions(self.engine)()

    async def close(self) -> None:
        """Leave."""
        for client in self.clients:
            await client.aclose()
        for app in self.apps.values():
            await app.state.sessions.kw["bind"].dispose()


def routes(app: FastAPI, method: str) -> list[str]:
    """The paths of the console's pages for a method, their places filled with ids of nothing."""
    paths = {
        str(route.path)
        for route in iter_route_contexts(app.routes)
        if isinstance(route.original_route, APIRoute)
        and str(route.path).startswith("/console")
        and method in (route.methods or ())
    }
    return sorted(re.sub(r"\{(\w+)\}", _filled, path) for path in paths)


def _filled(found: re.Match[str]) -> str:
    return str(UUID(int=404)) if found[1].endswith("id") else "1"
