"""What people type, made fit to keep."""

import re

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
LINE_END = re.compile(r"\r\n|[\r\u2028\u2029]")
VISIBLE = re.compile(r"[^\s\u200b-\u200f\u2060\ufeff]")
"""A character one can see: a text without any says nothing."""


def cleaned(text: str) -> str:
    """Text without control and direction-override characters, line ends as `\\n`, no blanks around it."""
    return CONTROL.sub("", LINE_END.sub("\n", text)).strip()
