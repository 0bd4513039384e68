"""Words that were made unreadable: what is kept in their place, and what readers are shown."""

from typing import Any

from backend.core.catalogue import backend_catalogue

MARK = "█████"
"""Stored instead of the words; always of the same length, so that it tells nothing about theirs."""


def shown(text: str, language: str) -> str:
    """A text as people read it: where words were removed, it says so in their language."""
    return text.replace(MARK, backend_catalogue().text("redaction.removed", language)) if MARK in text else text


def all_shown(value: Any, language: str) -> Any:
    """The same for every text within lists and mappings."""
    if isinstance(value, str):
        return shown(value, language)
    if isinstance(value, dict):
        return {key: all_shown(part, language) for key, part in value.items()}
    return [all_shown(part, language) for part in value] if isinstance(value, list) else value
