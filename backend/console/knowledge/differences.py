"""Two texts word by word: what stayed, what went, what came."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

from backend.knowledge.schemas import Content

WORDS = re.compile(r"\s+|\w+|[^\w\s]")
LONGEST = 4000
"""Words of a text that are compared one by one; difflib takes time with the square of it."""
Kind = Literal["same", "gone", "new"]


class Piece(NamedTuple):
    """Some words in a row with one fate."""

    kind: Kind
    words: str


@dataclass(frozen=True)
class Difference:
    """One field of two versions."""

    field: str
    pieces: tuple[Piece, ...]


def words_between(before: str, after: str) -> tuple[Piece, ...]:
    """The way from one text to another. What is not new gives the first one, what is not gone the second."""
    old, new = WORDS.findall(before), WORDS.findall(after)
    if max(len(old), len(new)) > LONGEST:
        return tuple(_fates(before, after) if before != after else [Piece("same", before)])
    return tuple(_pieces(old, new))


def _pieces(old: list[str], new: list[str]) -> Iterator[Piece]:
    for tag, from_old, to_old, from_new, to_new in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        before, after = "".join(old[from_old:to_old]), "".join(new[from_new:to_new])
        if tag == "equal":
            yield Piece("same", before)
        else:
            yield from _fates(before, after)


def _fates(before: str, after: str) -> Iterator[Piece]:
    if before:
        yield Piece("gone", before)
    if after:
        yield Piece("new", after)


def differences(before: Content, after: Content, say: Callable[[str, object], str]) -> list[Difference]:
    """Every field in which two contents differ; `say` tells the value of a field in words."""
    pairs = [(field.name, getattr(before, field.name), getattr(after, field.name)) for field in fields(Content)]
    return [Difference(name, words_between(say(name, old), say(name, new))) for name, old, new in pairs if old != new]
