"""A receiver of webhooks: a real HTTP server that checks signatures as any receiver should, and can misbehave."""

import asyncio
import contextlib
import json
import socket
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Self

import uvicorn
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

MANY_CHUNKS = 2000


@dataclass(frozen=True)
class Received:
    """One call, as it came in."""

    webhook_id: str
    headers: dict[str, str]
    body: bytes
    verified: bool

    @property
    def content(self) -> Any:
        """What the body says."""
        return json.loads(self.body)


@dataclass
class Behaviour:
    """How one call is answered."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    hold: bool = False
    """No answer before `release`."""
    drop: bool = False
    """Close the connection in the middle of the answer."""
    endless: bool = False
    """An answer of more than anybody should read."""


class Odd(Response):
    """An answer that ends too early, or far too late."""

    def __init__(self, *, endless: bool) -> None:
        super().__init__()
        self._endless = endless

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Begin an answer."""
        length = [] if self._endless else [(b"content-length", b"500")]
        await send({"type": "http.response.start", "status": 200, "headers": length})
        for _ in range(MANY_CHUNKS if self._endless else 0):
            await send({"type": "http.response.body", "body": b"x" * 65_536, "more_body": True})
            await asyncio.sleep(0)  # whoever hung up is sent to without waiting


class Server(uvicorn.Server):
    """A server that leaves the signals to whoever runs it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take none."""
        yield


@dataclass
class WebhookPeer:
    """A receiver on this machine. Use as an async context manager; `url` is what an endpoint is made with."""

    secret: str = ""
    """What signatures are checked with."""
    calls: list[Received] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    """Calls to any other address than the endpoint's."""

    def __post_init__(self) -> None:
        self.behaviours: deque[Behaviour] = deque()
        self.always: Behaviour | None = None
        self.released = asyncio.Event()
        self.arrived = asyncio.Event()
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/hook"

    async def __aenter__(self) -> Self:
        self.socket.listen()
        self.server = Server(uvicorn.Config(self._app(), log_level="critical", lifespan="off"))
        self.serving = asyncio.create_task(self.server.serve(sockets=[self.socket]))
        return self

    async def __aexit__(self, *_: object) -> None:
        self.released.set()
        self.server.should_exit = self.server.force_exit = True
        await self.serving

    def _app(self) -> Starlette:
        hook = Route("/hook", self._take, methods=["POST"])
        return Starlette(routes=[hook, Route("/{path:path}", self._stray, methods=["GET", "POST"])])

    async def _stray(self, request: Request) -> Response:
        self.elsewhere.append(request.url.path)
        return Response()

    async def _take(self, request: Request) -> Response:
        body, headers = await request.body(), dict(request.headers)
        self.calls.append(Received(headers.get("webhook-id", ""), headers, body, self._verified(body, headers)))
        self.arrived.set()
        how = self.always or (self.behaviours.popleft() if self.behaviours else Behaviour())
        if how.hold:
            await self.released.wait()
        if how.drop or how.endless:
            return Odd(endless=how.endless)
        return Response(status_code=how.status, headers=how.headers)

    def _verified(self, body: bytes, headers: dict[str, str]) -> bool:
        try:
            Webhook(self.secret).verify(body, headers)
        except (WebhookVerificationError, ValueError, RuntimeError):
            return False
        return True

    @property
    def said(self) -> list[tuple[str, str]]:
        """(event, id of what it is about) of each call, in order."""
        return [(call.content["type"], call.content["data"]["id"]) for call in self.calls]
