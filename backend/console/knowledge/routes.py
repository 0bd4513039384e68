"""The rooms of articles: the list, one article, what can be done with it."""

from dataclasses import replace
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request, UploadFile
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from backend.console.knowledge import questions, view
from backend.console.knowledge.differences import differences
from backend.console.knowledge.files import article_of_upload, one_file, zipped
from backend.console.knowledge.view import Wanted
from backend.console.shell.guard import Who, go
from backend.console.shell.pages import page
from backend.core.database import Session
from backend.core.errors import InvalidRequestError, KomshuError
from backend.core.languages import LANGUAGES
from backend.knowledge import desk
from backend.knowledge.errors import ArticleChangedError, ArticleUnknownError
from backend.knowledge.repository import content_of
from backend.knowledge.schemas import Content, Key
from backend.knowledge.writing import tidy
from backend.offices.service import CurrentOffice

pages = APIRouter(prefix="/console/knowledge", include_in_schema=False)
Text = Annotated[str, Form()]
Number = Annotated[int, Form()]
LONGEST_FIELD = 20_000


async def _wanted(
    q: Annotated[str, Query()] = "",
    state: Annotated[str, Query()] = "",
    language: Annotated[str, Query()] = "",
    owner: Annotated[str, Query()] = "",
    question: Annotated[str, Query()] = "",
) -> Wanted:
    return Wanted(q[:200], state if state in view.STATES else "", language, owner, question[:300])


async def _typed(
    title: Text = "", body: Text = "", link: Text = "", owner: Text = "", expires: Text = "", sample: Text = ""
) -> Content:
    """What stands in the form; a day that is none becomes the first of all days, which no text can have."""
    try:
        day = date.fromisoformat(expires.strip())
    except ValueError:
        day = date.min
    title = " ".join(tidy(title[:LONGEST_FIELD]).split())
    return Content(title, tidy(body[:LONGEST_FIELD]), tidy(link[:2000]) or None, owner, day, bool(sample))


Filtered = Annotated[Wanted, Depends(_wanted)]
Typed = Annotated[Content, Depends(_typed)]


@pages.get("")
async def overview(request: Request, session: Session, who: Who, wanted: Filtered) -> Response:
    """All topics with their articles in each language."""
    return page(request, who, "knowledge/list.html", **await view.overview(session, request, who.agent, wanted))


@pages.get("/list")
async def part_list(request: Request, session: Session, who: Who, wanted: Filtered) -> Response:
    """The table alone, as it is now."""
    return page(request, who, "knowledge/table.html", **await view.overview(session, request, who.agent, wanted))


@pages.get("/files")
async def all_files(session: Session, office: CurrentOffice, who: Who) -> Response:
    """All articles the assistant tells, as the files they would be."""
    return zipped(office.profile.id, await desk.standings(session, office))


@pages.post("/preview")
async def preview(
    request: Request, office: CurrentOffice, who: Who, typed: Typed, topic: Text = "", language: Text = ""
) -> Response:
    """What is to be said about a text while it is written, and how the widget would show it."""
    key = _key(office, topic, language)
    values = view.common(request, who.agent) | view.written(office, key, typed)
    return page(request, who, "knowledge/preview.html", **values)


def _key(office: CurrentOffice, topic: str, language: str) -> Key:
    """The article named by a topic of the office and a language. Raises ArticleUnknownError."""
    if topic not in office.topics or language not in LANGUAGES:
        raise ArticleUnknownError
    return Key(topic, language)


async def _named(office: CurrentOffice, topic: str, language: str) -> Key:
    return _key(office, topic, language)


Named = Annotated[Key, Depends(_named)]
pages.include_router(questions.pages)


@pages.get("/{topic}")
async def topic_page(request: Request, office: CurrentOffice, who: Who, topic: str) -> Response:
    """A topic in the agent's language if the office writes in it, else in the office's first."""
    own = office.profile.languages
    language = who.agent.language if who.agent.language in own else own[0]
    return go(request, f"/console/knowledge/{_key(office, topic, language).topic}/{language}")


@pages.get("/{topic}/{language}")
async def show(
    request: Request,
    session: Session,
    who: Who,
    key: Named,
    version: int | None = None,
    question: Annotated[str, Query()] = "",
) -> Response:
    """One article: its editor, preview, history; with `version`, the editor begins with the text of that version."""
    values = await view.article(session, request, who.agent, key, version)
    return page(request, who, "knowledge/article.html", **values, question=question[:300])


@pages.post("/{topic}/{language}")
async def write(
    request: Request,
    session: Session,
    office: CurrentOffice,
    who: Who,
    key: Named,
    typed: Typed,
    do: Text = "preview",
    seen: Number = 0,
    restores: Text = "",
    checked: Text = "",
) -> Response:
    """Keep a draft or publish; what was typed stays in the form when that is refused."""
    content = replace(typed, sample=typed.sample and not checked)
    went_back = int(restores) if restores.isdecimal() else None
    try:
        async with session.begin_nested():
            if do == "draft":
                await desk.save_draft(session, office, who.agent, key, seen, content, went_back)
            elif do == "publish":
                await desk.publish(session, office, who.agent, key, seen, content, view.today(office), went_back)
    except KomshuError as error:
        return await _again(request, session, who, key, typed, error, restores=went_back)
    if do == "preview":
        return await _again(request, session, who, key, typed, None, seen=seen, restores=went_back)
    return go(request, _address(key))


def _address(key: Key) -> str:
    return f"/console/knowledge/{key.topic}/{key.language}"


async def _again(
    request: Request, session: AsyncSession, who: Who, key: Key, typed: Content, error: KomshuError | None, **more: Any
) -> Response:
    """The page with what was typed; after somebody else's change also with what is different in theirs."""
    values = await view.article(session, request, who.agent, key)
    newest = values["standing"].newest
    say = view.sayer(request, who.agent)
    against = differences(content_of(newest), typed, say) if isinstance(error, ArticleChangedError) and newest else []
    values |= view.written(request.app.state.office, key, typed) | more | {"error": error, "against": against}
    template = "knowledge/editor.html" if "hx-request" in request.headers else "knowledge/article.html"
    return page(request, who, template, status=error.status if error else 200, **values, question="")


@pages.post("/{topic}/{language}/withdraw")
async def withdraw(
    request: Request, session: Session, office: CurrentOffice, who: Who, key: Named, seen: Number = 0
) -> Response:
    """Have the assistant say it no more."""
    await desk.withdraw(session, office, who.agent, key, seen)
    return go(request, _address(key))


@pages.post("/{topic}/{language}/drop")
async def drop(
    request: Request, session: Session, office: CurrentOffice, who: Who, key: Named, seen: Number = 0
) -> Response:
    """Decide against the draft that waits."""
    await desk.drop_draft(session, office, who.agent, key, seen)
    return go(request, _address(key))


@pages.post("/{topic}/{language}/checked")
async def checked(
    request: Request, session: Session, office: CurrentOffice, who: Who, key: Named, seen: Number = 0
) -> Response:
    """The office has read the sample and stands by it."""
    await desk.confirm_checked(session, office, who.agent, key, seen)
    return go(request, _address(key))


@pages.post("/{topic}/{language}/decide")
async def decide(
    request: Request,
    session: Session,
    office: CurrentOffice,
    who: Who,
    key: Named,
    keep: Text = "",
    seen: Number = 0,
) -> Response:
    """Keep the desk's text or take the file's."""
    if keep not in ("desk", "file"):
        raise InvalidRequestError
    await desk.decide(session, office, who.agent, key, seen, keep)  # type: ignore[arg-type]
    return go(request, _address(key))


@pages.get("/{topic}/{language}/compare")
async def compare(
    request: Request,
    session: Session,
    office: CurrentOffice,
    who: Who,
    key: Named,
    before: int,
    after: int,
) -> Response:
    """Two versions word by word."""
    history = await desk.history(session, office, key)
    old, new = (view.version_numbered(history, number) for number in (before, after))
    if old is None or new is None:
        raise ArticleUnknownError
    values = view.common(request, who.agent) | {"key": key, "history": history, "old": old, "new": new}
    found = differences(content_of(old), content_of(new), view.sayer(request, who.agent))
    return page(request, who, "knowledge/compare.html", **values, found=found)


@pages.get("/{topic}/{language}/file")
async def file(session: Session, office: CurrentOffice, who: Who, key: Named) -> Response:
    """The article as the file it would be: what the assistant says, else the newest version."""
    there = desk.standing(key, await desk.history(session, office, key))
    version = there.live or there.newest
    if version is None:
        raise ArticleUnknownError
    return one_file(key, content_of(version))


@pages.post("/{topic}/{language}/file")
async def take_file(
    request: Request, session: Session, office: CurrentOffice, who: Who, key: Named, file: UploadFile
) -> Response:
    """Put an article file's text into the editor; nothing is kept yet. Raises ArticleFileUnreadableError."""
    return await _again(request, session, who, key, await article_of_upload(file), None)
