"""What the pages of announcements show: a form as it was filled in, whom it reaches, and what people would see."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from babel.dates import format_timedelta
from babel.numbers import format_currency
from fastapi import Request
from starlette.datastructures import FormData

from backend.announcements import wording
from backend.announcements.errors import AnnouncementUnfitError
from backend.announcements.models import Announcement
from backend.announcements.schemas import Content, Estimate
from backend.announcements.service import areas_of, content_of
from backend.answers.desk import Desk
from backend.console.shell.pages import LOCALES, Words
from backend.core.languages import LANGUAGES
from backend.offices.service import Office
from channels.message import Reply

SMS_UNITS = {"GSM-7": "GSM-7", "UCS-2": "Unicode"}
LONGEST_FIELD = 4000
SHOWN_CHANNELS = ("web", "telegram", "whatsapp", "sms")
LONGEST_HEADING = 90


def desk_of(request: Request) -> Desk:
    """The office, its settings and its channels."""
    state = request.app.state
    return Desk(state.settings, state.office, state.adapters)


@dataclass(frozen=True)
class Typed:
    """The form as it was filled in."""

    content: Content
    version: int = 0
    moment: str = ""
    """The last moment of sending, as the browser writes it."""

    def readable(self) -> Content:
        """What was filled in. Raises AnnouncementUnfitError for a moment that is none."""
        if self.moment and self.content.valid_until is None:
            raise AnnouncementUnfitError(field="valid_until")
        return self.content


def typed(form: FormData, office: Office) -> Typed:
    """What a form holds; districts in the gazetteer's order, so that the same choice is the same content."""
    said = {key: value[:LONGEST_FIELD] for key, value in form.items() if isinstance(value, str)}
    chosen = {value for value in form.getlist("areas") if isinstance(value, str)}
    known = areas_of(office)
    areas = (*(name for name in known if name in chosen), *sorted(chosen - set(known)))
    moment = said.get("valid_until", "").strip()
    content = Content(
        topic=said.get("topic", ""),
        areas=areas,
        texts={code: said[f"text_{code}"] for code in LANGUAGES if said.get(f"text_{code}", "").strip()},
        link=said.get("link", "").strip() or None,
        valid_until=_moment(moment, office),
        emergency=bool(said.get("emergency")),
    )
    version = said.get("version", "")
    return Typed(content, int(version) if version.isdecimal() and len(version) < 9 else 0, moment)


def _moment(text: str, office: Office) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
        return found if found.tzinfo else found.replace(tzinfo=office.profile.zone)
    except (ValueError, OverflowError):
        return None


def stored(of: Announcement, office: Office) -> Typed:
    """The form of what is written already."""
    until = of.valid_until.astimezone(office.profile.zone).strftime("%Y-%m-%dT%H:%M") if of.valid_until else ""
    return Typed(content_of(of), of.version, until)


EMPTY = Typed(Content("", (), {}))


@dataclass(frozen=True)
class Missing:
    """A language without a text."""

    language: str
    people: int
    other: str
    """The language of the text they would get."""


@dataclass(frozen=True)
class Reach:
    """An estimate in the agent's words."""

    of: Estimate
    missing: Sequence[Missing]
    cost: str | None
    duration: str
    metered: bool
    """Whether some are told by SMS."""


def reach(office: Office, content: Content, found: Estimate, currency: str, t: Words) -> Reach:
    """Whom it reaches, what that costs and how long it takes, ready to be shown."""
    locale = LOCALES[t.language]
    cost = None if found.cost is None else str(format_currency(found.cost, currency, locale=locale))
    time = timedelta(minutes=max(1, round(found.minutes)))
    duration = str(format_timedelta(time, granularity="minute", threshold=2, locale=locale))
    metered = any(group.channel == wording.SMS for group in found.groups)
    return Reach(found, _missing(office, content, found), cost, duration, metered)


def _missing(office: Office, content: Content, found: Estimate) -> list[Missing]:
    if not content.texts:
        return []
    elsewhere = found.elsewhere
    return [
        Missing(language, elsewhere.get(language, 0), wording.text_language(office, content.texts, language))
        for language in LANGUAGES
        if not content.texts.get(language)
    ]


@dataclass(frozen=True)
class Shown:
    """A message as some channels show it."""

    channels: Sequence[str]
    reply: Reply
    body: str = ""
    """The SMS, where it is one."""
    characters: int = 0
    segments: int = 0
    encoding: str = ""


def previews(office: Office, content: Content) -> Mapping[str, Sequence[Shown]]:
    """By language of the text: what somebody who speaks it would see on each channel."""
    order = dict.fromkeys((*office.profile.languages, *LANGUAGES))
    return {language: _shown(office, content, language) for language in order if content.texts.get(language)}


def _shown(office: Office, content: Content, language: str) -> list[Shown]:
    with_button, _ = wording.reply(office, content, "web", language)
    with_phrase, _ = wording.reply(office, content, "whatsapp", language)
    body, cost = wording.sms(office, content, language)
    sms = Shown(("sms",), with_phrase, body, len(body), cost.segments, SMS_UNITS[cost.encoding])
    return [Shown(("web", "telegram"), with_button), Shown(("whatsapp",), with_phrase), sms]


def heading(of: Announcement, office: Office) -> tuple[str, str]:
    """(language, beginning) of the text of an announcement in the office's first language."""
    language = wording.text_language(office, of.texts, office.profile.languages[0])
    text = " ".join(str(of.texts[language]).split())
    return language, text if len(text) <= LONGEST_HEADING else f"{text[:LONGEST_HEADING]}…"


def without_blanks(content: Content) -> Content:
    """The content as it would be counted while it is typed."""
    return replace(content, texts={code: text.strip() for code, text in content.texts.items() if text.strip()})
