"""The call a turn makes to the bot."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer, unused_port

from backend.answers.engine import Engine, message_id, turn_request
from backend.answers.errors import BOT_AWAY, TurnError
from backend.conversations.schemas import Claim, Turn, Waiting
from backend.core.settings import Settings

ID = UUID(int=7)
CLAIM = Claim(ID, UUID(int=8), "web", "")
REPLY = {"text": "Bună", "buttons": [{"title": "Ajutor", "payload": "/help"}], "language": "ro"}


def waiting(**content: Any) -> Waiting:
    at = datetime(2026, 11, 22, tzinfo=UTC)
    return Waiting(1, 4, content, 0, at, "bot", "ro", "tr", UUID(int=9), 4, more=False)


async def taken(settings: Settings, status: int, body: Any) -> Turn:
    """A turn with a bot that answers so; None drops the connection."""

    async def bot(request: web.Request) -> web.Response:
        assert request.headers["authorization"] == f"Bearer {settings.internal_token.get_secret_value()}"
        assert await request.json() == turn_request(CLAIM, waiting(text="x"))
        if body is None:
            assert request.transport is not None
            request.transport.abort()
        return web.Response(status=status, body=body if isinstance(body, bytes) else json.dumps(body).encode())

    app = web.Application()
    app.router.add_post("/webhooks/komshu/turns", bot)
    async with TestServer(app) as server, ClientSession() as client:
        there = settings.model_copy(update={"rasa_url": str(server.make_url("/"))})
        return await Engine(there, client).take_turn(CLAIM, waiting(text="x"))


@pytest.mark.parametrize(
    ("content", "text", "payload"),
    [
        ({"text": "Bună"}, "Bună", None),
        ({"text": "", "payload": "/help"}, "", "/help"),
        ({"text": "", "photo": "p-1"}, "", '/share_photo{"photo": "p-1"}'),
        (
            {"text": "", "position": {"latitude": 45.7, "longitude": 21.2}},
            "",
            '/share_position{"latitude": 45.7, "longitude": 21.2}',
        ),
        ({}, "", None),
    ],
)
def test_a_message_is_asked_with_its_words_or_its_payload(
    content: dict[str, Any], text: str, payload: str | None
) -> None:
    assert turn_request(CLAIM, waiting(**content)) == {
        "conversation_id": str(ID),
        "message_id": f"{ID}:4",
        "text": text,
        "payload": payload,
        "language_hint": "ro",
        "language_choice": "tr",
    }


def test_the_id_of_a_message_is_the_same_at_every_try() -> None:
    assert message_id(ID, 4) == message_id(ID, 4) != message_id(ID, 5)


async def test_an_answer_becomes_a_turn(settings: Settings) -> None:
    body = {"replies": [REPLY], "language": "ro", "language_choice": None, "recovered": True}
    turn = await taken(settings, 200, body)
    assert (turn.language, turn.language_choice, turn.recovered) == ("ro", None, True)
    assert [(reply.text, reply.buttons[0].payload) for reply in turn.replies] == [("Bună", "/help")]


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (200, None, BOT_AWAY),
        (503, {"error": "away"}, BOT_AWAY),
        (500, {}, "bot_status_500"),
        (422, {}, "bot_status_422"),
        (200, b"not json", "bot_answer_malformed"),
        (200, [], "bot_answer_malformed"),
        (200, {"replies": [REPLY]}, "bot_answer_malformed"),
        (200, {"replies": [{"html": "<b>"}], "language": "ro"}, "bot_answer_malformed"),
        (200, {"replies": [], "language": "ro"}, "bot_answer_empty"),
    ],
)
async def test_anything_but_a_whole_answer_fails_the_turn_with_a_code(
    settings: Settings, status: int, body: Any, code: str
) -> None:
    with pytest.raises(TurnError) as error:
        await taken(settings, status, body)
    assert error.value.code == code


async def test_a_bot_nobody_listens_for_is_away(settings: Settings) -> None:
    nowhere = settings.model_copy(update={"rasa_url": f"http://127.0.0.1:{unused_port()}"})
    async with ClientSession() as client:
        engine = Engine(nowhere, client)
        with pytest.raises(TurnError) as error:
            await engine.take_turn(CLAIM, waiting(text="x"))
        assert not await engine.ready()
    assert error.value.code == BOT_AWAY


async def test_a_bot_that_was_reached_but_does_not_answer_this_message_is_not_away(settings: Settings) -> None:
    never = asyncio.Event()

    async def bot(request: web.Request) -> web.Response:
        await never.wait()
        return web.Response()

    app = web.Application()
    app.router.add_post("/webhooks/komshu/turns", bot)
    async with TestServer(app) as server, ClientSession() as client:
        impatient = settings.model_copy(update={"rasa_url": str(server.make_url("/")), "turn_timeout_seconds": 0.05})
        with pytest.raises(TurnError) as error:
            await Engine(impatient, client).take_turn(CLAIM, waiting(text="x"))
        never.set()
    assert error.value.code == "bot_timeout"
