"""Words that ask something of the channel itself: to stop, to start again, to explain."""

import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from channels.message import Wish

ENDING = re.compile(r"[\s.!?…,;:]+$")


def plain(text: str) -> str:
    """A text for comparing: no letter case, no diacritics, single blanks, nothing around it but words."""
    marked = unicodedata.normalize("NFKD", text.replace("ı", "i").casefold())
    letters = "".join(sign for sign in marked if not unicodedata.combining(sign))
    return " ".join(ENDING.sub("", letters).split())


def _words(lists: Iterable[list[str]]) -> frozenset[str]:
    return frozenset(plain(word) for words in lists for word in words)


DATA: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("keywords.yml").read_text(encoding="utf-8"))
CARRIER_STOP = _words([DATA["carrier_stop"]])
WISHES: dict[Wish, frozenset[str]] = {
    "stop": _words(DATA["stop"].values()) | CARRIER_STOP,
    "start": _words(DATA["start"].values()),
    "help": _words(DATA["help"].values()),
}


def wish(text: str) -> Wish | None:
    """What a message asks of the channel, when it is nothing but such a word."""
    word = plain(text)
    return next((kind for kind, words in WISHES.items() if word in words), None)


def carrier_stops(text: str) -> bool:
    """Whether Twilio has answered the message itself and blocks the number until it hears START."""
    return plain(text) in CARRIER_STOP
