"""A new office's folder."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from shutil import copy

import pytest
from hypothesis import given, settings, strategies as st

from backend.core.languages import LANGUAGES
from backend.core.settings import ROOT
from backend.knowledge.service import check_articles
from backend.offices.checking import check_data
from backend.offices.drafting import TEMPLATE, Draft, draft_office
from backend.offices.errors import OfficeDataError
from backend.offices.loading import read_office

TODAY = date(2026, 11, 22)
DRAFT = Draft("hillside", "ZA", "af", "Africa/Johannesburg", "HS", "Hillside Municipality")


@pytest.fixture
def offices(tmp_path: Path) -> Path:
    copy(ROOT / "data" / "taxonomy.yml", tmp_path)
    (tmp_path / "offices").mkdir()
    return tmp_path / "offices"


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("data")
    copy(ROOT / "data" / "taxonomy.yml", folder)
    return folder / "offices"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_drafted_office_is_whole(offices: Path, language: str) -> None:
    draft_office(offices, replace(DRAFT, language=language), TODAY)
    data = check_data(offices, "hillside")
    articles = check_articles(offices / "hillside", data.topics, data.units, data.languages, TODAY)
    assert [*data.problems, *data.warnings, *articles.problems, *articles.warnings] == []
    assert data.languages == tuple(dict.fromkeys([language, "en"]))
    assert set(articles.counts) == set(data.languages)


def test_the_values_given_are_those_of_the_office(offices: Path) -> None:
    paths = draft_office(offices, DRAFT, TODAY)
    office = read_office(offices, "hillside")
    assert all(path.is_file() for path in paths)
    assert (office.profile.country, office.profile.time_zone) == ("ZA", "Africa/Johannesburg")
    assert office.profile.reference_prefix == "HS"
    assert office.profile.name == dict.fromkeys(LANGUAGES, "Hillside Municipality")


def test_every_language_has_the_same_samples() -> None:
    topics = {language: {path.name for path in (TEMPLATE / "articles" / language).iterdir()} for language in LANGUAGES}
    assert all(names == topics["en"] for names in topics.values())


@settings(max_examples=30)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).filter(lambda name: name.strip()))
def test_no_name_breaks_out_of_its_quotes(bench: Path, name: str) -> None:
    folder = bench / "hillside"
    for path in sorted(folder.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    if folder.exists():
        folder.rmdir()
    draft_office(bench, replace(DRAFT, name=name), TODAY)
    assert read_office(bench, "hillside").profile.name["mk"] == name


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("id", "../hillside", "no id"),
        ("id", "Hill Side", "no id"),
        ("id", "", "no id"),
        ("country", "Sudafrica", "ISO 3166"),
        ("language", "xx", "en, tr, ro, mk, af"),
        ("time_zone", "Africa/Nowhere", "no time zone"),
        ("reference_prefix", "h", "prefix"),
        ("name", " ", "words are missing"),
    ],
)
def test_a_wrong_value_is_told_and_nothing_is_written(offices: Path, field: str, value: str, said: str) -> None:
    with pytest.raises(OfficeDataError, match=said):
        draft_office(offices, replace(DRAFT, **{field: value}), TODAY)
    assert list(offices.parent.rglob("*.yml")) == [offices.parent / "taxonomy.yml"]


def test_an_office_that_is_there_and_a_prefix_that_is_taken_are_refused(offices: Path) -> None:
    draft_office(offices, DRAFT, TODAY)
    before = {path: path.read_bytes() for path in offices.rglob("*.*")}
    with pytest.raises(OfficeDataError, match="already there"):
        draft_office(offices, replace(DRAFT, reference_prefix="HX", name="Other"), TODAY)
    with pytest.raises(OfficeDataError, match="'HS' already begins the references of 'hillside'"):
        draft_office(offices, replace(DRAFT, id="valley"), TODAY)
    assert {path: path.read_bytes() for path in offices.rglob("*.*")} == before
