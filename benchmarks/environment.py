"""The environment of stock Rasa: Python 3.10 with TensorFlow, from its own lock, made when it is first needed."""

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

from backend.core.settings import ROOT
from benchmarks.places import CACHE, STOCK, STOCK_ENVIRONMENT, BenchmarkError, end_of

PYTHON = "3.10"
INPUTS = ("pyproject.toml", "uv.lock")


def works(*command: str) -> bool:
    """Whether a command runs and succeeds. A pyenv shim may be there and fail."""
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def find_uv() -> list[str]:
    """The command that runs uv: named by $UV, the machine's, the project's, else one installed into the cache."""
    tools = CACHE / "tools"
    candidates = [
        [os.environ.get("UV", "")],
        ["uv"],
        [sys.executable, "-m", "uv"],
        ["python3", "-m", "uv"],
        [str(ROOT / ".tools" / "bin" / "uv")],
        [str(tools / "bin" / "uv")],
    ]
    for command in candidates:
        if command[0] and works(*command, "--version"):
            return command
    venv.create(tools, with_pip=True)
    if not works(str(tools / "bin" / "python"), "-m", "pip", "install", "--quiet", "uv"):
        raise BenchmarkError("uv is missing and could not be installed: `pip install uv`, then try again.")
    return [str(tools / "bin" / "uv")]


def find_python() -> str:
    """A Python 3.10: of pyenv or the PATH, else the bare version, which uv then finds or fetches."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    found = [str(path) for path in sorted(pyenv.glob(f"{PYTHON}*/bin/python{PYTHON}"), reverse=True)]
    for path in [*found, shutil.which(f"python{PYTHON}") or ""]:
        if path and works(path, "-c", "import ssl, venv"):
            return path
    return PYTHON


def environment_is_current(stamp: str) -> bool:
    """Whether the environment was made from these inputs."""
    mark = STOCK_ENVIRONMENT / ".benchmark-stamp"
    return mark.exists() and mark.read_text() == stamp


def make_environment() -> None:
    """Make the environment unless it is there. Raises BenchmarkError."""
    stamp = hashlib.sha256(b"".join((STOCK / name).read_bytes() for name in INPUTS)).hexdigest()
    if environment_is_current(stamp):
        return
    log = CACHE / "logs" / "environment.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    settings = {**os.environ, "UV_PROJECT_ENVIRONMENT": str(STOCK_ENVIRONMENT), "UV_COMPILE_BYTECODE": "1"}
    command = [*find_uv(), "sync", "--locked", "--python", find_python()]
    with log.open("w") as output:
        done = subprocess.run(command, cwd=STOCK, env=settings, stdout=output, stderr=output, check=False)
    if done.returncode != 0:
        raise BenchmarkError(
            f"The environment of stock Rasa could not be made ({' '.join(command)} in {STOCK}). It needs Python "
            f"{PYTHON} and, the first time, a network connection and 3 GB of disk. The end of {log}:\n{end_of(log)}"
        )
    (STOCK_ENVIRONMENT / ".benchmark-stamp").write_text(stamp)
