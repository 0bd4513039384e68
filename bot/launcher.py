"""Starts Rasa with what we change in it: `python -m bot.launcher serve|train|parse …`."""

import argparse
import asyncio
import json
import logging
import os
import sys
import time
import warnings
from pathlib import Path
from typing import Any, List

from bot import stub

ROOT = Path(__file__).resolve().parents[1]
BOT = ROOT / "bot"
EXAMPLES = ROOT / "data" / "nlu"


def prepare() -> None:
    """Stub, patches and quiet; before anything else of Rasa is imported."""
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
    warnings.filterwarnings("ignore")
    stub.install()
    from bot import patches

    patches.apply()


def train(out: Path, examples: Path = EXAMPLES) -> None:
    """Train a model into a file, named `<out>`; half-written models never get that name."""
    from rasa.model_training import train as rasa_train
    from rasa.utils.log_utils import configure_structlog

    configure_structlog(logging.WARNING)
    result = rasa_train(
        domain=str(BOT / "domain"),
        config=str(ROOT / "config.yml"),
        training_files=[str(examples), str(BOT / "rules")],
        output=str(out.parent),
        fixed_model_name=f"{out.stem.split('.')[0]}.{os.getpid()}.part",
        force_training=True,
    )
    if result.code != 0 or not result.model:
        raise SystemExit("training failed: see the messages above")
    os.replace(result.model, out)


def serve(model: Path, port: int) -> None:
    """Serve a model on loopback through our own input channel only."""
    from rasa.core.run import serve_application
    from rasa.core.utils import AvailableEndpoints
    from rasa.utils.log_utils import configure_structlog

    configure_structlog(logging.WARNING)
    logging.getLogger().setLevel(logging.WARNING)
    serve_application(
        str(model),
        interface="127.0.0.1",
        port=port,
        credentials=str(BOT / "credentials.yml"),
        enable_api=False,
        endpoints=AvailableEndpoints.read_endpoints(str(BOT / "endpoints.yml")),
    )


def parse(model: Path) -> None:
    """Label texts: one JSON string a line on standard input, what was understood a line on standard output."""
    from rasa.core.agent import Agent
    from rasa.utils.log_utils import configure_structlog

    configure_structlog(logging.ERROR)
    asyncio.run(_parse_lines(Agent.load(str(model))))


async def _parse_lines(agent: Any) -> None:
    for line in sys.stdin:
        text, began = json.loads(line), time.process_time()
        found = await agent.parse_message(text)
        cpu_ms = 1000 * (time.process_time() - began)
        ranking = [[entry["name"], entry["confidence"]] for entry in found.get("intent_ranking", [])]
        language = next((e["value"] for e in found["entities"] if e["entity"] == "language"), None)
        answer = {"intent": found["intent"]["name"], "ranking": ranking, "language": language, "cpu_ms": cpu_ms}
        print(json.dumps(answer), flush=True)


def main(arguments: List[str]) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="bot.launcher")
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("train", "serve", "parse"):
        command = commands.add_parser(name)
        command.add_argument("--model", type=Path, required=True)
        command.add_argument("--examples", type=Path, default=EXAMPLES)
        command.add_argument("--port", type=int, default=5005)
    options = parser.parse_args(arguments)
    prepare()
    if options.command == "train":
        train(options.model, options.examples)
    elif options.command == "serve":
        serve(options.model, options.port)
    else:
        parse(options.model)


if __name__ == "__main__":
    main(sys.argv[1:])
