"""Where words stand in a text, however they are spelled: case, diacritics, script, blanks, signs between digits."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers
from anyascii import anyascii

from backend.core.blocks import MARK
from backend.core.folding import CYRILLIC, SPELLINGS

FEWEST_SIGNS = 2
FEWEST_DIGITS = 5
"""From so many digits on, words of nothing else are a number: signs between its digits do not matter."""
NUMBER = re.compile(r"\+?[\d\s()./\-–\u00a0]+")
JOINED = frozenset({"Mn", "Me", "Cf"})
"""Unicode categories of signs that belong to the one before."""
BETWEEN = frozenset(" ()./-–+\u00a0\t\n")
DIALLED = re.compile(r"(?:\+|00)\d{1,3}[\s()./\-–]*\(?0?\)?[\s()./\-–]*$|0$")
"""What stands before a number that is written without its country, or without its zero."""


@dataclass(frozen=True, order=True)
class Span:
    """A stretch of a text, in characters."""

    start: int
    length: int
    whole: bool = True
    """Not a part of a longer word or number."""

    @property
    def end(self) -> int:
        """The first character behind it."""
        return self.start + self.length


Sign = tuple[str, int, int]
"""A sign as it is compared, and from where to where it stands in the text."""


def usable(words: str) -> bool:
    """Whether words can be looked for: a sign or two would be found everywhere."""
    return len(_wanted(words)) >= FEWEST_SIGNS


def find(text: str, words: str) -> list[Span]:
    """Every place of the words in a text, in order, none in another."""
    wanted, number = _wanted(words), bool(_as_number(words))
    if len(wanted) < FEWEST_SIGNS:
        return []
    signs = _folded(text, digits=number)
    stream = "".join(plain for plain, _, _ in signs)
    return [_span(text, signs[at][1], signs[at + len(wanted) - 1][2], number) for at in _all(stream, wanted)]


def _wanted(words: str) -> str:
    return _as_number(words) or "".join(plain for plain, _, _ in _folded(words)).strip()


def _as_number(words: str) -> str:
    """The digits of a number without what it is dialled with; empty for other words."""
    digits = "".join(str(unicodedata.decimal(sign)) for sign in words if sign.isdecimal())
    if len(digits) < FEWEST_DIGITS or not NUMBER.fullmatch(words.strip()):
        return ""
    try:
        return str(phonenumbers.parse(words).national_number)
    except phonenumbers.NumberParseException:  # without a country
        return digits.lstrip("0")


def _all(stream: str, wanted: str) -> Iterator[int]:
    at = stream.find(wanted)
    while at >= 0:
        yield at
        at = stream.find(wanted, at + len(wanted))


def _folded(text: str, *, digits: bool = False) -> list[Sign]:
    signs: list[Sign] = []
    for place, sign in enumerate(text):
        if digits and sign in BETWEEN:
            continue
        for plain in _plain(sign):
            if plain != " " or not signs or signs[-1][0] != " ":
                signs.append((plain, place, place + 1))
    for spelled, plain in SPELLINGS:
        signs = list(_respelled(signs, spelled, plain))
    return signs


def _respelled(signs: Sequence[Sign], spelled: str, plain: str) -> Iterator[Sign]:
    """The signs with one spelling in the place of another, which may be longer."""
    at, length = 0, len(spelled)
    while at < len(signs):
        same = signs[at][0] == spelled[0] and "".join(sign for sign, _, _ in signs[at : at + length]) == spelled
        if not same:
            yield signs[at]
            at += 1
            continue
        first, last = signs[at][1], signs[at + length - 1][2]
        yield from ((sign, first, last) for sign in plain)
        at += length


@lru_cache(maxsize=4096)
def _plain(sign: str) -> str:
    if sign.isspace():
        return " "
    if unicodedata.category(sign) in JOINED:
        return ""
    return anyascii(unicodedata.normalize("NFKC", sign).lower().translate(CYRILLIC)).lower() or sign


def _span(text: str, first: int, end: int, number: bool) -> Span:
    while end < len(text) and unicodedata.category(text[end]) in JOINED:
        end += 1
    start = first - len(before[0]) if number and (before := DIALLED.search(text[:first])) else first
    whole = not (_joins(text, start - 1, start) or _joins(text, end - 1, end))
    return Span(start, end - start, whole)


def _joins(text: str, left: int, right: int) -> bool:
    return left >= 0 and right < len(text) and text[left].isalnum() and text[right].isalnum()


def hidden(text: str, spans: Iterable[Span]) -> str:
    """A text with a block in the place of each stretch; stretches that overlap or touch become one."""
    parts: list[str] = []
    at = 0
    for span in sorted(spans):
        if span.start > at or not parts:
            parts += [text[at : span.start], MARK]
        at = max(at, span.end)
    return "".join([*parts, text[at:]])


def without(text: str, words: Iterable[str]) -> str:
    """A text with a block in the place of all these words."""
    return hidden(text, [span for one in words for span in find(text, one)])
