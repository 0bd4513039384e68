"""The connection to the Bot API: python-telegram-bot's client, and the two calls it has no form for."""

import json
from typing import Any
from urllib.parse import urlencode

import httpx
from telegram import Bot
from telegram.error import TelegramError
from telegram.request import HTTPXRequest

from channels.errors import AWAY, REFUSED, SendError
from channels.telegram.config import TelegramConfig
from channels.telegram.updates import ALLOWED

POOL_SIZE = 32
"""Connections at once; Telegram takes 30 messages a second."""
POOL_SECONDS = 5.0
"""How long a call waits for a free connection, in seconds."""


class QuietRequest(HTTPXRequest):
    """Connections that do not write an unreadable answer to the log: it may quote a message."""

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """The answer. Raises TelegramError when it is no JSON object."""
        try:
            answer = json.loads(payload)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise TelegramError("Invalid server response") from None
        return answer


class TelegramClient:
    """One Bot and its connections, made when first asked for. `initialize` is never called: it would ask getMe."""

    def __init__(self, config: TelegramConfig) -> None:
        self.config = config
        # Loading the certificates takes 30 ms each time: once for all.
        self._certificates = httpx.create_ssl_context()
        self._requests = (self._request(2), self._request(POOL_SIZE))
        self._files = httpx.AsyncClient(timeout=config.timeout_seconds, verify=self._certificates)
        # Every call goes to one of the two requests, which stand ready from the start.
        self.bot = Bot(
            config.token.get_secret_value(),
            base_url=f"{config.api_url}/bot",
            base_file_url=f"{config.api_url}/file/bot",
            get_updates_request=self._requests[0],
            request=self._requests[1],
        )

    def _request(self, connections: int) -> QuietRequest:
        seconds = self.config.timeout_seconds
        return QuietRequest(
            connection_pool_size=connections,
            connect_timeout=seconds,
            read_timeout=seconds,
            write_timeout=seconds,
            pool_timeout=POOL_SECONDS,
            httpx_kwargs={"verify": self._certificates},
        )

    async def updates(self, offset: int | None, wait_seconds: float) -> list[tuple[int, bytes]]:
        """Updates from `offset` on as (id, JSON), waiting so many seconds for one. Raises what the client raises.

        Asked as JSON, for Bot.get_updates writes whole updates to the log when one of them is new to it.
        """
        asked = {"timeout": int(wait_seconds), "allowed_updates": json.dumps(ALLOWED)}
        query = urlencode(asked if offset is None else {"offset": offset, **asked})
        found = await self._requests[0].post(
            f"{self.bot.base_url}/getUpdates?{query}", read_timeout=wait_seconds + self.config.timeout_seconds
        )
        return [(update["update_id"], json.dumps(update).encode()) for update in listed(found)]

    async def download(self, url: str, limit: int) -> bytes:
        """A file of at most so many bytes. Raises SendError."""
        try:
            async with self._files.stream("GET", url) as response:
                return await read(response, limit)
        except httpx.HTTPError as error:
            raise SendError(AWAY, retryable=True, detail=type(error).__name__) from None

    async def close(self) -> None:
        """Let all connections go."""
        for request in self._requests:
            await request.shutdown()
        await self._files.aclose()


def listed(found: object) -> list[dict[str, int]]:
    """The answer of getUpdates. Raises TypeError when it is no list."""
    if not isinstance(found, list):
        raise TypeError("no list of updates")
    return found


async def read(response: httpx.Response, limit: int) -> bytes:
    """The body of a file's response. Raises SendError, REFUSED when it is larger than the limit or gone."""
    if response.status_code >= 500 or response.status_code == 429:
        raise SendError(AWAY, retryable=True, detail=str(response.status_code))
    if response.status_code != 200:
        raise SendError(REFUSED, detail=str(response.status_code))
    body = bytearray()
    async for piece in response.aiter_bytes():
        body += piece
        if len(body) > limit:
            raise SendError(REFUSED, detail="too_large")
    return bytes(body)
