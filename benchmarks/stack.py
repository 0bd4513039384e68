"""One side as a running program: started, asked for a first answer, told apart by process, stopped."""

import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from benchmarks.places import LOGS
from benchmarks.processes import start, stop, unbroken, wait_for

START_SECONDS = 900.0
"""The first start of ours may train the model."""


class Stack:
    """A side; the subclasses say how it is started and asked."""

    name = ""
    url = ""
    _process: subprocess.Popen[bytes]

    def __init__(self) -> None:
        self.start_seconds = 0.0
        """From the start of the program to its first answer to a message."""
        self._client = httpx.Client(timeout=60, trust_env=False)

    def __enter__(self) -> Self:
        command, folder, environment = self._program()
        log = LOGS / f"{self.name}.log"
        log.unlink(missing_ok=True)
        began = time.monotonic()
        self._process = start(command, folder, environment, log)
        try:
            wait_for(self._tried, self._process, log, START_SECONDS, self.name)
        except BaseException:
            self._stop()
            raise
        self.start_seconds = time.monotonic() - began
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def _stop(self) -> None:
        with unbroken():
            stop(self._process, self.detached)
            self._client.close()

    def _tried(self) -> bool:
        try:
            return self._answers()
        except (httpx.HTTPError, ValueError):
            return False

    def _program(self) -> tuple[list[str], Path, dict[str, str]]:
        """Command, folder and environment."""
        raise NotImplementedError

    def _answers(self) -> bool:
        """Whether a message is answered."""
        raise NotImplementedError

    def detached(self) -> list[int]:
        """Processes it started that are not below it."""
        return []

    def counters(self) -> dict[str, int]:
        """What it counts itself, to be divided by turns."""
        return {}

    def processes(self) -> dict[str, list[int]]:
        """Its processes by part."""
        raise NotImplementedError
