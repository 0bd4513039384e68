"""Where the benchmark finds and keeps its files."""

from pathlib import Path

from backend.core.settings import ROOT

BENCHMARKS = ROOT / "benchmarks"
STOCK = BENCHMARKS / "stock"
STOCK_ENVIRONMENT = STOCK / ".venv"
STOCK_PYTHON = STOCK_ENVIRONMENT / "bin" / "python"
CACHE = BENCHMARKS / ".cache"
"""Trained stock models and logs; may be deleted at any time."""
LOGS = CACHE / "logs"
RESULTS = BENCHMARKS / "results" / "latest.json"
NLU = ROOT / "data" / "nlu"


class BenchmarkError(Exception):
    """The benchmark cannot go on; the message is one sentence and what to do."""


def end_of(log: Path, lines: int = 15) -> str:
    """The last lines of a log file."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:]) if log.exists() else ""
