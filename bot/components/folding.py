"""Fold text so that one word typed in many ways looks the same: case, diacritics, script, informal Macedonian."""

import re
import unicodedata
from functools import lru_cache

from anyascii import anyascii

_PAIRS = "dzh=z gj=g dj=g kj=k zh=z sh=s ch=c lj=l nj=n dz=z q=k y=j w=v"
SPELLINGS = tuple((pair.split("=")[0], pair.split("=")[1]) for pair in _PAIRS.split())
DIGIT_LETTERS = ((re.compile(r"(?<=[a-z])6|6(?=[a-z])"), "s"), (re.compile(r"(?<=[a-z])4|4(?=[a-z])"), "c"))
CYRILLIC = str.maketrans({"х": "h", "ц": "c"})  # as people write them in Latin letters; anyascii says kh and ts
REPEATED = re.compile(r"([a-z])\1{2,}")


@lru_cache(maxsize=20_000)
def fold(word: str) -> str:
    """Lower-case ASCII of a word or text; its length may differ from the original's.

    >>> fold("шахта"), fold("sahta"), fold("6ahta")
    ('sahta', 'sahta', 'sahta')
    """
    text = anyascii(unicodedata.normalize("NFKC", word).replace("İ", "i").lower().translate(CYRILLIC)).lower()
    for pattern, letter in DIGIT_LETTERS:
        text = pattern.sub(letter, text)
    for spelled, plain in SPELLINGS:
        text = text.replace(spelled, plain)
    return REPEATED.sub(r"\1\1", text)
