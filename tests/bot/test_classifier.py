"""The label classifier: what it writes into messages, and that it learns."""

from typing import Any, Dict, List, Tuple

import pytest
from bot_factories import LANGUAGES, ROOT, labelled_examples, message

from bot.components.classifier import folded_text, set_labels
from bot.components.folding import fold
from bot.components.label_model import RANKING, UNKNOWN_WORDS_DISCOUNT, LabelModel
from bot.components.tokenizer import FoldingTokenizer

LABELS = ("greet", "thank", "emergency", "report/street_light", "report/noise", "faq/opening_hours", "out_of_scope")
HELD_OUT = 5
"""Every so many-th example is asked instead of learnt."""


def examples_of(language: str) -> Dict[str, List[str]]:
    found = labelled_examples(ROOT / "data" / "nlu" / language)
    return {label: [fold(example) for example in examples] for label, examples in found if label in LABELS}


@pytest.fixture(scope="module")
def fitted() -> LabelModel:
    pairs = [
        (text, label)
        for language in LANGUAGES
        for label, examples in examples_of(language).items()
        for place, text in enumerate(examples)
        if place % HELD_OUT
    ]
    return LabelModel().fit([text for text, _ in pairs], [label for _, label in pairs])


@pytest.mark.parametrize(
    ("ranking", "intent", "selector"),
    [
        ([("greet", 0.8), ("thank", 0.1)], "greet", None),
        ([("report/street_light", 0.7), ("report/noise", 0.2)], "report", "report/street_light"),
        ([("faq/opening_hours", 0.31), ("greet", 0.3)], "faq", "faq/opening_hours"),
    ],
)
def test_labels_are_written_as_rasa_writes_them(ranking: List[Tuple[str, float]], intent: str, selector: Any) -> None:
    heard = message("text")
    set_labels(heard, ranking)
    assert heard.get("intent") == {"name": intent, "confidence": ranking[0][1]}
    assert heard.get("intent_ranking") == [{"name": name, "confidence": chance} for name, chance in ranking]
    if selector is None:
        assert heard.get("response_selector") is None
        assert {"intent", "intent_ranking"} <= heard.output_properties
    else:
        chosen = heard.get("response_selector")[intent]["response"]
        assert chosen == {"intent_response_key": selector, "confidence": ranking[0][1]}
        assert {"intent", "intent_ranking", "response_selector"} <= heard.output_properties


@pytest.mark.parametrize("language", LANGUAGES)
def test_unseen_examples_are_mostly_labelled_right(fitted: LabelModel, language: str) -> None:
    asked = [(label, text) for label, examples in examples_of(language).items() for text in examples[::HELD_OUT]]
    right = [fitted.ranked(text)[0][0] == label for label, text in asked]
    assert {label for label, _ in asked} == set(LABELS)
    assert sum(right) / len(right) >= 0.5


@pytest.mark.parametrize("text", ["", "merhaba", "groapa", "zzzzqqqq", "42", "?!", "sokak lambasi janmijor " * 50])
def test_a_ranking_is_of_probabilities_best_first(fitted: LabelModel, text: str) -> None:
    ranking = fitted.ranked(text)
    chances = [chance for _, chance in ranking]
    assert len(ranking) == RANKING == len({label for label, _ in ranking})
    assert chances == sorted(chances, reverse=True)
    assert min(chances) >= 0
    assert sum(chances) <= 1.0001


@pytest.mark.parametrize("text", ["", "xqxqxq zvzvzvz", "0", "."])
def test_words_never_seen_are_never_sure(fitted: LabelModel, text: str) -> None:
    assert not fitted.knows_a_word(text)
    assert fitted.ranked(text)[0][1] <= UNKNOWN_WORDS_DISCOUNT


def test_fitting_twice_gives_the_same_model() -> None:
    texts = [text for examples in examples_of("en").values() for text in examples]
    labels = [label for label, examples in examples_of("en").items() for _ in examples]
    one, other = LabelModel().fit(texts, labels), LabelModel().fit(texts, labels)
    assert one.ranked("the street lights are off") == other.ranked("the street lights are off")


@pytest.mark.parametrize("text", ["Groapă, în stradă!", "Мерсисокак'та ışık", "  ", "6ahta"])
def test_words_are_the_same_with_and_without_the_tokenizer(text: str) -> None:
    plain, tokenized = message(text), message(text)
    FoldingTokenizer(FoldingTokenizer.get_default_config()).process([tokenized])
    assert folded_text(tokenized).replace(" ", "") == folded_text(plain).replace(" ", "")


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("street light is broken", "report/street_light"),
        ("sokak lambası yanmıyor", "report/street_light"),
        ("nu merge iluminatul public", "report/street_light"),
        ("уличното светло не работи", "report/street_light"),
        ("ulicnoto svetlo ne raboti", "report/street_light"),
        ("die straatlig werk nie", "report/street_light"),
        ("what are your opening hours", "faq/opening_hours"),
        ("çalışma saatleriniz nedir", "faq/opening_hours"),
        ("care este programul", "faq/opening_hours"),
        ("кое е работното време", "faq/opening_hours"),
        ("wat is julle kantoorure", "faq/opening_hours"),
    ],
)
async def test_the_trained_pipeline_labels_all_languages(agent: Any, text: str, label: str) -> None:
    parsed = await agent.parse_message(text)
    ranking = [entry["name"] for entry in parsed["intent_ranking"] if entry["name"] != "nlu_fallback"]
    assert ranking[0] == label
    assert parsed["response_selector"][label.split("/", maxsplit=1)[0]]["response"]["intent_response_key"] == label


async def test_a_second_matter_is_told_beside_the_label(agent: Any) -> None:
    parsed = await agent.parse_message("The street light in front of my house is out. What are your opening hours?")
    assert parsed["intent"]["name"] == "report"
    assert parsed["also"] == ["faq/opening_hours"]
    assert (await agent.parse_message("the street light in front of my house is out"))["also"] == []


async def test_a_payload_keeps_its_own_intent(agent: Any) -> None:
    parsed = await agent.parse_message('/change_language{"language_choice": "tr"}')
    assert parsed["intent"]["name"] == "change_language"
    assert [(entity["entity"], entity["value"]) for entity in parsed["entities"]] == [("language_choice", "tr")]
