"""The results as a table: on the terminal, in Markdown, and what stands below it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from benchmarks.measuring import Level
from benchmarks.results import Results
from benchmarks.training import Training

HEAD = ("", "stock Rasa", "whole path", "ratio", "bot alone", "ratio")


LEGEND = (
    "Whole path: a message posted to the web chat until its answer is on the event stream, everything stored durably. "
    "Bot alone: Rasa's input channel of the same stack, with tracker store and actions. Conversations have nine turns; "
    "turn 1, 10 and 100 are the same message of longer ones, median over conversations, one after the other."
)


@dataclass(frozen=True)
class Row:
    """One measure of the three; None where it does not exist."""

    name: str
    values: tuple[float | None, float | None, float | None]
    digits: int = 0
    mark: str = ""
    """Behind stock's figure, where it was computed."""

    def cells(self) -> list[str]:
        """Figures and their ratios to stock's."""
        stock, whole, bot = self.values
        shown = [f"{value:,.{self.digits}f}" if value is not None else "–" for value in self.values]
        return [self.name, shown[0] + self.mark, shown[1], _ratio(whole, stock), shown[2], _ratio(bot, stock)]


def _ratio(ours: float | None, stock: float | None) -> str:
    return f"{ours / stock:.2f}x" if ours is not None and stock else "–"


def rows(results: Results) -> list[Row]:
    """The table."""
    sides = [results.measured.get(name) for name in ("stock", "whole", "bot")]

    def row(name: str, read: Callable[..., float], digits: int = 0) -> Row:
        stock, whole, bot = (None if side is None else read(side) for side in sides)
        return Row(name, (stock, whole, bot), digits)

    found: list[Row] = []
    for place, count in enumerate(results.conversations):
        at = f"{count} at once"
        found += [
            row(f"turns/s, {at}", lambda side, place=place: side.levels[place].turns_per_second, 1),
            row(f"p50 ms, {at}", lambda side, place=place: side.levels[place].p50),
            row(f"p99 ms, {at}", lambda side, place=place: side.levels[place].p99),
            row(f"CPU ms a turn, {at}", lambda side, place=place: sum(side.levels[place].cpu_per_turn.values()), 1),
        ]
    for turn in (1, 10, 100):
        found.append(row(f"ms of turn {turn}", lambda side, turn=turn: side.by_turn[turn - 1]))
    found.append(row("turn 100 ÷ turn 1", lambda side: side.by_turn[-1] / side.by_turn[0], 2))
    stock, ours = results.stock, results.ours
    training = (stock.training.scaled_seconds if stock else None, ours.training.seconds if ours else None, None)
    starts = (stock.start_seconds if stock else None, ours.start_seconds if ours else None, None)
    scaled = stock is not None and stock.training.epochs != results.default_epochs
    found += [
        row("memory, PSS MB", lambda side: sum(side.memory.values())),
        Row("start to first answer s", starts, 1),
        Row("training s", training, mark="*" if scaled else ""),
    ]
    return found


def notes(results: Results) -> list[str]:
    """What one has to know to read the table."""
    machine = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in results.machine.items())
    lines = [LEGEND, f"Measured on {results.at}: {machine}."]
    if results.quick:
        lines.append("A quick trial: too short to quote.")
    if results.stock and results.stock.training.epochs != results.default_epochs:
        lines.append(_scaling(results.stock.training, results.default_epochs))
    if results.durability:
        shown = ", ".join(f"{name}={value}" for name, value in results.durability.settings.items())
        lines.append(
            f"Komshu writes every message to PostgreSQL {results.durability.version} ({shown}) on "
            f"{results.durability.file_system}; stock keeps its conversations in memory."
        )
    for name, side in results.measured.items():
        failed = sum(len(level.failures) for level in side.levels)
        lines.append(f"{name}: {failed} failed turns; memory in MB: {_listed(side.memory, 0)}.")
        lines += [f"{name}, {_level(level)}." for level in side.levels]
    return lines


def _scaling(training: Training, default: int) -> str:
    return (
        f"* Scaled: {training.epochs} epochs took {training.seconds:.0f} s, {default} are Rasa's default; seconds per "
        f"epoch: {_listed(training.epoch_seconds, 2)}; load of the machine before: {training.load_before:.1f}. "
        "The cost of a turn does not depend on the number of epochs."
    )


def _level(level: Level) -> str:
    counted = f"; per turn {_listed(level.counts_per_turn, 1)}" if level.counts_per_turn else ""
    return (
        f"{level.conversations} at once: CPU ms per turn {_listed(level.cpu_per_turn, 1)}{counted}; load generator "
        f"{level.load_share:.0%} of one processor, machine {level.machine_busy:.0%} busy"
    )


def _listed(values: Mapping[str, float], digits: int) -> str:
    return ", ".join(f"{name} {value:.{digits}f}" for name, value in values.items())


def show(results: Results, console: Console) -> None:
    """The table on a terminal."""
    table = Table(title="Komshu (whole path, bot alone) and stock Rasa; ratio: Komshu ÷ stock")
    for number, head in enumerate(HEAD):
        table.add_column(head, justify="left" if number == 0 else "right")
    for row in rows(results):
        table.add_row(*row.cells())
    console.print(table)
    for line in notes(results):
        console.print(escape(line), highlight=False, soft_wrap=True)


def markdown(results: Results) -> str:
    """The table for the documentation."""
    lines = ["| " + " | ".join(HEAD) + " |", "|---|" + "---:|" * (len(HEAD) - 1)]
    lines += ["| " + " | ".join(" ".join(cell.split()) for cell in row.cells()) + " |" for row in rows(results)]
    return "\n".join([*lines, "", *(f"- {line}" for line in notes(results))])
