"""What is to be said about a text while it is written: faults that keep it from being published, and hints."""

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from backend.knowledge.articles import plain_text, uncarried
from backend.knowledge.checking import WARN_BEFORE
from backend.knowledge.schemas import Content

LONG_TEXT = 900
"""Characters from which on a text fills more than two phone screens."""
LONGEST_TEXT = 3000
"""Characters one message of every channel takes whole or in few parts."""
LONG_TITLE = 60
"""Characters of a title that fit on a button."""


@dataclass(frozen=True)
class Finding:
    """Something about a text; the sentence `knowledge.finding.<code>` says it to people."""

    code: str
    fault: bool
    """It keeps the text from being published."""
    detail: str = ""


def tidy(text: str) -> str:
    """A text as it is kept: line ends of one kind, no invisible control characters, no spaces around."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = "".join(sign for sign in lines if sign in "\n\t" or unicodedata.category(sign) not in ("Cc", "Cs"))
    return re.sub(r"[ \t]+$", "", lines, flags=re.M).strip()


def findings(content: Content, units: Collection[str], today: date) -> list[Finding]:
    """Everything that is to be said about a text, faults first."""
    return sorted(_findings(content, units, today), key=lambda finding: not finding.fault)


def _findings(content: Content, units: Collection[str], today: date) -> Iterator[Finding]:
    if not content.title:
        yield Finding("title_missing", True)
    if len(content.title) > LONG_TITLE:
        yield Finding("title_long", False, str(LONG_TITLE))
    if content.link and not _secure(content.link):
        yield Finding("link_insecure", True)
    if content.owner not in units:
        yield Finding("owner_unknown", True)
    if content.expires < today:
        yield Finding("expired", True)
    elif content.expires < today + WARN_BEFORE:
        yield Finding("expires_soon", False)
    yield from _of_text(content.body)


def _of_text(body: str) -> Iterator[Finding]:
    said = plain_text(body)
    if not said.strip():
        yield Finding("text_missing", True)
    if len(said) > LONG_TEXT:
        yield Finding("text_too_long" if len(said) > LONGEST_TEXT else "text_long", len(said) > LONGEST_TEXT)
    for kind in uncarried(body):
        yield Finding("uncarried", True, kind)


def _secure(link: str) -> bool:
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    return parts.scheme == "https" and "." in parts.netloc and not re.search(r"\s", link)
