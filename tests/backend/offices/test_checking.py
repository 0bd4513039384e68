"""What an office's data should hold."""

from pathlib import Path
from typing import Any

import pytest

from backend.offices.checking import CheckedData, check_data
from backend.offices.errors import OfficeDataError
from tests.backend.offices.factories import Parts, names, parts, written

KINDS = ("complaint", "service_request", "suggestion", "praise", "information_request", "press_enquiry")


def whole(**gazetteer: list[dict[str, Any]]) -> Parts:
    """A small office that has nothing to put right."""
    content = parts()
    content["categories"]["kinds"] = dict.fromkeys(KINDS, "desk")
    content["gazetteer"].update(gazetteer)
    return content


def checked(folder: Path, content: Parts) -> CheckedData:
    return check_data(written(folder, content), "smallville")


def test_a_whole_office_has_nothing_to_put_right_and_is_counted(tmp_path: Path) -> None:
    data = checked(tmp_path, whole(squares=[{"name": "Piața Mare"}]))
    assert (data.problems, data.warnings) == ([], [])
    assert (data.languages, data.time_zone) == (("ro", "tr"), "Europe/Bucharest")
    assert (data.units, data.topics) == (("desk", "police"), ("opening_hours",))
    assert (data.categories, data.places, data.terms, data.announcements) == (1, 2, 1, 2)


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_that_no_unit_answers_for_is_told(tmp_path: Path, kind: str) -> None:
    content = whole()
    del content["categories"]["kinds"][kind]
    assert [(one.where, one.what) for one in checked(tmp_path, content).problems] == [("kinds", f"'{kind}' is missing")]


def test_a_category_that_is_missing_and_one_that_nobody_knows_are_told(tmp_path: Path) -> None:
    content = whole()
    content["taxonomy"]["categories"]["sewer"] = names("Sewer")
    content["categories"]["categories"]["dragons"] = {"unit": "police", "name": names("Dragons")}
    problems = checked(tmp_path, content).problems
    assert [(one.where, one.what[:12]) for one in problems] == [
        ("categories", "'sewer' is m"),
        ("categories.dragons", "'dragons' is"),
    ]


def test_areas_name_only_what_is_described(tmp_path: Path) -> None:
    content = whole(districts=[{"name": "Fabric"}], squares=[{"name": "Piața Mare", "district": "Fabrik"}])
    wrong = {"districts": ["Fabric", "Mehala"], "categories": ["noise", "sewer"], "unit": "fire"}
    content["categories"]["areas"] = [wrong]
    problems = checked(tmp_path, content).problems
    assert sorted((one.where, one.what) for one in problems) == [
        ("areas.0.categories", "there is no 'sewer'"),
        ("areas.0.districts", "there is no 'Mehala'"),
        ("areas.0.unit", "there is no unit 'fire'"),
        ("squares.0.district", "there is no district 'Fabrik'"),
    ]
    content["categories"]["areas"] = [{"districts": ["Fabric"], "categories": ["noise"], "unit": "desk"}]
    content["gazetteer"]["squares"][0]["district"] = "Fabric"
    assert checked(tmp_path, content).problems == []


@pytest.mark.parametrize(
    ("squares", "twice"),
    [
        ([{"name": "Piața Mare", "aliases": ["Piata Mare", "PIAȚA MARE"]}], []),
        ([{"name": "STRADA MARE"}], ["squares.0"]),
        ([{"name": "Piața Mare"}, {"name": "Mare", "aliases": ["piata  mare"]}], ["squares.1"]),
        ([{"name": "Piața", "aliases": ["str mare"]}], ["squares.0"]),
        ([{"name": "Партизанска", "aliases": ["Partizanska"]}], []),
        ([{"name": "Партизанска"}, {"name": "Partizanska"}], ["squares.1"]),
        ([{"name": "Strada Marelui"}], []),
    ],
)
def test_a_name_that_leads_to_two_places_is_told_however_it_is_spelled(
    tmp_path: Path, squares: list[dict[str, Any]], twice: list[str]
) -> None:
    assert [one.where for one in checked(tmp_path, whole(squares=squares)).problems] == twice


def test_where_the_other_of_two_names_stands_is_told(tmp_path: Path) -> None:
    offices = written(tmp_path, whole())
    text = 'streets:\n  - {name: "Strada Mare"}\n  - {name: "Strada Nouă"}\n  - {name: "strada mare"}\n'
    (offices / "smallville" / "gazetteer.yml").write_text(text, encoding="utf-8")
    (problem,) = check_data(offices, "smallville").problems
    assert problem.line == 4
    assert "'Strada Mare' in line 2" in problem.what


def test_a_prefix_that_two_offices_share_is_told_as_a_warning(tmp_path: Path) -> None:
    offices = written(tmp_path, whole())
    (offices / "bigville").mkdir()
    (offices / "bigville" / "office.yml").write_text('reference_prefix: "SV"\n')
    data = check_data(offices, "smallville")
    assert data.problems == []
    assert [(one.where, "bigville" in one.what) for one in data.warnings] == [("reference_prefix", True)]


@pytest.mark.parametrize("name", ["office", "units", "categories", "gazetteer", "glossary", "announcements"])
@pytest.mark.parametrize(
    "content", ["- x", "a: [", "a: 1", "terms: 3\nkinds: 4\ncategories: 5\nstreets: 6\nlanguages: 7"]
)
def test_a_broken_file_does_not_hide_what_is_wrong_in_the_others(tmp_path: Path, name: str, content: str) -> None:
    office = whole()
    (office["units"] if name != "units" else office["gazetteer"])["police"] = {"name": 1}
    offices = written(tmp_path, office)
    (offices / "smallville" / f"{name}.yml").write_text(content)
    files = {problem.path.stem for problem in check_data(offices, "smallville").problems}
    assert {name, "units" if name != "units" else "gazetteer"} <= files


def test_the_check_goes_on_in_the_fallback_language_while_none_is_named(tmp_path: Path) -> None:
    content = whole()
    content["office"].update(languages=[], time_zone="Mars")
    data = checked(tmp_path, content)
    assert (data.languages, data.time_zone) == (("en",), None)
    assert {one.where for one in data.problems} == {"languages", "time_zone"}


def test_an_unknown_office_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OfficeDataError, match="smallville"):
        check_data(written(tmp_path, whole()), "metropolis")
