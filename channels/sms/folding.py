"""Plain letters where they make a message fewer SMS and mean the same."""

import re
import unicodedata
from collections.abc import Mapping

from channels.sms.segments import counted

TYPOGRAPHY = {
    **dict.fromkeys(map(ord, "„“”‟«»″"), '"'),
    **dict.fromkeys(map(ord, "‘’‚‛′`´ʼ"), "'"),
    **dict.fromkeys(map(ord, "‹›"), "'"),
    **dict.fromkeys(map(ord, "‐‑‒–—―−•·"), "-"),
    **dict.fromkeys(map(ord, "\t\u00a0\u2002\u2003\u2007\u2009\u200a\u202f"), " "),
    **dict.fromkeys(map(ord, "\u00ad\u200b\u2060\ufeff"), ""),
    ord("…"): "...",
    ord("→"): "->",
}
"""Signs that only look better than their plain form, in every language."""

LETTERS: dict[str, Mapping[int, int | str]] = {
    "ro": str.maketrans("ăâîșțşţĂÂÎȘȚŞŢ", "aaiststAAISTST"),
    "af": str.maketrans("áâêëíîïóôúûýÁÂÊËÍÎÏÓÔÚÛÝÈ", "aaeeiiioouuyAAEEIIIOOUUYE") | {ord("ŉ"): "'n"},
    "sq": str.maketrans("ëçË", "ecE"),
    "en": str.maketrans("áâãêëíîïóôõúûýçÁÂÃÊËÍÎÏÓÔÕÚÛÝÈÌÒÙÀ", "aaaeeiiiooouuycAAAEEIIIOOOUUYEIOUA"),
}
"""Letters people of a language leave out in SMS themselves.

Turkish keeps its letters: ı and i, ş and s, ö and o tell words apart, some of them vulgar. Macedonian keeps its script.
"""

URL = re.compile(r"(https?://\S+)")


def cheaper(text: str, language: str | None) -> str:
    """The text, folded to GSM-7 when that saves SMS, else as it was: what costs the same is sent as written.

    Typographic signs are folded in every language, letters in ro, af, sq and en; addresses stay as they are.
    A sign without a plain form keeps the message in UCS-2, so nothing is folded then.
    """
    before = counted(text)
    if before.encoding == "GSM-7":
        return text
    folded = "".join(
        part if URL.match(part) else _folded(part, LETTERS.get(language or "", {})) for part in URL.split(text)
    )
    after = counted(folded)
    return folded if after.encoding == "GSM-7" and after.segments < before.segments else text


def _folded(text: str, letters: Mapping[int, int | str]) -> str:
    plain = unicodedata.normalize("NFC", text).translate(TYPOGRAPHY)
    return plain.translate(letters)
