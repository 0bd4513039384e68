"""What the bot reads of the office it runs for: names to recognise and numbers to say."""

import os
from functools import lru_cache
from pathlib import Path
from typing import Any, Dict, List, Tuple

import yaml

ROOT = Path(__file__).resolve().parents[1]


def office_folder() -> Path:
    """The folder of the office named by OFFICE."""
    offices = Path(os.environ.get("OFFICES_DIR") or ROOT / "data" / "offices")
    return offices / os.environ.get("OFFICE", "timisoara")


def _read(name: str) -> Dict[str, Any]:
    path = office_folder() / name
    return yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else {}


@lru_cache(maxsize=1)
def profile() -> Dict[str, Any]:
    """The content of office.yml."""
    return _read("office.yml")


def said_values(language: str) -> Dict[str, str]:
    """Values any sentence may use: office, desk, phone, emergency_number, website."""
    content = profile()
    names = {key: content.get(key, {}).get(language, "") for key in ("name", "desk")}
    plain = {key: str(content.get(key, "")) for key in ("phone", "emergency_number", "website")}
    return {"office": names["name"], "desk": names["desk"], **plain}


def place_names() -> List[Tuple[str, str]]:
    """(official name, way to say it) for every entry of the gazetteer."""
    entries = [entry for group in _read("gazetteer.yml").values() for entry in group]
    return [(entry["name"], said) for entry in entries for said in (entry["name"], *entry.get("aliases", ()))]
