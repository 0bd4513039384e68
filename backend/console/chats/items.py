"""Entries of the lists of chats as HTML, kept: twenty consoles show the same two hundred chats."""

from datetime import datetime
from functools import lru_cache

from markupsafe import Markup

from backend.console.shell.pages import ENVIRONMENT, Words
from backend.conversations.listing import Listed

KEPT = 4_000
SECONDS = 10
"""How long an entry may say the same of how long somebody has waited."""


def shown_at(now: datetime) -> datetime:
    """The moment entries are made for: now, or a few seconds ago."""
    return now.replace(second=now.second // SECONDS * SECONDS, microsecond=0)


@lru_cache(maxsize=KEPT)
def item(t: Words, chat: Listed, view: str, holder: str | None, now: datetime, *, is_open: bool) -> Markup:
    """One chat of a list; `holder` is who has it, by name, and `now` comes from shown_at."""
    values = {"t": t, "chat": chat, "view": view, "holder": holder, "now": now, "open": is_open}
    return Markup(ENVIRONMENT.get_template("chats/item.html").render(values))  # noqa: S704 - escaped by the template
