#!/usr/bin/env python3
"""Create both environments from uv.lock: `.venv` (backend, actions) and `.venv-rasa` (Rasa, Python 3.10).

Needs Python 3.11 with pip and nothing else. Says nothing and ends at once when both are up to date.
"""

import glob
import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TOOLS = ROOT / ".tools"
INPUTS = ("pyproject.toml", "uv.lock", "deploy/bootstrap.py")
ENVIRONMENTS = {
    ".venv": (("3.13", "3.12", "3.11"), ["--group", "app", "--group", "dev"]),
    ".venv-rasa": (("3.10",), ["--only-group", "rasa", "--only-group", "rasa-dev"]),
}


def runs(*command: str) -> bool:
    """Whether a command works; a pyenv shim may exist and fail."""
    try:
        return (
            subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0
        )
    except OSError:
        return False


def find_uv() -> list[str]:
    """The machine's uv, else one of our own in .tools."""
    own = TOOLS / "bin" / "uv"
    for command in (["uv"], [sys.executable, "-m", "uv"], [str(own)]):
        if runs(*command, "--version"):
            return command
    print("installing uv into .tools", flush=True)
    venv.create(TOOLS, with_pip=True)
    subprocess.check_call([TOOLS / "bin" / "python", "-m", "pip", "install", "--quiet", "uv"])
    return [str(own)]


def find_python(versions: tuple[str, ...]) -> str:
    """The interpreter that runs this if it will do, else one of pyenv or the PATH, else a version for uv to fetch."""
    running = f"{sys.version_info[0]}.{sys.version_info[1]}"
    if running in versions:
        return sys.executable
    pyenv = os.environ.get("PYENV_ROOT") or os.path.expanduser("~/.pyenv")
    for version in versions:
        found = sorted(glob.glob(f"{pyenv}/versions/{version}*/bin/python{version}"), reverse=True)
        for path in [*found, shutil.which(f"python{version}") or ""]:
            if path and runs(path, "-c", "import ssl, venv"):
                return path
    return versions[0]


def up_to_date(folder: Path, stamp: str) -> bool:
    """Whether an environment was made from these very inputs."""
    mark = folder / ".komshu-stamp"
    return mark.exists() and mark.read_text() == stamp


def sync(uv: list[str], name: str) -> None:
    """Make one environment. Ends the program with a sentence when it cannot be made."""
    versions, groups = ENVIRONMENTS[name]
    python = find_python(versions)
    print(f"creating {name} with Python {python} (a minute or two the first time)", flush=True)
    environment = {**os.environ, "UV_PROJECT_ENVIRONMENT": name, "UV_COMPILE_BYTECODE": "1"}
    command = [*uv, "sync", "--locked", "--quiet", *groups, "--python", python]
    if subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode != 0:
        raise SystemExit(
            f"{name} could not be created. It needs Python {versions[-1]}: install one (for example with "
            f"`uv python install {versions[-1]}`) or give this machine a network connection, then try again."
        )


def main() -> None:
    """Create what is missing or old."""
    if sys.version_info < (3, 11):  # noqa: UP036 - this file is what tells people so
        raise SystemExit("Komshu needs Python 3.11 or newer: run make with PYTHON=<path of one>.")
    stamp = hashlib.sha256(b"".join((ROOT / name).read_bytes() for name in INPUTS)).hexdigest()
    old = [name for name in ENVIRONMENTS if not up_to_date(ROOT / name, stamp)]
    uv = find_uv() if old else []
    for name in old:
        sync(uv, name)
        (ROOT / name / ".komshu-stamp").write_text(stamp)


if __name__ == "__main__":
    main()
