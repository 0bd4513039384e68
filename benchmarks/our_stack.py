"""Komshu, running."""

import os
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import httpx

from backend.core.settings import ROOT
from benchmarks.durability import Database
from benchmarks.machine import command_line, tree
from benchmarks.places import BenchmarkError
from benchmarks.processes import free_ports, unbroken
from benchmarks.stack import Stack

NO_LIMIT = "100000000"
ANSWER_SECONDS = 60.0
ROLES = {"bot.launcher": "rasa", "backend.cli serve": "backend", "backend.cli worker": "worker"}


class OurStack(Stack):
    """`komshu run` on ports and data of its own."""

    name = "ours"

    def __init__(self, data: Path) -> None:
        super().__init__()
        self.data = data
        self.token = secrets.token_hex(20)
        public, internal, rasa = free_ports(3)
        self.url, self.rasa_url = f"http://127.0.0.1:{public}", f"http://127.0.0.1:{rasa}"
        self._environment = {
            **{
                "DATA_DIR": str(data),
                "DATABASE_URL": "",
                "RASA_URL": "",
                "PUBLIC_URL": "",
                "ENVIRONMENT": "development",
            },
            **{"HOST": "127.0.0.1", "PORT": str(public), "INTERNAL_PORT": str(internal), "RASA_PORT": str(rasa)},
            **{"MESSAGES_PER_MINUTE": NO_LIMIT, "SESSIONS_PER_MINUTE": NO_LIMIT, "INTERNAL_TOKEN": self.token},
        }

    def _program(self) -> tuple[list[str], Path, dict[str, str]]:
        return [sys.executable, "-m", "backend.cli", "run"], ROOT, self._environment

    def _answers(self) -> bool:
        if self._client.get(f"{self.url}/health/ready").status_code != httpx.codes.OK:
            return False
        opened = self._client.post(f"{self.url}/chat/sessions", json={"language": "en"}).raise_for_status().json()
        headers = {"Authorization": f"Bearer {opened['token']}"}
        said = {"id": str(uuid4()), "text": "Hello"}
        seq = (
            self._client.post(f"{self.url}/chat/messages", json=said, headers=headers).raise_for_status().json()["seq"]
        )
        deadline = time.monotonic() + ANSWER_SECONDS
        while not self._messages_after(seq, headers):
            if time.monotonic() > deadline:
                raise BenchmarkError(f"Komshu says it is ready and does not answer; its logs: {self.data / 'logs'}")
            time.sleep(0.02)
        return True

    def _messages_after(self, seq: int, headers: dict[str, str]) -> bool:
        answer = self._client.get(f"{self.url}/chat/messages", params={"after": seq}, headers=headers)
        return bool(answer.raise_for_status().json()["messages"])

    def postmaster(self) -> int | None:
        """PostgreSQL's first process: it is not below the supervisor."""
        file = self.data / "postgres" / "postmaster.pid"
        return int(file.read_text().splitlines()[0]) if file.exists() else None

    def detached(self) -> list[int]:
        """PostgreSQL."""
        first = self.postmaster()
        return tree(first) if first else []

    def counters(self) -> dict[str, int]:
        """What PostgreSQL counts."""
        return Database(self.data / "postgres").counts()

    def processes(self) -> dict[str, list[int]]:
        """Supervisor, Rasa, backend, worker, PostgreSQL."""
        parts: dict[str, list[int]] = {"postgres": self.detached()}
        for pid in tree(self._process.pid):
            line = command_line(pid)
            role = next((role for mark, role in ROLES.items() if mark in line), "supervisor")
            parts.setdefault(role, []).append(pid)
        return parts


@contextmanager
def data_folder() -> Iterator[Path]:
    """A folder for our data that PostgreSQL's own user may enter when this runs as root; removed at the end."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    above = Path("/var/lib/komshu") if root else Path("/tmp")
    above.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=above))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        with unbroken():
            shutil.rmtree(folder, ignore_errors=True)
