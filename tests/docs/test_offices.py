"""docs/offices.md explains every file and every field of an office."""

import re
from typing import get_args

import pytest
from pydantic import BaseModel

from backend.core.settings import ROOT
from backend.knowledge.checking import MUST_HAVE
from backend.knowledge.schemas import FrontMatter
from backend.offices.drafting import TEMPLATE
from backend.offices.schemas import (
    WEEKDAYS,
    Announcements,
    Categories,
    Category,
    DisputeEnd,
    Disputes,
    DisputeStep,
    Gazetteer,
    Glossary,
    Need,
    NewsTopic,
    Place,
    Priority,
    Profile,
    Span,
    Taxonomy,
    Term,
    TicketKind,
    ToldParties,
    Unit,
)

SECTIONS: dict[str, tuple[type[BaseModel], ...]] = {
    "office.yml": (Profile, Span),
    "units.yml": (Unit,),
    "categories.yml": (Categories, Category),
    "gazetteer.yml": (Gazetteer, Place),
    "glossary.yml": (Glossary, Term),
    "announcements.yml": (Announcements, NewsTopic),
    "disputes.yml": (Disputes, DisputeStep, DisputeEnd, ToldParties),
    "articles/&lt;language&gt;/&lt;topic&gt;.md": (FrontMatter,),
    "data/taxonomy.yml": (Taxonomy,),
}
WORDS = {*get_args(Priority), *get_args(Need), *get_args(TicketKind), *MUST_HAVE, WEEKDAYS[0], WEEKDAYS[-1]}


def page() -> str:
    return (ROOT / "docs" / "offices.md").read_text()


def sections() -> dict[str, str]:
    """The text below each heading."""
    parts = re.split(r"^## (.+)$", page(), flags=re.M)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


@pytest.mark.parametrize(
    ("file", "field"),
    [(file, field) for file, models in SECTIONS.items() for model in models for field in model.model_fields],
)
def test_every_field_is_explained_under_its_file(file: str, field: str) -> None:
    assert f"`{field}`" in sections()[file]


@pytest.mark.parametrize("file", SECTIONS)
def test_no_field_is_explained_that_is_not_there(file: str) -> None:
    cells = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", sections()[file], re.M)
    there = {field for model in SECTIONS[file] for field in model.model_fields}
    assert {name for cell in cells for name in re.findall(r"\w+", cell)} <= there


@pytest.mark.parametrize("word", sorted(WORDS))
def test_every_word_that_may_be_written_is_named(word: str) -> None:
    assert f"`{word}`" in page()


def test_every_file_of_a_new_office_has_a_section() -> None:
    assert {path.name for path in TEMPLATE.glob("*.yml")} <= sections().keys()
    assert {path.stem for path in TEMPLATE.rglob("*.md")} == set(MUST_HAVE)


@pytest.mark.parametrize("command", ["office new", "office check", "office load", "make run OFFICE="])
def test_the_commands_are_named(command: str) -> None:
    assert command in page()
