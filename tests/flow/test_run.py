"""`komshu run`: starts, restarts, stops what it started, and says in one sentence why it cannot."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import pytest

from backend.core.settings import ROOT
from tests.stack import Stack, Visitor, free_ports, until

pytestmark = pytest.mark.stack


def refused(**environment: str) -> str:
    """What `komshu run` says on its way out; fails when it starts."""
    folder = Path(tempfile.mkdtemp(prefix="komshu-refused-", dir="/tmp"))
    folder.chmod(0o755)
    ports = dict(zip(("PORT", "INTERNAL_PORT", "RASA_PORT"), map(str, free_ports(3)), strict=True))
    done = subprocess.run(
        [sys.executable, "-m", "backend.cli", "run"],
        cwd=ROOT,
        env={**os.environ, "DATA_DIR": str(folder), **ports, "COLUMNS": "1000", **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    return done.stderr.strip()


@pytest.mark.parametrize("name", ["PORT", "INTERNAL_PORT", "RASA_PORT"])
def test_a_port_in_use_is_one_sentence(name: str) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        number = str(other.getsockname()[1])
        told = refused(**{name: number})
    assert told.startswith(f"Port {number} is in use.")
    assert f"{name}=" in told


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({"OFFICE": "atlantis"}, "known offices: ankara, macedonia-diaspora, tekirdag, timisoara"),
        ({"RASA_PYTHON": "/nowhere/python"}, "make setup"),
        ({"ENVIRONMENT": "production"}, "INTERNAL_TOKEN must be set"),
        ({"PORT": "99999"}, "PORT"),
    ],
)
def test_what_is_wrong_is_said_with_what_to_do(environment: dict[str, str], told: str) -> None:
    assert told in refused(**environment)


def test_a_part_that_dies_is_started_again(stack: Stack) -> None:
    old = {name: stack.processes(name)[0].pid for name in ("worker", "backend")}
    for name in old:
        stack.kill(name)

    def replaced() -> bool:
        return all(found and found[0].pid != old[name] for name in old for found in [stack.processes(name)])

    until("both are new", replaced, 60)
    until("the assistant is ready", stack.ready, 60)
    assert "automated" in Visitor(stack.url).says("hello")


def test_ctrl_c_stops_everything_it_started_and_nothing_else() -> None:
    from tests.stack import running

    bystander = subprocess.Popen(["sleep", "600"])
    with running() as stack:
        family = psutil.Process(stack.process.pid).children(recursive=True)
        postmaster = int((stack.data_dir / "postgres" / "postmaster.pid").read_text().split()[0])
        assert len(family) >= 3
        stack.process.send_signal(signal.SIGINT)
        assert stack.process.wait(30) == 0
        assert [process for process in family if running_still(process)] == []
        assert not (psutil.pid_exists(postmaster) and running_still(psutil.Process(postmaster)))
    assert bystander.poll() is None
    bystander.kill()
    bystander.wait()


def test_a_killed_supervisor_leaves_no_process_that_holds_a_port_and_its_database_can_be_stopped() -> None:
    from tests.stack import running

    with running() as stack:
        family = psutil.Process(stack.process.pid).children(recursive=True)
        postmaster = int((stack.data_dir / "postgres" / "postmaster.pid").read_text().split()[0])
        stack.process.kill()
        stack.process.wait()
        until("all are gone", lambda: not any(running_still(process) for process in family), 30)
        assert running_still(psutil.Process(postmaster)), "no data is lost: the database goes on until it is told"
        subprocess.run(
            [sys.executable, "-c", f"from pathlib import Path; from backend.core.embedded import EmbeddedPostgres as E;"
             f"s = E(Path({str(stack.data_dir)!r})); s.start(); s.stop()"],
            cwd=ROOT, check=True,
        )  # fmt: skip
        assert not (psutil.pid_exists(postmaster) and running_still(psutil.Process(postmaster)))


def test_another_office_is_only_data() -> None:
    from tests.stack import running

    with running(OFFICE="macedonia-diaspora") as stack:
        visitor = Visitor(stack.url, "mk")
        assert "16:00" in visitor.says("koga rabotite")
        assert "Улица Партизанска 5" in visitor.says("ima dupka na Partizanska 5 od vcera")
        assert "MK-" in visitor.says("da, isprati")


def running_still(process: psutil.Process) -> bool:
    """Neither gone nor a zombie that nobody has buried yet."""
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
