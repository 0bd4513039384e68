"""What stands in a chat and is nobody's but the citizen's: PINs and links to their own data."""

import re
from typing import Any

VEILED = (
    (re.compile(r"\b(PIN|ПИН)(\D{0,4})\d{4,8}\b", re.IGNORECASE), r"\1\2••••••"),
    (re.compile(r"(/privacy/)[\w./-]+"), r"\1…"),
)


def veiled(text: str) -> str:
    """A text as others than the citizen may read it."""
    for pattern, shown in VEILED:
        text = pattern.sub(shown, text)
    return text


def veiled_content(content: dict[str, Any]) -> dict[str, Any]:
    """A message's content as others than the citizen may read it: its words and where it links to."""
    known = {**content, "text": veiled(str(content.get("text") or ""))}
    link = content.get("link")
    return {**known, "link": {**link, "url": veiled(str(link["url"]))}} if isinstance(link, dict) else known
