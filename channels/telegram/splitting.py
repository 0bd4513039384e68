"""Long texts in parts, cut where it hurts least. Lengths are those of Telegram: UTF-16 code units."""

import re
import unicodedata
from collections.abc import Iterator
from html import escape

from channels.text import VISIBLE

PART_UNITS = 4096
"""The longest text of one message, after its HTML is read (https://core.telegram.org/bots/api#sendmessage)."""
MARKUP_LENGTH = 4 * PART_UNITS
"""The longest HTML of one message, in characters: a text of nothing but `&` grows fivefold."""
PARAGRAPH = re.compile(r"\n\s*\n\s*")
LINE = re.compile(r"\n\s*")
SENTENCE = re.compile(r"[.!?…。][\"'»”’)\]]*\s+")
WORD = re.compile(r"\s+")
JOINER = "\u200d"


def units(text: str) -> int:
    """The length of a text in UTF-16 code units."""
    return len(text) + sum(sign > "\uffff" for sign in text)


def split(text: str) -> Iterator[str]:
    """The parts of a text, each fit for one message; parts that show nothing are left out."""
    while text:
        end = fitting(text, PART_UNITS, MARKUP_LENGTH)
        cut = len(text) if end == len(text) else best_cut(text, end)
        if VISIBLE.search(part := text[:cut].strip()):
            yield part
        text = text[cut:].lstrip()


def shortened(text: str, limit: int) -> str:
    """A text of at most so many code units, with an ellipsis where its end is missing."""
    if units(text) <= limit:
        return text
    return text[: whole(text, fitting(text, limit - 1))].rstrip() + "…"


def fitting(text: str, limit: int, markup: int = MARKUP_LENGTH) -> int:
    """How many characters from the start fit into so many code units, and characters of HTML."""
    for index, sign in enumerate(text):
        limit -= 2 if sign > "\uffff" else 1
        markup -= len(escape(sign, quote=False))
        if limit < 0 or markup < 0:
            return index
    return len(text)


def best_cut(text: str, end: int) -> int:
    """Where to cut at the latest at `end`: after a paragraph, line or sentence of some length, a word, or anywhere."""
    for ending, earliest in ((PARAGRAPH, end // 2), (LINE, end // 2), (SENTENCE, end // 2), (WORD, 1)):
        found = [match for match in ending.finditer(text, 0, end + 1) if match.start() >= earliest]
        cuts = [min(match.end(), end) for match in found]
        if cut := next((cut for cut in reversed(cuts) if not joined(text, cut)), 0):
            return cut
    return whole(text, end)


def whole(text: str, end: int) -> int:
    """The last place up to `end` between two characters as people see them; `end` when there is none."""
    return next((cut for cut in range(end, 0, -1) if not joined(text, cut)), end)


def joined(text: str, cut: int) -> bool:
    """Whether what stands before and after a cut is seen as one character.

    A short form of the rules for grapheme clusters, https://www.unicode.org/reports/tr29/: combining marks, joined
    emoji with their skin tones, flags and tag sequences; Hangul that is typed in single letters is not looked after.
    """
    if cut >= len(text):
        return False
    before, after = text[cut - 1], text[cut]
    if JOINER in (before, after) or extends(after):
        return True
    return is_flag(before) and is_flag(after) and flags_before(text, cut) % 2 == 1


def extends(sign: str) -> bool:
    """Whether a sign changes the one before it: a combining mark, a skin tone, a letter of a tag sequence."""
    return (
        unicodedata.category(sign).startswith("M")
        or "\U0001f3fb" <= sign <= "\U0001f3ff"
        or "\U000e0020" <= sign <= "\U000e007f"
    )


def is_flag(sign: str) -> bool:
    """Whether a sign is one half of a flag."""
    return "\U0001f1e6" <= sign <= "\U0001f1ff"


def flags_before(text: str, cut: int) -> int:
    """How many halves of flags stand right before a cut."""
    head = text[:cut]
    return len(head) - len(head.rstrip("".join(map(chr, range(0x1F1E6, 0x1F200)))))
