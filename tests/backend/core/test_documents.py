"""YAML that knows where it was written."""

from pathlib import Path
from typing import Any, Literal

import pytest
import yaml
from hypothesis import given, strategies as st
from pydantic import BaseModel, ConfigDict, Field, HttpUrl

from backend.core.documents import Document, Problem, UnreadableError, read_text

PATH = Path("office.yml")
TEXT = """\
# a comment
name: "Hillside"
units:
  desk: {name: "Desk",
         room: "1"}
  roads:
    name: "Roads"
days:
  - "monday"
  - {from: 1,
     until: 2}
"""


@pytest.mark.parametrize(
    ("where", "line"),
    [
        ((), 1),
        (("name",), 2),
        (("units",), 3),
        (("units", "desk"), 4),
        (("units", "desk", "room"), 5),
        (("units", "desk", "phone"), 4),
        (("units", "roads", "name"), 7),
        (("units", "roads", "name", "en"), 7),
        (("days", 0), 9),
        (("days", 1, "until"), 11),
        (("days", 7), 8),
        (("days", "x"), 8),
        (("motto",), 1),
    ],
)
def test_the_line_is_that_of_the_key_or_of_the_nearest_group_that_is_there(
    where: tuple[object, ...], line: int
) -> None:
    assert Document(PATH, TEXT).line(where) == line
    assert Document(PATH, TEXT.replace("\n", "\r\n")).line(where) == line
    assert Document(PATH, TEXT, first_line=5).line(where) == line + 4


KEYS = st.text("abcdefgh", min_size=1, max_size=6)
# PyYAML writes U+0085 plainly between quotes and reads it back as the end of a line.
TREES = st.recursive(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x85"), max_size=20),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(KEYS, below, max_size=3),
    max_leaves=12,
)


def keys(value: object, *above: object) -> list[tuple[object, ...]]:
    """The places of all keys of a tree."""
    if isinstance(value, dict):
        return [place for key, one in value.items() for place in [(*above, key), *keys(one, *above, key)]]
    if isinstance(value, list):
        return [place for index, one in enumerate(value) for place in keys(one, *above, index)]
    return []


@given(st.dictionaries(KEYS, TREES, min_size=1, max_size=4))
def test_every_key_stands_in_the_line_that_is_told(content: dict[str, Any]) -> None:
    text = yaml.safe_dump(content, allow_unicode=True, default_flow_style=False)
    document = Document(PATH, text)
    lines = text.replace("\x85", " ").replace("\u2028", " ").replace("\u2029", " ").split("\n")
    assert document.content == content
    assert document.repeated == []
    assert [place for place in keys(content) if f"{place[-1]}:" not in lines[document.line(place) - 1]] == []


def test_what_stands_twice_is_told_with_both_lines_and_the_last_counts() -> None:
    document = Document(PATH, "a: 1\nb:\n  - {c: 1}\n  - c: 1\n    c: 2\na: 3\n")
    assert [(one.line, one.where) for one in document.repeated] == [(5, "b.1.c"), (6, "a")]
    assert "line 4" in document.repeated[0].what
    assert document.line(["a"]) == 6
    assert document.content == {"a": 3, "b": [{"c": 1}, {"c": 2}]}


def test_what_is_merged_in_is_not_there_twice() -> None:
    document = Document(PATH, "a: &a {x: 1, y: 2}\nb:\n  <<: *a\n  x: 3\n")
    assert document.repeated == []
    assert document.content["b"] == {"x": 3, "y": 2}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\nb: +40: 256\n", 2),
        ("a: 1\n\tb: 2\n", 2),
        ("a: 1\n\nb: 'open\n", 4),
        ("a: 1\nb: *nobody\n", 2),
        ("a: 1\nb: !!python/object:os.system x\n", 2),
        ("- a\n", 1),
        ("", 1),
        ("a: 1\n---\nb: 2\n", 2),
        ("a: \x07\n", 1),
    ],
)
def test_what_is_no_yaml_is_told_with_its_line(text: str, line: int) -> None:
    with pytest.raises(UnreadableError) as error:
        Document(PATH, text, first_line=1)
    assert (error.value.problem.path, error.value.problem.line) == (PATH, line)
    assert error.value.problem.advice


def test_a_missing_file_and_a_foreign_encoding_are_told(tmp_path: Path) -> None:
    path = tmp_path / "office.yml"
    with pytest.raises(UnreadableError, match=r"office\.yml: the file is missing: add it"):
        read_text(path)
    path.write_bytes("name: x\nname: Primăria".encode("cp1250"))
    with pytest.raises(UnreadableError, match=r"office\.yml:2: the file is not UTF-8: save it as UTF-8"):
        Document.read(path)


class Sample(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = "x"
    size: int = Field(1, ge=1)
    kind: Literal["road", "park"] = "road"
    tags: tuple[str, ...] = ()
    link: HttpUrl | None = None
    names: dict[str, str] = {}
    sample: bool = False


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: 12", "office.yml:1: name: is no text: put it in quotes"),
        ("size: 0", "office.yml:1: size: 0 is too small: write 1 or more"),
        ("size: 'many'", "office.yml:1: size: 'many' is no number: write digits only, without quotes"),
        ("kind: 'lake'", "office.yml:1: kind: 'lake' is not known here: write one of 'road' or 'park'"),
        ("tags: 'a'", 'office.yml:1: tags: is no list: write it as ["one", "two"]'),
        ("tags:\n - 'a'\n - 2", "office.yml:3: tags.1: is no text: put it in quotes"),
        ("link: 'x'", "office.yml:1: link: 'x' is no web address: write it as \"https://www.example.org\""),
        ("names: 'x'", "office.yml:1: names: is no group of names with values: write lines such as 'name: value'"),
        ("sample: 'maybe'", "office.yml:1: sample: 'maybe' is neither true nor false: write true or false"),
        ("\ncolour: 'red'", "office.yml:2: colour: is not known here: correct its spelling or take it out"),
    ],
)
def test_a_mistake_is_told_in_plain_words_with_what_to_do(text: str, said: str) -> None:
    assert [str(problem) for problem in Document(PATH, text).problems(Sample)] == [said]


def test_braces_in_a_value_and_long_values_are_told_safely() -> None:
    document = Document(PATH, "kind: '{said} {expected} " + "x" * 100 + "'")
    (problem,) = document.problems(Sample)
    assert problem.what.startswith("'{said} {expected} xxx")
    assert len(problem.what) < 100


def test_a_problem_without_line_or_place_leaves_them_out() -> None:
    assert str(Problem(PATH, 0, "", "wrong")) == "office.yml: wrong"
    assert str(Problem(PATH, 3, "", "wrong", "mend it")) == "office.yml:3: wrong: mend it"
