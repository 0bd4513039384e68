"""What citizens made of the articles: questions that found none, and answers that were not useful."""

from datetime import date, datetime, timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import Response

from backend.console.knowledge import view
from backend.console.shell.guard import Who, go
from backend.console.shell.pages import page
from backend.conversations import votes
from backend.conversations.votes import Votes
from backend.core.database import Session
from backend.core.languages import LANGUAGES, known_language
from backend.knowledge import questions
from backend.offices.service import CurrentOffice, Office

pages = APIRouter()
WEEKS = 12
SHOWN_CHATS = 3
Chosen = Annotated[str, Query()]


@pages.get("/unanswered")
async def unanswered(
    request: Request, session: Session, office: CurrentOffice, who: Who, language: Chosen = "", empty: Chosen = ""
) -> Response:
    """Questions no article answered, grouped by their folded words, newest first."""
    spoken = known_language(language) or ""
    found = await questions.groups(session, office.profile.id, language=spoken, only_empty=bool(empty))
    values = view.common(request, who.agent) | {"groups": found, "language": spoken, "empty": bool(empty)}
    return page(request, who, "knowledge/unanswered.html", **values, shown_chats=SHOWN_CHATS, days=questions.KEPT.days)


@pages.post("/unanswered/dismiss")
async def dismiss(
    request: Request,
    session: Session,
    who: Who,
    folded: Annotated[str, Form()] = "",
    language: Annotated[str, Form()] = "",
    back_language: Annotated[str, Form()] = "",
    back_empty: Annotated[str, Form()] = "",
) -> Response:
    """Take a group of questions off the list."""
    await questions.dismiss(session, who.agent, folded, language)
    return go(request, "/console/knowledge/unanswered?" + urlencode({"language": back_language, "empty": back_empty}))


@pages.get("/usefulness")
async def usefulness(
    request: Request, session: Session, office: CurrentOffice, who: Who, topic: Chosen = "", language: Chosen = ""
) -> Response:
    """Votes by week, of all articles or of one topic or language, and the newest answers that were not useful."""
    topic, language = topic if topic in office.topics else "", language if language in LANGUAGES else ""
    mondays = _mondays(view.today(office))
    since = datetime.combine(mondays[0], datetime.min.time(), office.profile.zone)
    by_week = await votes.by_week(
        session, office.profile.id, office.profile.time_zone, since, topic=topic, language=language
    )
    values = view.common(request, who.agent) | {
        "topic": topic,
        "language": language,
        "weeks": [(monday, by_week.get(monday, Votes())) for monday in mondays],
        "highest": max((week.all for week in by_week.values()), default=0),
        "total": Votes(sum(week.yes for week in by_week.values()), sum(week.no for week in by_week.values())),
        "ranked": await _ranked(session, office, language),
        "not_useful": await votes.newest_not_useful(session, who.agent, topic, language),
    }
    return page(request, who, "knowledge/usefulness.html", **values)


def _mondays(today: date) -> list[date]:
    """The Mondays of the weeks shown, oldest first."""
    newest = today - timedelta(days=today.weekday())
    return [newest - timedelta(weeks=back) for back in reversed(range(WEEKS))]


async def _ranked(session: Session, office: Office, language: str) -> list[tuple[str, str, Votes]]:
    """(topic, language, votes) of every article somebody voted on, most unhappy voters first."""
    counted = await votes.counts(session, office.profile.id)
    rows = [(topic, spoken, vote) for (topic, spoken), vote in counted.items() if language in ("", spoken)]
    return sorted(rows, key=lambda row: (-row[2].no, row[2].yes, row[0], row[1]))
