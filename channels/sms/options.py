"""Numbered options, where a channel has no buttons."""

import re
import unicodedata
from collections.abc import Iterable

from channels.sms.keywords import DATA, plain

NUMBER = re.compile(r"#?([1-9][0-9]?)[.)]?|\(([1-9][0-9]?)\)")
KEYCAP = str.maketrans("", "", "\ufe0f\u20e3")  # what makes 1 the sign 1️⃣
WORDS = {plain(word): number for words in DATA["numbers"].values() for number, word in enumerate(words, 1)}


def numbered(titles: Iterable[str]) -> list[str]:
    """A line for each option: its number, counted from 1, and its title."""
    return [f"{number} {' '.join(title.split())}" for number, title in enumerate(titles, 1)]


def option_number(text: str) -> int | None:
    """The number a message consists of, in digits (1 to 99) or as a word (one to ten); None for anything else."""
    digits = unicodedata.normalize("NFKC", text.translate(KEYCAP)).strip()
    if match := NUMBER.fullmatch(digits):
        return int(match[1] or match[2])
    return WORDS.get(plain(text))
