"""Read an office's folder and say everything that is wrong with it: file, line, place and what to do."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from string import Formatter
from typing import Any, get_args

from pydantic import BaseModel, TypeAdapter

from backend.core.documents import Document, Problem, UnreadableError
from backend.core.languages import LANGUAGES
from backend.offices.errors import OfficeDataError
from backend.offices.schemas import (
    Announcements,
    Categories,
    Disputes,
    Gazetteer,
    Glossary,
    Office,
    Profile,
    Taxonomy,
    ToldName,
    Unit,
    as_said,
)

TAXONOMY = "taxonomy.yml"
SCHEMAS: dict[str, TypeAdapter[Any] | type[BaseModel]] = {
    "office": Profile,
    "units": TypeAdapter(dict[str, Unit]),
    "categories": Categories,
    "gazetteer": Gazetteer,
    "glossary": Glossary,
    "announcements": Announcements,
    "disputes": Disputes,
    "taxonomy": Taxonomy,
}
"""What each file must hold, by its name without `.yml`."""
MAY_BE_MISSING = {"glossary", "announcements", "disputes"}
Documents = dict[str, Document]


def office_ids(offices_dir: Path) -> list[str]:
    """The offices there are, by name."""
    return sorted(path.name for path in offices_dir.glob("*/") if path.is_dir())


def prefixes(offices_dir: Path, but: str = "") -> dict[str, str]:
    """Prefix of references -> office, of all offices (but one) whose office.yml can be read."""
    found: dict[str, str] = {}
    for office_id in office_ids(offices_dir):
        with suppress(UnreadableError):
            profile = Document.read(offices_dir / office_id / "office.yml").content
            if office_id != but:
                found[str(profile.get("reference_prefix"))] = office_id
    return found


def read_office(offices_dir: Path, office_id: str) -> Office:
    """The office in `<offices_dir>/<office_id>/`, named with the taxonomy beside offices_dir.

    Raises OfficeDataError with everything that is missing or wrong.
    """
    documents, problems = read_documents(offices_dir, office_id)
    problems += data_problems(documents, office_id)
    if problems:
        raise OfficeDataError.of(problems)
    contents = {name: document.content for name, document in documents.items() if name != "taxonomy"}
    contents["categories"] = _named(documents)
    topics = documents["taxonomy"].content["topics"]
    return Office.model_validate({"profile": contents.pop("office"), **contents, "topics": topics})


def read_yaml(path: Path) -> dict[str, Any]:
    """A YAML file that holds a mapping. Raises OfficeDataError."""
    try:
        content: dict[str, Any] = Document.read(path).content
    except UnreadableError as error:
        raise OfficeDataError.of([error.problem]) from None
    return content


def read_documents(offices_dir: Path, office_id: str) -> tuple[Documents, list[Problem]]:
    """The office's files and the taxonomy, as far as they can be read, and why the others cannot.

    Raises OfficeDataError when there is no such office.
    """
    folder = offices_dir / office_id
    if not folder.is_dir():
        there = ", ".join(office_ids(offices_dir)) or "none"
        advice = f"known offices: {there}. Set OFFICE to one of them"
        raise OfficeDataError.of([Problem(folder, 0, "", "there is no such office", advice)])
    documents: Documents = {}
    problems: list[Problem] = []
    for name in SCHEMAS:
        path = offices_dir.parent / TAXONOMY if name == "taxonomy" else folder / f"{name}.yml"
        if name in MAY_BE_MISSING and not path.exists():
            continue
        try:
            documents[name] = Document.read(path)
        except UnreadableError as error:
            problems.append(error.problem)
    return documents, problems


def data_problems(documents: Documents, office_id: str) -> list[Problem]:
    """What must be put right in the readable files before the office can be loaded."""
    problems = [problem for document in documents.values() for problem in document.repeated]
    for name, document in documents.items():
        found = document.problems(SCHEMAS[name], _named(documents) if name == "categories" else None)
        # Without a place it is the word on doubled names and topics, which is told below with its line.
        problems += _in_plain_words([problem for problem in found if problem.where], documents)
    if "glossary" in documents:
        problems += doubled_names(documents["glossary"], ("terms",), "acronym")
    if "announcements" in documents:
        problems += doubled_names(documents["announcements"], ("topics",), "id")
    if "disputes" in documents:
        problems += _unknown_steps(documents)
    if {"categories", "gazetteer"} <= documents.keys():
        problems += _unknown_areas(documents)
    if {"categories", "units"} <= documents.keys():
        problems += _unknown_units(documents)
    if "office" in documents and documents["office"].content.get("id", office_id) != office_id:
        what = f"{documents['office'].content['id']!r} is not the folder's name"
        problems.append(documents["office"].problem(["id"], what, f"write {office_id!r} or rename the folder"))
    return problems


def doubled_names(document: Document, parts: Iterable[str], name_key: str) -> Iterator[Problem]:
    """Names and aliases that lead to two entries of a file's lists: nobody could tell which one is meant."""
    first: dict[str, tuple[tuple[str, int], str]] = {}
    for part in parts:
        for index, entry in enumerate(items(document.content.get(part))):
            for name in _names_of(entry, name_key):
                where, other = first.setdefault(as_said(name), ((part, index), name))
                if where != (part, index):
                    what = f"{name!r} is also {other!r} in line {document.line(where)}"
                    yield document.problem((part, index), what, "keep it in one, or add what tells the two apart")


def _names_of(entry: object, name_key: str) -> list[str]:
    if not isinstance(entry, dict):
        return []
    return [name for name in (entry.get(name_key), *items(entry.get("aliases"))) if isinstance(name, str)]


def items(value: object) -> list[object]:
    """A list as it is; empty for anything else."""
    return value if isinstance(value, list) else []


def _in_plain_words(found: list[Problem], documents: Documents) -> Iterator[Problem]:
    """A category without a name is one that the taxonomy does not know, when there is a taxonomy to know it."""
    for problem in found:
        steps = problem.where.split(".")
        if problem.path.stem != "categories" or steps[0] != "categories" or steps[2:] != ["name"]:
            yield problem
        elif group(documents, "taxonomy", "categories"):
            what = f"{steps[1]!r} is no category of data/taxonomy.yml"
            advice = "correct its spelling or add it there with its names"
            yield documents["categories"].problem(steps[:2], what, advice)


def _named(documents: Documents) -> dict[str, Any]:
    """The content of categories.yml with the names the taxonomy gives."""
    content: dict[str, Any] = documents["categories"].content
    named = group(documents, "taxonomy", "categories")
    categories = {
        key: {"name": named[key], **value} if isinstance(value, dict) and key in named else value
        for key, value in group(documents, "categories", "categories").items()
    }
    return {**content, "categories": categories} if categories else content


def group(documents: Documents, name: str, key: str) -> dict[str, Any]:
    """A group of a file by its key; empty when the file or the group is not there or is something else."""
    found = documents[name].content.get(key) if name in documents else None
    return found if isinstance(found, dict) else {}


def _units_named(documents: Documents) -> Iterator[tuple[tuple[str | int, ...], object]]:
    """(place, unit) for every unit that categories.yml names."""
    content = documents["categories"].content
    if "default_unit" in content:
        yield ("default_unit",), content["default_unit"]
    for kind, unit in group(documents, "categories", "kinds").items():
        yield ("kinds", str(kind)), unit
    for key, category in group(documents, "categories", "categories").items():
        if isinstance(category, dict) and "unit" in category:
            yield ("categories", str(key), "unit"), category["unit"]
    for number, area in enumerate(items(content.get("areas"))):
        if isinstance(area, dict) and "unit" in area:
            yield ("areas", number, "unit"), area["unit"]


def _unknown_units(documents: Documents) -> list[Problem]:
    there = documents["units"].content
    return [
        documents["categories"].problem(where, f"there is no unit {unit!r}", "describe it in units.yml or name another")
        for where, unit in _units_named(documents)
        if isinstance(unit, str) and unit not in there
    ]


def _unknown_areas(documents: Documents) -> Iterator[Problem]:
    """Districts and categories that areas name and nothing describes, and districts of places that are none."""
    categories, gazetteer = documents["categories"], documents["gazetteer"]
    districts = {one.get("name") for one in items(gazetteer.content.get("districts")) if isinstance(one, dict)}
    known = group(documents, "categories", "categories")
    for number, area in enumerate(items(categories.content.get("areas"))):
        for key, there, advice in (
            ("districts", districts, "name a district of gazetteer.yml"),
            ("categories", known, "name one of the categories above"),
        ):
            for name in items(area.get(key)) if isinstance(area, dict) else []:
                if name not in there:
                    yield categories.problem(("areas", number, key), f"there is no {name!r}", advice)
    for part in ("streets", "squares", "landmarks"):
        for number, place in enumerate(items(gazetteer.content.get(part))):
            district = place.get("district") if isinstance(place, dict) else None
            if district is not None and district not in districts:
                where = (part, number, "district")
                yield gazetteer.problem(where, f"there is no district {district!r}", "add it under districts")


def _unknown_steps(documents: Documents) -> Iterator[Problem]:
    """Steps of a dispute that are named and not described; and a list of steps or ends that is empty."""
    document = documents["disputes"]
    there = group(documents, "disputes", "steps")
    for part, key in (("steps", "then"), ("ends", "after")):
        described = group(documents, "disputes", part)
        if part in document.content and not described:
            yield document.problem((part,), "is empty", "describe at least one")
        for name, one in described.items():
            for step in items(one.get(key)) if isinstance(one, dict) else []:
                if step not in there:
                    yield document.problem((part, name, key), f"there is no step {step!r}", "describe it under steps")
            yield from _unknown_names(document, part, name, one)


def _unknown_names(document: Document, part: str, name: str, one: object) -> Iterator[Problem]:
    """What stands in braces in a sentence for the parties and nothing fills in."""
    told = one.get("told") if isinstance(one, dict) else None
    for side, words in told.items() if isinstance(told, dict) else ():
        for language, sentence in words.items() if isinstance(words, dict) else ():
            where = (part, name, "told", side, language)
            try:
                named = {field for _, field, _, _ in Formatter().parse(str(sentence)) if field is not None}
            except ValueError:
                yield document.problem(where, "has a brace without its other half", "add it or take it out")
                continue
            for unknown in sorted(named - set(get_args(ToldName))):
                yield document.problem(where, f"nothing fills in {unknown!r}", "name one of docs/disputes.md")


def article_paths(offices_dir: Path, office_id: str) -> list[tuple[str, Path]]:
    """(language, file) of every article of an office, in a stable order."""
    folder = offices_dir / office_id / "articles"
    return [(language, path) for language in LANGUAGES for path in sorted((folder / language).glob("*.md"))]
