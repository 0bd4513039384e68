"""What processes cost, read from Linux's /proc: memory as PSS, processor time, and the machine itself."""

import os
import platform
from collections import defaultdict
from pathlib import Path

PROC = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")
MEGABYTE = 1_000_000


def _parents() -> dict[int, int]:
    parents: dict[int, int] = {}
    for entry in PROC.iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            parents[int(entry.name)] = int(fields[1])
    return parents


def _stat(pid: int) -> list[str]:
    """The fields of /proc/<pid>/stat behind the name, state first; empty when the process is gone."""
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def tree(root: int) -> list[int]:
    """A process and all its descendants."""
    below: defaultdict[int, list[int]] = defaultdict(list)
    for pid, parent in _parents().items():
        below[parent].append(pid)
    found = [root]
    for pid in found:
        found += below[pid]
    return found


def command_line(pid: int) -> str:
    """How a process was started."""
    try:
        return (PROC / str(pid) / "cmdline").read_text().replace("\0", " ").strip()
    except OSError:
        return ""


def memory_megabytes(pids: list[int]) -> float:
    """Proportional set size: private memory, and each shared page by its share."""
    return sum(_pss_kibibytes(pid) for pid in pids) * 1024 / MEGABYTE


def _pss_kibibytes(pid: int) -> int:
    try:
        lines = (PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def cpu_seconds(pids: list[int]) -> float:
    """Processor time so far, with that of ended children."""
    return sum(sum(map(int, fields[11:15])) for pid in pids if (fields := _stat(pid))) / TICKS


def alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    fields = _stat(pid)
    return bool(fields) and fields[0] != "Z"


def busy_share(seconds_before: tuple[float, float], seconds_after: tuple[float, float]) -> float:
    """The share of all processors that was busy between two readings of `processor_seconds`."""
    total = seconds_after[1] - seconds_before[1]
    return (seconds_after[0] - seconds_before[0]) / total if total > 0 else 0.0


def processor_seconds() -> tuple[float, float]:
    """(busy, all) seconds of all processors since the machine started."""
    fields = [int(field) for field in (PROC / "stat").read_text().splitlines()[0].split()[1:9]]
    return (sum(fields) - fields[3] - fields[4]) / TICKS, sum(fields) / TICKS


def file_system(path: Path) -> str:
    """The type of the file system a path lies on: on tmpfs nothing is durable."""
    best, kind = "", "unknown"
    for line in (PROC / "mounts").read_text().splitlines():
        _, mount, found = line.split()[:3]
        if len(mount) >= len(best) and path.resolve().is_relative_to(mount):
            best, kind = mount, found
    return kind


def description() -> dict[str, str | int | float]:
    """The machine, for the results."""
    information = (PROC / "cpuinfo").read_text().splitlines()
    model = next((line.split(":", 1)[1].strip() for line in information if line.startswith("model name")), "")
    total = next(line for line in (PROC / "meminfo").read_text().splitlines() if line.startswith("MemTotal"))
    return {
        "processors": len(os.sched_getaffinity(0)),
        "processor": model or platform.machine(),
        "memory_gb": round(int(total.split()[1]) * 1024 / 1e9, 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        "load_before": round(os.getloadavg()[0], 2),
    }
