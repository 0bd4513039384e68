"""What an office's data should hold beyond what loading needs."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args

from backend.core.documents import Document, Problem
from backend.core.languages import FALLBACK
from backend.offices.loading import Documents, data_problems, doubled_names, group, items, prefixes, read_documents
from backend.offices.schemas import Gazetteer, TicketKind

OWN_KINDS = {"housing_dispute"}
"""Kinds that only some offices have."""


@dataclass
class CheckedData:
    """An office's files as they are, and what must or should be put right in them."""

    languages: tuple[str, ...] = (FALLBACK,)
    """The office's, its first one first; the fallback while office.yml names none."""
    time_zone: str | None = None
    units: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    categories: int = 0
    places: int = 0
    terms: int = 0
    announcements: int = 0
    """Topics people can subscribe to."""
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)


def check_data(offices_dir: Path, office_id: str) -> CheckedData:
    """Check the files of an office, all but the articles. Raises OfficeDataError when there is no such office."""
    documents, problems = read_documents(offices_dir, office_id)
    problems += data_problems(documents, office_id)
    if {"categories", "taxonomy"} <= documents.keys():
        problems += _missing_categories(documents)
        problems += _missing_kinds(documents["categories"], group(documents, "categories", "kinds"))
    if "gazetteer" in documents:
        problems += doubled_names(documents["gazetteer"], Gazetteer.model_fields, "name")
    return _summary(documents, problems, list(_shared_prefix(documents, offices_dir, office_id)))


def _summary(documents: Documents, problems: list[Problem], warnings: list[Problem]) -> CheckedData:
    content = {name: document.content for name, document in documents.items()}
    languages = tuple(str(code) for code in items(content.get("office", {}).get("languages")))
    zone_is_wrong = any(problem.where == "time_zone" for problem in problems)
    return CheckedData(
        languages=languages or (FALLBACK,),
        time_zone=None if zone_is_wrong else content.get("office", {}).get("time_zone"),
        units=tuple(content.get("units", {})),
        topics=tuple(group(documents, "taxonomy", "topics")),
        categories=len(group(documents, "categories", "categories")),
        places=sum(len(items(places)) for places in content.get("gazetteer", {}).values()),
        terms=len(items(content.get("glossary", {}).get("terms"))),
        announcements=len(items(content.get("announcements", {}).get("topics"))),
        problems=sorted(set(problems)),
        warnings=warnings,
    )


def _missing_categories(documents: Documents) -> Iterator[Problem]:
    known, taken = group(documents, "taxonomy", "categories"), group(documents, "categories", "categories")
    document = documents["categories"]
    for key in known.keys() - taken.keys():
        yield document.problem(["categories"], f"{key!r} is missing", "say which unit answers for it")
    for key in taken.keys() - known.keys():
        if "name" in (taken[key] if isinstance(taken[key], dict) else {}):
            what = f"{key!r} is no category of data/taxonomy.yml, so nothing people write is understood as this"
            yield document.problem(["categories", key], what, "correct its spelling or add it there")


def _missing_kinds(document: Document, kinds: dict[str, object]) -> Iterator[Problem]:
    for kind in get_args(TicketKind):
        if kind not in kinds and kind not in OWN_KINDS:
            yield document.problem(["kinds"], f"{kind!r} is missing", "say which unit answers for it")


def _shared_prefix(documents: Documents, offices_dir: Path, office_id: str) -> Iterator[Problem]:
    prefix = documents["office"].content.get("reference_prefix") if "office" in documents else None
    if other := prefixes(offices_dir, but=office_id).get(str(prefix)):
        what = f"{prefix!r} also begins the references of {other!r}"
        yield documents["office"].problem(["reference_prefix"], what, "choose another before the first ticket")
