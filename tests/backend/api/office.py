"""An office with its API, tickets and chats, for tests that talk to it as another system would."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx
from fastapi import FastAPI
from sqlalchemy import text, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from backend.app import create_public_app
from backend.contacts.models import Contact
from backend.contacts.service import new_web_visitor
from backend.conversations.models import Conversation
from backend.conversations.service import open_web_session, request_person, web_conversation
from backend.core.database import make_sessions
from backend.core.settings import Settings
from backend.integrations.schemas import SCOPES, Scope
from backend.integrations.service import add_token
from backend.offices.schemas import Office
from backend.tickets.models import Ticket
from backend.tickets.repository import ticket_by_reference
from backend.tickets.schemas import Author, NewTicket
from backend.tickets.service import file_ticket

API = "/api/v1"
NAME, PHONE = "Ștefania Văcărescu-Quill", "+40721987654"


@dataclass
class Api:
    """The app, and what a caller outside needs."""

    engine: AsyncEngine
    settings: Settings
    office: Office
    app: FastAPI
    http: httpx.AsyncClient

    @classmethod
    def new(cls, engine: AsyncEngine, settings: Settings, office: Office) -> "Api":
        """An app and an office of its own: nothing of it is in other tests' lists."""
        profile = office.profile.model_copy(update={"id": f"api-{uuid4().hex}"})
        office = office.model_copy(update={"profile": profile})
        app = create_public_app(settings, office)
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        return cls(engine, settings, office, app, httpx.AsyncClient(transport=transport, base_url="http://desk"))

    async def close(self) -> None:
        """End it; no worker of another test finds anything to do here."""
        async with self.sessions() as session, session.begin():
            await session.execute(text("UPDATE conversation SET due_at = NULL WHERE office_id LIKE 'api-%'"))
        await self.http.aclose()
        engine = self.app.state.sessions.kw["bind"]
        await engine.dispose()

    @property
    def sessions(self) -> async_sessionmaker[AsyncSession]:
        """Sessions of the test's own."""
        return make_sessions(self.engine)

    async def token(self, *scopes: Scope, units: Sequence[str] = (), name: str = "Registry") -> str:
        """A token's text; with no scope named it has all."""
        async with self.sessions() as session, session.begin():
            _, token = await add_token(session, self.office, None, name=name, scopes=scopes or SCOPES, units=units)
            return token

    async def call(
        self, token: str, method: str, path: str, json: Any = None, *, content: bytes | None = None, **headers: str
    ) -> httpx.Response:
        """Call the API; keyword arguments are headers, with `_` for `-`."""
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        own = {"Authorization": f"Bearer {token}", **named} if token else named
        return await self.http.request(method, API + path, json=json, content=content, headers=own)

    async def ticket(self, **fields: Any) -> Ticket:
        """A ticket of a citizen with a name and a number, stored; `fields` are of NewTicket, or columns."""
        new = {"request_key": key(), "category": "noise", "description": "Loud music", "language": "en"}
        filing = {name: value for name, value in fields.items() if name in NewTicket.model_fields}
        async with self.sessions() as session, session.begin():
            contact_id, _ = await new_web_visitor(session, self.office.profile.id)
            await session.execute(update(Contact).where(Contact.id == contact_id).values(name=NAME, phone=PHONE))
            author = Author(contact_id=contact_id, conversation_id=None, channel="web")
            wanted = NewTicket(**{**new, **filing})
            filed = await file_ticket(session, self.settings, self.office, author, wanted)
            ticket = await ticket_by_reference(session, self.office.profile.id, filed.reference)
            assert ticket is not None
            for column in fields.keys() - filing.keys():
                setattr(ticket, column, fields[column])
            return ticket

    async def chat(self, *, unit: str | None = None) -> UUID:
        """A web chat that waits for a person."""
        async with self.sessions() as session, session.begin():
            token, _ = await open_web_session(session, self.office, "en")
            chat = await web_conversation(session, token)
            await request_person(session, self.office, chat.id, "en")
            where = Conversation.id == chat.id
            await session.execute(update(Conversation).where(where).values(unit=unit))
            await session.execute(update(Contact).where(Contact.id == chat.contact_id).values(name=NAME, phone=PHONE))
            return chat.id

    async def scalar(self, statement: str, **values: Any) -> Any:
        """One value of the database."""
        async with self.sessions() as session:
            return await session.scalar(text(statement), values)


def key() -> str:
    """A new idempotency key."""
    return uuid4().hex
