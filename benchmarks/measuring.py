"""Measures one running side: turns per second, latency, processor time, long conversations, memory."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from statistics import median

from backend.core.settings import ROOT
from benchmarks.load import Job, Outcome
from benchmarks.machine import busy_share, cpu_seconds, memory_megabytes, processor_seconds
from benchmarks.places import BenchmarkError
from benchmarks.processes import unbroken
from benchmarks.stack import Stack

LONG = 100
"""Turns of a long conversation."""
Say = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """How much to measure."""

    conversations: tuple[int, ...] = (1, 8, 32)
    seconds: float = 30.0
    long_conversations: int = 7


@dataclass
class Level:
    """So many conversations at once."""

    conversations: int
    turns: int
    turns_per_second: float
    p50: float
    p99: float
    failures: list[str]
    cpu_per_turn: dict[str, float]
    """Milliseconds of processor time by part."""
    counts_per_turn: dict[str, float]
    """What the side counts itself: commits, syncs."""
    load_share: float
    """The load generator's share of one processor."""
    machine_busy: float
    """The share of all processors that was busy, with whatever else ran on the machine."""


@dataclass
class Measured:
    """One side, or one way into it."""

    levels: list[Level] = field(default_factory=list)
    by_turn: list[float] = field(default_factory=list)
    """Median latency of each turn of a long conversation, in milliseconds."""
    memory: dict[str, float] = field(default_factory=dict)
    """Megabytes by part, after the load."""


def percentile(values: list[float], share: float) -> float:
    """The value below which a share of the values lies (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


def measure(stack: Stack, side: str, url: str, token: str, plan: Plan, say: Say) -> Measured:
    """All of one side. Raises BenchmarkError when it does not answer."""
    found = Measured()
    for count in plan.conversations:
        say(f"{side}: {count} conversations at once, {plan.seconds:.0f} s")
        found.levels.append(_level(stack, Job(side, url, token, count, seconds=plan.seconds)))
    say(f"{side}: {plan.long_conversations} conversations of {LONG} turns")
    job = Job(side, url, token, plan.long_conversations, turns=LONG)
    whole = [one for one in _run(job, lambda: None).by_turn if len(one) == LONG]
    found.by_turn = [median(turn) for turn in zip(*whole, strict=True)]
    found.memory = {part: memory_megabytes(pids) for part, pids in stack.processes().items()}
    return found


def _level(stack: Stack, job: Job) -> Level:
    parts = stack.processes()
    before: dict[str, float] = {}
    counted: dict[str, int] = {}
    busy = [processor_seconds()]

    def begin() -> None:
        before.update({part: cpu_seconds(pids) for part, pids in parts.items()})
        counted.update(stack.counters())
        busy[0] = processor_seconds()

    outcome = _run(job, begin)
    spent = {part: cpu_seconds(pids) - before[part] for part, pids in parts.items()}
    turns = max(1, len(outcome.milliseconds))
    return Level(
        conversations=job.conversations,
        turns=outcome.answered,
        turns_per_second=outcome.answered / outcome.seconds,
        p50=percentile(outcome.milliseconds, 0.50),
        p99=percentile(outcome.milliseconds, 0.99),
        failures=outcome.failures,
        cpu_per_turn={part: seconds * 1000 / turns for part, seconds in spent.items()},
        counts_per_turn={name: (count - counted[name]) / turns for name, count in stack.counters().items()},
        load_share=outcome.own_cpu_seconds / outcome.seconds,
        machine_busy=busy_share(busy[0], processor_seconds()),
    )


def _run(job: Job, at_begin: Callable[[], None]) -> Outcome:
    """Run the load generator; `at_begin` is called when its warm-up is over."""
    command = [sys.executable, "-m", "benchmarks.load", json.dumps(asdict(job))]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        assert process.stdout
        assert process.stderr
        if process.stdout.readline().strip() == "begin":
            at_begin()
        printed, complaint = process.stdout.read(), process.stderr.read()
        process.wait()
    finally:
        with unbroken():
            process.kill()
            process.wait()
    if process.returncode != 0:
        raise BenchmarkError(f"The load on {job.side} failed: {(complaint.strip().splitlines() or ['no reason'])[-1]}")
    return Outcome(**json.loads(printed))
