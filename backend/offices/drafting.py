"""Write the folder of a new office from the samples in `template/`."""

import json
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from string import Template

from backend.core.documents import Document, Problem
from backend.core.languages import FALLBACK
from backend.offices.errors import OfficeDataError
from backend.offices.loading import prefixes
from backend.offices.schemas import Profile

TEMPLATE = Path(__file__).parent / "template"
ARTICLES_LAST = timedelta(days=365)


@dataclass(frozen=True)
class Draft:
    """What has to be known of a new office: see the fields of office.yml."""

    id: str
    country: str
    language: str
    time_zone: str
    reference_prefix: str
    name: str


def draft_office(offices_dir: Path, draft: Draft, today: date) -> list[Path]:
    """Write the office's folder with samples to replace, articles in its language and in English; returns the files.

    Raises OfficeDataError, with nothing written, when a value is wrong, the prefix is taken or the folder is there.
    """
    folder = offices_dir / draft.id
    languages = list(dict.fromkeys([draft.language, FALLBACK]))
    values = {
        "id": draft.id,
        "country": draft.country,
        "time_zone": draft.time_zone,
        "prefix": draft.reference_prefix,
        "name": draft.name,
        "languages": languages,
    }
    # JSON's strings and lists are YAML's: nothing in a name can break out of its quotes.
    quoted = {key: json.dumps(value, ensure_ascii=False) for key, value in values.items()}
    quoted["expires"] = str(today + ARTICLES_LAST)
    _refuse(offices_dir, folder, draft, Template(_sample("office.yml")).substitute(quoted))
    names = [path.relative_to(TEMPLATE) for path in sorted(TEMPLATE.rglob("*.*")) if _wanted(path, languages)]
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(Template(_sample(name)).substitute(quoted), encoding="utf-8")
    return [folder / name for name in names]


def _sample(name: str | Path) -> str:
    return (TEMPLATE / name).read_text(encoding="utf-8")


def _wanted(path: Path, languages: list[str]) -> bool:
    return path.suffix == ".yml" or path.parent.name in languages


def _refuse(offices_dir: Path, folder: Path, draft: Draft, profile: str) -> None:
    problems = [
        Problem(folder, 0, problem.where, problem.what, problem.advice)
        for problem in Document(folder / "office.yml", profile).problems(Profile)
    ]
    if folder.exists():
        problems.append(Problem(folder, 0, "", "the folder is already there", "choose another id, or change its files"))
    if other := prefixes(offices_dir).get(draft.reference_prefix):
        what = f"{draft.reference_prefix!r} already begins the references of {other!r}"
        problems.append(Problem(folder, 0, "reference_prefix", what, "choose another"))
    if problems:
        raise OfficeDataError.of(problems)
