"""How well the bot understands: labels a file of messages and compares."""

import json
import subprocess
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track
from rich.table import Table

from backend.bot_model import bot_command, bot_environment, train
from backend.core.settings import ROOT, Settings

WORST_SHOWN = 20


@dataclass(frozen=True)
class Judged:
    """One message: what it is, what the bot took it for, and the first three it thought of."""

    text: str
    style: str
    label: str
    found: str
    first_three: tuple[str, ...]


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
    bot = subprocess.Popen(
        bot_command(settings, "parse", "--model", str(model)),
        cwd=ROOT,
        env=bot_environment(settings),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert bot.stdin
    assert bot.stdout
    judged = []
    for message in track(messages, "understanding", console=console):
        bot.stdin.write(json.dumps(message["text"]) + "\n")
        bot.stdin.flush()
        judged.append(_judged(message, json.loads(bot.stdout.readline())))
    bot.stdin.close()
    bot.wait()
    return judged


def _judged(message: dict[str, str], answer: dict[str, Any]) -> Judged:
    labels = tuple(label for label, _ in answer["ranking"] if label != "nlu_fallback")
    return Judged(message["text"], message["style"], message["label"], labels[0], labels[:3])


def report(judged: Sequence[Judged]) -> dict[str, Any]:
    """Accuracy, macro-F1 and first-three share, overall and per style, and the worst confusions."""
    styles = sorted({one.style for one in judged if one.style})
    confusions = Counter((one.label, one.found) for one in judged if one.label != one.found)
    return {
        "overall": measures(judged),
        "styles": {style: measures([one for one in judged if one.style == style]) for style in styles},
        "confusions": [
            {"label": label, "found": found, "count": count}
            for (label, found), count in confusions.most_common(WORST_SHOWN)
        ],
    }


def measures(judged: Sequence[Judged]) -> dict[str, float]:
    """Shares between 0 and 1."""
    count = max(len(judged), 1)
    return {
        "count": len(judged),
        "accuracy": sum(one.label == one.found for one in judged) / count,
        "macro_f1": macro_f1([(one.label, one.found) for one in judged]),
        "first_three": sum(one.label in one.first_three for one in judged) / count,
    }


def macro_f1(pairs: Iterable[tuple[str, str]]) -> float:
    """The mean over the true labels of the harmonic mean of precision and recall."""
    pairs = list(pairs)
    true, found = Counter(label for label, _ in pairs), Counter(found for _, found in pairs)
    right = Counter(label for label, found in pairs if label == found)
    scores = [2 * right[label] / (true[label] + found[label]) for label in true]
    return sum(scores) / max(len(scores), 1)


def show(result: dict[str, Any], console: Console) -> None:
    """The report as tables."""
    table = Table("messages", "count", "accuracy", "macro-F1", "first three", title="Understanding")
    for name, values in {"all": result["overall"], **result["styles"]}.items():
        shares = [f"{values[key]:.3f}" for key in ("accuracy", "macro_f1", "first_three")]
        table.add_row(name, str(values["count"]), *shares)
    console.print(table)
    worst = Table("is", "taken for", "times", title="Worst confusions")
    for row in result["confusions"]:
        worst.add_row(row["label"], row["found"], str(row["count"]))
    console.print(worst)
