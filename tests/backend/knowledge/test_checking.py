"""An office's article files, checked."""

from datetime import date
from pathlib import Path

import pytest

from backend.knowledge.checking import MUST_HAVE, CheckedArticles, check_articles

TODAY = date(2026, 11, 22)
TOPICS = (*MUST_HAVE, "marriage")


def publish(folder: Path, name: str, expires: str = "2027-12-31", owner: str = "desk", body: str = "Text.") -> None:
    path = folder / "articles" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'---\ntitle: "Title"\nowner: "{owner}"\nexpires: {expires}\n---\n{body}\n', encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An office's folder with all that it must have, in Romanian."""
    for topic in MUST_HAVE:
        publish(tmp_path / "hillside", f"ro/{topic}.md")
    return tmp_path / "hillside"


def checked(folder: Path) -> CheckedArticles:
    return check_articles(folder, TOPICS, ["desk"], ["ro", "tr", "en"], TODAY)


def test_an_office_with_its_articles_has_nothing_to_put_right(folder: Path) -> None:
    publish(folder, "en/marriage.md")
    seen: list[int] = []
    found = check_articles(folder, TOPICS, ["desk"], ["ro", "en"], TODAY, lambda: seen.append(1))
    assert (found.problems, found.warnings) == ([], [])
    assert found.counts == {"ro": len(MUST_HAVE), "en": 1}
    assert len(seen) == len(MUST_HAVE) + 1


@pytest.mark.parametrize(
    ("expires", "problems", "warnings"),
    [
        ("2026-11-21", 1, 0),
        ("2026-11-22", 0, 1),
        ("2027-01-20", 0, 1),
        ("2027-01-21", 0, 0),
    ],
    ids=["yesterday", "today is its last day", "in 59 days", "in 60 days"],
)
def test_what_has_expired_is_wrong_and_what_soon_will_is_a_warning(
    folder: Path, expires: str, problems: int, warnings: int
) -> None:
    publish(folder, "ro/marriage.md", expires=expires)
    found = checked(folder)
    assert (len(found.problems), len(found.warnings)) == (problems, warnings) == (found.expired, found.expiring)
    assert [(one.line, one.where) for one in (*found.problems, *found.warnings)] == [(4, "expires")] * (
        problems + warnings
    )


@pytest.mark.parametrize(
    ("name", "values", "said"),
    [
        ("ro/weather.md", {}, "weather.md: 'weather' is no topic"),
        ("ro/marriage.md", {"owner": "jury"}, "marriage.md:3: owner: there is no unit 'jury'"),
        ("ro/marriage.md", {"expires": "soon"}, "marriage.md:4: expires: 'soon' is no date"),
        ("ro/marriage.md", {"expires": "2027-02-30"}, "marriage.md:4: expires: '2027-02-30' is no date"),
        ("ro/marriage.md", {"body": " "}, "marriage.md:2: the article has no text"),
        ("tr/marriage.md", {}, "ro/marriage.md: people with another language get no answer"),
        ("hu/marriage.md", {}, "hu: 'hu' is no language Komshu speaks"),
        ("mk/opening_hours.md", {}, "mk: 'mk' is no language of the office"),
        ("marriage.md", {}, "articles/marriage.md: an article stands in the folder of its language"),
    ],
)
def test_what_is_wrong_with_an_article_is_told(folder: Path, name: str, values: dict[str, str], said: str) -> None:
    publish(folder, name, **values)
    (problem,) = checked(folder).problems
    assert said in str(problem)
    assert problem.advice


def test_all_mistakes_of_a_head_come_at_once_with_their_lines(folder: Path) -> None:
    path = folder / "articles" / "ro" / "marriage.md"
    path.write_text('---\nowner: 3\nlink: "timpark"\nexpires: "2027-12-31"\nowner: "desk"\nmood: "good"\n---\nText.\n')
    problems = checked(folder).problems
    assert sorted((one.line, one.where) for one in problems) == [(2, "title"), (3, "link"), (5, "owner"), (6, "mood")]


@pytest.mark.parametrize("topic", MUST_HAVE)
def test_what_every_office_is_asked_must_be_answered_in_its_language_or_in_english(folder: Path, topic: str) -> None:
    path = folder / "articles" / "ro" / f"{topic}.md"
    path.unlink()
    assert [one.path for one in checked(folder).problems] == [path]
    publish(folder, f"tr/{topic}.md")
    assert [one.path for one in checked(folder).problems] == [path]
    publish(folder, f"en/{topic}.md")
    assert checked(folder).problems == []
