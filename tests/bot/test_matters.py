"""Two matters in one message: both are found, and what can be acted on goes first."""

from typing import Dict, List, Tuple

import pytest
from hypothesis import given, strategies as st

from bot.components.matters import ANDS, LINKS, MOST_PARTS, Matters, Ranking, matters, parts_of

LABELS: Dict[str, Tuple[str, float]] = {
    "hole": ("report/pothole_road", 0.95),
    "bin": ("report/missed_collection", 0.92),
    "dark": ("report/street_light", 0.7),
    "permit": ("faq/resident_parking", 0.95),
    "fetch": ("request_service", 0.9),
    "great": ("give_praise", 0.95),
    "thanks": ("thank", 0.95),
    "news": ("check_status", 0.95),
    "football": ("out_of_scope", 0.95),
}


def ranked(text: str) -> Ranking:
    """The first known word decides; two of them make the whole less sure."""
    found = [LABELS[word] for word in text.split() if word in LABELS] or [("nothing", 0.1)]
    return [found[0], *[(label, chance / 3) for label, chance in found[1:]]]


def understood(text: str) -> Matters:
    return matters(text.split(), ranked)


CASES: List[Tuple[str, str, Tuple[str, ...]]] = [
    ("there is a hole", "report/pothole_road", ()),
    ("there is a hole . my bin was left", "report/pothole_road", ("report/missed_collection",)),
    ("there is a hole . it is quite dark", "report/pothole_road", ("report/street_light",)),
    ("there is a hole and my bin was left", "report/pothole_road", ("report/missed_collection",)),
    ("there is a hole and it is dark", "report/pothole_road", ()),
    ("you are great people . but there is a hole", "report/pothole_road", ("give_praise",)),
    ("many thanks to you ! there is a hole here", "report/pothole_road", ()),
    ("which permit is needed . and there is a hole", "report/pothole_road", ("faq/resident_parking",)),
    ("which permit is needed ? please come and fetch it", "request_service", ("faq/resident_parking",)),
    ("any news for me . there is a hole still", "check_status", ("report/pothole_road",)),
    ("football is on tonight . there is a hole", "out_of_scope", ("report/pothole_road",)),
    ("there is a hole . one more hole there", "report/pothole_road", ()),
    ("there is a hole . bin", "report/pothole_road", ()),
    ("", "nothing", ()),
    (". . . ! ?", "nothing", ()),
]


@pytest.mark.parametrize(("text", "label", "also"), CASES)
def test_what_leads_and_what_else_there_is(text: str, label: str, also: Tuple[str, ...]) -> None:
    found = understood(text)
    assert (found.ranking[0][0], found.also) == (label, also)


def test_a_part_that_is_not_sure_leads_nowhere() -> None:
    assert understood("you are great people . it is rather dark").ranking[0][0] == "give_praise"


@pytest.mark.parametrize("word", ["but", "ama", "dar", "no", "maar", "insa", "ajrica"])
def test_folded_words_of_all_languages_part_a_message(word: str) -> None:
    parts = parts_of(["one", "two", "three", word, "four", "five"], LINKS)
    assert parts == [["one", "two", "three"], [word, "four", "five"]]


def test_and_parts_in_the_second_way_only() -> None:
    assert frozenset() == ANDS & LINKS
    assert {"and", "ve", "si", "i", "en"} <= ANDS


@given(st.lists(st.sampled_from([*LABELS, "and", "but", ".", "!", "word"]), max_size=400))
def test_the_parts_read_are_at_most_so_many_and_never_longer_than_the_message(words: List[str]) -> None:
    asked: List[str] = []

    def counting(text: str) -> Ranking:
        asked.append(text)
        return ranked(text)

    found = matters(words, counting)
    assert len(asked) <= 1 + 2 * MOST_PARTS
    assert sum(len(text.split()) for text in asked) <= 3 * len(words)
    assert found.ranking[0][0] not in found.also
    assert len(set(found.also)) == len(found.also)
