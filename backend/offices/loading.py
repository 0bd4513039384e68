"""Read an office's folder and say exactly what is wrong with it."""

from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from backend.core.languages import LANGUAGES
from backend.offices.errors import OfficeDataError
from backend.offices.schemas import Office

TAXONOMY = "taxonomy.yml"


def read_office(offices_dir: Path, office_id: str) -> Office:
    """The office in `<offices_dir>/<office_id>/`, named with the taxonomy beside offices_dir.

    Raises OfficeDataError, naming file and place, when something is missing or wrong.
    """
    folder = offices_dir / office_id
    if not folder.is_dir():
        there = ", ".join(sorted(path.name for path in offices_dir.glob("*/"))) or "none"
        raise OfficeDataError(folder, f"there is no such office; known offices: {there}. Set OFFICE to one of them")
    taxonomy = read_yaml(offices_dir.parent / TAXONOMY)
    parts = {name: read_yaml(folder / f"{name}.yml") for name in ("units", "categories", "gazetteer")}
    for category, content in parts["categories"].get("categories", {}).items():
        if isinstance(content, dict):
            content.setdefault("name", taxonomy["categories"].get(category))
    return _checked(folder, {"profile": read_yaml(folder / "office.yml"), **parts, "topics": taxonomy["topics"]})


def read_yaml(path: Path) -> dict[str, Any]:
    """A YAML file that holds a mapping."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise OfficeDataError(path, "the file is missing: add it") from None
    except yaml.YAMLError as error:
        raise OfficeDataError(path, f"this is not YAML: {error}. Quote text that holds ':' or '#'") from None
    if not isinstance(content, dict):
        raise OfficeDataError(path, "expected names with values ('name: value')")
    return content


def _checked(folder: Path, parts: dict[str, Any]) -> Office:
    try:
        return Office.model_validate(parts)
    except ValidationError as error:
        first = error.errors()[0]
        part, *where = [str(step) for step in first["loc"]] or ["categories"]
        path = folder / ("office.yml" if part == "profile" else f"{part}.yml")
        raise OfficeDataError(path, f"{'.'.join(where)}: {first['msg']}".lstrip(": ")) from None


def article_paths(offices_dir: Path, office_id: str) -> list[tuple[str, Path]]:
    """(language, file) of every article of an office, in a stable order."""
    folder = offices_dir / office_id / "articles"
    return [(language, path) for language in LANGUAGES for path in sorted((folder / language).glob("*.md"))]
