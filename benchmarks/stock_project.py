"""The project stock Rasa is trained on: what `rasa init` leaves, with this project's examples and plain responses.

Pipeline and policies are the default configuration inside the installed Rasa, word for word but for the epochs.
Every base intent has one sentence and one rule; the question topics and complaint categories (`faq/…`, `report/…`)
are retrieval intents, as Rasa means them. Three short stories stand where `rasa init` puts three, so that the
machine-learning policies take part as they do there. The tracker is in memory and no custom action is called.
"""

import hashlib
import shutil
from pathlib import Path
from typing import Any

import yaml

from benchmarks.places import CACHE, NLU, STOCK, STOCK_ENVIRONMENT

DEFAULT_CONFIG = "lib/python3.10/site-packages/rasa/engine/recipes/config_files/default_config.yml"
FALLBACK = "nlu_fallback"
STORIES = (("greet", "help", "thank"), ("greet", "affirm", "goodbye"), ("greet", "deny", "goodbye"))
DEFAULT_EPOCHS = 100
KEPT_PROJECTS = 3


def example_files() -> list[Path]:
    """This project's training examples."""
    return sorted(NLU.rglob("*.yml"))


def labels() -> list[str]:
    """Every label of the examples, retrieval intents with their part behind the slash."""
    blocks = [block for path in example_files() for block in yaml.safe_load(path.read_text("utf-8"))["nlu"]]
    return sorted({str(block["intent"]) for block in blocks})


def config(epochs: int) -> dict[str, Any]:
    """Rasa's default configuration with a number of epochs."""
    found: dict[str, Any] = yaml.safe_load((STOCK_ENVIRONMENT / DEFAULT_CONFIG).read_text("utf-8"))
    for part in [*found["pipeline"], *found["policies"]]:
        if "epochs" in part:
            part["epochs"] = epochs
    return {**found, "assistant_id": "stock"}


def domain(known: list[str]) -> dict[str, Any]:
    """The intents, each with one sentence."""
    intents = sorted({label.split("/")[0] for label in known})
    said = [*known, FALLBACK]
    return {
        "version": "3.1",
        "intents": intents,
        "responses": {f"utter_{label}": [{"text": f"This is the office's answer about {label}."}] for label in said},
        "session_config": {"session_expiration_time": 60, "carry_over_slots_to_new_session": True},
    }


def rules(known: list[str]) -> dict[str, Any]:
    """One rule for each intent, and for what is not understood."""
    intents = sorted({label.split("/")[0] for label in known} | {FALLBACK})
    return {"version": "3.1", "rules": [{"rule": name, "steps": _exchange(name)} for name in intents]}


def stories() -> dict[str, Any]:
    """Three conversations."""
    told = [{"story": " ".join(names), "steps": [s for name in names for s in _exchange(name)]} for names in STORIES]
    return {"version": "3.1", "stories": told}


def _exchange(intent: str) -> list[dict[str, str]]:
    return [{"intent": intent}, {"action": f"utter_{intent}"}]


def write_project(epochs: int) -> Path:
    """Write the project into the cache, in a folder named by a digest of everything in it."""
    known = labels()
    files = {
        "config.yml": config(epochs),
        "domain.yml": domain(known),
        "data/rules.yml": rules(known),
        "data/stories.yml": stories(),
        "credentials.yml": {"rest": None},
        "endpoints.yml": {},
    }
    texts = {name: yaml.safe_dump(content, allow_unicode=True, sort_keys=False) for name, content in files.items()}
    digest = hashlib.sha256((STOCK / "uv.lock").read_bytes() + repr(sorted(texts.items())).encode())
    for path in example_files():
        digest.update(str(path.relative_to(NLU)).encode() + b"\0" + path.read_bytes())
    folder = CACHE / f"stock-{digest.hexdigest()[:12]}"
    if not folder.exists():
        _write(folder, texts)
    return folder


def remove_old_projects(newest: Path) -> None:
    """Keep the few projects used last."""
    folders = sorted(CACHE.glob("stock-*"), key=lambda folder: folder.stat().st_mtime, reverse=True)
    for folder in folders[KEPT_PROJECTS:]:
        if folder != newest:
            shutil.rmtree(folder)


def _write(folder: Path, texts: dict[str, str]) -> None:
    part = folder.with_suffix(".part")
    shutil.rmtree(part, ignore_errors=True)
    shutil.copytree(NLU, part / "data" / "nlu")
    for name, text in texts.items():
        (part / name).write_text(text, "utf-8")
    part.rename(folder)
