"""Trains and asks stock Rasa's pipeline and ours on the same examples: `komshu nlu compare`.

Stock's DIET would take most of a day on all examples, so both sides learn the same sample: so many examples of each
label and language, drawn with a fixed seed. Nothing is extrapolated: what is printed was measured on the sample.
Stock is the default pipeline of the installed Rasa, trained and run in its own environment with TensorFlow.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import yaml
from rich.console import Console
from rich.table import Table

from backend.bot_model import bot_command, bot_environment
from backend.core.languages import LANGUAGES
from backend.core.secrets import with_development_secrets
from backend.core.settings import ROOT, Settings
from backend.nlu import Judged, cpu as cpu_of, judged_answer, measures, out_of_scope, read_messages
from benchmarks import stock_project
from benchmarks.environment import make_environment
from benchmarks.places import CACHE, NLU, STOCK, STOCK_ENVIRONMENT, STOCK_PYTHON, BenchmarkError, end_of

SEED = 7
HELD_BACK = ROOT / "tests" / "nlu"
MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Side:
    """How one side is trained and asked."""

    name: str
    train: list[str]
    parse: list[str]
    folder: Path
    environment: dict[str, str]
    model: Path


@dataclass(frozen=True)
class Outcome:
    """What one side reached."""

    train_seconds: float
    train_cpu_seconds: float
    model_mb: float
    memory_mb: float
    """Resident memory of the process that answers, after the last message."""
    judged: list[tuple[str, Judged]]
    """By the language the message is written in."""


def sample(per_label: int) -> dict[str, Any]:
    """A training file with so many examples of each label and language; all where there are fewer."""
    dice = random.Random(SEED)
    documents = [yaml.safe_load(path.read_text("utf-8")) for path in stock_project.example_files()]
    drawn = []
    for block in (block for document in documents for block in document["nlu"]):
        lines = block["examples"].splitlines()
        chosen = dice.sample(lines, min(per_label, len(lines)))
        drawn.append({**block, "examples": "".join(f"{line}\n" for line in chosen)})
    return {"version": "3.1", "nlu": drawn}


def held_back(per_language: int) -> list[tuple[str, dict[str, str]]]:
    """(language, message) of the held-back files; every so many-th of each style when fewer are asked for."""
    found = []
    for code in LANGUAGES:
        messages = sorted(read_messages(HELD_BACK / f"{code}.jsonl"), key=lambda message: message["style"])
        step = max(1, len(messages) // per_language) if per_language else 1
        found += [(code, message) for message in messages[::step]]
    return found


def stock_side(folder: Path, examples: str, epochs: int) -> Side:
    """Stock Rasa's project, understanding only."""
    make_environment()
    files = {
        "config.yml": yaml.safe_dump(stock_project.config(epochs), allow_unicode=True, sort_keys=False),
        "domain.yml": yaml.safe_dump(stock_project.domain(stock_project.labels()), allow_unicode=True),
        "nlu.yml": examples,
    }
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    rasa = str(STOCK_ENVIRONMENT / "bin" / "rasa")
    train = [rasa, "train", "nlu", "--nlu", "nlu.yml", "--domain", "domain.yml", "--fixed-model-name", "model"]
    model = folder / "models" / "model.tar.gz"
    parse = [str(STOCK_PYTHON), str(STOCK / "parse.py"), str(model)]
    environment = {**os.environ, "RASA_TELEMETRY_ENABLED": "false"}
    return Side("stock", train, parse, folder, environment, model)


def our_side(folder: Path, examples: str, settings: Settings) -> Side:
    """This project's pipeline, with its rules."""
    (folder / "nlu.yml").write_text(examples, "utf-8")
    model = folder / "model.tar.gz"
    train = bot_command(settings, "train", "--model", str(model), "--examples", str(folder / "nlu.yml"))
    environment = {**bot_environment(settings), "RASA_CACHE_DIRECTORY": str(folder / "cache")}
    return Side("ours", train, bot_command(settings, "parse", "--model", str(model)), ROOT, environment, model)


def measured(side: Side, messages: Sequence[tuple[str, dict[str, str]]], console: Console) -> Outcome:
    """Train and ask one side. Raises BenchmarkError."""
    console.print(f"[dim]{side.name}: training[/]")
    log = CACHE / "logs" / f"understanding-{side.name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    before, began = os.times(), time.monotonic()
    with log.open("w") as output:
        done = subprocess.run(
            side.train, cwd=side.folder, env=side.environment, stdout=output, stderr=output, check=False
        )
    seconds, after = time.monotonic() - began, os.times()
    if done.returncode != 0 or not side.model.exists():
        raise BenchmarkError(f"{side.name} could not be trained. The end of {log}:\n{end_of(log)}")
    console.print(f"[dim]{side.name}: {len(messages)} messages[/]")
    judged, memory = _asked(side, messages)
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return Outcome(seconds, spent, side.model.stat().st_size / MEGABYTE, memory / MEGABYTE, judged)


def _asked(side: Side, messages: Sequence[tuple[str, dict[str, str]]]) -> tuple[list[tuple[str, Judged]], int]:
    with subprocess.Popen(
        side.parse,
        cwd=side.folder,
        env=side.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdin
        judged = []
        for code, message in messages:
            process.stdin.write(json.dumps(message["text"]) + "\n")
            process.stdin.flush()
            judged.append((code, judged_answer(message, _next_answer(process, side.name))))
        memory = int(psutil.Process(process.pid).memory_info().rss)
        process.stdin.close()
    return judged, memory


def _next_answer(process: "subprocess.Popen[str]", name: str) -> dict[str, Any]:
    """TensorFlow and its friends may write lines of their own between the answers."""
    assert process.stdout
    for line in process.stdout:
        if line.startswith("{"):
            answer: dict[str, Any] = json.loads(line)
            return answer
    raise BenchmarkError(f"{name} ended before it had answered.")


def rows(outcomes: dict[str, Outcome]) -> Iterator[tuple[str, ...]]:
    """What is compared, a row each: its name, then a cell for each side."""
    sides = list(outcomes.values())
    yield ("training, seconds", *(f"{side.train_seconds:.0f}" for side in sides))
    yield ("training, processor seconds", *(f"{side.train_cpu_seconds:.0f}" for side in sides))
    yield ("model, MB", *(f"{side.model_mb:.1f}" for side in sides))
    yield ("memory, MB", *(f"{side.memory_mb:.0f}" for side in sides))
    told = [[one for _, one in side.judged] for side in sides]
    yield ("processor ms a message, median", *(f"{cpu_of(one)['p50']:.1f}" for one in told))
    yield ("processor ms a message, 99th percentile", *(f"{cpu_of(one)['p99']:.1f}" for one in told))
    yield ("accuracy", *(f"{measures(one)['accuracy']:.3f}" for one in told))
    yield ("macro-F1", *(f"{measures(one)['macro_f1']:.3f}" for one in told))
    yield ("right label among the first three", *(f"{measures(one)['top3']:.3f}" for one in told))
    yield ("out of scope caught", *(f"{out_of_scope(one)['recall']:.3f}" for one in told))
    yield ("ours turned away", *(f"{out_of_scope(one)['false_rate']:.3f}" for one in told))
    for code in LANGUAGES:
        for style in ("clean", "phone"):
            mine = [[one for of, one in side.judged if of == code and one.style == style] for side in sides]
            yield (f"accuracy, {code}, {style}", *(f"{measures(one)['accuracy']:.3f}" for one in mine))


def show(outcomes: dict[str, Outcome], title: str, console: Console) -> None:
    """The comparison as a table."""
    table = Table("", *outcomes, title=title)
    for row in rows(outcomes):
        table.add_row(*row)
    console.print(table)


def title_of(per_label: int, epochs: int, learnt: int, total: int, asked: int) -> str:
    """What was sampled, in words."""
    return (
        f"{per_label} examples of each label and language, drawn with seed {SEED}: {learnt} of {total} for both sides; "
        f"stock with {epochs} epochs; {asked} held-back messages"
    )


def count(document: dict[str, Any]) -> int:
    """How many examples a training file holds."""
    return sum(len(block["examples"].splitlines()) for block in document["nlu"])


def compare(options: argparse.Namespace, console: Console) -> dict[str, Outcome]:
    """Both sides on the same sample and the same messages. Raises BenchmarkError."""
    drawn = sample(options.per_label)
    examples, messages = yaml.safe_dump(drawn, allow_unicode=True), held_back(options.messages)
    settings = with_development_secrets(Settings(_env_file=None, data_dir=ROOT / "artefacts" / "nlu"))
    outcomes = {}
    with tempfile.TemporaryDirectory(prefix="komshu-compare-") as folder:
        sides = {name: Path(folder) / name for name in ("stock", "ours")}
        for path in sides.values():
            path.mkdir()
        outcomes["stock"] = measured(stock_side(sides["stock"], examples, options.epochs), messages, console)
        outcomes["ours"] = measured(our_side(sides["ours"], examples, settings), messages, console)
    total = sum(count(yaml.safe_load(path.read_text("utf-8"))) for path in NLU.rglob("*.yml"))
    show(outcomes, title_of(options.per_label, options.epochs, count(drawn), total, len(messages)), console)
    return outcomes


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; the exit code."""
    parser = argparse.ArgumentParser(prog="komshu nlu compare")
    parser.add_argument("--per-label", type=int, default=5, help="examples of each label and language, for both sides")
    parser.add_argument("--epochs", type=int, default=30, help="of stock's networks")
    parser.add_argument("--messages", type=int, default=0, help="held-back messages a language; 0: all")
    console = Console(width=120)
    try:
        compare(parser.parse_args(arguments), console)
    except BenchmarkError as error:
        console.print(str(error), style="red")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
