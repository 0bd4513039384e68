"""Check an office's article files without a database."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from backend.core.documents import Problem
from backend.core.languages import FALLBACK, LANGUAGES
from backend.knowledge.articles import open_article, read_article
from backend.knowledge.schemas import FrontMatter
from backend.offices.errors import OfficeDataError
from backend.offices.service import article_paths

MUST_HAVE = ("opening_hours", "contact_channels", "file_complaint", "answer_deadline", "information_law", "privacy")
"""Topics about which every office is asked."""
WARN_BEFORE = timedelta(days=60)


@dataclass
class CheckedArticles:
    """What there is, and what must or should be put right."""

    counts: Counter[str] = field(default_factory=Counter)
    """Articles by language."""
    expired: int = 0
    expiring: int = 0
    """How many end within the next 60 days."""
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)


def check_articles(
    folder: Path,
    topics: Collection[str],
    units: Collection[str],
    languages: Sequence[str],
    today: date,
    advance: Callable[[], None] = lambda: None,
) -> CheckedArticles:
    """Check every article of the office in a folder; `languages` are the office's, its first one first.

    `advance` is called after each article.
    """
    checked = CheckedArticles()
    paths = article_paths(folder.parent, folder.name)
    for language, path in paths:
        checked.counts[language] += 1
        _check_article(checked, path, topics, units, today)
        advance()
    checked.problems += _misplaced(folder / "articles", languages)
    there = {path.stem for language, path in paths if language in (languages[0], FALLBACK)}
    checked.problems += _without_answer(folder / "articles" / languages[0], (path for _, path in paths), there)
    return checked


def _check_article(
    checked: CheckedArticles, path: Path, topics: Collection[str], units: Collection[str], today: date
) -> None:
    if path.stem not in topics:
        what = f"{path.stem!r} is no topic of data/taxonomy.yml"
        checked.problems.append(Problem(path, 0, "", what, "rename the file or add the topic"))
    try:
        head, body = read_article(path)
    except OfficeDataError as error:
        checked.problems += error.problems
        return
    document = open_article(path)[0]
    if head.owner not in units:
        advice = "name a unit of units.yml"
        checked.problems.append(document.problem(["owner"], f"there is no unit {head.owner!r}", advice))
    if not body:
        checked.problems.append(Problem(path, document.line(["title"]), "", "the article has no text", "write it"))
    _check_expiry(checked, head, document.problem(["expires"], ""), today)


def _check_expiry(checked: CheckedArticles, head: FrontMatter, place: Problem, today: date) -> None:
    advice = "read it again, correct it and give it a later day"
    if head.expires < today:
        checked.expired += 1
        what = f"expired on {head.expires}: it is not told any more"
        checked.problems.append(Problem(place.path, place.line, place.where, what, advice))
    elif head.expires < today + WARN_BEFORE:
        checked.expiring += 1
        what = f"expires on {head.expires}"
        checked.warnings.append(Problem(place.path, place.line, place.where, what, advice))


def _misplaced(articles: Path, languages: Sequence[str]) -> Iterable[Problem]:
    known = ", ".join(LANGUAGES)
    for path in sorted(articles.glob("*")):
        if path.is_file():
            yield Problem(path, 0, "", "an article stands in the folder of its language", f"move it to one of {known}")
        elif path.name not in LANGUAGES:
            yield Problem(path, 0, "", f"{path.name!r} is no language Komshu speaks", f"name the folder one of {known}")
        elif path.name not in languages:
            yield Problem(
                path, 0, "", f"{path.name!r} is no language of the office", "add it to languages in office.yml"
            )


def _without_answer(folder: Path, paths: Iterable[Path], there: set[str]) -> Iterable[Problem]:
    for topic in MUST_HAVE:
        if topic not in there:
            yield Problem(folder / f"{topic}.md", 0, "", "every office is asked this", "write the article")
    for topic in sorted({path.stem for path in paths} - there - set(MUST_HAVE)):
        what = "people with another language get no answer to this topic"
        yield Problem(folder / f"{topic}.md", 0, "", what, f"write it in the office's first language or in {FALLBACK}")
