"""Reading an office's folder, and saying exactly what is wrong with it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from backend.offices.errors import OfficeDataError
from backend.offices.loading import article_paths, prefixes, read_office, read_yaml
from tests.backend.offices.factories import Parts, parts, small_office, term, written


def changed(name: str, *where: str | int, to: Any) -> Callable[[Parts], None]:
    """A change of one value in an office's files; None takes the key out."""

    def change(content: Parts) -> None:
        part: Any = content[name]
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


def test_an_office_without_a_glossary_has_an_empty_one(tmp_path: Path) -> None:
    content = parts()
    del content["glossary"]
    assert read_office(written(tmp_path, content), "smallville").glossary.terms == ()


def test_an_office_without_announcements_has_no_topics(tmp_path: Path) -> None:
    content = parts()
    del content["announcements"]
    assert read_office(written(tmp_path, content), "smallville").announcement_topics == {}


def test_an_unknown_office_is_told_with_those_that_are_there(tmp_path: Path) -> None:
    said = refusal(written(tmp_path, parts()), "metropolis")
    assert "metropolis" in said
    assert "smallville" in said


def test_without_any_office_that_is_said(tmp_path: Path) -> None:
    assert "none" in refusal(tmp_path / "offices", "metropolis")


UNREADABLE: dict[str, bytes | None] = {
    "missing": None,
    "empty": b"",
    "list": b"- a list\n- of things\n",
    "text": b"just words",
    "colon": b"phone: +40: 256",
    "quote": b"name: 'never closed",
    "tab": b"\tname: tabbed",
    "no such day": b"date: 2026-02-30",
    "latin code page": "name: \"Primăria\"".encode("cp1250"),
    "utf-16": "name: \"Општина\"".encode("utf-16"),
}  # fmt: skip
FILES = ("office", "units", "categories", "gazetteer", "glossary", "announcements", "taxonomy")
MAY_BE_MISSING = {"glossary", "announcements"}


@pytest.mark.parametrize(
    ("name", "why"),
    [(name, why) for name in FILES for why in UNREADABLE if not (name in MAY_BE_MISSING and why == "missing")],
)
def test_a_file_that_is_no_mapping_is_named(tmp_path: Path, name: str, why: str) -> None:
    offices = written(tmp_path, parts())
    path = tmp_path / "taxonomy.yml" if name == "taxonomy" else offices / "smallville" / f"{name}.yml"
    content = UNREADABLE[why]
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    assert f"{path}:" in refusal(offices)


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
    ("gazetteer.yml", "streets.0.name", changed("gazetteer", "streets", to=[{"name": "?!"}])),
    ("glossary.yml", "terms.0.meaning", changed("glossary", "terms", to=[{**term("VAT"), "meaning": {"en": "x"}}])),
    ("glossary.yml", "terms.0.acronym", changed("glossary", "terms", to=[term("…")])),
    ("glossary.yml", "terms.0.language", changed("glossary", "terms", to=[{**term("VAT"), "language": "english"}])),
    ("glossary.yml", "terms.1", changed("glossary", "terms", to=[term("CİMER"), term("cimer")])),
    ("glossary.yml", "terms.1", changed("glossary", "terms", to=[term("УЈП"), term("X", "ujp")])),
    ("glossary.yml", "words", changed("glossary", "words", to=[])),
    ("announcements.yml", "topics.0.name", changed("announcements", "topics", 0, "name", "af", to=None)),
    ("announcements.yml", "topics.0.id", changed("announcements", "topics", 0, "id", to="Big News")),
    ("announcements.yml", "topics.0.words", changed("announcements", "topics", 0, "words", to={"hu": ["hír"]})),
    ("announcements.yml", "topics.0.words.en.0", changed("announcements", "topics", 0, "words", to={"en": ["…"]})),
    ("announcements.yml", "topics.0.districts", changed("announcements", "topics", 0, "districts", to="perhaps")),
    ("announcements.yml", "topics.1", changed("announcements", "topics", 1, "id", to="events")),
    ("announcements.yml", "topics", changed("announcements", "topics", to={"events": {}})),
    ("announcements.yml", "words", changed("announcements", "words", to=[])),
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
    path, _, problem = said.partition(":")
    assert Path(path).name == file
    assert Path(path).exists()
    assert place in problem


def test_an_empty_list_of_categories_in_yaml_is_told_too(tmp_path: Path) -> None:
    offices = written(tmp_path, parts())
    (offices / "smallville" / "categories.yml").write_text("default_unit: desk\ncategories:\nkinds: {}\n")
    assert "categories.yml:2: categories" in refusal(offices)


def test_all_mistakes_of_all_files_come_at_once_each_with_its_line_and_what_to_do(tmp_path: Path) -> None:
    offices = written(tmp_path, parts())
    folder = offices / "smallville"
    (folder / "office.yml").write_text(
        (folder / "office.yml")
        .read_text()
        .replace('"country": "RO"', '\n"country": "Romania"')
        .replace('"phone"', '"fon"')
    )
    (folder / "categories.yml").write_text(
        """default_unit: "jury"
categories:
  noise: {unit: "police", priority: "asap"}
  ghosts:
    unit: "desk"
  noise: {unit: "nobody"}
kinds:
  praise: "desk"
  praise: "police"
""",
        encoding="utf-8",
    )
    (folder / "glossary.yml").unlink()
    (folder / "gazetteer.yml").write_text("streets:\n  - name: 12\n  - {name: 'Strada', alias: []}\n", encoding="utf-8")
    said = [line.removeprefix(f"{folder}/") for line in refusal(offices).splitlines()]
    assert said == [
        "categories.yml:1: default_unit: there is no unit 'jury': describe it in units.yml or name another",
        "categories.yml:4: categories.ghosts: 'ghosts' is no category of data/taxonomy.yml: "
        "correct its spelling or add it there with its names",
        "categories.yml:6: categories.noise: stands twice, first in line 3, and only the last one counts: "
        "join the two or take one out",
        "categories.yml:6: categories.noise.unit: there is no unit 'nobody': describe it in units.yml or name another",
        "categories.yml:9: kinds.praise: stands twice, first in line 8, and only the last one counts: "
        "join the two or take one out",
        "gazetteer.yml:2: streets.0.name: is no text: put it in quotes",
        "gazetteer.yml:3: streets.1.alias: is not known here: correct its spelling or take it out",
        "office.yml:1: phone: is missing: add it",
        "office.yml:2: country: the public holidays of 'Romania' are not known: write the ISO 3166 code, such as 'RO'",
        "office.yml:2: fon: is not known here: correct its spelling or take it out",
    ]


def test_prefixes_are_told_with_their_offices(tmp_path: Path) -> None:
    offices = written(tmp_path, parts())
    (offices / "broken").mkdir()
    (offices / "broken" / "office.yml").write_text("- x")
    assert prefixes(offices) == {"SV": "smallville"}
    assert prefixes(offices, but="smallville") == {}


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
