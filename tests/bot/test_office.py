"""What the bot reads of its office."""

from pathlib import Path
from typing import Iterator

import pytest
import yaml
from bot_factories import LANGUAGES, ROOT

from bot import office

OFFICES = sorted(path.name for path in (ROOT / "data" / "offices").iterdir() if path.is_dir())


@pytest.fixture(autouse=True)
def _read_anew() -> Iterator[None]:
    office.profile.cache_clear()
    yield
    office.profile.cache_clear()


def test_all_five_offices_are_there() -> None:
    assert OFFICES == ["ankara", "macedonia-diaspora", "tekirdag", "timisoara", "western-cape-housing"]


def test_without_a_setting_it_is_timisoara() -> None:
    assert office.office_folder() == ROOT / "data" / "offices" / "timisoara"


def test_the_folder_is_the_one_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OFFICE", "konya")
    assert office.office_folder() == ROOT / "data" / "offices" / "konya"
    monkeypatch.setenv("OFFICES_DIR", str(tmp_path))
    assert office.office_folder() == tmp_path / "konya"
    monkeypatch.setenv("OFFICES_DIR", "")
    assert office.office_folder() == ROOT / "data" / "offices" / "konya"


@pytest.mark.parametrize("name", OFFICES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_office_can_be_named_in_every_language(monkeypatch: pytest.MonkeyPatch, name: str, language: str) -> None:
    monkeypatch.setenv("OFFICE", name)
    values = office.said_values(language)
    assert set(values) == {"office", "desk", "phone", "emergency_number", "website"}
    assert [key for key, value in values.items() if not value.strip()] == []


@pytest.mark.parametrize("name", OFFICES)
def test_every_gazetteer_names_places_and_each_name_says_itself(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("OFFICE", name)
    pairs = office.place_names()
    assert len(pairs) > 200
    assert {official for official, _ in pairs} == {said for official, said in pairs if said == official}
    assert [
        pair for pair in pairs if not all(isinstance(part, str) and part == part.strip() and part for part in pair)
    ] == []


def test_a_new_office_needs_neither_profile_nor_gazetteer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OFFICES_DIR", str(tmp_path))
    assert office.place_names() == []
    assert set(office.said_values("mk").values()) == {""}


def test_places_of_all_groups_are_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = tmp_path / "konya"
    folder.mkdir()
    groups = {"streets": [{"name": "A", "aliases": ["a1", "a2"]}], "landmarks": [{"name": "B"}]}
    (folder / "gazetteer.yml").write_text(yaml.safe_dump(groups, sort_keys=False), encoding="utf-8")
    (folder / "office.yml").write_text("name: {tr: Konya}\nphone: 153\n", encoding="utf-8")
    monkeypatch.setenv("OFFICES_DIR", str(tmp_path))
    monkeypatch.setenv("OFFICE", "konya")
    assert office.place_names() == [("A", "A"), ("A", "a1"), ("A", "a2"), ("B", "B")]
    assert office.said_values("tr") == {
        "office": "Konya",
        "desk": "",
        "phone": "153",
        "emergency_number": "",
        "website": "",
    }
    assert office.said_values("mk")["office"] == ""
