"""The call a turn makes to the bot."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
import pytest

from backend.conversations.engine import Engine, message_id, turn_request
from backend.conversations.errors import BOT_AWAY, TurnError
from backend.conversations.schemas import Claim, Turn, Waiting
from backend.core.settings import Settings

ID = UUID(int=7)
CLAIM = Claim(ID, UUID(int=8), "web", 4)
REPLY = {"text": "Bună", "buttons": [{"title": "Ajutor", "payload": "/help"}], "language": "ro"}


def waiting(**content: Any) -> Waiting:
    return Waiting(1, 4, content, 0, "bot", "ro", "tr", 4, datetime(2026, 11, 22, tzinfo=UTC))


async def taken(settings: Settings, answer: httpx.Response | Exception) -> Turn:
    """A turn with a bot that answers so."""

    def bot(request: httpx.Request) -> httpx.Response:
        assert request.headers["authorization"] == f"Bearer {settings.internal_token.get_secret_value()}"
        assert json.loads(request.content) == turn_request(CLAIM, waiting(text="x"))
        if isinstance(answer, Exception):
            raise answer
        return answer

    async with httpx.AsyncClient(transport=httpx.MockTransport(bot)) as client:
        return await Engine(settings, client).take_turn(CLAIM, waiting(text="x"))


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
    turn = await taken(settings, httpx.Response(200, json=body))
    assert (turn.language, turn.language_choice, turn.recovered) == ("ro", None, True)
    assert [(reply.text, reply.buttons[0].payload) for reply in turn.replies] == [("Bună", "/help")]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (httpx.ConnectError("refused"), BOT_AWAY),
        (httpx.ConnectTimeout("nobody there"), BOT_AWAY),
        (httpx.Response(500, json={}), "bot_status_500"),
        (httpx.Response(422, json={}), "bot_status_422"),
        (httpx.Response(200, content=b"not json"), "bot_answer_malformed"),
        (httpx.Response(200, json=[]), "bot_answer_malformed"),
        (httpx.Response(200, json={"replies": [REPLY]}), "bot_answer_malformed"),
        (httpx.Response(200, json={"replies": [{"html": "<b>"}], "language": "ro"}), "bot_answer_malformed"),
        (httpx.Response(200, json={"replies": [], "language": "ro"}), "bot_answer_empty"),
    ],
)
async def test_anything_but_a_whole_answer_fails_the_turn_with_a_code(
    settings: Settings, answer: httpx.Response | Exception, code: str
) -> None:
    with pytest.raises(TurnError) as error:
        await taken(settings, answer)
    assert error.value.code == code


async def test_a_bot_that_was_reached_but_does_not_answer_this_message_is_not_away(settings: Settings) -> None:
    with pytest.raises(TurnError) as error:
        await taken(settings, httpx.ReadTimeout("it never ends"))
    assert error.value.code != BOT_AWAY
