"""How long training takes: stock Rasa's, scaled to its default epochs where fewer were run, and ours."""

import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from backend.bot_model import bot_command, bot_environment
from backend.core.settings import ROOT, Settings
from benchmarks.places import LOGS, STOCK_ENVIRONMENT, BenchmarkError, end_of
from benchmarks.processes import start, stop, unbroken
from benchmarks.stock_project import DEFAULT_EPOCHS, remove_old_projects, write_project

COMPONENT = re.compile(r"Starting to train component '(\w+)'")
EPOCH = re.compile(r"Epochs:[^|]*\|[^|]*\| (\d+)/(\d+) \[")
PACE_MEASURED = 3
Say = Callable[[str], None]


@dataclass
class Training:
    """One training."""

    seconds: float
    epochs: int = 0
    epoch_seconds: dict[str, float] = field(default_factory=dict)
    """By component, in steady state."""
    load_before: float = 0.0
    """The machine's load when it began: training beside other work takes longer."""
    scaled_seconds: float = 0.0
    """With the default number of epochs: measured when that many were run, else computed."""


class EpochClock:
    """Reads Rasa's training messages as they come and notes when each component finished which epoch."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._component = ""
        self.ended: dict[str, dict[int, float]] = {}

    def read(self, text: str) -> None:
        """Take in a line, or what a progress bar wrote over itself."""
        if found := COMPONENT.search(text):
            self._component = found[1]
        elif (found := EPOCH.search(text)) and int(found[1]) > 0:
            times = self.ended.setdefault(self._component, {})
            if int(found[1]) not in times:
                times[int(found[1])] = time.monotonic()
                self._say(f"stock: training {self._component}, epoch {found[1]} of {found[2]}")

    def epoch_seconds(self) -> dict[str, float]:
        """Seconds per epoch of each component.

        The first epoch compiles and is left out. The batch grows evenly from 64 to 256 over the epochs, so with three
        of them the middle one has the mean batch: the last one, with the largest, is left out too.
        """
        return {name: _pace(times) for name, times in self.ended.items()}


def _pace(ended: dict[int, float]) -> float:
    known = sorted(ended.items())
    if len(known) >= PACE_MEASURED:
        known = known[:-1]
    (first, began), (last, done) = known[0], known[-1]
    return (done - began) / (last - first) if last > first else 0.0


def stock_model(epochs: int, say: Say) -> tuple[Path, Training]:
    """Stock Rasa's project with a trained model, from the cache when nothing changed; raises BenchmarkError."""
    folder = write_project(epochs)
    record = folder / "training.json"
    if record.exists():
        say(f"stock: the model of these {epochs} epochs is in the cache")
        return folder, Training(**json.loads(record.read_text()))
    say(f"stock: training with {epochs} epochs, minutes to an hour and more")
    training = _train_stock(folder, epochs, say)
    record.write_text(json.dumps(asdict(training)))
    remove_old_projects(folder)
    return folder, training


def _train_stock(folder: Path, epochs: int, say: Say) -> Training:
    log = LOGS / "stock-training.log"
    log.unlink(missing_ok=True)
    clock = EpochClock(say)
    load = os.getloadavg()[0]
    command = [str(STOCK_ENVIRONMENT / "bin" / "rasa"), "train", "--force", "--fixed-model-name", "model"]
    began = time.monotonic()
    process = start(command, folder, {"RASA_TELEMETRY_ENABLED": "false"}, log)
    try:
        with log.open(newline="", errors="replace") as lines:
            while process.poll() is None:
                for text in re.split(r"[\r\n]", lines.read()):
                    clock.read(text)
                time.sleep(0.05)
    finally:
        with unbroken():
            stop(process)
    seconds = time.monotonic() - began
    if process.returncode != 0 or not (folder / "models" / "model.tar.gz").exists():
        raise BenchmarkError(f"Stock Rasa could not be trained. The end of {log}:\n{end_of(log)}")
    pace = clock.epoch_seconds()
    shutil.rmtree(folder / ".rasa", ignore_errors=True)
    scaled = seconds + max(0, DEFAULT_EPOCHS - epochs) * sum(pace.values())
    return Training(seconds, epochs, pace, load, scaled)


def train_ours(settings: Settings, say: Say) -> Training:
    """Train our model from nothing into a folder that is thrown away. Raises BenchmarkError."""
    say("ours: training, about a minute")
    log = LOGS / "our-training.log"
    log.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(prefix="komshu-bench-") as folder:
        model = Path(folder) / "model.tar.gz"
        environment = {**bot_environment(settings), "RASA_CACHE_DIRECTORY": f"{folder}/cache"}
        load, began = os.getloadavg()[0], time.monotonic()
        process = start(bot_command(settings, "train", "--model", str(model)), ROOT, environment, log)
        try:
            process.wait()
        finally:
            with unbroken():
                stop(process)
        seconds = time.monotonic() - began
        if process.returncode != 0 or not model.exists():
            raise BenchmarkError(f"Our model could not be trained. The end of {log}:\n{end_of(log)}")
    return Training(seconds, load_before=load, scaled_seconds=seconds)
