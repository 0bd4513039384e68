"""docs/clocks.md says what the data says."""

import re
from pathlib import Path

import pytest

from backend.clocks.schemas import CalendarChanges, Counting, ExtensionTerm, Part, PauseTerm, Rule, TransferTerm
from backend.clocks.service import read_clocks
from backend.core.settings import ROOT
from tests.backend.clocks.factories import CLOCKS, RULES

PAGE = (ROOT / "docs" / "clocks.md").read_text()
TERMS = PAGE.split("What else they know")[0]


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_every_rule_stands_there_with_its_term_and_status(rule: Rule) -> None:
    row = re.search(rf"^\| `{rule.id}` \| (.*?) \| (.*?) \| .*? \| (.*?) \| .+ \|$", TERMS, re.M)
    assert row is not None
    kinds, term, status = row.groups()
    assert kinds.split(", by ")[0].split(", ") == list(rule.kinds)
    assert (term, status) == (f"{rule.length} {rule.counting.unit.replace('_', ' ')}", rule.status)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_the_numbers_of_its_parts_stand_there(rule: Rule) -> None:
    row = re.search(rf"^\| `{rule.id}` \| .*$", PAGE.split("What else they know")[1], re.M)
    assert row is not None
    numbers = {int(number) for number in re.findall(r"\d+", row[0].split(" | ", 1)[1])}
    parts = (rule.interruption, rule.completion, rule.transfer, rule.refusal, rule.acknowledgement)
    expected = {part.days for part in parts if part and part.days}
    if rule.extension:
        expected |= {rule.extension.total or rule.extension.added, rule.extension.notice_within}
    assert numbers == expected


def test_no_rule_stands_there_that_is_not_in_the_data() -> None:
    assert set(re.findall(r"^\| `([a-z]{2}-[a-z-]+)` \|", PAGE, re.M)) == set(RULES)


@pytest.mark.parametrize(
    "field",
    sorted(
        {
            field
            for schema in (Rule, Counting, ExtensionTerm, Part, PauseTerm, TransferTerm, CalendarChanges)
            for field in schema.model_fields
        }
    ),
)
def test_every_field_is_explained(field: str) -> None:
    assert re.search(rf"`{field}`|^ *(- )?{field}:", PAGE, re.M)


def test_the_example_can_be_read(tmp_path: Path) -> None:
    example = re.search(r"```yaml\n(.*?)```", PAGE, re.S)
    assert example is not None
    (tmp_path / "clocks.yml").write_text(example[1])
    rules = {rule.id: rule for rule in read_clocks(CLOCKS, "RO", tmp_path / "clocks.yml").rules}
    assert rules["ro-petition"].length == 20
    assert rules["tm-press"].acknowledgement == Part(days=1)
