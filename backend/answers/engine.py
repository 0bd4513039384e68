"""The one call a turn makes to the bot."""

import json
from typing import Any
from uuid import UUID

import aiohttp
from pydantic import BaseModel, ValidationError

from backend.answers.errors import BOT_AWAY, TurnError
from backend.conversations.schemas import Claim, Turn, Waiting
from backend.core.settings import Settings
from channels.message import Reply

PART_AWAY = 503
"""The bot's own word that its actions or its database cannot be reached."""
READY_TIMEOUT = aiohttp.ClientTimeout(total=2.0)


class BotTurn(BaseModel):
    """What bot/channel.py answers."""

    replies: list[Reply]
    language: str
    language_choice: str | None = None
    recovered: bool = False


class Engine:
    """Asks Rasa's input channel of ours to take one turn."""

    def __init__(self, settings: Settings, client: aiohttp.ClientSession) -> None:
        self._client = client
        self._url = f"{settings.rasa_base_url}/webhooks/komshu/turns"
        self._ready_url = f"{settings.rasa_base_url}/webhooks/komshu/ready"
        self._headers = {"Authorization": f"Bearer {settings.internal_token.get_secret_value()}"}
        self._timeout = aiohttp.ClientTimeout(total=settings.turn_timeout_seconds)

    async def take_turn(self, claim: Claim, waiting: Waiting) -> Turn:
        """The bot's answer to a message; asking again for the same one gives the same answer. Raises TurnError."""
        request = turn_request(claim, waiting)
        try:
            async with self._client.post(
                self._url, json=request, headers=self._headers, timeout=self._timeout
            ) as answer:
                status, content = answer.status, await answer.read()
        except TimeoutError as error:
            raise TurnError("bot_timeout") from error
        except aiohttp.ClientError as error:
            raise TurnError(BOT_AWAY) from error
        if status == PART_AWAY:
            raise TurnError(BOT_AWAY)
        if status != 200:
            raise TurnError(f"bot_status_{status}")
        return _turn(content)

    async def ready(self) -> bool:
        """Whether Rasa answers with a model loaded."""
        try:
            async with self._client.get(self._ready_url, headers=self._headers, timeout=READY_TIMEOUT) as answer:
                return answer.status == 200
        except (aiohttp.ClientError, TimeoutError):
            return False


def _turn(content: bytes) -> Turn:
    try:
        turn = BotTurn.model_validate_json(content)
    except ValidationError as error:
        raise TurnError("bot_answer_malformed") from error
    if not turn.replies:
        raise TurnError("bot_answer_empty")
    return Turn(tuple(turn.replies), turn.language, turn.language_choice, turn.recovered)


def turn_request(claim: Claim, waiting: Waiting) -> dict[str, Any]:
    """The request for one message. The message id is the same at every try, so the bot can tell a repeated one."""
    request = {
        "conversation_id": str(claim.conversation_id),
        "message_id": message_id(claim.conversation_id, waiting.seq),
        "text": waiting.content.get("text", ""),
        "payload": _payload(waiting.content),
        "language_hint": waiting.language,
        "language_choice": waiting.language_choice,
    }
    return {**request, "handed_back": waiting.content["handed_back"]} if "handed_back" in waiting.content else request


def message_id(conversation_id: UUID, seq: int) -> str:
    """The name of a message outside the backend; tickets use it so that a repeated turn files once."""
    return f"{conversation_id}:{seq}"


def _payload(content: dict[str, Any]) -> str | None:
    if content.get("payload"):
        return str(content["payload"])
    if content.get("photo"):
        return "/share_photo" + json.dumps({"photo": content["photo"]})
    if content.get("document"):
        return "/share_document" + json.dumps({"document": content["document"]["id"]})
    if content.get("position"):
        return "/share_position" + json.dumps(content["position"])
    return None
