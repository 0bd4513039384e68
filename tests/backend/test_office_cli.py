"""The commands `komshu office …` without a database, and the offices of this repository."""

from collections.abc import Iterator
from pathlib import Path
from shutil import copy

import pytest
from typer.testing import CliRunner, Result

from backend.cli import cli
from backend.core.settings import ROOT, get_settings
from backend.offices.loading import office_ids, read_office

OFFICES = ROOT / "data" / "offices"
NEW = ["office", "new", "hillside", "--country", "ZA", "--language", "af", "--zone", "Africa/Johannesburg"]


@pytest.fixture
def offices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder of offices, which the commands use."""
    copy(ROOT / "data" / "taxonomy.yml", tmp_path)
    folder = tmp_path / "offices"
    monkeypatch.setenv("OFFICES_DIR", str(folder))
    get_settings.cache_clear()
    yield folder
    monkeypatch.undo()
    get_settings.cache_clear()


def komshu(*words: str) -> Result:
    return CliRunner().invoke(cli, list(words))


def drafted(name: str = "Hillside") -> Result:
    return komshu(*NEW, "--prefix", "HS", "--name", name)


def test_a_new_office_is_accepted_at_once(offices: Path) -> None:
    new = drafted()
    assert (new.exit_code, str(offices / "hillside") in new.output) == (0, True)
    check = komshu("office", "check", "hillside")
    assert check.exit_code == 0
    for shown in ("hillside", "af, en", "af 6, en 6", "0 / 0"):
        assert shown in check.output


def test_an_office_is_never_written_over(offices: Path) -> None:
    drafted()
    before = (offices / "hillside" / "office.yml").read_bytes()
    again = drafted("Other")
    assert (again.exit_code, "already there" in again.output) == (1, True)
    assert (offices / "hillside" / "office.yml").read_bytes() == before


def test_every_problem_is_told_on_a_line_of_its_own_and_the_command_ends_with_one(offices: Path) -> None:
    drafted()
    folder = offices / "hillside"
    office = (folder / "office.yml").read_text()
    (folder / "office.yml").write_text(
        office.replace('"112"', "112").replace("answer_minutes: 10", "answer_minutes: 0")
    )
    privacy = folder / "articles" / "af" / "privacy.md"
    privacy.write_text(privacy.read_text().replace("helpdesk", "nobody"))
    check = komshu("office", "check")
    assert check.exit_code == 1
    told = [line for line in check.output.splitlines() if line.startswith(str(folder))]
    lines = office.splitlines()
    phone, minutes = (1 + next(i for i, line in enumerate(lines) if key in line) for key in ("emergency", "answer_min"))
    assert told == [
        f"{privacy}:4: owner: there is no unit 'nobody': name a unit of units.yml",
        f"{folder}/office.yml:{phone}: emergency_number: is no text: put it in quotes",
        f"{folder}/office.yml:{minutes}: answer_minutes: 0 is too small: write 1 or more",
    ]
    assert "3 problems to put right" in check.output


def test_one_office_is_checked_without_the_others_and_an_unknown_one_is_told(offices: Path) -> None:
    drafted()
    (offices / "broken").mkdir()
    assert komshu("office", "check", "hillside").exit_code == 0
    assert komshu("office", "check").exit_code == 1
    unknown = komshu("office", "check", "metropolis")
    assert (unknown.exit_code, "known offices: broken, hillside" in unknown.output) == (1, True)


@pytest.mark.parametrize("office_id", office_ids(OFFICES))
def test_the_offices_of_this_repository_have_nothing_to_put_right(office_id: str) -> None:
    check = komshu("office", "check", office_id)
    assert check.exit_code == 0, check.output


@pytest.mark.parametrize("office_id", office_ids(OFFICES))
def test_the_offices_of_this_repository_know_their_area_and_their_words(office_id: str) -> None:
    office = read_office(OFFICES, office_id)
    places = office.gazetteer
    assert sum(map(len, (places.streets, places.squares, places.districts, places.landmarks))) >= 150
    assert len(office.glossary.terms) >= 45


@pytest.mark.parametrize("office_id", office_ids(OFFICES))
def test_the_offices_of_this_repository_answer_in_every_language(office_id: str) -> None:
    first = read_office(OFFICES, office_id).profile.languages[0]
    articles = OFFICES / office_id / "articles"
    topics = {language.name: {path.name for path in language.iterdir()} for language in articles.iterdir()}
    assert set(topics) == {"en", "tr", "ro", "mk", "af"}
    assert len(topics[first]) >= 42
    assert topics[first] == topics["en"]
    assert {language for language, there in topics.items() if len(there) < 18} == set()
