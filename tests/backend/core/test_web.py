"""Bodies nobody needs are not read, whoever sends them."""

from collections.abc import AsyncIterator
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from backend.app import ROOM_BYTES, create_public_app
from backend.core.settings import Settings
from backend.offices.schemas import Office

NOBODY = UUID(int=404)
CHUNK = b"x" * 500_000
SENT = 80
"""Chunks: more than any address takes."""
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
FILES = {"Content-Type": "multipart/form-data; boundary=b"}
FILE = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n'


@pytest.fixture
async def app(settings: Settings, office: Office) -> AsyncIterator[FastAPI]:
    made = create_public_app(settings, office)
    yield made
    await made.state.sessions.kw["bind"].dispose()


@pytest.mark.parametrize(
    ("path", "headers", "beginning", "separator"),
    [
        ("/chat/sessions", {"Content-Type": "application/json"}, b'"', b""),
        ("/ticket", FORM, b"reference=", b"&reference="),
        ("/console/sign-in", FORM, b"login=", b"&login="),
        (f"/console/tickets/{NOBODY}/document", FILES, FILE, b""),
    ],
)
async def test_strangers_cannot_fill_memory_or_disk(
    app: FastAPI, settings: Settings, path: str, headers: dict[str, str], beginning: bytes, separator: bytes
) -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        yield beginning
        for _ in range(SENT):
            read += len(CHUNK)
            yield CHUNK + separator

    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://town", timeout=30) as http:
        answer = await http.post(path, content=endless(), headers=headers)
    largest = max(settings.photo_max_bytes, settings.document_max_bytes) + ROOM_BYTES
    assert answer.status_code == (422 if path.startswith("/console") else 413)
    assert "content-security-policy" in answer.headers
    assert largest - len(CHUNK) <= read <= largest + 2 * len(CHUNK)


@pytest.mark.parametrize(
    ("path", "timed"), [("/console/sign-in", True), ("/chat/languages", False), ("/ticket", False), ("/", False)]
)
async def test_only_the_console_says_how_long_it_took(app: FastAPI, path: str, *, timed: bool) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://office") as client:
        header = (await client.get(path)).headers.get("Server-Timing", "")
    assert header.startswith("app;dur=") is timed
    assert not timed or float(header.removeprefix("app;dur=")) > 0
