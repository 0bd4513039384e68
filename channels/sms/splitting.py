"""Cut a long text where a reader would."""

import re
import unicodedata

URL = re.compile(r"https?://\S+")
PARAGRAPH = re.compile(r"\n\s*\n")
SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n")
BLANK = re.compile(r"\s+")
JOINER = "\u200d"


def pieces(text: str, limit: int) -> list[str]:
    """The text in pieces of at most limit UTF-16 code units; blanks at the cuts are lost, nothing else.

    Cuts at the end of a paragraph or sentence in the second half of a piece, else between words, else between
    what people see as one sign. An address longer than a whole piece is the only one that is cut.
    """
    found, rest = [], text.strip()
    while _width(rest) > limit:
        cut = _cut(rest, limit)
        found.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*found, rest] if rest else found


def _width(text: str) -> int:
    return len(text) + sum(ord(sign) > 0xFFFF for sign in text)


def _cut(text: str, limit: int) -> int:
    end = _reach(text, limit)
    for ends, least in ((PARAGRAPH, end // 2), (SENTENCE, end // 2), (BLANK, 1)):
        places = [match.end() for match in ends.finditer(text[: end + 1]) if match.start() >= least]
        if places := [place for place in places if _between_signs(text, place)]:
            return places[-1]
    return _inside_word(text, end)


def _reach(text: str, limit: int) -> int:
    end = min(len(text), limit)
    while _width(text[:end]) > limit:
        end -= 1
    return end


def _inside_word(text: str, end: int) -> int:
    for address in URL.finditer(text):
        if 0 < address.start() < end < address.end():
            return address.start()
    return next((place for place in range(end, 0, -1) if _between_signs(text, place)), end)


def _between_signs(text: str, place: int) -> bool:
    """Whether a cut leaves both sides whole: marks, joined emoji and flags stay together (Unicode UAX 29)."""
    if not 0 < place < len(text):
        return True
    before, after = text[place - 1], text[place]
    if JOINER in (before, after) or unicodedata.category(after) in {"Mn", "Mc", "Me"}:
        return False
    if "\U0001f3fb" <= after <= "\U0001f3ff" or "\U000e0020" <= after <= "\U000e007f":
        return False
    return not (_is_flag(after) and _flags_before(text, place) % 2)


def _is_flag(sign: str) -> bool:
    return "\U0001f1e6" <= sign <= "\U0001f1ff"


def _flags_before(text: str, place: int) -> int:
    start = place
    while start and _is_flag(text[start - 1]):
        start -= 1
    return place - start
