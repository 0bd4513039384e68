"""Measures Komshu against stock Rasa in one run: `make bench`, or `python -m benchmarks.compare --help`.

Stock is what `rasa init` leaves, trained on the same examples (benchmarks/stock_project.py). Ours is measured twice on
one running stack: the whole path of a web chat message, and Rasa's input channel alone. Everything started is stopped.
"""

import argparse
import signal
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from backend.core.secrets import with_development_secrets
from backend.core.settings import Settings
from benchmarks import machine, report, results
from benchmarks.durability import Database
from benchmarks.environment import make_environment
from benchmarks.measuring import Plan, measure
from benchmarks.our_stack import OurStack, data_folder
from benchmarks.places import LOGS, RESULTS, BenchmarkError
from benchmarks.results import Results, SideFacts
from benchmarks.stock_project import DEFAULT_EPOCHS
from benchmarks.stock_stack import StockStack
from benchmarks.training import PACE_MEASURED, stock_model, train_ours

QUICK = Plan(seconds=5.0, long_conversations=2)
BUSY = 0.5


class Run:
    """One run, with its progress on the terminal."""

    def __init__(self, options: argparse.Namespace, console: Console) -> None:
        self._options = options
        self._console = console
        self._began = time.monotonic()
        self._plan = QUICK if options.quick else Plan()
        self.results = Results(
            at=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
            quick=options.quick,
            machine=machine.description(),
            conversations=self._plan.conversations,
        )

    def say(self, text: str) -> None:
        """What happens now."""
        self._console.print(f"[dim]{time.monotonic() - self._began:6.0f} s[/] {text}", highlight=False, soft_wrap=True)

    def stock(self) -> None:
        """Train, start twice, measure."""
        self.say("stock: making its environment if it is not there (3 GB, minutes)")
        make_environment()
        project, training = stock_model(self._options.stock_epochs, self.say)
        self.say("stock: starting, for the first time")
        with StockStack(project) as stack:
            first = stack.start_seconds
        self.say(f"stock: answered after {first:.1f} s; starting again")
        with StockStack(project) as stack:
            self.say(f"stock: answered after {stack.start_seconds:.1f} s")
            self.results.stock = SideFacts(training, first, stack.start_seconds)
            self.results.measured["stock"] = measure(stack, "stock", stack.url, "", self._plan, self.say)

    def ours(self) -> None:
        """Train, start twice, measure the whole path and the bot alone."""
        with data_folder() as data:
            settings = with_development_secrets(Settings(data_dir=data))
            training = train_ours(settings, self.say)
            self.say("ours: starting, for the first time (makes the database; trains if the model is missing)")
            with OurStack(data) as stack:
                first = stack.start_seconds
            self.say(f"ours: answered after {first:.1f} s; starting again")
            with OurStack(data) as stack:
                self.say(f"ours: answered after {stack.start_seconds:.1f} s")
                self.results.ours = SideFacts(training, first, stack.start_seconds)
                self._measure_ours(stack, data)

    def _measure_ours(self, stack: OurStack, data: Path) -> None:
        durable = self.results.durability = Database(data / "postgres").durability()
        self.say("ours: " + ", ".join(f"{name} is {value}" for name, value in durable.settings.items()))
        self.results.measured["whole"] = measure(stack, "whole", stack.url, "", self._plan, self.say)
        self.results.measured["bot"] = measure(stack, "bot", stack.rasa_url, stack.token, self._plan, self.say)


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.compare", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a short trial, minutes; its figures are not to be quoted")
    parser.add_argument("--stock-epochs", type=int, default=3, help=f"of stock's training; {DEFAULT_EPOCHS}: all of it")
    parser.add_argument("--only", choices=("stock", "ours"), help="one side, without ratios")
    parser.add_argument("--markdown", action="store_true", help="print the table for the documentation")
    parser.add_argument("--last", action="store_true", help="measure nothing, print the last results")
    options = parser.parse_args(arguments)
    if options.stock_epochs < PACE_MEASURED:
        parser.error(f"--stock-epochs: at least {PACE_MEASURED}, or the time of an epoch cannot be told")
    return options


def _interrupt(number: int, _frame: object) -> None:
    raise KeyboardInterrupt(number)


def main(arguments: Sequence[str]) -> int:
    """The command line."""
    options = _options(arguments)
    console, progress = Console(), Console(stderr=True)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    try:
        found = results.load(RESULTS) if options.last else _measured(options, progress)
    except BenchmarkError as error:
        progress.print(str(error), style="red", markup=False, highlight=False)
        return 1
    except KeyboardInterrupt:
        progress.print("Stopped, and everything it had started as well.")
        return 130
    if options.markdown:
        print(report.markdown(found))
    else:
        report.show(found, console)
    return 0


def _measured(options: argparse.Namespace, progress: Console) -> Results:
    if sys.platform != "linux":
        raise BenchmarkError("The benchmark reads /proc: run it on Linux.")
    run = Run(options, progress)
    if float(run.results.machine["load_before"]) > BUSY:
        run.say("[yellow]the machine is busy with something else: the figures will be worse than they are")
    if options.only != "ours":
        run.stock()
    if options.only != "stock":
        run.ours()
    results.save(run.results, RESULTS)
    run.say(f"results in {RESULTS}, logs in {LOGS}")
    return run.results


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
