"""What people call topics and districts, found in what they write however it is spelled."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

import yaml

from backend.core.folding import folded_words
from backend.core.languages import LANGUAGES
from backend.offices.schemas import NewsTopic, Place
from backend.offices.service import Office

WORDS = Path(__file__).with_name("words.yml")
TAKES_ENDINGS = 4
"""Letters from which on a word is also found with an ending: `su` is only `su`, `konser` is `konserler` too."""
LONGEST_ENDING = 4
"""Letters a district's name may be followed by: `corluda` is in Çorlu."""
ANY_ENDING = 100
NAMES_KEPT = 10_000


@lru_cache(maxsize=1)
def _data() -> dict[str, dict[str, list[str]]]:
    """The lists of words by language, as they are written."""
    found: dict[str, dict[str, list[str]]] = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    return found


@lru_cache(maxsize=NAMES_KEPT)
def _folded(name: str) -> tuple[str, ...]:
    """The folded words of a name; the names of an office are asked for again and again."""
    return tuple(folded_words(name))


def _words(which: str) -> list[tuple[str, ...]]:
    """The folded words of a list, of all languages."""
    return [_folded(said) for spoken in _data()[which].values() for said in spoken]


def is_way_out(text: str) -> bool:
    """Whether a message is nothing but the words that end all subscriptions."""
    return tuple(folded_words(text)) in _words("way_out")


def way_out(language: str) -> str:
    """The words that end all subscriptions, as a language tells them."""
    return _data()["way_out"][language][0]


def says_everywhere(text: str, *, asked: bool) -> bool:
    """Whether a text speaks of the whole area; once a district was asked for, a bare "all" does too."""
    said = folded_words(text)
    if asked and tuple(said) in _words("all"):
        return True
    return any(_places(words, said, 0) for words in _words("everywhere"))


def topic_in(office: Office, text: str, language: str) -> str | None:
    """The one topic a text names: in its language, else in any; None when it names none, or several.

    A name within a longer one does not count: "hot water" is not "water".
    """
    said = folded_words(text)
    found = _named(office.announcements.topics, said, (language,)) or _named(
        office.announcements.topics, said, LANGUAGES
    )
    return found.pop() if len(found) == 1 else None


def _named(topics: Iterable[NewsTopic], said: Sequence[str], languages: Iterable[str]) -> set[str]:
    spans = {
        (topic.id, at, at + len(words))
        for language in languages
        for topic in topics
        for words in map(_folded, (topic.name[language], *topic.words.get(language, ())))
        for at in _places(words, said, ANY_ENDING)
    }
    return {key for key, begins, ends in spans if not any(_holds(other, begins, ends) for other in spans)}


def _holds(other: tuple[str, int, int], begins: int, ends: int) -> bool:
    """Whether a name is a longer one around a place in the text."""
    return other[1] <= begins and ends <= other[2] and other[2] - other[1] > ends - begins


def _places(words: Sequence[str], said: Sequence[str], longest_ending: int) -> list[int]:
    """Where words follow each other in what was said, the longer ones with or without an ending."""
    last = len(said) - len(words) + 1 if words else 0
    return [
        at
        for at in range(last)
        if all(_same(word, other, longest_ending) for word, other in zip(words, said[at:], strict=False))
    ]


def _same(word: str, other: str, longest_ending: int) -> bool:
    if word == other:
        return True
    ending = len(other) - len(word)
    return len(word) >= TAKES_ENDINGS and other.startswith(word) and ending <= longest_ending


def districts_among(office: Office, places: Iterable[str]) -> list[str]:
    """The districts among recognised places, each once, in the order of the text; a house number may follow."""
    named = list(places)
    by_length = sorted((district.name for district in office.gazetteer.districts), key=len, reverse=True)
    found = [
        next((name for name in by_length if place == name or place.startswith(f"{name} ")), None) for place in named
    ]
    return list(dict.fromkeys(name for name in found if name))


def districts_in(office: Office, text: str) -> list[str]:
    """The districts a text names, with or without an ending; for the answer to the question which one."""
    said = folded_words(text)
    return [district.name for district in office.gazetteer.districts if _is_named(district, said)]


def _is_named(district: Place, said: Sequence[str]) -> bool:
    return any(_places(_folded(name), said, LONGEST_ENDING) for name in (district.name, *district.aliases))
