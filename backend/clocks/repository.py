"""Reads the rules: a country's from data/clocks/, an office's own beside its other files."""

from pathlib import Path
from typing import Any

from backend.clocks.errors import ClocksDataError
from backend.clocks.schemas import Clocks
from backend.core.documents import Document, UnreadableError

Content = dict[str, Any]


def read_clocks(clocks_dir: Path, country: str, own: Path | None = None) -> Clocks:
    """The rules of a country (ISO 3166 code), `<clocks_dir>/<country>.yml`, as an office's own file changes them.

    A rule of the office with a known id changes that rule, only in what it names; others are added and come first.
    A file that is not there has no rules. Raises ClocksDataError with every mistake of a file.
    """
    path = clocks_dir / f"{country.lower()}.yml"
    common = _read(path) if path.exists() else {}
    clocks = Clocks.model_validate(common)
    if own is None or not own.exists():
        return clocks
    content = _read(own, {rule["id"]: rule for rule in common.get("rules", ())})
    changes = Clocks.model_validate(content)
    known = {rule.id for rule in clocks.rules}
    changed = {rule.id: rule for rule in changes.rules}
    added = [rule for rule in changes.rules if rule.id not in known]
    return changes.model_copy(update={"rules": (*added, *(changed.get(rule.id, rule) for rule in clocks.rules))})


def _read(path: Path, base: dict[str, Content] | None = None) -> Content:
    """The checked content of a file, its rules put onto those of the base with the same id."""
    try:
        document = Document.read(path)
    except UnreadableError as error:
        raise ClocksDataError([error.problem]) from None
    content: Content = document.content
    if isinstance(content.get("rules"), list):
        content = {**content, "rules": [_on_base(rule, base or {}) for rule in content["rules"]]}
    if problems := [*document.repeated, *document.problems(Clocks, content)]:
        raise ClocksDataError(problems)
    return content


def _on_base(rule: object, base: dict[str, Content]) -> object:
    known = base.get(str(rule.get("id"))) if isinstance(rule, dict) else None
    return _merged(known, rule) if known and isinstance(rule, dict) else rule


def _merged(base: Content, changes: Content) -> Content:
    """The base with the changes put in, mappings merged: an office writes only what differs."""
    both = {
        key: _merged(base[key], value) if isinstance(value, dict) and isinstance(base.get(key), dict) else value
        for key, value in changes.items()
    }
    return {**base, **both}
