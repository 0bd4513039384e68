"""What a person reads: the text nearest to their language, the link, and the way out in their own words."""

from collections.abc import Mapping

from backend.announcements.schemas import Content
from backend.core.catalogue import backend_catalogue
from backend.core.languages import FALLBACK
from backend.offices.service import Office
from channels.message import Button, Link, Reply
from channels.sms.folding import cheaper
from channels.sms.segments import Segments, counted

BUTTONED = frozenset({"web", "telegram"})
"""Channels where the way out is a button; elsewhere it is a phrase to send."""
WAY_OUT = "/unsubscribe_updates"
SMS = "sms"


def text_language(office: Office, texts: Mapping[str, str], spoken: str) -> str:
    """The language of the text somebody gets: theirs, else the office's own in its order, else English, else any.

    `texts` has one at least.
    """
    wanted = (spoken, *office.profile.languages, FALLBACK)
    return next((language for language in wanted if texts.get(language)), next(iter(texts)))


def reply(office: Office, content: Content, channel: str, spoken: str) -> tuple[Reply, str]:
    """The message for one channel and one language, and the language of its text."""
    written = text_language(office, content.texts, spoken)
    words, catalogue = content.texts[written], backend_catalogue()
    if channel in BUTTONED:
        link = Link(title=catalogue.text("announcements.read_on", spoken), url=content.link) if content.link else None
        out = Button(title=catalogue.text("announcements.stop", spoken), payload=WAY_OUT)
        return Reply(text=words, link=link, buttons=(out,)), written
    parts = [words, *([content.link] if content.link else []), catalogue.text("subscriptions.way_out", spoken)]
    return Reply(text="\n".join(parts)), written


def sms(office: Office, content: Content, spoken: str) -> tuple[str, Segments]:
    """The body of the SMS as the channel writes it, and what is paid for it. It is one body: see LONGEST_TEXT."""
    said, written = reply(office, content, SMS, spoken)
    body = cheaper(said.text, written)
    return body, counted(body)
