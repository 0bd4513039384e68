"""Fold text for search: letter case, diacritics, script and the informal spellings of Latin-script Macedonian."""

import re
import unicodedata

from anyascii import anyascii

CYRILLIC = str.maketrans({"х": "h", "ц": "c"})  # as people write them in Latin letters; anyascii says kh and ts
WORD = re.compile(r"[a-z0-9]+")
SPELLINGS = (("dzh", "dz"), ("gj", "g"), ("dj", "g"), ("kj", "k"), ("zh", "z"), ("sh", "s"), ("ch", "c"), ("q", "k"))


def fold(text: str) -> str:
    """Lower-case ASCII in which `Мерашешти`, `Mărășești` and `marasesti` look alike; its length may differ."""
    ascii_text = anyascii(unicodedata.normalize("NFKC", text).lower().translate(CYRILLIC)).lower()
    for spelled, plain in SPELLINGS:
        ascii_text = ascii_text.replace(spelled, plain)
    return ascii_text


def folded_words(text: str) -> list[str]:
    """The folded words of a text, in order."""
    return WORD.findall(fold(text))
