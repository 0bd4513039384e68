"""Going on in another language."""

import pytest

from actions.language import named_language
from tests.actions.conftest import Desk
from tests.actions.factories import LANGUAGES

NAMED = [
    ("English please", "en"),
    ("Can we speak Turkish?", "tr"),
    ("Romanian", "ro"),
    ("in Macedonian", "mk"),
    ("Afrikaans", "af"),
    ("İngilizce konuşalım", "en"),
    ("INGILIZCE", "en"),
    ("ingilizce", "en"),
    ("Türkçe", "tr"),
    ("TURKCE", "tr"),
    ("Rumence", "ro"),
    ("Makedonca", "mk"),
    ("Afrikanca", "af"),
    ("în engleză", "en"),
    ("engleza", "en"),
    ("vorbiți turcă?", "tr"),
    ("turca", "tr"),
    ("română", "ro"),
    ("romana, va rog", "ro"),
    ("macedoneană", "mk"),
    ("afrikaans", "af"),
    ("англиски", "en"),
    ("на турски", "tr"),
    ("романски", "ro"),
    ("Македонски", "mk"),
    ("африканс", "af"),
    ("angliski", "en"),
    ("turski", "tr"),
    ("romanski", "ro"),
    ("makedonski", "mk"),
    ("afrikans", "af"),
    ("Engels asseblief", "en"),
    ("Turks", "tr"),
    ("Roemeens", "ro"),
    ("Masedonies", "mk"),
    ("praat Afrikaans", "af"),
]


@pytest.mark.parametrize(("text", "language"), NAMED)
def test_a_language_is_known_by_its_name_in_every_language(text: str, language: str) -> None:
    assert named_language(text) == language


@pytest.mark.parametrize("text", ["", "another language", "başka bir dil", "alta limba", "друг јазик", "'n ander taal"])
def test_a_text_that_names_no_language_names_none(text: str) -> None:
    assert named_language(text) is None


def test_the_language_named_first_counts() -> None:
    assert named_language("Türkçe, not English") == "tr"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_pressed_language_is_taken_and_said_in_itself(desk: Desk, language: str) -> None:
    visitor = await desk.visitor("en")
    ran = await visitor.says("action_change_language", "/change_language", language_choice=language)
    assert ran.slots == {"language_choice": language, "language": language}
    assert ran.said == ["utter_language_changed"]
    assert ran.responses[0]["language"] == language


async def test_a_named_language_is_taken_from_the_text(desk: Desk) -> None:
    visitor = await desk.visitor("en")
    assert (await visitor.says("action_change_language", "vorbiți română?")).slots["language_choice"] == "ro"


async def test_without_a_language_all_are_offered_and_nothing_changes(desk: Desk) -> None:
    ran = await (await desk.visitor()).says("action_change_language", "another language")
    assert ran.said == ["utter_choose_language"]
    assert ran.events == []
