"""One conversation with each side, as the load generator holds it: say something, wait for the whole answer.

aiohttp, because it costs a third of httpx per request, and what the load costs is taken from the sides it measures.
"""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Protocol, Self
from uuid import uuid4

import aiohttp

PATIENCE_SECONDS = 60.0
FOREVER = aiohttp.ClientTimeout(total=None)


class TurnFailedError(Exception):
    """A message got no answer."""


class Conversation(Protocol):
    """An open conversation."""

    async def __aenter__(self) -> Self:
        """Begin it."""

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it."""

    async def say(self, text: str) -> None:
        """Send a message and return when its answer is complete. Raises TurnFailedError or aiohttp.ClientError."""


class _Posting:
    """A conversation that is answered in the response to each post."""

    def __init__(self, client: aiohttp.ClientSession, url: str, token: str, language: str) -> None:
        self._client = client
        self._url = url
        self._headers = {"Content-Type": "application/json"}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"
        self._language = language
        self._id = str(uuid4())
        self._count = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    async def _post(self, path: str, body: dict[str, object]) -> bytes:
        async with self._client.post(self._url + path, data=json.dumps(body), headers=self._headers) as answer:
            content = await answer.read()
        if not answer.ok:
            raise TurnFailedError(f"status {answer.status}: {content[:200].decode(errors='replace')}")
        return content


class StockConversation(_Posting):
    """Stock Rasa's REST channel. An empty list is an answer lost to an error."""

    async def say(self, text: str) -> None:
        """One post."""
        if not json.loads(await self._post("/webhooks/rest/webhook", {"sender": self._id, "message": text})):
            raise TurnFailedError("an empty answer")


class BotConversation(_Posting):
    """Our input channel inside Rasa, asked as the worker asks it; tracker and actions are as in the whole path."""

    async def say(self, text: str) -> None:
        """One post."""
        self._count += 1
        body: dict[str, object] = {
            "conversation_id": self._id,
            "message_id": f"{self._id}:{self._count}",
            "text": text,
            "payload": None,
            "language_hint": self._language,
            "language_choice": None,
        }
        if not json.loads(await self._post("/webhooks/komshu/turns", body))["replies"]:
            raise TurnFailedError("an empty answer")


class WholeConversation(_Posting):
    """The web chat as the widget uses it: posts are accepted durably, answers come over the event stream."""

    async def __aenter__(self) -> Self:
        opened = json.loads(await self._post("/chat/sessions", {"language": self._language}))
        self._headers["Authorization"] = f"Bearer {opened['token']}"
        self._answered = 0
        self._news = asyncio.Event()
        self._listening = asyncio.create_task(self._listen())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listening.cancel()
        with suppress(asyncio.CancelledError, aiohttp.ClientError):
            await self._listening

    async def say(self, text: str) -> None:
        """Post, then wait for a message of the bot with a higher number: a turn's replies commit together."""
        seq = json.loads(await self._post("/chat/messages", {"id": str(uuid4()), "text": text}))["seq"]
        async with asyncio.timeout(PATIENCE_SECONDS):
            while self._answered <= seq:
                if self._listening.done():
                    raise TurnFailedError("the event stream ended")
                self._news.clear()
                await self._news.wait()

    async def _listen(self) -> None:
        try:
            url = self._url + "/chat/events"
            async with self._client.get(url, headers=self._headers, timeout=FOREVER) as stream:
                async for line in stream.content:
                    if line.startswith(b"data:") and (shown := json.loads(line[5:]))["author"] == "bot":
                        self._answered = shown["seq"]
                        self._news.set()
        finally:
            self._news.set()


CONVERSATIONS: dict[str, Callable[[aiohttp.ClientSession, str, str, str], Conversation]] = {
    "stock": StockConversation,
    "bot": BotConversation,
    "whole": WholeConversation,
}
