"""Pages of the console: rendered with the agent's language and the words of the catalogues."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel.dates import format_date, format_datetime, format_time, format_timedelta
from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from backend.accounts.schemas import Agent
from backend.accounts.service import SignedIn
from backend.core import blocks
from backend.core.catalogue import backend_catalogue
from backend.core.database import utcnow
from backend.core.languages import LANGUAGES
from backend.disputes.wording import proposed
from backend.offices.hours import spoken_time
from backend.offices.service import Office, page_language

FOLDER = Path(__file__).parents[1]
LOCALES = {"af": "af_ZA", "en": "en_GB", "mk": "mk_MK", "ro": "ro_RO", "tr": "tr_TR"}
ENVIRONMENT = Environment(
    loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)
COOKIE = "komshu_desk"
MINUTES_FROM = 72
"""From so many seconds on a time that has passed is said in whole minutes."""


@lru_cache(maxsize=10_000)
def _passed(seconds: int, locale: str) -> str:
    """Kept: twenty consoles say it of the same two hundred chats."""
    return format_timedelta(timedelta(seconds=max(seconds, 1)), locale=locale, threshold=1.2)


class Words:
    """What templates say, and how they write times, in one language and the office's time zone."""

    def __init__(self, office: Office, language: str) -> None:
        self.language = language
        self._of = (office.profile.id, language)
        self._office = office
        self._zone = office.profile.zone
        self._locale = LOCALES[language]

    def __eq__(self, other: object) -> bool:
        """Whether they say the same: those of one office in one language do."""
        return isinstance(other, Words) and self._of == other._of

    def __hash__(self) -> int:
        """By office and language: what was rendered with them can be kept."""
        return hash(self._of)

    def __call__(self, key: str, **values: object) -> str:
        """The sentence for a key."""
        return backend_catalogue().text(key, self.language, **values)

    def said(self, text: str | None) -> str:
        """What people wrote; where words were made unreadable, it says so."""
        return blocks.shown(text or "", self.language)

    def at(self, moment: datetime | None) -> str:
        """A moment: the time on the same day, else date and time."""
        if moment is None:
            return ""
        local = moment.astimezone(self._zone)
        if local.date() == utcnow().astimezone(self._zone).date():
            return format_time(local, "short", locale=self._locale)
        return format_datetime(
            local, "d MMM, HH:mm" if local.year == utcnow().year else "d MMM y, HH:mm", locale=self._locale
        )

    def day(self, day: date) -> str:
        """A day."""
        return format_date(day, "medium", locale=self._locale)

    def last_day(self, ends_at: datetime) -> str:
        """The last day of something that ends with a day."""
        return self.day((ends_at.astimezone(self._zone) - timedelta(microseconds=1)).date())

    def full(self, moment: datetime | None) -> str:
        """A moment with its whole date."""
        return format_datetime(moment.astimezone(self._zone), "medium", locale=self._locale) if moment else ""

    def since(self, moment: datetime | None) -> str:
        """How long ago a moment was, in words."""
        seconds = int((utcnow() - moment).total_seconds()) if moment else 0
        return _passed(seconds if seconds < MINUTES_FROM else seconds // 60 * 60, self._locale) if moment else ""

    def unit(self, unit: str | None) -> str:
        """A unit's name; the desk's for none."""
        names = self._office.units[unit].name if unit in self._office.units else self._office.profile.desk
        return names.get(self.language) or next(iter(names.values()))

    def category(self, category: str | None) -> str:
        """A category's name."""
        known = self._office.categories.categories.get(category or "")
        return known.name[self.language] if known else ""

    def topic(self, topic: str) -> str:
        """A question topic's name."""
        names = self._office.topics.get(topic)
        return names[self.language] if names else topic

    def spoken(self, moment: datetime) -> str:
        """A moment that comes: weekday, day and time."""
        return spoken_time(moment.astimezone(self._zone), self.language)

    def step(self, step: str | None) -> str:
        """The name of a step or an end of a dispute."""
        disputes = self._office.disputes
        known = (disputes.steps.get(step or "") or disputes.ends.get(step or "")) if disputes else None
        return known.name[self.language] if known else ""

    def proposal(self, text: str) -> str:
        """When a party of a dispute could come: their own words, or the button they pressed."""
        return proposed(text, self.language)

    def matter(self, topic: str | None) -> str:
        """What a dispute is about."""
        topics = self._office.disputes.topics if self._office.disputes else {}
        return topics[topic][self.language] if topic in topics else ""

    @staticmethod
    def speech(code: str | None) -> str:
        """A language by its own name."""
        return LANGUAGES.get(code or "", code or "")


def page(request: Request, who: SignedIn | None, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """A page or a part of one."""
    return HTMLResponse(render(request, who, template, **values), status, {"Cache-Control": "no-store"})


def render(request: Request, who: SignedIn | None, template: str, **values: Any) -> str:
    """The text of a page or a part of one; templates find `t` (words), `who`, `agent`, `office` and `path`."""
    office: Office = request.app.state.office
    agent: Agent | None = who.agent if who else None
    return ENVIRONMENT.get_template(template).render(
        {
            "t": Words(office, console_language(request, agent)),
            "who": who,
            "agent": agent,
            "office": office,
            "path": request.url.path,
            "languages": LANGUAGES,
            "now": utcnow(),
            **values,
        }
    )


def console_language(request: Request, agent: Agent | None) -> str:
    """The agent's language; before anybody is signed in, the browser's or the office's."""
    if agent is not None:
        return agent.language
    return page_language(request, request.app.state.office)
