"""Starts the whole assistant on one machine, keeps it running, and stops what it started."""

import asyncio
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from pydantic import SecretStr
from rich.console import Console

from backend.bot_model import bot_command, bot_environment, train
from backend.core.settings import ROOT, Settings, libpq_url

READY_SECONDS = 120.0
STOP_SECONDS = 10.0
LOOK_SECONDS = 0.5
RESTART_SECONDS = (1, 2, 5, 10, 30)
STABLE_SECONDS = 60.0
LOG_LINES_SHOWN = 15
PR_SET_PDEATHSIG = 1


class StartError(Exception):
    """The assistant cannot start; the message is one sentence and what to do."""


@dataclass
class Child:
    """One process of the assistant."""

    name: str
    command: list[str]
    environment: Mapping[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    restarts: int = 0
    started_at: float = field(default_factory=time.monotonic)
    restart_at: float | None = None
    """When it is started again, once it was found to have ended."""

    def start(self) -> None:
        """Start it in a process group of its own: Ctrl-C reaches only the supervisor, which stops in order."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509 - one system call
            )
        self.started_at, self.restart_at = time.monotonic(), None

    def alive(self) -> bool:
        """Whether it runs."""
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        """Ask it to end, then end it."""
        if self.process is None or not self.alive():
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def last_words(self) -> str:
        """The end of its log."""
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return "\n".join(lines[-LOG_LINES_SHOWN:])


def _die_with_parent() -> None:
    """A supervisor that is killed must not leave processes behind that hold its ports."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Supervisor:
    """Rasa, the backend with the actions, and the worker."""

    def __init__(self, settings: Settings, console: Console, prepare: Callable[[], None]) -> None:
        self._settings = settings
        self._console = console
        self._prepare = prepare
        self._children = children(settings)
        self._stopping = asyncio.Event()
        self.on_ready: Callable[[], None] = lambda: None

    async def run(self) -> None:
        """Start everything, say where it is, keep it up until SIGINT or SIGTERM. Raises StartError."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._stopping.set)
        refuse_used_ports(self._settings)
        refuse_missing_rasa(self._settings)
        try:
            await self._start()
            self.on_ready()
            await self._keep_up()
        finally:
            for child in reversed(self._children):
                child.stop()

    async def _start(self) -> None:
        rasa, *others = self._children
        with self._console.status("training the model (once for this data, about a minute)"):
            log = rasa.log.with_name("training.log")
            model = await asyncio.to_thread(train, self._settings, log)
        rasa.command += ["--model", str(model), "--port", str(self._settings.rasa_port)]
        with self._console.status("starting Rasa, backend and worker"):
            rasa.start()
            await asyncio.to_thread(self._prepare)
            for child in others:
                child.start()
            await self._until_ready()

    async def _until_ready(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        async with httpx.AsyncClient() as client:
            while not self._stopping.is_set():
                if await _is_ready(client, self._settings):
                    return
                dead = next((child for child in self._children if not child.alive()), None)
                if dead or time.monotonic() > deadline:
                    raise StartError(_why_not(dead or self._children[0]))
                await asyncio.sleep(0.2)

    async def _keep_up(self) -> None:
        while not self._stopping.is_set():
            for child in self._children:
                if not child.alive():
                    self._restart(child)
            try:
                await asyncio.wait_for(self._stopping.wait(), LOOK_SECONDS)
            except TimeoutError:
                continue

    def _restart(self, child: Child) -> None:
        """Start it again after a pause that grows while it keeps ending; others do not wait for it."""
        now = time.monotonic()
        if child.restart_at is None:
            if now - child.started_at > STABLE_SECONDS:
                child.restarts = 0
            wait = RESTART_SECONDS[min(child.restarts, len(RESTART_SECONDS) - 1)]
            child.restarts += 1
            child.restart_at = now + wait
            self._console.print(f"[yellow]{child.name} ended; starting it again in {wait} s. Its log: {child.log}")
        elif now >= child.restart_at:
            child.start()


def children(settings: Settings) -> list[Child]:
    """The processes, in the order in which they start."""
    logs = settings.data_dir / "logs"
    environment = environment_of(settings)
    bot = {**bot_environment(settings), "BOT_DATABASE_URL": environment["BOT_DATABASE_URL"]}
    komshu = [sys.executable, "-m", "backend.cli"]
    return [
        Child("rasa", bot_command(settings, "serve"), bot, logs / "rasa.log"),
        Child("backend", [*komshu, "serve"], environment, logs / "backend.log"),
        Child("worker", [*komshu, "worker"], environment, logs / "worker.log"),
    ]


def environment_of(settings: Settings) -> dict[str, str]:
    """The environment in which a child reads the same settings as the supervisor."""
    own = {name.upper(): value for name, value in settings.model_dump(mode="json").items()}
    secrets = {name.upper(): value.get_secret_value() for name, value in settings if isinstance(value, SecretStr)}
    plain = {name: str(value) for name, value in own.items() if name != "ALLOWED_ORIGINS"}
    return {**os.environ, **plain, **secrets, "BOT_DATABASE_URL": libpq_url(settings.database_url)}


def refuse_used_ports(settings: Settings) -> None:
    """Raises StartError when somebody else listens where we would."""
    for name in ("port", "internal_port", "rasa_port"):
        number = getattr(settings, name)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((settings.host if name == "port" else "127.0.0.1", number))
            except OSError:
                raise StartError(
                    f"Port {number} is in use. Stop what listens there, "
                    f"or choose another: {name.upper()}=<number> make run"
                ) from None


def refuse_missing_rasa(settings: Settings) -> None:
    """Raises StartError when Rasa's environment was not made."""
    if not settings.rasa_python.exists():
        raise StartError(
            f"Rasa's environment is missing ({settings.rasa_python}). Run `make setup`: it needs Python 3.10, which uv "
            "fetches when this machine has a network connection."
        )


async def _is_ready(client: httpx.AsyncClient, settings: Settings) -> bool:
    try:
        answer = await client.get(f"http://127.0.0.1:{settings.port}/health/ready", timeout=3)
    except httpx.HTTPError:
        return False
    return answer.status_code == 200


def _why_not(child: Child) -> str:
    return f"{child.name} did not start. The end of {child.log}:\n{child.last_words()}"
