"""In which language a message is: by its words, by what was chosen, by what was spoken before."""

from typing import Any, Dict, Optional

import pytest
from bot_factories import message, tracker_of
from rasa.core.channels.channel import UserMessage
from rasa.shared.core.events import SlotSet
from rasa.shared.nlu.training_data.formats import RasaYAMLReader

from bot.components.language import language_of_example, own_words


async def language(agent: Any, text: str, **slots: Optional[str]) -> Any:
    """The language the whole pipeline finds in a conversation with these slots."""
    tracker = tracker_of(*(SlotSet(name, value) for name, value in slots.items()))
    parsed = await agent.processor.parse_message(UserMessage(text), tracker)
    found = [entity["value"] for entity in parsed["entities"] if entity["entity"] == "language"]
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("en", "The street light in front of my house is broken"),
        ("en", "when are you open on friday"),
        ("tr", "Sokağımızdaki lamba üç gündür yanmıyor"),
        ("tr", "sokagimizdaki lamba uc gundur yanmiyor"),
        ("ro", "Pe strada noastră nu mai merge iluminatul"),
        ("ro", "pe strada noastra e o groapa mare in asfalt"),
        ("mk", "Уличното светло пред мојата куќа не работи"),
        ("mk", "ulicnoto svetlo pred mojata kuka ne raboti"),
        ("mk", "ima golema dupka na patot"),
        ("af", "Die straatlig voor my huis werk nie"),
        ("af", "wanneer is julle kantoor oop"),
    ],
)
async def test_words_tell_the_language(agent: Any, code: str, text: str) -> None:
    assert await language(agent, text) == code


@pytest.mark.parametrize("before", ["en", "tr", "ro", "mk", "af"])
@pytest.mark.parametrize("text", ["ok", "da", "12", "...", "👍", "M1-2", "/greet", "Mărășești 12", "", "b 4"])
async def test_what_tells_no_language_keeps_the_conversations(agent: Any, text: str, before: str) -> None:
    parsed = agent.processor.parse_message(UserMessage(text), tracker_of(SlotSet("language", before)))
    entities = [entity["value"] for entity in (await parsed)["entities"] if entity["entity"] == "language"]
    assert set(entities) <= {before}
    assert entities or text.startswith("/")


async def test_without_anything_known_it_is_english(agent: Any) -> None:
    assert await language(agent, "ok") == "en"


@pytest.mark.parametrize(
    ("before", "text", "after"),
    [
        ("en", "Sokağımızdaki lamba üç gündür yanmıyor", "tr"),
        ("ro", "Уличното светло не работи", "mk"),
        ("mk", "Die straatlig voor my huis werk nie", "af"),
        ("tr", "there is a big hole in the road", "en"),
    ],
)
async def test_a_clear_sentence_changes_the_language(agent: Any, before: str, text: str, after: str) -> None:
    assert await language(agent, text, language=before) == after


async def test_the_citizens_choice_is_kept_whatever_they_write(agent: Any) -> None:
    text = "Die straatlig voor my huis werk nie"
    assert await language(agent, text, language="tr", language_choice="tr") == "tr"


async def test_a_place_name_does_not_change_the_language(agent: Any) -> None:
    text = "Bulevardul Constantin Brâncoveanu"
    assert await language(agent, text, language="tr") == "tr"


@pytest.mark.parametrize(
    ("text", "places", "rest"),
    [
        ("lamba Mărășești 12 yok", [(6, 18)], "lamba   yok"),
        ("Loga ve Rebreanu", [(0, 4), (8, 16)], "  ve  "),
        ("/report", [], ""),
        ("lamba", [], "lamba"),
        ("", [], ""),
    ],
)
def test_own_words_are_without_places(text: str, places: list, rest: str) -> None:
    entities = [{"entity": "place", "start": start, "end": end} for start, end in places]
    assert own_words(message(text, entities=[{"entity": "language"}, *entities])) == rest


def test_examples_carry_the_language_as_rasa_reads_it() -> None:
    block = "  - intent: faq/privacy\n    metadata: {language: mk}\n    examples: |\n      - здраво\n"
    (example,) = RasaYAMLReader().reads(f'version: "3.1"\nnlu:\n{block}').intent_examples
    assert language_of_example(example) == "mk"
    assert example.get("intent_response_key") == "faq/privacy"


@pytest.mark.parametrize("metadata", [None, {}, {"intent": {}}, {"intent": "x"}, {"example": {"language": "mk"}}])
def test_examples_without_a_mark_have_no_language(metadata: Optional[Dict[str, Any]]) -> None:
    assert language_of_example(message("здраво", metadata=metadata)) is None
