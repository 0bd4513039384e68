"""The sentences of the bot: complete, alike in all five languages, and filled as they should be."""

import re
from pathlib import Path
from string import Formatter
from typing import Any, Dict, List

import pytest
from babel.messages.pofile import read_po
from bot_factories import LANGUAGES, ROOT, domain, tracker_of
from rasa.core.nlg.generator import NaturalLanguageGenerator
from rasa.shared.core.events import SlotSet
from rasa.utils.endpoints import EndpointConfig

from bot.nlg.catalogue import FOLDER, KEY, CatalogueNLG, catalogues, language_of, said
from bot.office import said_values

OTHERS = [language for language in LANGUAGES if language != "en"]
ENGLISH = catalogues()["en"]
ACTIONS = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "actions").glob("*.py")))


def placeholders(line: str) -> List[str]:
    return sorted(name for _, name, _, _ in Formatter().parse(line) if name)


def tracker(**slots: Any) -> Any:
    return tracker_of(*(SlotSet(name, value) for name, value in slots.items()))


async def generated(key: str, turn_language: str = "en", **values: Any) -> Dict[str, Any]:
    made = await CatalogueNLG(EndpointConfig(), domain()).generate(
        key, tracker(language=turn_language), "komshu", **values
    )
    assert made
    return made


def test_there_is_a_catalogue_for_each_language() -> None:
    assert set(catalogues()) == set(LANGUAGES)


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_has_the_same_keys_in_the_same_files(language: str) -> None:
    def keys(code: str) -> Dict[str, List[str]]:
        folder = FOLDER / code
        return {path.name: sorted(m.id for m in entries(path) if m.id) for path in sorted(folder.glob("*.po"))}

    assert keys(language) == keys("en")
    assert set(catalogues()[language]) == set(ENGLISH)


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_has_the_same_lines_and_placeholders(language: str) -> None:
    ours = catalogues()[language]
    shape = {key: [placeholders(line) for line in ENGLISH[key].split("\n")] for key in ENGLISH}
    assert {key: [placeholders(line) for line in ours[key].split("\n")] for key in ENGLISH} == shape


@pytest.mark.parametrize("language", OTHERS)
def test_no_sentence_was_left_in_english(language: str) -> None:
    ours = catalogues()[language]
    same = {key for key in ENGLISH if ours[key] == ENGLISH[key] and not key.startswith("button.language.")}
    assert same - {"button.cancel"} == set()


def entries(path: Path) -> List[Any]:
    with path.open("rb") as file:
        return list(read_po(file))


PATHS = sorted(FOLDER.glob("*/*.po"))


@pytest.mark.parametrize("path", PATHS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_file_is_well_made(path: Path) -> None:
    with path.open("rb") as file:
        catalogue = read_po(file)
    found = [entry for entry in catalogue if entry.id]
    assert str(catalogue.locale) == path.parent.name
    assert found
    assert [entry.id for entry in found if entry.fuzzy or not entry.string or not KEY.match(entry.id)] == []
    assert dict(catalogue.obsolete) == {}
    assert [entry.id for entry in found if entry.string != entry.string.strip() or "  " in entry.string] == []


def test_no_key_is_in_two_files() -> None:
    keys = [entry.id for path in sorted((FOLDER / "en").glob("*.po")) for entry in entries(path) if entry.id]
    assert sorted(keys) == sorted(set(keys))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_response_and_button_of_the_domain_has_a_sentence(language: str) -> None:
    responses = domain().responses
    buttons = {b["title"] for texts in responses.values() for text in texts for b in text.get("buttons", [])}
    assert len(buttons) > 10
    assert (set(responses) | buttons) - set(catalogues()[language]) == set()


def test_every_sentence_is_used_by_the_domain() -> None:
    responses = domain().responses
    buttons = {b["title"] for texts in responses.values() for text in texts for b in text.get("buttons", [])}
    assert set(ENGLISH) - set(responses) - buttons == set()


def test_a_response_of_the_domain_says_its_own_key() -> None:
    assert {key: [text["text"] for text in texts] for key, texts in domain().responses.items()} == {
        key: [key] for key in domain().responses
    }


@pytest.mark.parametrize("name", sorted({name for text in ENGLISH.values() for name in placeholders(text)}))
def test_every_placeholder_is_filled_by_somebody(name: str) -> None:
    assert name in said_values("en") or re.search(rf"\b{name}\b", ACTIONS)


@pytest.mark.parametrize(
    ("values", "lines"),
    [
        ({"subject": "a", "description": "b", "place": "c", "position": "", "details": None, "photos": ""}, 4),
        ({"subject": "", "description": "b", "place": "", "position": "", "details": "", "photos": ""}, 2),
        ({"subject": "a", "description": "b", "place": "c", "position": "d", "details": "e", "photos": "1"}, 7),
        ({"description": "0", "photos": 0}, 3),
        ({}, 1),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_lines_with_nothing_to_say_are_left_out(language: str, values: Dict[str, Any], lines: int) -> None:
    text = said("utter_ask_report_confirm", language, values)
    assert len(text.split("\n")) == lines
    assert "{" not in text
    assert "None" not in text


@pytest.mark.parametrize("told", ["{office}", "{0}", "{}", "}{", "%s", "{a.b}", "{__class__}"])
def test_what_citizens_write_is_not_filled_in_turn(told: str) -> None:
    assert told in said("utter_ask_report_confirm", "mk", {"description": told, "office": "secret"})


@pytest.mark.parametrize(("language", "used"), [("xx", "en"), ("", "en"), ("mk", "mk"), ("af", "af"), ("TR", "en")])
def test_an_unknown_language_is_english(language: str, used: str) -> None:
    assert said("utter_welcome", language, {}) == catalogues()[used]["utter_welcome"]


def test_an_unknown_key_is_said_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    assert said("utter_nothing", "tr", {}) == "utter_nothing"
    assert "utter_nothing" in caplog.text


@pytest.mark.parametrize(
    ("slots", "language"),
    [
        ({}, "en"),
        ({"language": "ro"}, "ro"),
        ({"language": "ro", "language_choice": "mk"}, "mk"),
        ({"language_choice": "af"}, "af"),
        ({"language": "tr", "language_choice": None}, "tr"),
    ],
)
def test_the_choice_comes_before_the_language_found(slots: Dict[str, Any], language: str) -> None:
    assert language_of(tracker(**slots)) == language


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_language_given_wins_over_the_turns(language: str) -> None:
    made = await generated("utter_language_changed", "ro", language=language)
    assert made["text"] == catalogues()[language]["utter_language_changed"]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_buttons_are_titled_in_the_language_and_keep_their_payload(language: str) -> None:
    made = await generated("utter_ask_report_correction", language)
    ours = catalogues()[language]
    assert made["buttons"] == [
        {"title": ours["button.change.description"], "payload": '/inform{"change": "description"}'},
        {"title": ours["button.change.place"], "payload": '/inform{"change": "place"}'},
        {"title": ours["button.change.category"], "payload": '/inform{"change": "category"}'},
        {"title": ours["button.change.acting"], "payload": '/inform{"change": "acting"}'},
        {"title": ours["button.cancel"], "payload": "/cancel"},
    ]


async def test_the_domains_own_buttons_are_not_changed_by_saying_them() -> None:
    first = await generated("utter_greet", "mk")
    first["buttons"].append({"title": "more", "payload": "/more"})
    assert len((await generated("utter_greet", "mk"))["buttons"]) == len(first["buttons"]) - 1


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_office_is_named_in_the_language(language: str) -> None:
    assert said_values(language)["office"] in (await generated("utter_greet", language))["text"]
    assert "112" in (await generated("utter_emergency", language))["text"]


async def test_what_an_action_says_wins_over_the_offices_values() -> None:
    assert "+389 1" in (await generated("utter_person_unknown", "mk", phone="+389 1"))["text"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", sorted(domain().responses))
async def test_every_sentence_can_be_said_with_and_without_values(language: str, key: str) -> None:
    names = placeholders(catalogues()[language][key])
    bare, full = await generated(key, language), await generated(key, language, **dict.fromkeys(names, "X"))
    assert "{" not in bare["text"] + full["text"]
    assert full["text"].count("X") >= len(names)


def test_rasa_makes_this_generator_from_the_endpoints_file() -> None:
    made = NaturalLanguageGenerator.create(EndpointConfig(type="bot.nlg.catalogue.CatalogueNLG"), domain())
    assert type(made) is CatalogueNLG
    assert made.responses.keys() == domain().responses.keys()


async def test_a_payload_names_what_the_action_says() -> None:
    made = await generated("utter_survey_words", reference="TM-4F7-KPX")
    assert [button["payload"] for button in made["buttons"]] == [
        '/answer_survey{"reference": "TM-4F7-KPX", "words": "no"}'
    ]


async def test_five_scores_stand_in_the_order_of_their_numbers() -> None:
    """By SMS the third option is answered with 3: that must be the score 3."""
    made = await generated("utter_survey_score", reference="TM-4F7-KPX")
    assert [button["payload"][-3] for button in made["buttons"]] == ["1", "2", "3", "4", "5"]
