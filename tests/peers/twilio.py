"""A stand-in for api.twilio.com: a real HTTP server for the real client, and the source of signed webhooks.

Alone: `python -m tests.peers.twilio --port 9200 --webhook http://127.0.0.1:8000/channels/sms`, steered under /control.
"""

import argparse
import asyncio
import base64
import contextlib
import re
import socket
import uuid
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, Self
from urllib.parse import parse_qsl

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send
from twilio.request_validator import RequestValidator

from channels.sms.segments import counted

ACCOUNT = "AC00000000000000000000000000000001"
TOKEN = "0123456789abcdef0123456789abcdef"
NUMBER = "+40256408300"
API = "/2010-04-01/Accounts"
ADDRESS = re.compile(r"(whatsapp:)?\+[1-9][0-9]{6,14}")
STOPS = {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "OPTOUT", "REVOKE"}
SENTENCES = {
    20003: "Authenticate",
    20404: "The requested resource was not found",
    20429: "Too Many Requests",
    20500: "An internal server error has occurred",
    21211: "Invalid 'To' Phone Number",
    21602: "Message body is required.",
    21603: "A 'From' or 'MessagingServiceSid' parameter is required to send a message",
    21604: "A 'To' phone number is required.",
    21606: "The 'From' phone number provided is not a valid message-capable Twilio phone number",
    21609: "The 'StatusCallback' URL is not a valid URL.",
    21610: "Attempt to send to unsubscribed recipient",
    21617: "The concatenated message body exceeds the 1600 character limit.",
}


def sid(prefix: str) -> str:
    """A name as Twilio makes them, such as SM and 32 hexadecimal digits."""
    return prefix + uuid.uuid4().hex


@dataclass
class Failure:
    """How one request to send goes wrong."""

    status: int = 0
    """HTTP status to answer with; 0 to accept the message."""
    code: int = 0
    """Twilio's number of the error; 0 answers without JSON, as a broken proxy would."""
    retry_after: str = ""
    delay: float = 0.0
    """Seconds before the answer."""
    hold: bool = False
    """No answer before `release`."""
    drop: bool = False
    """Close the connection instead of answering; with status 0 the message was accepted."""


@dataclass
class Outcome:
    """What becomes of messages to one number."""

    state: str = "delivered"
    error_code: int = 0


@dataclass
class File:
    """A photo someone sent."""

    content: bytes
    content_type: str = "image/jpeg"


class Dropped(Response):
    """Starts an answer and closes the connection in the middle of it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 201, "headers": [(b"content-length", b"500")]})


class Server(uvicorn.Server):
    """A server that leaves the signals to whoever runs it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@dataclass
class TwilioPeer:
    """The API of one account. Use as an async context manager; `url` is what goes into TWILIO_API_URL."""

    account_sid: str = ACCOUNT
    auth_token: str = TOKEN
    numbers: tuple[str, ...] = (NUMBER, f"whatsapp:{NUMBER}")
    webhook: str = ""
    """Where messages of people are posted to."""
    files_at: str = ""
    """The server that media redirect to; empty for this one."""
    port: int = 0
    sent: list[dict[str, Any]] = field(default_factory=list)
    """Accepted messages, as the API shows them, oldest first."""
    stopped: set[str] = field(default_factory=set)
    """Numbers that have texted STOP."""
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    reports: list[tuple[str, str, int]] = field(default_factory=list)
    """Status callbacks made: SID, state and the HTTP status they were answered with."""
    files: dict[str, File] = field(default_factory=dict)
    file_requests: list[dict[str, str]] = field(default_factory=list)
    """Headers of the requests that came for files themselves, after the redirect."""

    def __post_init__(self) -> None:
        self.failures: deque[Failure] = deque()
        self.released = asyncio.Event()
        self.tasks: set[asyncio.Task[None]] = set()
        self.validator = RequestValidator(self.auth_token)
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(("127.0.0.1", self.port))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"

    async def __aenter__(self) -> Self:
        self.socket.listen()  # connections wait here until the server takes them
        config = uvicorn.Config(self.app(), log_level="critical", lifespan="off")
        self.server = Server(config)
        self.serving = asyncio.create_task(self.server.serve(sockets=[self.socket]))
        self.http = httpx.AsyncClient(timeout=30)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.release()
        for task in self.tasks:
            task.cancel()
        await self.http.aclose()
        self.server.should_exit = True
        await self.serving
        self.socket.close()

    def app(self) -> Starlette:
        """The API, the files behind it and the controls."""
        message = f"{API}/{{account}}/Messages"
        return Starlette(
            routes=[
                Route(f"{message}.json", self._create, methods=["POST"]),
                Route(f"{message}/{{message}}/Media/{{media}}", self._media),
                Route("/files/{media}", self._file),
                Route("/control/sent", self._control_sent),
                Route("/control/fail", self._control_fail, methods=["POST"]),
                Route("/control/deliver", self._control_deliver, methods=["POST"]),
            ]
        )

    def fail(self, times: int = 1, **how: Any) -> None:
        """Let the next requests to send go wrong, in the order of the calls; see Failure."""
        self.failures.extend(Failure(**how) for _ in range(times))

    def release(self) -> None:
        """Answer the requests that are held."""
        self.released.set()

    def add_file(self, content: bytes, content_type: str = "image/jpeg") -> str:
        """Keep a photo; returns its MediaUrl."""
        name = sid("ME")
        self.files[name] = File(content, content_type)
        return f"{self.url}{API}/{self.account_sid}/Messages/{sid('MM')}/Media/{name}"

    def incoming(self, body: str = "", sender: str = "+40721123456", to: str = NUMBER, **more: str) -> dict[str, str]:
        """The parameters of a person's message, as Twilio posts them; more are added or replaced by name."""
        name = more.get("MessageSid") or sid("MM" if more.get("NumMedia", "0") != "0" else "SM")
        return {
            "ToCountry": "RO",
            "ToState": "",
            "SmsMessageSid": name,
            "NumMedia": "0",
            "ToCity": "",
            "FromZip": "",
            "SmsSid": name,
            "FromState": "",
            "SmsStatus": "received",
            "FromCity": "",
            "Body": body,
            "FromCountry": "RO",
            "To": to,
            "ToZip": "",
            "NumSegments": str(max(1, counted(body).segments)),
            "MessageSid": name,
            "AccountSid": self.account_sid,
            "From": sender,
            "ApiVersion": "2010-04-01",
        } | more

    async def deliver(
        self, body: str = "", *, photos: tuple[str, ...] = (), url: str = "", signed_as: str = "", **more: str
    ) -> httpx.Response:
        """Post a person's message to the webhook, signed for `signed_as` where a proxy stands before it."""
        media = {f"MediaUrl{place}": photo for place, photo in enumerate(photos)}
        kinds = {
            f"MediaContentType{place}": self.files[photo.rsplit("/", 1)[1]].content_type
            for place, photo in enumerate(photos)
        }
        fields = self.incoming(body, **({"NumMedia": str(len(photos))} | media | kinds | more))
        self._note_stop(fields)
        return await self._post(url or self.webhook, fields, signed_as)

    async def report(self, message: dict[str, Any], state: str, error_code: int = 0) -> httpx.Response:
        """Post news of a message to the callback it was sent with."""
        fields = {
            "SmsSid": message["sid"],
            "SmsStatus": state,
            "MessageStatus": state,
            "To": message["to"],
            "MessageSid": message["sid"],
            "AccountSid": self.account_sid,
            "From": message["from"] or "",
            "ApiVersion": "2010-04-01",
        } | ({"ErrorCode": str(error_code)} if error_code else {})
        answer = await self._post(message["status_callback"], fields)
        self.reports.append((message["sid"], state, answer.status_code))
        return answer

    async def settled(self) -> None:
        """Wait until all news have been posted."""
        await asyncio.gather(*self.tasks)

    async def _post(self, url: str, fields: dict[str, str], signed_as: str = "") -> httpx.Response:
        signature = self.validator.compute_signature(signed_as or url, fields)
        headers = {
            "X-Twilio-Signature": signature,
            "User-Agent": "TwilioProxy/1.1",
            "I-Twilio-Idempotency-Token": sid(""),
        }
        return await self.http.post(url, data=fields, headers=headers)

    def _note_stop(self, fields: dict[str, str]) -> None:
        word = fields["Body"].strip().upper()
        if word in STOPS:
            self.stopped.add(fields["From"])
        elif word in {"START", "YES", "UNSTOP"}:
            self.stopped.discard(fields["From"])

    async def _create(self, request: Request) -> Response:
        fields = dict(parse_qsl((await request.body()).decode("utf-8"), keep_blank_values=True))
        failure = self.failures.popleft() if self.failures else Failure()
        if failure.delay:
            await asyncio.sleep(failure.delay)
        if refused := self._refusal(request, fields, failure):
            return Dropped() if failure.drop else refused
        message = self._accept(fields)
        if failure.hold:
            await self.released.wait()
        return Dropped() if failure.drop else JSONResponse(_shown(message), status_code=201)

    def _refusal(self, request: Request, fields: dict[str, str], failure: Failure) -> Response | None:
        if not self._authorized(request):
            return _error(401, 20003)
        if request.path_params["account"] != self.account_sid:
            return _error(404, 20404)
        if failure.status:
            headers = {"retry-after": failure.retry_after} if failure.retry_after else {}
            return _error(failure.status, failure.code, headers)
        code = self._objection(fields)
        return _error(400, code) if code else None

    def _objection(self, fields: dict[str, str]) -> int:
        callback = fields.get("StatusCallback", "http://")
        checks = (
            ("To" not in fields, 21604),
            (not ADDRESS.fullmatch(fields.get("To", "")), 21211),
            (not fields.get("From") and not fields.get("MessagingServiceSid"), 21603),
            (bool(fields.get("From")) and fields.get("From") not in self.numbers, 21606),
            (not fields.get("Body"), 21602),
            (len(fields.get("Body", "")) > 1600, 21617),
            (not callback.startswith(("http://", "https://")), 21609),
            (fields.get("To") in self.stopped, 21610),
        )
        return next((code for wrong, code in checks if wrong), 0)

    def _accept(self, fields: dict[str, str]) -> dict[str, Any]:
        name, now = sid("SM"), format_datetime(datetime.now(UTC))
        service = fields.get("MessagingServiceSid")
        message = {
            "account_sid": self.account_sid,
            "api_version": "2010-04-01",
            "body": fields["Body"],
            "date_created": now,
            "date_sent": None,
            "date_updated": now,
            "direction": "outbound-api",
            "error_code": None,
            "error_message": None,
            "from": fields.get("From"),
            "messaging_service_sid": service,
            "num_media": "0",
            "num_segments": "0" if service else str(counted(fields["Body"]).segments),
            "price": None,
            "price_unit": "USD",
            "sid": name,
            "status": "accepted" if service else "queued",
            "subresource_uris": {"media": f"{API}/{self.account_sid}/Messages/{name}/Media.json"},
            "to": fields["To"],
            "uri": f"{API}/{self.account_sid}/Messages/{name}.json",
            "status_callback": fields.get("StatusCallback", ""),
        }
        self.sent.append(message)
        if message["status_callback"]:
            task = asyncio.create_task(self._report_all(message))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)
        return message

    async def _report_all(self, message: dict[str, Any]) -> None:
        outcome = self.outcomes.get(message["to"], Outcome())
        with contextlib.suppress(httpx.HTTPError):
            for state in ("queued", "sent"):
                await self.report(message, state)
            await self.report(message, outcome.state, outcome.error_code)

    def _authorized(self, request: Request) -> bool:
        pair = f"{self.account_sid}:{self.auth_token}".encode()
        return request.headers.get("authorization") == f"Basic {base64.b64encode(pair).decode()}"

    async def _media(self, request: Request) -> Response:
        if not self._authorized(request):
            return _error(401, 20003)
        name = request.path_params["media"]
        if name not in self.files and not self.files_at:
            return _error(404, 20404)
        return RedirectResponse(f"{self.files_at or self.url}/files/{name}", status_code=307)

    async def _file(self, request: Request) -> Response:
        self.file_requests.append(dict(request.headers))
        file = self.files.get(request.path_params["media"])
        return Response(file.content, media_type=file.content_type) if file else Response(status_code=404)

    async def _control_sent(self, _: Request) -> Response:
        return JSONResponse(self.sent)

    async def _control_fail(self, request: Request) -> Response:
        self.fail(**await request.json())
        return JSONResponse([asdict(failure) for failure in self.failures])

    async def _control_deliver(self, request: Request) -> Response:
        answer = await self.deliver(**await request.json())
        return JSONResponse({"status": answer.status_code, "body": answer.text})


def _shown(message: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in message.items() if name != "status_callback"}


def _error(status: int, code: int, headers: dict[str, str] | None = None) -> Response:
    if not code:
        return Response("<html>Bad Gateway</html>", status_code=status, headers=headers, media_type="text/html")
    sentence = SENTENCES.get(code, "Error")
    more = f"https://www.twilio.com/docs/errors/{code}"
    return JSONResponse({"code": code, "message": sentence, "more_info": more, "status": status}, status, headers)


async def _serve(options: argparse.Namespace) -> None:
    numbers = (options.number, f"whatsapp:{options.number}")
    async with TwilioPeer(options.account_sid, options.auth_token, numbers, options.webhook, port=options.port) as peer:
        await peer.serving


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=9200)
    parser.add_argument("--account-sid", default=ACCOUNT)
    parser.add_argument("--auth-token", default=TOKEN)
    parser.add_argument("--number", default=NUMBER)
    parser.add_argument("--webhook", default="")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(parser.parse_args()))


if __name__ == "__main__":
    main()
