"""Training examples as people mistype them."""

import random
import re
import unicodedata

MARKS = re.compile("([a-z])[\u0300-\u036f]+")


def without_diacritics(text: str) -> str:
    """Latin letters without their marks, in lower case, as typed in haste; other scripts stay."""
    decomposed = unicodedata.normalize("NFKD", text.lower().replace("ı", "i"))
    return unicodedata.normalize("NFC", MARKS.sub(r"\1", decomposed))


def mistyped(text: str, dice: random.Random, rate: float = 0.1) -> str:
    """A copy in which about `rate` of the letters are dropped, doubled or swapped with their neighbour."""
    signs = list(text)
    place = 0
    while place < len(signs) - 1:
        if signs[place].isalpha() and dice.random() < rate:
            slip = dice.choice(("drop", "double", "swap"))
            if slip == "drop":
                del signs[place]
            elif slip == "double":
                signs.insert(place, signs[place])
                place += 1
            else:
                signs[place], signs[place + 1] = signs[place + 1], signs[place]
                place += 1
        place += 1
    return "".join(signs)
