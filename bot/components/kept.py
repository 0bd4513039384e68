"""What was learnt from the same examples by the same code is not learnt again.

A changed rule or domain makes a new model, but its examples are the same, and learning them is nearly all the time of a
training. Rasa's own cache does as much, at the price of a digest of every example around each component (bot/patches.py
leaves those out). Files stand in Rasa's cache folder; whoever deletes it pays one whole training.
"""

import hashlib
import os
import pickle
import platform
from pathlib import Path
from typing import Any, Callable, Iterable, TypeVar

import joblib
import numpy
import sklearn
from rasa.engine.caching import CACHE_LOCATION_ENV, DEFAULT_CACHE_LOCATION

KEPT = 3
UNREADABLE = (OSError, EOFError, ValueError, LookupError, AttributeError, ImportError, pickle.UnpicklingError)
VERSIONS = (platform.python_version(), numpy.__version__, sklearn.__version__)
Learnt = TypeVar("Learnt")


def kept(name: str, sources: Iterable[str], examples: Iterable[str], learn: Callable[[], Learnt]) -> Learnt:
    """What `learn` gives: from the cache when the code in `sources` (paths) and the examples are the same."""
    folder = Path(os.environ.get(CACHE_LOCATION_ENV, DEFAULT_CACHE_LOCATION)) / "learnt"
    path = folder / f"{name}-{digest(sources, examples)}.joblib"
    try:
        found: Learnt = joblib.load(path)
    except UNREADABLE:
        found = learn()
        _keep(found, path)
    return found


def digest(sources: Iterable[str], examples: Iterable[str]) -> str:
    """Of everything the outcome depends on."""
    told = hashlib.sha256("\0".join(VERSIONS).encode())
    for source in sources:
        told.update(Path(source).read_bytes() + b"\0")
    for example in examples:
        told.update(example.encode(errors="replace") + b"\0")
    return told.hexdigest()[:16]


def _keep(learnt: Any, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}.part")
    joblib.dump(learnt, part)
    os.replace(part, path)
    others = sorted(path.parent.glob(f"{path.name.rsplit('-', 1)[0]}-*.joblib"), key=lambda file: file.stat().st_mtime)
    for old in others[:-KEPT]:
        old.unlink(missing_ok=True)
