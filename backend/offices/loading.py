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
    taxonomy = _taxonomy(offices_dir.parent / TAXONOMY)
    parts = {name: read_yaml(folder / f"{name}.yml") for name in ("units", "categories", "gazetteer")}
    categories = parts["categories"].get("categories")
    for category, content in categories.items() if isinstance(categories, dict) else ():
        if isinstance(content, dict):
            content.setdefault("name", taxonomy["categories"].get(category))
    office = _checked(folder, {"profile": read_yaml(folder / "office.yml"), **parts, "topics": taxonomy["topics"]})
    if office.profile.id != office_id:
        raise OfficeDataError(
            folder / "office.yml", f"id: {office.profile.id!r} is not the folder's name {office_id!r}"
        )
    return office


def _taxonomy(path: Path) -> dict[str, Any]:
    taxonomy = read_yaml(path)
    for part in ("topics", "categories"):
        if not isinstance(taxonomy.get(part), dict):
            raise OfficeDataError(path, f"{part}: expected names with values ('name: value')")
    return taxonomy


def read_yaml(path: Path) -> dict[str, Any]:
    """A YAML file that holds a mapping."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise OfficeDataError(path, "the file is missing: add it") from None
    except UnicodeDecodeError:
        raise OfficeDataError(path, "the file is not UTF-8: save it as UTF-8") from None
    except (yaml.YAMLError, ValueError) as error:
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
        names = {"profile": folder / "office.yml", "topics": folder.parents[1] / TAXONOMY}
        path = names.get(part, folder / f"{part}.yml")
        raise OfficeDataError(path, f"{'.'.join(where)}: {first['msg']}".lstrip(": ")) from None


def article_paths(offices_dir: Path, office_id: str) -> list[tuple[str, Path]]:
    """(language, file) of every article of an office, in a stable order."""
    folder = offices_dir / office_id / "articles"
    return [(language, path) for language in LANGUAGES for path in sorted((folder / language).glob("*.md"))]
