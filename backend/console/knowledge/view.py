"""What the pages of articles show, gathered from the features below."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from babel.dates import format_date
from babel.numbers import format_percent
from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession

from backend.accounts.schemas import Agent
from backend.console.shell.pages import LOCALES, Words, console_language
from backend.conversations import votes
from backend.conversations.votes import Votes
from backend.core.catalogue import backend_catalogue
from backend.core.database import utcnow
from backend.core.folding import folded_words
from backend.core.languages import LANGUAGES
from backend.knowledge import desk
from backend.knowledge.articles import plain_text
from backend.knowledge.desk import Standing, may_propose
from backend.knowledge.models import ArticleVersion
from backend.knowledge.repository import content_of
from backend.knowledge.schemas import Content, Key
from backend.knowledge.writing import LONG_TEXT, findings
from backend.offices.service import Office
from channels.message import ArticleSource, Link, Reply

STATES = ("draft", "conflict", "expired", "expires_soon", "missing", "sample", "withdrawn", "published")
"""What the list can be narrowed to."""
FEWEST_VOTES = 10
"""Fewer votes give no share: one more could turn it."""
A_YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Wanted:
    """Which articles a list shows."""

    words: str = ""
    state: str = ""
    language: str = ""
    owner: str = ""
    question: str = ""
    """A question somebody looks for the topic of."""


@dataclass(frozen=True)
class Cell:
    """One article in the list."""

    standing: Standing
    state: str
    votes: Votes

    @property
    def says(self) -> frozenset[str]:
        """Its state and marks."""
        return frozenset({self.state, *self.standing.marks})

    @property
    def owner(self) -> str | None:
        """The unit that answers for it."""
        return self.standing.newest.owner if self.standing.newest else None


@dataclass(frozen=True)
class Row:
    """One topic of the list with its article in each language."""

    topic: str
    cells: dict[str, Cell]

    @property
    def owners(self) -> list[str]:
        """Units that answer for it, without repetition."""
        return sorted({cell.owner for cell in self.cells.values() if cell.owner})

    @property
    def votes(self) -> Votes:
        """Of all languages shown."""
        return Votes(
            sum(cell.votes.yes for cell in self.cells.values()), sum(cell.votes.no for cell in self.cells.values())
        )


def today(office: Office) -> date:
    """The day at the office."""
    return utcnow().astimezone(office.profile.zone).date()


def common(request: Request, agent: Agent) -> dict[str, Any]:
    """What all pages of articles use: days and shares in the agent's language, and what they may."""
    locale = LOCALES[console_language(request, agent)]
    return {
        "day": lambda day: format_date(day, "medium", locale=locale),
        "percent": lambda share: format_percent(share, locale=locale),
        "fewest_votes": FEWEST_VOTES,
        "may_propose": may_propose(agent),
        "may_publish": agent.may("publish"),
    }


def sayer(request: Request, agent: Agent) -> Callable[[str, object], str]:
    """Tells the value of an article's field in the agent's language."""
    language = console_language(request, agent)
    words = Words(request.app.state.office, language)

    def say(field: str, value: object) -> str:
        if field == "sample":
            return words("knowledge.state.sample" if value else "knowledge.sample.no")
        if isinstance(value, date):
            return format_date(value, "medium", locale=LOCALES[language])
        return words.unit(str(value)) if field == "owner" else str(value or "")

    return say


async def overview(session: AsyncSession, request: Request, agent: Agent, wanted: Wanted) -> dict[str, Any]:
    """The list of topics, the counts of its states and its filters."""
    office: Office = request.app.state.office
    standings = await desk.standings(session, office)
    counted = await votes.counts(session, office.profile.id)
    shown = _languages(office, standings, wanted.language)
    rows = [_row(office, standings, counted, topic, shown) for topic in office.topics]
    rows = [row for row in rows if _fits(office, row, wanted)]
    counts = Counter(said for row in rows for cell in row.cells.values() for said in cell.says)
    narrowed = [
        row for row in rows if not wanted.state or any(wanted.state in cell.says for cell in row.cells.values())
    ]
    return common(request, agent) | {
        "wanted": wanted,
        "rows": narrowed,
        "topics": len(rows),
        "counts": counts,
        "states": [state for state in STATES if counts[state] or state == wanted.state],
        "shown": shown,
    }


def _languages(office: Office, standings: dict[Key, Standing], only: str) -> list[str]:
    """The office's languages, its first one first, and others in which there are articles."""
    if only in LANGUAGES:
        return [only]
    own = office.profile.languages
    return [*own, *(code for code in LANGUAGES if code not in own and any(key.language == code for key in standings))]


def _row(
    office: Office,
    standings: dict[Key, Standing],
    counted: dict[tuple[str, str], Votes],
    topic: str,
    languages: Sequence[str],
) -> Row:
    cells = {}
    for language in languages:
        standing = standings.get(Key(topic, language)) or Standing(Key(topic, language))
        cells[language] = Cell(standing, standing.state(today(office)), counted.get((topic, language), Votes()))
    return Row(topic, cells)


def _fits(office: Office, row: Row, wanted: Wanted) -> bool:
    if wanted.owner and wanted.owner not in row.owners:
        return False
    sought = folded_words(wanted.words)
    if not sought:
        return True
    newest = [cell.standing.newest for cell in row.cells.values() if cell.standing.newest]
    texts = [row.topic, *office.topics[row.topic].values(), *(f"{one.title} {one.body}" for one in newest)]
    there = folded_words(" ".join(texts))
    return all(any(word.startswith(beginning) for word in there) for beginning in sought)


async def article(
    session: AsyncSession, request: Request, agent: Agent, key: Key, version: int | None = None
) -> dict[str, Any]:
    """One article with everything about it, and the text its editor begins with. Raises ArticleUnknownError."""
    office: Office = request.app.state.office
    history = await desk.history(session, office, key)
    standing = desk.standing(key, history)
    chosen = next((one for one in history if one.number == version), None)
    begun = chosen or standing.draft or standing.settled or standing.offered
    content = content_of(begun) if begun else _blank(office, agent)
    standings = await desk.standings(session, office)
    counted = await votes.counts(session, office.profile.id)
    tabs = _row(office, standings, counted, key.topic, _languages(office, standings, ""))
    return common(request, agent) | {
        "key": key,
        "tabs": tabs.cells,
        "standing": standing,
        "state": standing.state(today(office)),
        "history": history,
        "begun": begun,
        "chosen": chosen,
        "seen": standing.number,
        "restores": chosen.number if chosen else None,
        "votes": counted.get(key, Votes()),
        "error": None,
        "against": [],
        **written(office, key, content),
    }


def _blank(office: Office, agent: Agent) -> Content:
    owner = agent.units[0] if agent.units else next(iter(office.units))
    return Content("", "", None, owner, today(office) + A_YEAR)


def written(office: Office, key: Key, content: Content) -> dict[str, Any]:
    """A text in the editor: what is to be said about it, and how the widget shows it."""
    text = plain_text(content.body)
    return {
        "content": content,
        "findings": findings(content, office.units, today(office)),
        "length": len(text),
        "long": LONG_TEXT,
        "message": json.dumps(shown_message(key, content, text)),
        "text": text,
        "strings": json.dumps(backend_catalogue().section("widget.", key.language)),
        "key": key,
    }


def shown_message(key: Key, content: Content, text: str) -> dict[str, Any]:
    """The message a citizen would get, as it is stored and sent to the widget."""
    link = Link(title=content.title, url=content.link) if content.link else None
    article = ArticleSource(topic=key.topic, title=content.title)
    reply = Reply(text=text, link=link, article=article, language=key.language)
    return {**reply.content(), "author": "bot", "language": key.language}


def version_numbered(history: Sequence[ArticleVersion], number: int) -> ArticleVersion | None:
    """A version by its number."""
    return next((one for one in history if one.number == number), None)
