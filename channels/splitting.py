"""Cut a long text where a reader would, never inside what people see as one sign."""

from collections.abc import Callable
from html import escape

import regex

GRAPHEME = regex.compile(r"\X")
"""One sign as people see it (https://www.unicode.org/reports/tr29/)."""
ADDRESS = regex.compile(r"https?://\S+")
PARAGRAPH = regex.compile(r"\n\s*\n\s*")
LINE = regex.compile(r"\n\s*")
SENTENCE = regex.compile(r"[.!?…。][\"'»”’)\]]*\s+")
BLANK = regex.compile(r"\s+")

BEYOND = 64
Length = Callable[[str], int]


def units(text: str) -> int:
    """The length of a text in UTF-16 code units, in which Telegram and Twilio count."""
    return len(text) + sum(sign > "\uffff" for sign in text)


def markup(text: str) -> int:
    """The length of a text as HTML, in characters."""
    return len(escape(text, quote=False))


def pieces(text: str, *limits: tuple[Length, int]) -> list[str]:
    """The text in pieces that keep every limit; blanks at the cuts are lost, nothing else.

    Cuts at the end of a paragraph, line or sentence in the second half of a piece, else between words, else between
    signs; an address longer than a whole piece, and a sign that is, are the only ones that are cut.
    """
    found, rest = [], text.strip()
    while rest:
        end = max(reach(rest, *limits), 1)
        cut = end if end == len(rest) else _best_cut(rest, end)
        found.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return found


def shortened(text: str, limit: int) -> str:
    """A text of at most so many code units, with an ellipsis where its end is missing."""
    if units(text) <= limit:
        return text
    return text[: _between_signs(text, reach(text, (units, limit - 1)))].rstrip() + "…"


def reach(text: str, *limits: tuple[Length, int]) -> int:
    """How many characters from the start keep every limit."""
    end = len(text)
    for length, limit in limits:
        left = limit
        for place, sign in enumerate(text[:end]):
            left -= length(sign)
            if left < 0:
                end = place
                break
    return end


def _best_cut(text: str, end: int) -> int:
    edges = _edges(text, end)
    for ending, least in ((PARAGRAPH, end // 2), (LINE, end // 2), (SENTENCE, end // 2), (BLANK, 1)):
        cuts = [min(match.end(), end) for match in ending.finditer(text, 0, end + 1) if match.start() >= least]
        if cuts := [cut for cut in cuts if cut in edges]:
            return int(cuts[-1])
    for address in ADDRESS.finditer(text):
        if 0 < address.start() < end < address.end():
            return int(address.start())
    return _between_signs(text, end)


def _edges(text: str, end: int) -> set[int]:
    """The places up to `end` between two signs. A sign that reaches beyond it is seen as far as it may matter."""
    places = (int(match.end()) for match in GRAPHEME.finditer(text, 0, end + BEYOND))
    return {place for place in places if place <= end}


def _between_signs(text: str, end: int) -> int:
    """The last place up to `end` between two signs; `end` itself when there is none."""
    return max(_edges(text, end), default=end)
