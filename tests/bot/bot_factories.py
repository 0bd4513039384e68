"""Things the tests of the bot make: trackers, messages, servers, a sample of the training examples."""

import socket
from contextlib import asynccontextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, AsyncIterator, Dict, Iterator, List, Optional, Tuple

import yaml
from aiohttp import web
from rasa.core.channels.channel import InputChannel, register
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.training_data.message import Message
from sanic import Sanic

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "t" * 40
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


@asynccontextmanager
async def served(channels: List[InputChannel], agent: Any) -> AsyncIterator[Tuple[Any, str]]:
    """Input channels on a port of loopback, mounted as Rasa mounts them."""
    app = Sanic(f"test_{id(agent)}", configure_logging=False)
    app.ctx.agent = agent
    register(channels, app, route="/webhooks/")
    listening = listening_socket()
    server = await app.create_server(sock=listening, return_asyncio_server=True, access_log=False)
    assert server
    await server.startup()
    await server.after_start()
    yield app, f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.close()
    await server.wait_closed()


def listening_socket() -> socket.socket:
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    return listening


class ActionServer:
    """Answers Rasa's calls with what `answers` holds: JSON, a function of the tracker, or a failing status."""

    def __init__(self) -> None:
        self.answers: Dict[str, Any] = {}
        self.calls: List[str] = []
        self.bodies: List[Any] = []
        self.tokens: List[Optional[str]] = []
        self.url = ""

    async def __aenter__(self) -> "ActionServer":
        app = web.Application()
        app.router.add_post("/webhook", self._answer)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        listening = listening_socket()
        await web.SockSite(self._runner, listening).start()
        self.url = f"http://127.0.0.1:{listening.getsockname()[1]}/webhook"
        return self

    async def __aexit__(self, *_: Any) -> None:
        await self._runner.cleanup()

    def forget(self) -> None:
        self.answers, self.calls, self.bodies, self.tokens = {}, [], [], []

    async def _answer(self, request: web.Request) -> web.Response:
        call = await request.json()
        name = call["next_action"]
        self.calls.append(name)
        self.bodies.append(call)
        self.tokens.append(request.headers.get("Authorization"))
        answer = self.answers.get(name, {"events": [], "responses": []})
        if callable(answer):
            answer = answer(call["tracker"])
        if isinstance(answer, int):
            return web.json_response({"action_name": name, "error": "told to"}, status=answer)
        return web.json_response(answer)
