"""The bot's trained model: named by what it was trained from, so that a changed example means a new model."""

import hashlib
import os
import subprocess
from pathlib import Path

from backend.core.settings import ROOT, Settings

MODELS = ROOT / "models"
SOURCES = ("config.yml", "data/nlu", "bot/domain", "bot/rules", "bot/components", "uv.lock")
KEPT_MODELS = 3


class TrainingError(Exception):
    """The model could not be trained; the message says where to read on."""


def fingerprint(root: Path = ROOT) -> str:
    """A digest of everything the model depends on."""
    digest = hashlib.sha256()
    for source in SOURCES:
        start = root / source
        for path in [start] if start.is_file() else sorted(start.rglob("*")):
            if path.is_file() and path.suffix in (".yml", ".py", ".lock"):
                digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def model_path() -> Path:
    """Where the model for today's data is or will be."""
    return MODELS / f"{fingerprint()}.tar.gz"


def bot_environment(settings: Settings) -> dict[str, str]:
    """Environment of the bot's process."""
    return {
        **os.environ,
        "INTERNAL_TOKEN": settings.internal_token.get_secret_value(),
        "ACTIONS_URL": f"http://127.0.0.1:{settings.internal_port}/internal/actions",
        "OFFICE": settings.office,
        "OFFICES_DIR": str(settings.offices_dir),
        "PYTHONPATH": str(ROOT),
        "OPENBLAS_NUM_THREADS": "1",  # a message's products are small: more threads only spin
    }


def bot_command(settings: Settings, *arguments: str) -> list[str]:
    """How the bot's launcher is run in Rasa's environment."""
    return [str(settings.rasa_python), "-m", "bot.launcher", *arguments]


def train(settings: Settings, log: Path) -> Path:
    """Train the model for today's data unless it is there. Raises TrainingError."""
    path = model_path()
    if path.exists():
        return path
    MODELS.mkdir(exist_ok=True)
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as output:
        done = subprocess.run(
            bot_command(settings, "train", "--model", str(path)),
            cwd=ROOT,
            env=bot_environment(settings),
            stdout=output,
            stderr=output,
            check=False,
        )
    if done.returncode != 0 or not path.exists():
        raise TrainingError(f"The model could not be trained. Read the end of {log}, mend the data and start again.")
    _remove_old_models(path)
    return path


def _remove_old_models(newest: Path) -> None:
    models = sorted(MODELS.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in models[KEPT_MODELS:]:
        if path != newest:
            path.unlink()
