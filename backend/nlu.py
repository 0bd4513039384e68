"""How well the bot understands: labels a file of messages and compares."""

import json
import statistics
import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track
from rich.table import Table

from backend.bot_model import bot_command, bot_environment, train
from backend.core.settings import ROOT, Settings

WORST_SHOWN = 20
TURNED_AWAY = "nlu_fallback"
OUT_OF_SCOPE = "out_of_scope"


@dataclass(frozen=True)
class Judged:
    """One message: what it is, what the bot took it for, and the first three it thought of."""

    text: str
    style: str
    label: str
    found: str
    """A message turned away as not understood counts as out of scope."""
    first_three: tuple[str, ...]
    language: str | None = None
    cpu_ms: float = 0.0


def read_messages(path: Path) -> list[dict[str, str]]:
    """Lines of {"text", "label", "style"}. Raises ValueError naming the line that is not."""
    messages = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            message = json.loads(line)
            messages.append({"style": "", **{key: str(message[key]) for key in ("text", "label")}, **message})
        except (ValueError, KeyError, TypeError):
            raise ValueError(f'{path}, line {number}: expected {{"text": …, "label": …, "style": …}}') from None
    return messages


def judge(settings: Settings, messages: Sequence[dict[str, str]], console: Console) -> list[Judged]:
    """Label every message with the model for today's data, in Rasa itself."""
    model = train(settings, settings.data_dir / "logs" / "training.log")
    texts = track([message["text"] for message in messages], "understanding", console=console)
    answers = _answers(settings, model, texts)
    return [judged_answer(message, answer) for message, answer in zip(messages, answers, strict=True)]


def _answers(settings: Settings, model: Path, texts: Iterable[str]) -> Iterator[dict[str, Any]]:
    with subprocess.Popen(
        bot_command(settings, "parse", "--model", str(model)),
        cwd=ROOT,
        env=bot_environment(settings),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as bot:
        assert bot.stdin
        assert bot.stdout
        for text in texts:
            bot.stdin.write(json.dumps(text) + "\n")
            bot.stdin.flush()
            yield json.loads(bot.stdout.readline())
        bot.stdin.close()


def judged_answer(message: dict[str, str], answer: dict[str, Any]) -> Judged:
    """What one answer of `bot.launcher parse` makes of a message."""
    labels = tuple(label for label, _ in answer["ranking"] if label != TURNED_AWAY)
    found = OUT_OF_SCOPE if answer["intent"] == TURNED_AWAY or not labels else labels[0]
    known = message["text"], message["style"], message["label"]
    return Judged(*known, found, labels[:3], answer["language"], answer["cpu_ms"])


def report(judged: Sequence[Judged], language: str = "") -> dict[str, Any]:
    """All measures, overall, per style and per family of labels; those of the language when it is given."""
    styles = sorted({one.style for one in judged if one.style})
    families = sorted({family(one.label) for one in judged})
    confusions = Counter((one.label, one.found) for one in judged if one.label != one.found)
    told: dict[str, Any] = {
        **measures(judged),
        "styles": {style: measures([one for one in judged if one.style == style]) for style in styles},
        "families": {name: measures([one for one in judged if family(one.label) == name]) for name in families},
        "oos": out_of_scope(judged),
        "cpu_ms": cpu(judged),
        "confusions": [
            {"label": label, "found": found, "count": count}
            for (label, found), count in confusions.most_common(WORST_SHOWN)
        ],
    }
    if language:
        told["language"] = {"accuracy": _share(one.language == language for one in judged)}
    return told


def family(label: str) -> str:
    """faq, report, or intent for all others."""
    return label.split("/", maxsplit=1)[0] if "/" in label else "intent"


def measures(judged: Sequence[Judged]) -> dict[str, float]:
    """Shares between 0 and 1, and of how many."""
    return {
        "n": len(judged),
        "accuracy": _share(one.label == one.found for one in judged),
        "macro_f1": macro_f1([(one.label, one.found) for one in judged]),
        "top3": _share(one.label in one.first_three for one in judged),
    }


def out_of_scope(judged: Sequence[Judged]) -> dict[str, float]:
    """How much of what is none of ours was turned away, and how much of what is ours by mistake."""
    foreign = [one.found == OUT_OF_SCOPE for one in judged if one.label == OUT_OF_SCOPE]
    ours = [one.found == OUT_OF_SCOPE for one in judged if one.label != OUT_OF_SCOPE]
    right = sum(foreign)
    return {
        "recall": _share(foreign),
        "precision": right / max(right + sum(ours), 1),
        "false_rate": _share(ours),
    }


def cpu(judged: Sequence[Judged]) -> dict[str, float]:
    """Milliseconds of processor time a message took, at the median and at the 99th percentile."""
    times = sorted(one.cpu_ms for one in judged) or [0.0]
    return {"p50": statistics.median(times), "p99": times[min(len(times) - 1, int(len(times) * 0.99))]}


def _share(held: Iterable[bool]) -> float:
    values = list(held)
    return sum(values) / max(len(values), 1)


def macro_f1(pairs: Iterable[tuple[str, str]]) -> float:
    """The mean over the true labels of the harmonic mean of precision and recall."""
    pairs = list(pairs)
    true, found = Counter(label for label, _ in pairs), Counter(found for _, found in pairs)
    right = Counter(label for label, found in pairs if label == found)
    scores = [2 * right[label] / (true[label] + found[label]) for label in true]
    return sum(scores) / max(len(scores), 1)


def show(result: dict[str, Any], console: Console) -> None:
    """The report as tables."""
    table = Table("messages", "n", "accuracy", "macro-F1", "first three", title="Understanding")
    for name, values in {"all": result, **result["styles"], **result["families"]}.items():
        shares = [f"{values[key]:.3f}" for key in ("accuracy", "macro_f1", "top3")]
        table.add_row(name, str(values["n"]), *shares)
    console.print(table)
    oos, cpu_ms = result["oos"], result["cpu_ms"]
    console.print(
        f"out of scope: {oos['recall']:.3f} caught, {oos['precision']:.3f} of what was turned away rightly so, "
        f"{oos['false_rate']:.3f} of ours turned away; processor time a message: {cpu_ms['p50']:.1f} ms at the "
        f"median, {cpu_ms['p99']:.1f} ms at the 99th percentile"
    )
    if "language" in result:
        console.print(f"language right: {result['language']['accuracy']:.3f}")
    worst = Table("is", "taken for", "times", title="Worst confusions")
    for row in result["confusions"]:
        worst.add_row(row["label"], row["found"], str(row["count"]))
    console.print(worst)
