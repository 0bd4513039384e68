"""Entities of one form: names of languages, and how all of them stand together in a message."""

from typing import Any, Dict, List

import pytest
from bot_factories import message

from bot.components.entities import LONGEST_READ, EntityFinder, folded
from bot.components.tokenizer import FoldingTokenizer


def found(text: str, *known: Dict[str, Any], language: str = "en") -> List[Dict[str, Any]]:
    heard = message(text, entities=[{"entity": "language", "value": language}, *known])
    FoldingTokenizer(FoldingTokenizer.get_default_config()).process([heard])
    EntityFinder().process([heard])
    return [entity for entity in heard.get("entities") if entity.get("extractor") == "EntityFinder"]


NAMED = [
    ("in English please", ["en"]),
    ("românește vă rog", ["ro"]),
    ("vorbesc turceste si maghiara", ["tr", "hu"]),
    ("Romence biliyor musunuz", ["ro"]),
    ("İngilizce", ["en"]),
    ("зборувате ли албански?", ["sq"]),
    ("na makedonski ili na turski", ["mk", "tr"]),
    ("praat julle Afrikaans of isiXhosa", ["af", "xh"]),
    ("Duits of Frans", ["de", "fr"]),
    ("the roman ruins", []),
    ("arabamı çektiler", []),
    ("turkuaz renk", []),
    ("poland", []),
]


@pytest.mark.parametrize(("text", "codes"), NAMED)
def test_names_of_languages_become_their_codes(text: str, codes: List[str]) -> None:
    entities = [entity for entity in found(text) if entity["entity"] == "named_language"]
    assert [entity["value"] for entity in entities] == codes
    assert all(text[entity["start"] : entity["end"]] for entity in entities)


def test_all_of_them_in_one_message() -> None:
    text = "Sunați-mă mâine la ora 14:30 la 0722 123 456 sau ana@mail.ro, în engleză"
    entities = {entity["entity"]: (entity["value"], text[entity["start"] : entity["end"]]) for entity in found(text)}
    assert set(entities) == {"when", "phone", "email"} | {"named_language"}
    assert entities["phone"] == ("0722123456", "0722 123 456")
    assert entities["email"] == ("ana@mail.ro", "ana@mail.ro")
    assert entities["named_language"] == ("en", "engleză")


def test_the_number_of_a_house_and_of_a_phone_say_no_time() -> None:
    place = {"entity": "place", "value": "Strada Mare 9", "start": 3, "end": 12}
    assert found("at Mare 9.15", place) == []
    assert [entity["entity"] for entity in found("0722.12.30.45")] == ["phone"]


def test_what_is_typed_with_marks_and_in_capitals_is_found_where_it_stands() -> None:
    text = "  ȘI   Mâine\tLA  ORA 14:30!"
    [when] = found(text, language="ro")
    assert (when["value"], text[when["start"] : when["end"]]) == ("tomorrow 14:30", "Mâine\tLA  ORA 14:30")


def test_a_payload_is_left_alone() -> None:
    assert found('/inform{"change": "place"} 0722123456') == []


def test_what_stands_far_behind_is_not_searched() -> None:
    assert found("x " * LONGEST_READ + "0722123456 tomorrow") == []


def test_folding_takes_no_digit_for_a_letter() -> None:
    heard = message("om 14h30")
    FoldingTokenizer(FoldingTokenizer.get_default_config()).process([heard])
    assert folded(heard.get("text_tokens")).text == "om 14h30"


async def test_the_trained_pipeline_emits_them(agent: Any) -> None:
    parsed = await agent.parse_message("sunați-mă mâine la ora 14:30 la 0722 123 456, este o groapă pe stradă")
    values = {entity["entity"]: entity["value"] for entity in parsed["entities"]}
    assert values["phone"] == "0722123456"
    assert values["when"] == "tomorrow 14:30"
