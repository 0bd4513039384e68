"""The actions, run as Rasa runs them: over the internal app, against the real database."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from actions.client import BackendClient
from backend.app import create_internal_app
from backend.conversations.service import open_web_session, web_conversation
from backend.core.database import make_sessions
from backend.core.settings import Settings
from backend.offices.schemas import Office
from tests.actions.factories import Ranking, tracker


@dataclass(frozen=True)
class Ran:
    """What an action answered."""

    events: list[dict[str, Any]]
    responses: list[dict[str, Any]]

    @property
    def slots(self) -> dict[str, Any]:
        """The slots it set."""
        return {event["name"]: event["value"] for event in self.events if event["event"] == "slot"}

    @property
    def said(self) -> list[str]:
        """Names of the sentences it said, in order."""
        return [response["response"] for response in self.responses]


@dataclass
class Visitor:
    """A person in the web chat, with the slots of their tracker."""

    conversation_id: str
    http: httpx.AsyncClient
    slots: dict[str, Any]
    numbers: "count[int]" = field(default_factory=lambda: count(1))
    last: dict[str, Any] = field(default_factory=dict)

    async def says(
        self,
        action: str,
        text: str = "",
        *,
        intent: str = "inform",
        ranking: Ranking = (),
        earlier: tuple[str, ...] = (),
        since: tuple[str, ...] = (),
        also: tuple[str, ...] = (),
        **entities: Any,
    ) -> Ran:
        """A message of theirs that Rasa has this action answer."""
        self.last = tracker(
            self.conversation_id,
            text,
            intent=intent,
            ranking=ranking,
            entities=entities,
            slots=self.slots,
            earlier=earlier,
            since=since,
            also=also,
            message_id=f"{self.conversation_id}:{next(self.numbers)}",
        )
        return await self.runs(action)

    async def runs(self, action: str) -> Ran:
        """The action runs for the message that was said last."""
        answer = await self.post(action)
        answer.raise_for_status()
        ran = Ran(**answer.json())
        self.slots.update(ran.slots)
        return ran

    async def post(self, action: str) -> httpx.Response:
        """The call Rasa makes."""
        call = {
            "next_action": action,
            "sender_id": self.conversation_id,
            "tracker": {**self.last, "slots": {**self.slots}},
        }
        return await self.http.post("/internal/actions", json=call)


@dataclass(frozen=True)
class Desk:
    """The internal app and the database behind it."""

    http: httpx.AsyncClient
    sessions: async_sessionmaker[AsyncSession]
    office: Office
    settings: Settings

    @property
    def client(self) -> BackendClient:
        """The actions' client on this app."""
        return BackendClient(self.http)

    async def visitor(self, language: str = "en", slots: Mapping[str, Any] | None = None) -> Visitor:
        """A new visitor whose page is in a language."""
        async with self.sessions() as session, session.begin():
            token, spoken = await open_web_session(session, self.office, language)
            conversation = await web_conversation(session, token)
        return Visitor(str(conversation.id), self.http, {"language": spoken, "language_choice": None, **(slots or {})})

    async def said(self, visitor: Visitor, seq: int) -> None:
        """The office said something unasked in a visitor's chat."""
        values = {"id": visitor.conversation_id, "seq": seq}
        statement = text(
            "INSERT INTO message (conversation_id, seq, author, channel, content, language, state, attempts, "
            "created_at) VALUES (:id, :seq, 'system', 'web', '{}', 'en', 'sent', 0, now())"
        )
        async with self.sessions() as session, session.begin():
            await session.execute(statement, values)


@pytest.fixture(scope="session")
async def internal_app(settings: Settings, office: Office, engine: AsyncEngine) -> AsyncIterator[FastAPI]:
    app = create_internal_app(settings, office)
    yield app
    await app.state.sessions.kw["bind"].dispose()


@pytest.fixture(autouse=True)
async def nothing_open(engine: AsyncEngine) -> None:
    """No ticket of another test is there to be taken for the same matter."""
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE ticket SET state = 'closed' WHERE state <> 'closed'"))


@pytest.fixture(scope="session")
async def desk(internal_app: FastAPI, settings: Settings, office: Office, engine: AsyncEngine) -> AsyncIterator[Desk]:
    headers = {"Authorization": f"Bearer {settings.internal_token.get_secret_value()}"}
    transport = httpx.ASGITransport(internal_app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://backend", headers=headers) as http:
        yield Desk(http, make_sessions(engine), office, settings)
