"""Whatever people send: nothing breaks the components, and the work grows with the length and no faster."""

from typing import Any, List

import pytest
from bot_factories import message
from hypothesis import example, given, settings, strategies as st

from bot.components.contact import contacts_in
from bot.components.entities import EntityFinder
from bot.components.matters import matters
from bot.components.places import PlaceExtractor
from bot.components.references import ReferenceFinder
from bot.components.tokenizer import FoldingTokenizer, folded_words

PIECES = [
    "groapă",
    "дупка",
    "çukur",
    "🕳️",
    "👨\u200d👩\u200d👧",
    "🇷🇴",
    "https://primaria.ro/a?b=c&d=e#f",
    "www.x.mk",
    "ana@mail.mk",
    "0722 123 456",
    "12.03.2026",
    "14:30",
    "\u200b",
    "\u200d",
    "\ufeff",
    "\u202e",
    "\u0301\u0301\u0301",
    "ﷺ",
    "Ⅷ",
    "½",
    "ЅтrееТ",
    "straßе",
    "İI",
    "ıi",
    "\x00",
    "\r\n",
    "\t",
    "///",
    "{}",
    "((((",
    "....",
    "!!!!",
    "''",
    "漢字",
    "TM-4F7-KPX",
    "mâine la ora 14:30",
    "dar",
    "and",
    "-",
    "+",
    "00",
    "@",
    "a" * 60,
]
STRANGE = st.lists(st.sampled_from(PIECES) | st.text(max_size=12), max_size=40).map(" ".join)
LONG_WORDS = ["a", "ш", "9", "ă", "\u0301", "👍", "a.", "a'", "1.", "+1", "@a", "a@a.", "(", "a-", "0 ", "la ", "în 1 "]


def read(text: str) -> Any:
    heard = message(text, entities=[])
    for component in (FoldingTokenizer(FoldingTokenizer.get_default_config()), PlaceExtractor({}), ReferenceFinder()):
        component.process([heard])
    return EntityFinder().process([heard])[0]


@settings(max_examples=80)
@given(STRANGE)
@example("")
@example("\u200b")
@example("a" * 5000)
def test_nothing_breaks_the_components(text: str) -> None:
    for entity in read(text).get("entities"):
        assert 0 <= entity["start"] <= entity["end"] <= len(text)
        assert entity["value"]


@given(STRANGE)
def test_examples_are_folded_as_messages_are(text: str) -> None:
    tokens = read(text).get("text_tokens")
    assert folded_words(text) == " ".join(token.lemma for token in tokens)


WHOLE = [*PIECES, "a" * 5000, "ș" * 5000, "👍" * 2000, "x. " * 2000, "\u200b" * 100]


@pytest.mark.parametrize("text", WHOLE, ids=range(len(WHOLE)))
async def test_the_trained_pipeline_answers_everything(agent: Any, text: str) -> None:
    parsed = await agent.parse_message(text)
    assert parsed["intent"]["name"]


def steps_of(text: str) -> int:
    """n-grams and words that are looked at: what the label of a message costs."""
    looked: List[int] = []

    def ranked(part: str) -> Any:
        looked.append(len(part))
        return [("report/noise", 0.9), ("greet", 0.1)]

    matters(folded_words(text).split(), ranked)
    return sum(looked)


@pytest.mark.parametrize("piece", ["word ", "and but ", "a. b. c. ", "one two three. ", "x" * 9])
def test_the_work_grows_with_the_length_and_no_faster(piece: str) -> None:
    few, many = steps_of(piece * 20), steps_of(piece * 200)
    assert many <= 11 * few + 200


@pytest.mark.parametrize("piece", LONG_WORDS, ids=range(len(LONG_WORDS)))
def test_no_pattern_runs_away_on_long_repetitions(piece: str) -> None:
    """A pattern that tries all ways to part a text would not come back from here."""
    text = piece * (5000 // len(piece))
    read(text)
    contacts_in(text + "x")
