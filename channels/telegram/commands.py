"""What people type with a slash before it."""

import re
from typing import Any

from channels.text import cleaned

COMMAND = re.compile(r"/([a-z_]+)(?:@\w+)?(?:\s+(.*))?", re.IGNORECASE | re.ASCII | re.DOTALL)
SLASHES = re.compile(r"^[/\s]+")
MEANINGS: dict[str, dict[str, str]] = {
    "start": {"payload": "/greet", "wish": "start"},
    "help": {"payload": "/help"},
    "language": {"payload": "/change_language"},
    "status": {"payload": "/check_status"},
    "person": {"payload": "/talk_to_human"},
    "stop": {"wish": "stop"},
}
"""Our commands, as parts of Inbound."""


def commanded(text: str) -> dict[str, Any]:
    """The parts of Inbound that a typed text means: a command's, or the text itself."""
    text = cleaned(text)
    command = COMMAND.fullmatch(text)
    name, argument = (command[1].lower(), plain(command[2] or "")) if command else ("", "")
    if name == "status" and argument:
        return {"text": argument}
    return dict(MEANINGS.get(name, {"text": plain(text)}))


def plain(text: str) -> str:
    """Text that no engine behind us takes for a command: cleaned, without leading slashes."""
    return SLASHES.sub("", cleaned(text))
