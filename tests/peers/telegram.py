"""A server that answers as api.telegram.org does: the real client talks to it over a real connection.

In a test: `async with TelegramPeer() as peer`, then `peer.url`. As a process of its own:
`python -m tests.peers.telegram --port 8081`, controlled over HTTP:

    GET  /control/sent?after=0          what the bot sent, from that place on
    GET  /control/calls                 names of the methods that were called
    POST /control/fail                  {"method", "status", "body"?, "times"?}, or {"method", "drop": true, "times"?}
    POST /control/settings              {"latency_seconds"?, "flood_rate"?, "per_second"?, "per_chat_seconds"?,
                                        "post_to"?}
    POST /control/block                 {"chat": 1, "blocked": true}
    POST /control/deliver               {"update": {…}}, or {"kind": "text", "chat": 1, "text": "…"} and the like;
                                        {"kind": "press", "message_id": 5, "index": 0} for a button of a sent message
"""

import argparse
import asyncio
import json
import random
import socket
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from typing import Any, Self

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.peers.telegram_checks import BLOCKED, RefusalError, flood, markup, parameters, refused, visible
from tests.peers.telegram_updates import BOT, Sent, Update, Updates, as_json, kind_of

TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
SETTINGS = frozenset({"latency_seconds", "flood_rate", "per_second", "per_chat_seconds", "post_to"})
DROP = "drop"


class Server(uvicorn.Server):
    """A server that leaves the signals to the tests and stops at once."""

    def __init__(self, app: Starlette) -> None:
        super().__init__(uvicorn.Config(app, log_level="critical", lifespan="off", http="h11"))
        self.stopping = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def main_loop(self) -> None:
        await self.on_tick(0)
        await self.stopping.wait()
        self.force_exit = True


class TelegramPeer:
    """The server's memory and its answers; everything may be looked at and set at any time."""

    def __init__(self, token: str = TOKEN, port: int = 0, seed: int = 1) -> None:
        self.token, self.port = token, port
        self.sent: list[Sent] = []
        self.calls: list[tuple[str, dict[str, str]]] = []
        self.files: dict[str, bytes] = {}
        self.updates = Updates(self.files)
        self.pending: list[Update] = []
        self.called = asyncio.Event()
        self.webhook: dict[str, str] = {}
        self.commands: dict[str, list[dict[str, str]]] = {}
        self.blocked: set[int] = set()
        self.strangers: set[int] = set()
        self.latency_seconds = 0.0
        self.flood_rate = 0.0
        self.per_second = 0.0
        self.per_chat_seconds = 0.0
        self.post_to = ""
        """Where updates are posted instead of to the webhook's address, which has to be a public one."""
        self._failures: dict[str, deque[tuple[int, dict[str, Any] | str] | str]] = defaultdict(deque)
        self._random = random.Random(seed)
        self._arrived = asyncio.Condition()
        self._in_order = asyncio.Lock()
        self._server = Server(self.app())

    # The server

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        listening = socket.create_server(("127.0.0.1", self.port))
        self.port = listening.getsockname()[1]
        self._task = asyncio.create_task(self._server.serve(sockets=[listening]))
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.stopping.set()
        await self._task

    def app(self) -> Starlette:
        control = [
            Route("/control/sent", self._control_sent),
            Route("/control/calls", self._control_calls),
            *(
                Route(f"/control/{name}", getattr(self, f"_control_{name}"), methods=["POST"])
                for name in ("fail", "settings", "block", "deliver")
            ),
        ]
        files = Route("/file/bot{token}/{name:path}", self._file)
        return Starlette(routes=[*control, files, Route("/bot{token}/{method}", self._call, methods=["GET", "POST"])])

    async def _call(self, request: Request) -> Response:
        method = request.path_params["method"]
        given = parameters(request.headers.get("content-type", ""), request.url.query, await request.body())
        self.calls.append((method, given))
        self.called.set()
        if self.latency_seconds:
            await asyncio.sleep(self.latency_seconds)
        failures = self._failures[method.lower()]
        failure = failures.popleft() if failures else None
        if isinstance(failure, tuple):
            status, body = failure
            return Response(body, status) if isinstance(body, str) else JSONResponse(body, status)
        try:
            answer = 200, {"ok": True, "result": await self._answer(request.path_params["token"], method, given)}
        except RefusalError as refusal:
            answer = refusal.answer
        if failure == DROP:
            self._hang_up(request)
        return JSONResponse(answer[1], answer[0])

    def _hang_up(self, request: Request) -> None:
        for connection in self._server.server_state.connections:
            if getattr(connection, "client", None) == request.scope["client"]:
                connection.transport.abort()

    async def _answer(self, token: str, method: str, given: dict[str, str]) -> Any:
        if token != self.token:
            raise RefusalError(401 if ":" in token else 404)
        answer: Callable[[dict[str, str]], Awaitable[Any]] | None = getattr(self, f"_do_{method.lower()}", None)
        if answer is None:
            raise RefusalError(404)
        return await answer(given)

    # The methods of the Bot API

    async def _do_getme(self, _given: dict[str, str]) -> Any:
        return {**BOT, "can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": False}

    async def _do_sendmessage(self, given: dict[str, str]) -> Any:
        chat = self._chat(given)
        read, buttons = visible(given.get("text", ""), given.get("parse_mode")), markup(given.get("reply_markup"))
        self._keep_pace(chat)
        sent = Sent(next(self.updates.message_ids), chat, given["text"], read, buttons, time.time())
        self.sent.append(sent)
        shown = {"message_id": sent.message_id, "from": BOT, "chat": self.updates.chat(chat), "date": int(sent.at)}
        return {**shown, "text": read, **({"reply_markup": buttons} if buttons else {})}

    async def _do_sendchataction(self, given: dict[str, str]) -> Any:
        self._chat(given)
        return True

    async def _do_answercallbackquery(self, given: dict[str, str]) -> Any:
        if not given.get("callback_query_id", "").isdigit():
            raise RefusalError(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
        return True

    async def _do_getfile(self, given: dict[str, str]) -> Any:
        file_id = given.get("file_id", "")
        if file_id not in self.files:
            raise RefusalError(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
        size = len(self.files[file_id])
        if size > 20 * 1024 * 1024:
            raise RefusalError(400, "Bad Request: file is too big")
        held = {"file_id": file_id, "file_unique_id": f"u{file_id}", "file_size": size}
        return {**held, "file_path": f"photos/{file_id}"}

    async def _file(self, request: Request) -> Response:
        content = self.files.get(request.path_params["name"].removeprefix("photos/"))
        if request.path_params["token"] != self.token or content is None:
            return JSONResponse(refused(404, "Not Found"), 404)
        return Response(content, media_type="application/octet-stream")

    async def _do_getupdates(self, given: dict[str, str]) -> Any:
        if self.webhook.get("url"):
            raise RefusalError(409, "Conflict: can't use getUpdates method while webhook is active")
        offset = int(given.get("offset", 0))
        self.pending = [update for update in self.pending if update["update_id"] >= offset]
        async with self._arrived:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._arrived.wait_for(lambda: self.pending), float(given.get("timeout", 0)))
        return self.pending[: int(given.get("limit", 100))]

    async def _do_setwebhook(self, given: dict[str, str]) -> Any:
        if not given.get("url", "").startswith("https://"):
            raise RefusalError(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
        self.webhook = given
        return True

    async def _do_deletewebhook(self, given: dict[str, str]) -> Any:
        self.webhook = {}
        if given.get("drop_pending_updates", "").lower() == "true":
            self.pending = []
        return True

    async def _do_setmycommands(self, given: dict[str, str]) -> Any:
        self.commands[given.get("language_code", "")] = json.loads(given["commands"])
        return True

    def _chat(self, given: dict[str, str]) -> int:
        try:
            chat = int(given.get("chat_id", ""))
        except ValueError:
            raise RefusalError(400, "Bad Request: chat not found") from None
        if chat in self.strangers:
            raise RefusalError(400, "Bad Request: chat not found")
        if chat in self.blocked:
            raise RefusalError(403, BLOCKED)
        return chat

    def _keep_pace(self, chat: int) -> None:
        """Say no to what comes too fast, and at random."""
        now = time.time()
        if self._random.random() < self.flood_rate:
            raise flood(1)
        if self.per_second and sum(sent.at > now - 1 for sent in self.sent[-1000:]) >= self.per_second:
            raise flood(1)
        last = max((sent.at for sent in self.sent[-1000:] if sent.chat_id == chat), default=0.0)
        if now - last < self.per_chat_seconds:
            raise flood(1)

    # What tests do

    def fail_next(self, method: str, status: int, body: dict[str, Any] | str = "", times: int = 1) -> None:
        """Answer the next calls of a method so, without doing what they ask for; a text is sent as it is."""
        self._failures[method.lower()].extend([(status, body or RefusalError(status).answer[1])] * times)

    def drop_next(self, method: str, times: int = 1) -> None:
        """Do what the next calls ask for, and hang up instead of saying so."""
        self._failures[method.lower()].extend([DROP] * times)

    async def deliver(self, update: Update, attempts: int = 200, pause_seconds: float = 0.05) -> int:
        """Post an update as Telegram does: one after another, again until it is taken; or keep it for getUpdates.

        Returns the last status of the webhook, 0 when it could not be reached, or 200 when the update is kept.
        """
        if not (self.webhook or self.post_to):
            async with self._arrived:
                self.pending.append(update)
                self._arrived.notify_all()
            return 200
        if kind_of(update) not in (json.loads(self.webhook.get("allowed_updates", "[]")) or [kind_of(update)]):
            return 200
        status = 0
        async with self._in_order, httpx.AsyncClient(timeout=60) as client:
            for _ in range(attempts):
                status = await self._post(client, update)
                if 200 <= status < 300:
                    break
                await asyncio.sleep(pause_seconds)
        return status

    async def _post(self, client: httpx.AsyncClient, update: Update) -> int:
        headers = {"content-type": "application/json"}
        if secret := self.webhook.get("secret_token"):
            headers["X-Telegram-Bot-Api-Secret-Token"] = secret
        with suppress(httpx.HTTPError):
            address = self.post_to or self.webhook["url"]
            return (await client.post(address, content=as_json(update), headers=headers)).status_code
        return 0

    # The same over HTTP

    async def _control_sent(self, request: Request) -> Response:
        return JSONResponse([asdict(sent) for sent in self.sent[int(request.query_params.get("after", 0)) :]])

    async def _control_calls(self, _request: Request) -> Response:
        return JSONResponse([method for method, _ in self.calls])

    async def _control_fail(self, request: Request) -> Response:
        told = await request.json()
        if told.pop(DROP, False):
            self.drop_next(told["method"], told.get("times", 1))
        else:
            self.fail_next(**told)
        return JSONResponse({})

    async def _control_settings(self, request: Request) -> Response:
        told = await request.json()
        if unknown := told.keys() - SETTINGS:
            return JSONResponse({"unknown": sorted(unknown)}, 400)
        for name, value in told.items():
            setattr(self, name, value)
        return JSONResponse({})

    async def _control_block(self, request: Request) -> Response:
        told = await request.json()
        (self.blocked.add if told.get("blocked", True) else self.blocked.discard)(told["chat"])
        return JSONResponse({})

    async def _control_deliver(self, request: Request) -> Response:
        told = await request.json()
        update = told.get("update") or self.built(**told)
        return JSONResponse({"update": update, "status": await self.deliver(update)})

    def built(self, kind: str, **told: Any) -> Update:
        """An update of a kind Updates knows, from what JSON can hold."""
        if kind == "press":
            sent = next(sent for sent in self.sent if sent.message_id == told["message_id"])
            return self.updates.press(sent, told["index"])
        if kind == "photo":
            told["content"] = bytes.fromhex(told["content"])
        update: Update = getattr(self.updates, kind)(**told)
        return update


async def serve(port: int, token: str) -> None:
    async with TelegramPeer(token, port) as peer:
        await peer._task


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--port", type=int, required=True)
    options.add_argument("--token", default=TOKEN)
    chosen = options.parse_args()
    with suppress(KeyboardInterrupt):
        asyncio.run(serve(chosen.port, chosen.token))


if __name__ == "__main__":
    main()
