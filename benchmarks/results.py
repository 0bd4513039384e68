"""What a run found, and the file it is kept in."""

from dataclasses import dataclass, field
from pathlib import Path

from pydantic import TypeAdapter

from benchmarks.durability import Durability
from benchmarks.measuring import Measured
from benchmarks.places import BenchmarkError
from benchmarks.stock_project import DEFAULT_EPOCHS
from benchmarks.training import Training


@dataclass
class SideFacts:
    """What is measured once a side."""

    training: Training
    first_start_seconds: float
    start_seconds: float
    """The second start: everything that is made once is there."""


@dataclass
class Results:
    """One run."""

    at: str
    quick: bool
    machine: dict[str, str | int | float]
    conversations: tuple[int, ...]
    default_epochs: int = DEFAULT_EPOCHS
    measured: dict[str, Measured] = field(default_factory=dict)
    """By way in: stock, whole, bot."""
    stock: SideFacts | None = None
    ours: SideFacts | None = None
    durability: Durability | None = None


ADAPTER = TypeAdapter(Results)


def save(results: Results, path: Path) -> None:
    """Write the file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(ADAPTER.dump_json(results, indent=2))


def load(path: Path) -> Results:
    """Read the file. Raises BenchmarkError when there is none."""
    if not path.exists():
        raise BenchmarkError("There are no results yet: run `make bench`.")
    return ADAPTER.validate_json(path.read_bytes())
