"""Starting programs, waiting for them, and stopping every one of them."""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from benchmarks.machine import alive, tree
from benchmarks.places import BenchmarkError, end_of

STOP_SECONDS = 30.0
END_SECONDS = 5.0
PR_SET_PDEATHSIG = 1


def _die_with_parent() -> None:
    """Even a benchmark that is killed leaves nothing behind."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def start(command: list[str], cwd: Path, environment: Mapping[str, str], log: Path) -> subprocess.Popen[bytes]:
    """Start a program in a group of its own, so that Ctrl-C reaches only the benchmark, which stops it in order."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            cwd=cwd,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509 - one system call
        )


def stop(process: subprocess.Popen[bytes], detached: Callable[[], list[int]] = list) -> None:
    """Ask a program to end and wait; then end what is left of it, and of what it started outside its tree."""
    started = set(tree(process.pid)) if process.poll() is None else set()
    if process.poll() is None:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
    started |= set(detached())
    for number in (signal.SIGINT, signal.SIGKILL):  # PostgreSQL takes SIGINT for a quick but orderly end
        _signal([pid for pid in started if alive(pid)], number)
    process.wait()


def _signal(pids: list[int], number: int) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)
    deadline = time.monotonic() + END_SECONDS
    while any(alive(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.05)


@contextmanager
def unbroken() -> Iterator[None]:
    """Within, Ctrl-C and SIGTERM do nothing: for stopping."""
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, signal.SIG_IGN) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def free_ports(count: int) -> list[int]:
    """Ports nobody listens on now."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def wait_for(
    answered: Callable[[], bool], process: subprocess.Popen[bytes], log: Path, seconds: float, what: str
) -> None:
    """Wait until a program answers. Raises BenchmarkError when it ends or takes too long."""
    deadline = time.monotonic() + seconds
    while not answered():
        if process.poll() is not None:
            raise BenchmarkError(f"{what} ended while starting. The end of {log}:\n{end_of(log)}")
        if time.monotonic() > deadline:
            raise BenchmarkError(f"{what} did not answer within {seconds:.0f} s. The end of {log}:\n{end_of(log)}")
        time.sleep(0.1)
