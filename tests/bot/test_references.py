"""References in every spelling."""

import pytest
from bot_factories import message
from hypothesis import given, strategies as st

from bot.components.references import ReferenceFinder, reference_in, stands_alone


@pytest.mark.parametrize(
    ("text", "value", "alone"),
    [
        ("TM-4F7-KPX", "TM-4F7-KPX", True),
        ("tm 4f7 kpx", "TM 4F7 KPX", True),
        ("tm4f7kpx", "TM4F7KPX", True),
        ("ТМ-4F7-KPX", "TM-4F7-KPX", True),
        ("TM-4F7-KPX pin 123456", "TM-4F7-KPX", True),
        ("  tm.4f7.kpx, 123 456.", "TM.4F7.KPX", True),
        ("nr. TM-4F7-KPX?", "TM-4F7-KPX", True),
        ("what happened with TM-4F7-KPX", "TM-4F7-KPX", False),
        ("ce se întâmplă cu tm-4f7-kpx?", "TM-4F7-KPX", False),
        ("што стана со ТМ-4F7-KPX", "TM-4F7-KPX", False),
    ],
)
def test_a_reference_is_found_however_it_is_spelled(text: str, value: str, alone: bool) -> None:
    entity = reference_in(text)
    assert entity is not None
    assert entity["value"] == value
    assert stands_alone(text, entity) is alone


@pytest.mark.parametrize(
    "text", ["", "hello", "TM", "tm abc", "item-4f7-kpx", "tmabcdef", "TM-4F7-KPXY", "ATM-4F7-KPX"]
)
def test_other_words_are_none(text: str) -> None:
    assert reference_in(text) is None


@pytest.mark.parametrize(("text", "label"), [("tm 4f7 kpx", "check_status"), ("add a photo to TM-4F7-KPX", "thank")])
def test_one_that_stands_alone_asks_for_its_status(text: str, label: str) -> None:
    ranking = [{"name": "thank", "confidence": 0.1}]
    [found] = ReferenceFinder().process([message(text, intent=ranking[0], intent_ranking=ranking, entities=[])])
    assert found.get("intent")["name"] == label
    assert [entity["entity"] for entity in found.get("entities")] == ["reference"]


def test_a_payload_is_left_alone() -> None:
    [found] = ReferenceFinder().process([message("/inform TM-4F7-KPX", entities=[])])
    assert found.get("entities") == []


@given(st.text(max_size=300))
def test_nothing_breaks_it(text: str) -> None:
    entity = reference_in(text)
    if entity is not None:
        assert 0 <= entity["start"] < entity["end"] <= len(text)
