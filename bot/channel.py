"""The backend's way in: one request a turn, answered with structured replies, or honestly with an error.

A message that was answered before is answered again with the same replies, from the tracker.
"""

import gc
import hmac
import json
import logging
import os
import re
from dataclasses import dataclass
from typing import Any, Awaitable, Callable, Dict, List, Optional

from psycopg import OperationalError
from rasa.core.agent import Agent
from rasa.core.channels.channel import InputChannel, OutputChannel, UserMessage
from rasa.core.processor import MessageProcessor
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.events import ActionExecuted, BotUttered, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.nlg.catalogue import language_of
from bot.patches import actions_away, failed_action, watch_actions
from bot.session import turn_events

logger = logging.getLogger(__name__)
HANDED_BACK = "/handed_back"
SURE_REPORT = 0.3


class TurnFailedError(Exception):
    """The turn has no complete answer and nothing of it was kept; it may be asked again."""


class PartAwayError(Exception):
    """What the bot needs for a turn, its actions or the database, cannot be reached; no message is at fault."""


@dataclass(frozen=True)
class TurnRequest:
    """One message of a citizen."""

    conversation_id: str
    message_id: str
    text: str
    payload: Optional[str]
    language_hint: Optional[str]
    language_choice: Optional[str]
    handed_back: Optional[str] = None
    """What the citizen told a person who now gives the chat back; not None says that this is what happened."""

    @classmethod
    def from_json(cls, body: Any) -> "TurnRequest":
        """Raises ValueError when something is missing or of the wrong type."""
        if not isinstance(body, dict):
            raise ValueError("expected an object")
        values = {name: body.get(name) for name in cls.__dataclass_fields__}
        wrong = [name for name, value in values.items() if not (value is None or isinstance(value, str))]
        missing = [name for name in ("conversation_id", "message_id") if not values[name]]
        if wrong or missing:
            raise ValueError(", ".join(wrong + missing))
        return cls(**{**values, "text": values["text"] or ""})

    def said(self) -> str:
        """What Rasa reads: a payload we made, or free text that cannot be taken for one."""
        return self.payload or re.sub(r"^[\s/]+", "", self.text) or "…"


class Silent(OutputChannel):
    """Replies are read from the tracker."""

    @classmethod
    def name(cls) -> str:
        """The channel's name on events."""
        return "komshu"

    async def send_response(self, recipient_id: str, message: Dict[str, Any]) -> None:
        """Nothing to send here."""


class KomshuInput(InputChannel):
    """Rasa's input channel for the backend."""

    def __init__(self, token: str) -> None:
        self._expected = f"Bearer {token}".encode()

    @classmethod
    def name(cls) -> str:
        """Part of the address: /webhooks/komshu."""
        return "komshu"

    @classmethod
    def from_credentials(cls, credentials: Optional[Dict[str, Any]]) -> "KomshuInput":
        """Made by Rasa. The token comes from the environment, so that it is in no file."""
        return cls(os.environ["INTERNAL_TOKEN"])

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """The routes: ready and turns."""
        routes = Blueprint("komshu")

        @routes.middleware("request")
        async def guard(request: Request) -> Optional[HTTPResponse]:
            given = request.headers.get("authorization", "").encode()
            return None if hmac.compare_digest(given, self._expected) else response.json({"error": "token"}, 401)

        @routes.listener("after_server_start")
        async def settle(*_: Any) -> None:
            """The model stays: the garbage collector need not look through it again."""
            gc.collect()
            gc.freeze()

        @routes.get("/ready")
        async def ready(request: Request) -> HTTPResponse:
            loaded = request.app.ctx.agent is not None and request.app.ctx.agent.is_ready()
            return response.json({"ready": loaded}, 200 if loaded else 503)

        @routes.post("/turns")
        async def turns(request: Request) -> HTTPResponse:
            try:
                turn = TurnRequest.from_json(request.json)
            except ValueError as error:
                return response.json({"error": str(error)}, 422)
            return await _answered(request.app.ctx.agent, turn)

        return routes


async def _answered(agent: Agent, turn: TurnRequest) -> HTTPResponse:
    try:
        return response.json(await take_turn(agent, turn))
    except TurnFailedError as error:
        logger.warning("turn failed: %s", error)
        return response.json({"error": str(error)}, 500)
    except (PartAwayError, OperationalError) as error:
        logger.warning("a part is away: %s", type(error).__name__)
        return response.json({"error": "away"}, 503)
    except Exception as error:
        logger.exception("turn failed: %s", type(error).__name__)
        return response.json({"error": type(error).__name__}, 500)


async def take_turn(agent: Agent, turn: TurnRequest) -> Dict[str, Any]:
    """The replies to a message. Raises TurnFailedError; the tracker is stored only when the whole turn succeeded."""
    if agent.processor is None:
        raise TurnFailedError("no model")
    async with agent.lock_store.lock(turn.conversation_id):
        store = agent.tracker_store
        tracker = await store.retrieve(turn.conversation_id) or store.init_tracker(turn.conversation_id)
        recovered = already_answered(tracker, turn.message_id)
        if not recovered:
            await _run(agent, tracker, turn)
    return {
        "replies": replies(tracker),
        "language": language_of(tracker),
        "language_choice": tracker.get_slot("language_choice"),
        "recovered": recovered,
    }


def already_answered(tracker: DialogueStateTracker, message_id: str) -> bool:
    """Whether the tracker's last turn was this message's, and came to its end."""
    events = turn_events(tracker)
    last = events[0] if events else None
    return (
        isinstance(last, UserUttered)
        and last.message_id == message_id
        and any(isinstance(event, ActionExecuted) and event.action_name == ACTION_LISTEN_NAME for event in events)
    )


async def _run(agent: Agent, tracker: DialogueStateTracker, turn: TurnRequest) -> None:
    processor, silent = agent.processor, Silent()
    assert processor is not None
    context = {"language_hint": turn.language_hint, "language_choice": turn.language_choice}
    said = turn.said() if turn.handed_back is None else await _handed_back(processor, turn.handed_back, context)
    message = UserMessage(
        said, silent, turn.conversation_id, input_channel="komshu", message_id=turn.message_id, metadata=context
    )
    with watch_actions():
        await processor._update_tracker_session(tracker, silent)
        _take_over_language(tracker, turn)
        await processor._handle_message_with_tracker(message, tracker)
        await processor.run_action_extract_slots(silent, tracker)
        await processor._run_prediction_loop(silent, tracker)
        if failed_action() and actions_away():
            raise PartAwayError(f"action {failed_action()}")
        if failed_action():
            raise TurnFailedError(f"action {failed_action()}")
    if not replies(tracker):
        raise TurnFailedError("no reply")
    await agent.tracker_store.save(tracker)


async def _handed_back(processor: MessageProcessor, words: str, context: Dict[str, Any]) -> str:
    parsed = await processor.parse_message(UserMessage(words, metadata=context)) if words.strip() else {}
    return handed_back_payload(words, parsed)


def handed_back_payload(words: str, parsed: Dict[str, Any]) -> str:
    """What the bot is told of a chat it gets back: the citizen's words to the person, and what they are about."""
    if not words.strip():
        return HANDED_BACK
    told: Dict[str, Any] = {"words": words}
    best = (parsed.get("intent_ranking") or [{"name": "", "confidence": 0.0}])[0]
    if str(best["name"]).startswith("report/") and best["confidence"] >= SURE_REPORT:
        told["category"] = str(best["name"]).split("/", 1)[1]
    place = next((entity["value"] for entity in parsed["entities"] if entity["entity"] == "place"), None)
    return HANDED_BACK + json.dumps({**told, **({"place": place} if place else {})})


def _take_over_language(tracker: DialogueStateTracker, turn: TurnRequest) -> None:
    """The backend knows what was chosen outside the dialogue, and the page's language before the first word."""
    if turn.language_choice != tracker.get_slot("language_choice"):
        tracker.update(SlotSet("language_choice", turn.language_choice))
    if turn.language_choice or not tracker.get_slot("language"):
        tracker.update(SlotSet("language", turn.language_choice or turn.language_hint))


def replies(tracker: DialogueStateTracker) -> List[Dict[str, Any]]:
    """What the bot said in the last turn."""
    language = language_of(tracker)
    return [_reply(event, language) for event in turn_events(tracker) if isinstance(event, BotUttered)]


def _reply(event: BotUttered, language: str) -> Dict[str, Any]:
    data = event.data or {}
    custom = data.get("custom") or {}
    buttons = [{"title": button["title"], "payload": button["payload"]} for button in data.get("buttons") or []]
    known = {name: custom.get(name) for name in ("link", "article") if custom.get(name)}
    return {"text": event.text or "", "buttons": buttons, "language": custom.get("language") or language, **known}
