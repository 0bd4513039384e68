"""Headers answers carry, bodies no larger than they may be, and files."""

from collections.abc import AsyncIterator
from time import perf_counter
from urllib.parse import quote

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.core.errors import KomshuError

STRICT = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' blob:; "
    "form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
)
# The API reference (Swagger UI) sets style attributes and shows inline SVG.
API_REFERENCE = STRICT.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'").replace("blob:", "data:")
# The console sends forms to itself.
CONSOLE = STRICT.replace("form-action 'none'", "form-action 'self'")


def _policy(path: str) -> str:
    if path.startswith(("/console", "/privacy/", "/ticket", "/dispute")):
        return CONSOLE
    return API_REFERENCE if path == "/docs" else STRICT


class SecurityHeaders:
    """Adds the content security policy and its companions."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, adding headers to the start of the answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = _policy(scope["path"])
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "no-referrer"
            await send(message)

        await self._app(scope, receive, with_headers)


class ServerTiming:
    """Says of pages of the console how long the server took: the milliseconds until their answer began.

    Agents' browsers show it among a request's timings, and benchmarks read it. Citizens' requests carry none: how long
    a look-up takes is nobody's to know.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, adding the header to the start of the answer."""
        if scope["type"] != "http" or not scope["path"].startswith("/console/"):
            await self._app(scope, receive, send)
            return
        began = perf_counter()

        async def with_time(message: Message) -> None:
            if message["type"] == "http.response.start":
                taken = (perf_counter() - began) * 1000
                MutableHeaders(scope=message)["Server-Timing"] = f"app;dur={taken:.1f}"
            await send(message)

        await self._app(scope, receive, with_time)


class BoundedBodies:
    """Reads no body further than the largest one the app takes.

    Form and JSON parsers keep all of it in memory or on disk, before anybody is asked who they are.
    """

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app, self._limit = app, limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, counting bytes. Raises HTTPException (413) where the body is read."""
        read = 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self._limit:
                raise HTTPException(413)
            return message

        await self._app(scope, counted if scope["type"] == "http" else receive, send)


def client_address(request: Request) -> str:
    """Where a request came from, for counting tries; empty when that is not known."""
    return request.client.host if request.client else ""


async def bounded_body(request: Request, limit: int, too_large: type[KomshuError]) -> bytes:
    """The body of a request, read no further than so many bytes. Raises `too_large` with the limit in megabytes."""
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > limit:
            raise too_large(megabytes=limit // 1_000_000)
    return bytes(content)


def stored_file(
    chunks: AsyncIterator[bytes], size: int, media_type: str, cache: str, *, filename: str = ""
) -> StreamingResponse:
    """A kept file as an answer; with a name it is for saving, not for showing. `cache` is for Cache-Control."""
    headers = {"Content-Length": str(size), "Cache-Control": cache}
    if filename:
        headers["Content-Disposition"] = f"attachment; filename*=utf-8''{quote(filename, safe='')}"
    return StreamingResponse(chunks, headers=headers, media_type=media_type)
