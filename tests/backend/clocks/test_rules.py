"""The rules as data: a country's, an office's own, which holds, what it asks for."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from holidays import country_holidays

from backend.clocks.errors import ClocksDataError
from backend.clocks.schemas import Clocks
from backend.clocks.service import applicable, read_clocks, requirements
from backend.core.settings import ROOT
from tests.backend.clocks.factories import CLOCKS, RULES, ZONES

OWN = ROOT / "data" / "offices"


def written(folder: Path, content: dict[str, Any] | str) -> Path:
    path = folder / "clocks.yml"
    path.write_text(content if isinstance(content, str) else yaml.safe_dump(content, sort_keys=False))
    return path


def with_office(folder: Path, content: dict[str, Any] | str, country: str = "RO") -> Clocks:
    return read_clocks(CLOCKS, country, written(folder, content))


def test_the_rules_there_are() -> None:
    assert set(RULES) == {
        "ro-foi", "ro-petition", "tr-foi", "tr-petition", "mk-foi", "mk-foi-oral", "mk-petition",
        "za-foi", "za-tribunal", "za-municipal",
    }  # fmt: skip


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_rule_says_where_it_comes_from(rule: Any) -> None:
    assert rule.source
    assert rule.link.startswith("http") or rule.status == "example"
    assert date(2026, 11, 1) <= rule.checked <= date.today()
    assert not rule.counting.first_day_counts


@pytest.mark.parametrize("path", sorted(CLOCKS.glob("*.yml")), ids=lambda path: path.stem)
def test_a_country_of_the_data_has_a_calendar_and_its_rules_its_name(path: Path) -> None:
    assert path.stem.upper() in ZONES
    assert country_holidays(path.stem.upper(), years=2026)
    assert all(rule.id.startswith(f"{path.stem}-") for rule in read_clocks(CLOCKS, path.stem).rules)


@pytest.mark.parametrize("office", sorted(path.parent for path in OWN.glob("*/office.yml")), ids=lambda path: path.name)
def test_every_office_has_its_countrys_rules_with_its_own(office: Path) -> None:
    country = yaml.safe_load((office / "office.yml").read_text())["country"]
    own = {rule.id for rule in read_clocks(CLOCKS, country, office / "clocks.yml").rules}
    assert own >= {rule.id for rule in read_clocks(CLOCKS, country).rules} != set()


@pytest.mark.parametrize(
    ("country", "kind", "channel", "expected"),
    [
        ("RO", "information_request", "web", "ro-foi"),
        ("RO", "press_enquiry", "email", "ro-foi"),
        ("RO", "complaint", "telegram", "ro-petition"),
        ("RO", "housing_dispute", "web", "ro-petition"),
        ("RO", "praise", "web", None),
        ("TR", "information_request", "web", "tr-foi"),
        ("TR", "information_request", "phone", None),
        ("TR", "suggestion", "sms", "tr-petition"),
        ("TR", "press_enquiry", "web", None),
        ("MK", "information_request", "web", "mk-foi"),
        ("MK", "information_request", "phone", "mk-foi-oral"),
        ("MK", "information_request", "desk", "mk-foi-oral"),
        ("MK", "complaint", "phone", "mk-petition"),
        ("ZA", "housing_dispute", "web", "za-tribunal"),
        ("ZA", "service_request", "sms", "za-municipal"),
        ("DE", "complaint", "web", None),
    ],
)
def test_which_rule_holds(country: str, kind: str, channel: str, expected: str | None) -> None:
    found = applicable(read_clocks(CLOCKS, country).rules, kind, channel)
    assert (found.id if found else None) == expected


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (
            "tr-foi",
            {"name": "required", "address": "required", "identity_number": "required",
             "signature": "required_on_paper", "phone": "not_accepted_by"},
        ),
        ("mk-foi", {"reply_address": "required"}),
        ("mk-foi-oral", {"phone": "only_accepted_by", "desk": "only_accepted_by"}),
        ("mk-petition", {}),
    ],
)  # fmt: skip
def test_what_a_citizen_must_know_before_typing_a_page(rule: str, expected: dict[str, str]) -> None:
    assert {one.need: one.kind for one in requirements(RULES[rule])} == expected


def test_an_office_changes_only_what_it_names(tmp_path: Path) -> None:
    changed = with_office(
        tmp_path, {"rules": [{"id": "ro-petition", "length": 20, "counting": {"last_day_counts": True}}]}
    )
    rule = next(rule for rule in changed.rules if rule.id == "ro-petition")
    assert (rule.length, rule.counting.last_day_counts) == (20, True)
    assert rule.counting.roll_over == "next_working_day"
    assert rule.extension == RULES["ro-petition"].extension
    assert [one.id for one in changed.rules] == ["ro-foi", "ro-petition"]
    assert changed.rules[0] == RULES["ro-foi"]


OWN_RULE = {
    "id": "tm-press",
    "kinds": ["press_enquiry"],
    "status": "example",
    "checked": "2026-11-22",
    "source": "the office's own standard",
    "length": 2,
    "counting": {"unit": "working_days"},
}


def test_an_office_adds_rules_that_come_before_the_countrys(tmp_path: Path) -> None:
    clocks = with_office(tmp_path, {"rules": [OWN_RULE], "calendar": {"extra_working_days": ["2026-11-28"]}})
    assert [rule.id for rule in clocks.rules] == ["tm-press", "ro-foi", "ro-petition"]
    found = applicable(clocks.rules, "press_enquiry", "email")
    assert found is not None
    assert found.id == "tm-press"
    assert clocks.calendar.extra_working_days == (date(2026, 11, 28),)


def test_an_office_puts_a_rule_or_a_part_of_it_out_of_force(tmp_path: Path) -> None:
    rules = [{"id": "za-municipal", "kinds": []}, {"id": "za-foi", "extension": None}]
    clocks = with_office(tmp_path, {"rules": rules}, "ZA")
    assert applicable(clocks.rules, "complaint", "web") is None
    assert next(rule for rule in clocks.rules if rule.id == "za-foi").extension is None


def test_without_a_file_the_countrys_rules_hold(tmp_path: Path) -> None:
    assert read_clocks(CLOCKS, "RO", tmp_path / "clocks.yml") == read_clocks(CLOCKS, "RO")
    assert read_clocks(CLOCKS, "DE") == Clocks()


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        ({"rules": [OWN_RULE | {"length": 0}]}, 8, "rules.0.length"),
        ({"rules": [OWN_RULE | {"kinds": ["gossip"]}]}, 4, "'gossip' is not known here"),
        ({"rules": [{"id": "ro-foi", "lenght": 9}]}, 3, "rules.0.lenght"),
        ({"rules": [{"id": "ro-foi"}, {"id": "ro-petition", "extension": {"total": 60}}]}, 4, "either total or added"),
        ({"rules": [{"id": "ro-foi", "extension": {"total": 10}}]}, 2, "not longer than length"),
        ({"rules": [OWN_RULE, OWN_RULE]}, 1, "tm-press: the id is there twice"),
        ({"rules": [{"length": 3}]}, 2, "rules.0.id"),
        ({"rules": "none"}, 1, "rules"),
        ({"rules": ["ro-foi"]}, 2, "rules.0"),
        ({"calendar": {"extra_holidays": ["24 December"]}}, 3, "calendar.extra_holidays.0"),
        ({"calendar": {"weekend": ["moonday"]}}, 3, "calendar.weekend.0"),
        ("rules: []\nrules: []\n", 2, "stands twice"),
        ("rules: [\n", 2, "this is not YAML"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, content: Any, line: int, words: str) -> None:
    path = written(tmp_path, content)
    with pytest.raises(ClocksDataError) as error:
        read_clocks(CLOCKS, "RO", path)
    assert any(str(one).startswith(f"{path}:{line}: ") and words in str(one) for one in error.value.problems), error


def test_all_mistakes_are_named_at_once(tmp_path: Path) -> None:
    path = written(tmp_path, {"rules": [OWN_RULE | {"length": "many", "status": "sure"}]})
    with pytest.raises(ClocksDataError) as error:
        read_clocks(CLOCKS, "RO", path)
    assert len(error.value.problems) == 2
