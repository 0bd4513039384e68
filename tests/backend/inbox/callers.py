"""Providers that call, and people who write through them."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.app import create_public_app
from backend.core.database import make_sessions
from backend.core.settings import Settings
from backend.offices.schemas import Office
from channels.message import Button, Reply
from tests.channels.cases import factories
from tests.channels.sms.factories import PUBLIC_URL
from tests.channels.telegram.factories import SECRET, TOKEN as BOT_TOKEN
from tests.peers.twilio import ACCOUNT, NUMBER, TOKEN

ENVIRONMENT = {
    "TELEGRAM_MODE": "webhook",
    "TELEGRAM_TOKEN": BOT_TOKEN,
    "TELEGRAM_SECRET": SECRET,
    "TWILIO_ACCOUNT_SID": ACCOUNT,
    "TWILIO_AUTH_TOKEN": TOKEN,
    "TWILIO_NUMBER": NUMBER,
    "TWILIO_WHATSAPP_NUMBER": "",
    "TWILIO_MESSAGING_SERVICE": "",
}
Client = httpx.AsyncClient
Make = Callable[..., Client]


@asynccontextmanager
async def clients(settings: Settings, office: Office, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Make]:
    """Makes clients of providers; the proxy before the app has taken TLS off."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("backend.inbox.service.STORE_SECONDS", 60.0)  # a busy machine is not a database that is away
    made: list[tuple[FastAPI, Client]] = []

    def make(**changes: Any) -> Client:
        own = {"public_url": PUBLIC_URL, "messages_per_minute": 1000, **changes}
        app = create_public_app(settings.model_copy(update=own), office)
        client = Client(transport=httpx.ASGITransport(app), base_url="http://inside:8000")
        made.append((app, client))
        return client

    yield make
    for app, client in made:
        await client.aclose()
        await app.state.sessions.kw["bind"].dispose()
        for adapter in app.state.adapters.values():
            await adapter.close()


class Person:
    """Somebody who writes over a channel for the first time."""

    def __init__(self, channel: str) -> None:
        self.channel = channel
        self.number = uuid4().int % 10**8 + 10**8
        self.address = str(self.number) if channel == "telegram" else f"+407{self.number % 10**8:08}"
        self._sent = 0

    def text(self, words: str, **more: Any) -> tuple[dict[str, str], bytes]:
        """The headers and body of the call for a text."""
        self._sent += 1
        if self.channel == "sms":
            return self._form(Body=words, **more)
        held = {"message_id": self._sent, "date": 1760000000, "text": words, **self._chat(), **more}
        return self._json(message=held)

    def presses(self, message: int, index: int) -> tuple[dict[str, str], bytes]:
        held = {"message_id": 1, "date": 1760000000, "text": "x", **self._chat()}
        return self._json(
            callback_query={
                "id": uuid4().hex,
                "chat_instance": "1",
                "data": f"{message}:{index}",
                "message": held,
                "from": held["from"],
            }
        )

    def _chat(self) -> dict[str, Any]:
        user = {"id": self.number, "is_bot": False, "first_name": "Ayşe", "language_code": "tr"}
        return {"chat": {"id": self.number, "type": "private"}, "from": user}

    def _json(self, **update: Any) -> tuple[dict[str, str], bytes]:
        body = {"update_id": uuid4().int % 10**9, **update}
        return {"content-type": "application/json"}, json.dumps(body).encode()

    def _form(self, **fields: str) -> tuple[dict[str, str], bytes]:
        base = {"MessageSid": f"SM{uuid4().hex}", "AccountSid": ACCOUNT, "From": self.address, "To": NUMBER}
        body = urlencode({**base, "NumMedia": "0", **fields}).encode()
        return {"content-type": "application/x-www-form-urlencoded"}, body


async def post(
    client: Client, channel: str, call: tuple[dict[str, str], bytes], *, signed: bool = True
) -> httpx.Response:
    """Send a call as the provider signs it for our public address."""
    headers, body = call
    path = f"/channels/{channel}"
    if signed:
        headers = factories(channel).signed(f"{PUBLIC_URL}{path}", headers, body)
    return await client.post(path, content=body, headers=headers)


async def said(client: Client, person: Person, *texts: str) -> None:
    for words in texts:
        assert (await post(client, person.channel, person.text(words))).status_code == 200


async def query(engine: AsyncEngine, statement: str, **values: Any) -> list[Any]:
    async with make_sessions(engine)() as session, session.begin():
        found = await session.execute(text(statement), values)
        return [tuple(row) for row in found.all()]


MESSAGES = """
    SELECT content, m.state FROM message AS m JOIN conversation AS c ON c.id = conversation_id
    WHERE c.channel = :channel AND address = :address AND author = 'citizen' ORDER BY seq
"""


async def messages_of(engine: AsyncEngine, person: Person) -> list[tuple[dict[str, Any], str]]:
    return await query(engine, MESSAGES, channel=person.channel, address=person.address)


async def count(engine: AsyncEngine) -> Any:
    [(found,)] = await query(engine, "SELECT count(*) FROM message")
    return found


async def offers(engine: AsyncEngine, person: Person, *buttons: str, of: str = "bot") -> int:
    """A message of ours with buttons of these payloads, titled in capitals; returns its number."""
    reply = Reply(text="?", buttons=tuple(Button(title=payload.upper(), payload=payload) for payload in buttons))
    statement = """
        WITH mine AS (
            UPDATE conversation SET last_seq = last_seq + 1 WHERE channel = :channel AND address = :address
            RETURNING id, last_seq
        )
        INSERT INTO message (conversation_id, seq, author, channel, content, state, attempts, created_at)
        SELECT id, last_seq, :author, :channel, CAST(:content AS jsonb), 'sent', 0, now() FROM mine RETURNING seq
    """
    values = {"channel": person.channel, "address": person.address, "author": of}
    [(number,)] = await query(engine, statement, content=json.dumps(reply.content()), **values)
    return int(number)
