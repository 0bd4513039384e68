"""The whole assistant as an office runs it, with ports and data of its own, and a visitor that talks to it."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import psutil
import psycopg

from backend.accounts import administration
from backend.core.database import make_engine, make_sessions
from backend.core.settings import ROOT
from backend.offices.service import loaded_office

START_SECONDS = 600
"""Training the model, when there is none for today's data, takes two minutes, on a busy machine more."""
ANSWER_SECONDS = 30


def free_ports(count: int) -> list[int]:
    """Ports nobody listens on now."""
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def command_of(process: psutil.Process) -> list[str]:
    """A process's command line; empty for one that has ended, or ends while it is looked at."""
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:  # a zombie, too
        return []


@dataclass
class Stack:
    """A running assistant."""

    process: subprocess.Popen[bytes]
    url: str
    data_dir: Path
    database_url: str
    more_workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    """Those the supervisor does not know."""
    postmaster: subprocess.Popen[bytes] | None = None
    """A PostgreSQL that was started again here."""

    def processes(self, name: str) -> list[psutil.Process]:
        """Processes of one part: rasa, backend or worker; those of the supervisor first."""
        marks = {
            "rasa": ["bot.launcher", "serve"],
            "backend": ["backend.cli", "serve"],
            "worker": ["backend.cli", "worker"],
        }
        added = [psutil.Process(one.pid) for one in self.more_workers if one.poll() is None]
        children = [*psutil.Process(self.process.pid).children(), *added]
        return [child for child in children if command_of(child)[2:4] == marks[name]]

    def workers(self, count: int) -> None:
        """See to it that so many workers run; beyond the supervisor's one they are started here, as it starts its."""
        until("the supervisor's worker", lambda: self.processes("worker"), 60)
        own, *others = self.processes("worker")
        self.more_workers += [
            subprocess.Popen(
                [sys.executable, "-m", "backend.cli", "worker"],
                cwd=ROOT,
                env=own.environ(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            for _ in range(count - 1 - len(others))
        ]

    def postgres(self) -> list[psutil.Process]:
        """PostgreSQL's processes, the first one first: it is not below the supervisor."""
        first = psutil.Process(int((self.data_dir / "postgres" / "postmaster.pid").read_text().split()[0]))
        return [first, *first.children(recursive=True)]

    @contextmanager
    def postgres_killed(self) -> Iterator[None]:
        """PostgreSQL is ended the hard way; afterwards it is started again, as it was."""
        family = self.postgres()
        command, owner = family[0].cmdline(), family[0].uids().effective
        for process in family:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(family, 30)
        try:
            yield
        finally:
            with (self.data_dir / "run.log").open("ab") as log:
                self.postmaster = subprocess.Popen(
                    command, user=owner, stdout=log, stderr=log, cwd="/", start_new_session=True
                )

    def kill(self, name: str) -> None:
        """End a part the hard way."""
        for process in self.processes(name):
            process.kill()

    def close_tickets(self) -> None:
        """Close what is open: a new report of the same place would be offered to follow it."""
        with psycopg.connect(self.database_url, autocommit=True) as database:
            database.execute("UPDATE ticket SET state = 'closed' WHERE state <> 'closed'")

    def ready(self) -> bool:
        """Whether all parts answer."""
        try:
            return httpx.get(f"{self.url}/health/ready", timeout=3).status_code == 200
        except httpx.HTTPError:
            return False


@contextmanager
def paused(processes: Sequence[psutil.Process]) -> Iterator[None]:
    """Processes that are there and do nothing: SIGSTOP, afterwards SIGCONT."""
    for process in processes:
        process.suspend()
    try:
        yield
    finally:
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.resume()


def until(what: str, holds: Any, seconds: float = ANSWER_SECONDS) -> None:
    """Wait for a condition; fails saying what did not come true."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.05)


@contextmanager
def running(**environment: str) -> Iterator[Stack]:
    """A whole assistant, stopped and checked at the end."""
    folder = Path(tempfile.mkdtemp(prefix="komshu-stack-", dir="/tmp"))
    folder.chmod(0o755)
    port, internal_port, rasa_port = free_ports(3)
    own = {
        "DATA_DIR": str(folder),
        "PORT": str(port),
        "INTERNAL_PORT": str(internal_port),
        "RASA_PORT": str(rasa_port),
        "MESSAGES_PER_MINUTE": "100000",
        "SESSIONS_PER_MINUTE": "100000",
        **environment,
    }
    with (folder / "run.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "backend.cli", "run"],
            cwd=ROOT,
            env={**os.environ, **own},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    stack = Stack(process, f"http://127.0.0.1:{port}", folder, f"postgresql://postgres:@/komshu?host={folder}/postgres")
    try:
        until("the assistant is ready", lambda: stack.ready() or process.poll() is not None, START_SECONDS)
        assert process.poll() is None, (folder / "run.log").read_text()
        yield stack
    finally:
        for started in (*stack.more_workers, process, stack.postmaster):
            if started is not None and started.poll() is None:
                started.send_signal(signal.SIGINT)
                started.wait(60)


@dataclass(frozen=True)
class Account:
    """Somebody who can sign in at the desk of a running assistant."""

    id: UUID
    login: str
    password: str
    name: str


def add_account(stack: Stack, name: str, role: str = "agent", *, language: str = "en", first: bool = False) -> Account:
    """An account whose owner has chosen their password; `first`: they have still to choose one."""

    async def make() -> Account:
        engine = make_engine(stack.database_url.replace("postgresql:", "postgresql+psycopg:"), 1)
        async with make_sessions(engine)() as session, session.begin():
            office = await loaded_office(session, "timisoara")
            login = f"{uuid4().hex}@example.org"
            made, password = await administration.add_account(
                session, office, login=login, name=name, role=role, languages=[language]
            )
            made.must_change = first
            found = Account(made.id, login, password, name)
        await engine.dispose()
        return found

    with ThreadPoolExecutor(1) as thread:  # where Playwright runs, this thread has an event loop already
        return thread.submit(asyncio.run, make()).result()


@dataclass
class Visitor:
    """A person in the web chat."""

    url: str
    language: str = "en"
    seq: int = 0
    client: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = httpx.Client(base_url=self.url, timeout=30)
        opened = self.client.post("/chat/sessions", json={"language": self.language}).raise_for_status()
        self.client.headers["Authorization"] = f"Bearer {opened.json()['token']}"

    def send(self, text: str = "", **parts: Any) -> int:
        """Post a message; returns its number."""
        body = {"id": str(uuid4()), "text": text, **parts}
        return int(self.client.post("/chat/messages", json=body).raise_for_status().json()["seq"])

    def send_photo(self, content: bytes) -> int:
        """Send a photo; returns its message's number."""
        return int(self.client.put(f"/chat/photos/{uuid4()}", content=content).raise_for_status().json()["seq"])

    def messages(self, after: int = 0) -> list[dict[str, Any]]:
        """Messages after a number."""
        found = self.client.get("/chat/messages", params={"after": after}).raise_for_status().json()
        return list(found["messages"])

    def replies(self, seq: int) -> list[dict[str, Any]]:
        """The answers to a message, once they are there."""
        until("an answer", lambda: any(one["author"] != "citizen" for one in self.messages(seq)))
        return [one for one in self.messages(seq) if one["author"] != "citizen"]

    def says(self, text: str = "", **parts: Any) -> str:
        """Send and return all that is answered, as one text."""
        return "\n".join(reply["text"] for reply in self.replies(self.send(text, **parts)))

    def presses(self, payload: str) -> str:
        """Press a button."""
        return self.says("", button=payload)
