"""Things the tests of the bot make: domains, trackers, messages, an action server, a sample of the training examples."""

import socket
from functools import lru_cache
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Tuple

import yaml
from aiohttp import web
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.training_data.message import Message

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = ("en", "tr", "ro", "mk", "af")
TAUGHT = (
    "greet",
    "thank",
    "affirm",
    "deny",
    "check_status",
    "report/street_light",
    "report/pothole_road",
    "faq/opening_hours",
)
TAUGHT_EXAMPLES = 15

Examples = Dict[str, List[str]]


@lru_cache(maxsize=1)
def domain() -> Domain:
    return Domain.load(str(ROOT / "bot" / "domain"))


def read_yaml(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def labelled_examples(folder: Path) -> Iterator[Tuple[str, List[str]]]:
    """(label, examples) of every block of a language's files."""
    for path in sorted(folder.glob("*.yml")):
        for block in read_yaml(path)["nlu"]:
            yield block["intent"], [line.removeprefix("- ") for line in block["examples"].splitlines()]


def sample_of_examples(data: Path, out: Path) -> Path:
    """A training file with a few labels of every language, as the real ones are marked."""
    blocks = [
        {
            "intent": label,
            "metadata": {"language": language},
            "examples": "".join(f"- {example}\n" for example in examples[:TAUGHT_EXAMPLES]),
        }
        for language in LANGUAGES
        for label, examples in labelled_examples(data / language)
        if label in TAUGHT
    ]
    out.write_text(yaml.safe_dump({"version": "3.1", "nlu": blocks}, allow_unicode=True), encoding="utf-8")
    return out


def message(text: str, **properties: Any) -> Message:
    return Message(data={"text": text, **properties})


def tracker_of(*events: Event, sender: str = "c1") -> DialogueStateTracker:
    return DialogueStateTracker.from_events(sender, list(events), slots=domain().slots, domain=domain())


def user(text: str = "hello", intent: str = "greet", message_id: Optional[str] = None) -> UserUttered:
    parse = {"text": text, "intent": {"name": intent, "confidence": 0.9}, "entities": []}
    return UserUttered(text, parse["intent"], [], parse, input_channel="komshu", message_id=message_id)


def answered_turn(number: int, *between: Event) -> List[Event]:
    """A whole turn: message, action, what it changed, reply, listening again."""
    return [
        user(f"message {number:04d}", message_id=f"m{number:04d}"),
        ActionExecuted("action_answer_question"),
        *between,
        BotUttered(f"reply {number:04d}"),
        ActionExecuted("action_listen"),
    ]


class ActionServer:
    """Answers Rasa's calls over HTTP with what a test put into `answers`: JSON, or a status other than 200."""

    def __init__(self) -> None:
        self.answers: Dict[str, Any] = {}
        self.calls: List[str] = []
        self.tokens: List[Optional[str]] = []
        self.url = ""

    async def __aenter__(self) -> "ActionServer":
        app = web.Application()
        app.router.add_post("/webhook", self._answer)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        listening = socket.socket()
        listening.bind(("127.0.0.1", 0))
        await web.SockSite(self._runner, listening).start()
        self.url = f"http://127.0.0.1:{listening.getsockname()[1]}/webhook"
        return self

    async def __aexit__(self, *_: Any) -> None:
        await self._runner.cleanup()

    def forget(self) -> None:
        self.answers, self.calls, self.tokens = {}, [], []

    async def _answer(self, request: web.Request) -> web.Response:
        name = (await request.json())["next_action"]
        self.calls.append(name)
        self.tokens.append(request.headers.get("Authorization"))
        answer = self.answers.get(name, {"events": [], "responses": []})
        if isinstance(answer, int):
            return web.json_response({"action_name": name, "error": "told to"}, status=answer)
        return web.json_response(answer)
