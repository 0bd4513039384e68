"""Reading an office's folder, and saying exactly what is wrong with it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from backend.core.languages import LANGUAGES
from backend.core.settings import ROOT
from backend.knowledge.articles import read_article
from backend.offices.errors import OfficeDataError
from backend.offices.loading import article_paths, read_office, read_yaml
from tests.backend.offices.factories import Parts, parts, small_office, written

OFFICES = ROOT / "data" / "offices"


def changed(name: str, *where: str, to: Any) -> Callable[[Parts], None]:
    """A change of one value in an office's files; None takes the key out."""

    def change(content: Parts) -> None:
        part: dict[str, Any] = content[name]
        for step in where[:-1]:
            part = part[step]
        if to is None:
            del part[where[-1]]
        else:
            part[where[-1]] = to

    return change


def refusal(folder: Path, office_id: str = "smallville") -> str:
    with pytest.raises(OfficeDataError) as error:
        read_office(folder, office_id)
    return str(error.value)


def test_a_whole_office_is_read_with_the_names_of_its_categories(tmp_path: Path) -> None:
    assert read_office(written(tmp_path, parts()), "smallville") == small_office()


@pytest.mark.parametrize(("office_id", "topics"), [("timisoara", 58), ("macedonia-diaspora", 18)])
def test_the_reference_offices_load_with_their_articles_in_every_language(office_id: str, topics: int) -> None:
    office = read_office(OFFICES, office_id)
    assert office.profile.id == office_id
    assert set(office.profile.languages) == set(LANGUAGES)
    paths = article_paths(OFFICES, office_id)
    written = {language: {path.stem for code, path in paths if code == language} for language in LANGUAGES}
    assert all(found == written["en"] for found in written.values())
    assert written["en"] <= set(office.topics)
    assert len(written["en"]) == topics
    assert [path for _, path in paths if not all(read_article(path))] == []


def test_an_unknown_office_is_told_with_those_that_are_there(tmp_path: Path) -> None:
    said = refusal(written(tmp_path, parts()), "metropolis")
    assert "metropolis" in said
    assert "smallville" in said


def test_without_any_office_that_is_said(tmp_path: Path) -> None:
    assert "none" in refusal(tmp_path / "offices", "metropolis")


@pytest.mark.parametrize("name", ["office", "units", "categories", "gazetteer", "taxonomy"])
@pytest.mark.parametrize(
    "content",
    [
        None,
        b"",
        b"- a list\n- of things\n",
        b"just words",
        b"phone: +40: 256",
        b"name: 'never closed",
        b"\tname: tabbed",
        b"date: 2026-02-30",
        "name: \"Primăria\"".encode("cp1250"),
        "name: \"Општина\"".encode("utf-16"),
    ],
    ids=["missing", "empty", "list", "text", "colon", "quote", "tab", "no such day", "latin code page", "utf-16"],
)  # fmt: skip
def test_a_file_that_is_no_mapping_is_named(tmp_path: Path, name: str, content: bytes | None) -> None:
    offices = written(tmp_path, parts())
    path = tmp_path / "taxonomy.yml" if name == "taxonomy" else offices / "smallville" / f"{name}.yml"
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    assert refusal(offices).startswith(f"{path}: ")


BROKEN = [
    ("office.yml", "phone", changed("office", "phone", to=None)),
    ("office.yml", "motto", changed("office", "motto", to="Onwards")),
    ("office.yml", "country", changed("office", "country", to="Romania")),
    ("office.yml", "country", changed("office", "country", to="ZZ")),
    ("office.yml", "time_zone", changed("office", "time_zone", to="Europe/Timisoara")),
    ("office.yml", "time_zone", changed("office", "time_zone", to="")),
    ("office.yml", "time_zone", changed("office", "time_zone", to="../etc/passwd")),
    ("office.yml", "languages", changed("office", "languages", to=[])),
    ("office.yml", "languages", changed("office", "languages", to=["ro", "hu"])),
    ("office.yml", "reference_prefix", changed("office", "reference_prefix", to="sv")),
    ("office.yml", "reference_prefix", changed("office", "reference_prefix", to="LONG")),
    ("office.yml", "af", changed("office", "name", "af", to=None)),
    ("office.yml", "answer_minutes", changed("office", "answer_minutes", to=0)),
    ("office.yml", "hours.moonday", changed("office", "hours", "moonday", to=["08:00-16:00"])),
    ("office.yml", "hours.monday", changed("office", "hours", "monday", to="08:00-16:00")),
    ("office.yml", "hours.monday", changed("office", "hours", "monday", to=["8-16"])),
    ("office.yml", "hours.monday", changed("office", "hours", "monday", to=["08:00-24:00"])),
    ("office.yml", "hours.monday", changed("office", "hours", "monday", to=["16:00-08:00"])),
    ("office.yml", "hours.monday", changed("office", "hours", "monday", to=["08:00-08:00"])),
    ("office.yml", "extra_holidays", changed("office", "extra_holidays", to=["25 December"])),
    ("office.yml", "id", changed("office", "id", to="bigville")),
    ("units.yml", "police", changed("units", "police", to={"name": {"en": "Police"}})),
    ("units.yml", "police", changed("units", "police", to="Police")),
    ("categories.yml", "units.yml", changed("units", "police", to=None)),
    ("categories.yml", "jury", changed("categories", "default_unit", to="jury")),
    ("categories.yml", "default_unit", changed("categories", "default_unit", to=None)),
    ("categories.yml", "jury", changed("categories", "kinds", "praise", to="jury")),
    ("categories.yml", "kinds", changed("categories", "kinds", "gossip", to="desk")),
    ("categories.yml", "noise.priority", changed("categories", "categories", "noise", "priority", to="asap")),
    ("categories.yml", "noise.needs", changed("categories", "categories", "noise", "needs", to=["colour"])),
    ("categories.yml", "noise", changed("categories", "categories", "noise", to="police")),
    ("categories.yml", "categories", changed("categories", "categories", to=["noise"])),
    ("categories.yml", "categories", changed("categories", "categories", to=[])),
    ("categories.yml", "ghosts", changed("categories", "categories", "ghosts", to={"unit": "police"})),
    ("gazetteer.yml", "streets", changed("gazetteer", "streets", to=["Strada Mare"])),
    ("gazetteer.yml", "rivers", changed("gazetteer", "rivers", to=[])),
    ("taxonomy.yml", "opening_hours", changed("taxonomy", "topics", "opening_hours", "mk", to=None)),
    ("taxonomy.yml", "topics", changed("taxonomy", "topics", to=None)),
    ("taxonomy.yml", "topics", changed("taxonomy", "topics", to=["opening_hours"])),
    ("taxonomy.yml", "categories", changed("taxonomy", "categories", to=None)),
    ("taxonomy.yml", "categories", changed("taxonomy", "categories", to=["noise"])),
]


@pytest.mark.parametrize(("file", "place", "change"), BROKEN, ids=lambda value: value if isinstance(value, str) else "")
def test_a_wrong_value_is_told_with_its_file_and_its_place(
    tmp_path: Path, file: str, place: str, change: Callable[[Parts], None]
) -> None:
    content = parts()
    change(content)
    said = refusal(written(tmp_path, content))
    path, _, problem = said.partition(": ")
    assert Path(path).name == file
    assert Path(path).exists()
    assert place in problem


def test_an_empty_list_of_categories_in_yaml_is_told_too(tmp_path: Path) -> None:
    offices = written(tmp_path, parts())
    (offices / "smallville" / "categories.yml").write_text("default_unit: desk\ncategories:\nkinds: {}\n")
    assert "categories.yml: categories" in refusal(offices)


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "office.yml"
    path.write_bytes(b"\xef\xbb\xbfname: x\r\nphone: y\r\n")
    assert read_yaml(path) == {"name": "x", "phone": "y"}


def test_articles_come_by_language_and_name_and_only_of_spoken_languages(tmp_path: Path) -> None:
    for name in ("ro/b.md", "ro/a.md", "en/c.md", "hu/a.md", "ro/notes.txt"):
        path = tmp_path / "smallville" / "articles" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    found = [(language, path.name) for language, path in article_paths(tmp_path, "smallville")]
    assert found == [("en", "c.md"), ("ro", "a.md"), ("ro", "b.md")]
