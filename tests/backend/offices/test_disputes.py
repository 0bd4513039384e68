"""disputes.yml: what is wrong in it is told with its line, and an office may do without."""

import shutil
from pathlib import Path

import pytest

from backend.core.settings import ROOT
from backend.offices.service import check_data, read_office

DATA = ROOT / "data"
OFFICE = "western-cape-housing"


@pytest.fixture
def offices(tmp_path: Path) -> Path:
    """A copy of the office that may be spoilt."""
    shutil.copytree(DATA / "offices" / OFFICE, tmp_path / "offices" / OFFICE)
    shutil.copy(DATA / "taxonomy.yml", tmp_path)
    return tmp_path / "offices"


def test_the_office_of_the_tribunal_has_steps_and_the_others_none() -> None:
    disputes = read_office(DATA / "offices", OFFICE).disputes
    assert disputes
    assert disputes.first == "registered"
    assert read_office(DATA / "offices", "timisoara").disputes is None


@pytest.mark.parametrize(
    ("right", "wrong", "what"),
    [
        ('then: ["hearing"]', 'then: ["haering"]', "there is no step 'haering'"),
        ('after: ["hearing"]', 'after: ["judgement"]', "there is no step 'judgement'"),
        ("U dispuut {reference}", "U dispuut {reverence}", "nothing fills in 'reverence'"),
        ("U dispuut {reference}", "U dispuut {reference", "has a brace without its other half"),
        ('en: "Mediation"', 'en: ""', "words are missing in en"),
        ("appointment: true", "appointment: often", "is neither true nor false"),
        ('outcomes: ["withdrawn"]', 'outcomes: ["lost"]', "is not known here"),
        ("skip_needs_reason", "skip_needs_raisin", "is not known here"),
    ],
)
def test_a_mistake_is_told_with_its_place(offices: Path, right: str, wrong: str, what: str) -> None:
    path = offices / OFFICE / "disputes.yml"
    text = path.read_text()
    assert right in text
    path.write_text(text.replace(right, wrong, 1))
    problems = [problem for problem in check_data(offices, OFFICE).problems if problem.path == path]
    assert any(what in str(problem) and problem.line for problem in problems), problems


@pytest.mark.parametrize("part", ["steps", "ends"])
def test_an_empty_part_is_told(offices: Path, part: str) -> None:
    path = offices / OFFICE / "disputes.yml"
    kept = {"steps": "steps: {}\nends:", "ends": "ends: {}\n"}[part]
    head, tail = path.read_text().split(f"\n{part}:", 1)
    path.write_text(head + "\n" + (kept + tail.split("\nends:", 1)[1] if part == "steps" else kept))
    assert any("is empty" in problem.what for problem in check_data(offices, OFFICE).problems)
