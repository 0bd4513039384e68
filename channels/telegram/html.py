"""Stored messages as Telegram shows them: HTML and buttons. See https://core.telegram.org/bots/api#html-style."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from channels.splitting import markup, pieces, shortened, units
from channels.text import VISIBLE, cleaned

PART_UNITS = 4096
"""The longest text of one message, after its HTML is read (https://core.telegram.org/bots/api#sendmessage)."""
MARKUP_LENGTH = 4 * PART_UNITS
"""The longest HTML of one message, in characters: a text of nothing but `&` grows fivefold."""
BUTTON_UNITS = 64
"""The longest title of a button that is still read on a phone."""
NARROW_UNITS = 20
"""The longest title of which two stand side by side."""
LINK_UNITS = 256
"""The longest title of a link."""


def rendered(content: Mapping[str, Any], number: int) -> tuple[dict[str, Any], ...]:
    """A message as parts to send, `{"text": HTML, "buttons": [[title, data], …]}`, buttons with the last one.

    `number` is the message's in its conversation, it comes back with a pressed button. An empty message has no part.
    """
    texts = linked(split(cleaned(content.get("text") or "")), content.get("link"))
    parts: list[dict[str, Any]] = [{"text": text} for text in texts]
    if parts and (buttons := titled(content.get("buttons") or (), number)):
        parts[-1]["buttons"] = buttons
    return tuple(parts)


def split(text: str) -> list[str]:
    """The parts of a text, each fit for one message; parts that show nothing are left out."""
    return [part for part in pieces(text, (units, PART_UNITS), (markup, MARKUP_LENGTH)) if VISIBLE.search(part)]


def linked(texts: list[str], link: Mapping[str, Any] | None) -> list[str]:
    """The texts as HTML, the link on its own line after the last one, or as a message of its own if it must."""
    escaped = [escape(text, quote=False) for text in texts]
    url = cleaned(link["url"]) if link else ""
    if not link or not url:
        return escaped
    title = shortened(cleaned(link.get("title") or "") or url, LINK_UNITS)
    anchor = f'<a href="{escape(url)}">{escape(title, quote=False)}</a>'
    if texts and units(texts[-1]) + 1 + units(title) <= PART_UNITS:
        return [*escaped[:-1], f"{escaped[-1]}\n{anchor}"]
    return [*escaped, anchor]


def titled(buttons: Sequence[Mapping[str, Any]], number: int) -> list[list[str]]:
    """Each button's title and data. One without a title cannot be shown; the others keep their places."""
    titles = [shortened(cleaned(button["title"]), BUTTON_UNITS) for button in buttons]
    return [[title, f"{number}:{index}"] for index, title in enumerate(titles) if VISIBLE.search(title)]


def keyboard(buttons: Sequence[Sequence[str]]) -> InlineKeyboardMarkup | None:
    """The buttons of a part in rows, two side by side when all titles are short."""
    if not buttons:
        return None
    side_by_side = 1 if any(units(title) > NARROW_UNITS for title, _ in buttons) else 2
    keys = [InlineKeyboardButton(title, callback_data=data) for title, data in buttons]
    rows = [keys[start : start + side_by_side] for start in range(0, len(keys), side_by_side)]
    return InlineKeyboardMarkup(rows)
