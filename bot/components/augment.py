"""Training examples as people type them in haste."""

import re
import unicodedata

MARKS = re.compile("([a-z])[\u0300-\u036f]+")


def without_diacritics(text: str) -> str:
    """Latin letters without their marks, in lower case, as typed in haste; other scripts stay."""
    decomposed = unicodedata.normalize("NFKD", text.lower().replace("ı", "i"))
    return unicodedata.normalize("NFC", MARKS.sub(r"\1", decomposed))
