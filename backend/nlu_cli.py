"""`komshu nlu`: how well the bot understands, alone and beside stock Rasa."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from backend import nlu
from backend.bot_model import TrainingError
from backend.core.secrets import with_development_secrets
from backend.core.settings import ROOT, get_settings
from backend.start import console, errors, fail

nlu_cli = typer.Typer(help="Language understanding.", no_args_is_help=True)
COMPARISON = "benchmarks.understanding"


@nlu_cli.command("evaluate")
def evaluate(
    file: Path,
    language: Annotated[str, typer.Option(help="only files or lines of this language")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="for machines")] = False,
) -> None:
    """Label the messages of FILE.jsonl (lines of text, label, style) and compare."""
    settings = with_development_secrets(get_settings())
    try:
        messages = nlu.read_messages(file)
    except (OSError, ValueError) as error:
        fail(str(error))
    wanted = [one for one in messages if not language or one.get("language", file.stem) == language]
    if not wanted:
        fail(f"{file} has no messages in {language!r}." if language else f"{file} has no messages.")
    try:
        result = nlu.report(nlu.judge(settings, wanted, errors), language)
    except TrainingError as error:
        fail(str(error))
    if as_json:
        json.dump(result, sys.stdout, ensure_ascii=False, indent=2)
    else:
        nlu.show(result, console)


@nlu_cli.command("compare")
def compare(
    per_label: Annotated[int, typer.Option(min=1, help="examples of each label and language, for both sides")] = 5,
    epochs: Annotated[int, typer.Option(min=1, help="of stock's networks; Rasa's default is 100")] = 30,
    messages: Annotated[int, typer.Option(min=0, help="held-back messages a language; 0: all")] = 0,
) -> None:
    """Train stock Rasa and ours on one sample of the examples and print both side by side: about a quarter of an hour.

    Stock gets an environment of its own: 3 GB of disk, and a network connection the first time.
    """
    if not (ROOT / COMPARISON.replace(".", "/")).with_suffix(".py").exists():
        fail("The comparison belongs to the repository and is not installed with the package.")
    sampled = ["--per-label", str(per_label), "--epochs", str(epochs), "--messages", str(messages)]
    raise typer.Exit(subprocess.run([sys.executable, "-m", COMPARISON, *sampled], cwd=ROOT, check=False).returncode)
