"""Make words, areas of pictures and whole files unreadable: choose, look at every place, confirm."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from backend.answers.desk import Desk
from backend.attachments import redacting
from backend.attachments.redacting import FileKind
from backend.console.shell.guard import Who, go
from backend.console.shell.pages import page
from backend.console.tickets.view import Text
from backend.conversations.routes import AppSettings
from backend.core.database import Session
from backend.core.errors import KomshuError
from backend.core.web import stored_file
from backend.redaction import pictures, service
from backend.redaction.errors import RedactionFileError
from backend.redaction.schemas import REASONS, Act, Subject

pages = APIRouter(prefix="/console/redaction/{room}/{subject_id}", include_in_schema=False)
PRIVATE = "private, no-store"
BLANK_AREAS = 3
"""Fields for areas on a page without scripts; those that stay empty are left out."""
Many = Annotated[list[str], Form(default_factory=list)]


async def _subject(room: Literal["chats", "tickets"], subject_id: UUID) -> Subject:
    return Subject("chat" if room == "chats" else "ticket", subject_id)


Of = Annotated[Subject, Depends(_subject)]


def _back(of: Subject) -> str:
    return f"/console/{of.kind}s/{of.id}"


def _here(of: Subject) -> str:
    return f"/console/redaction/{of.kind}s/{of.id}"


def _desk(request: Request) -> Desk:
    state = request.app.state
    return Desk(state.settings, state.office, state.adapters)


async def _words_page(
    request: Request, session: AsyncSession, who: Who, of: Subject, message: int | None, **values: Any
) -> Response:
    office = request.app.state.office
    texts, suggestions = await service.spoken(session, office, who.agent, of, message)
    shown = {"texts": texts, "suggestions": suggestions, "found": None, "given": [], "typed": "", "problem": None}
    error: KomshuError | None = values.get("problem")
    return page(
        request,
        who,
        "redaction/words.html",
        status=error.status if error else 200,
        **{**shown, **values},
        message=message,
        of=of,
        here=_here(of),
        back=_back(of),
        reasons=REASONS,
    )


@pages.get("")
async def choose(request: Request, session: Session, who: Who, of: Of, message: int | None = None) -> Response:
    """The texts of a chat, of one message or of a ticket, and a form for the words to hide."""
    return await _words_page(request, session, who, of, message)


@pages.post("/find")
async def find(
    request: Request, session: Session, who: Who, of: Of, given: Many, typed: Text = "", message: Text = ""
) -> Response:
    """Every place of the words, to be confirmed."""
    words = [*given, *typed.splitlines()]
    values: dict[str, Any] = {"typed": typed, "given": given}
    try:
        values["found"] = await service.occurrences(session, who.agent, of, words)
    except KomshuError as error:
        values["problem"] = error
    return await _words_page(request, session, who, of, _number(message), **values)


@pages.post("/hide")
async def hide(
    request: Request,
    session: Session,
    who: Who,
    of: Of,
    given: Many,
    chosen: Many,
    typed: Text = "",
    reason: Text = "",
    tell: Text = "",
    message: Text = "",
) -> Response:
    """Make the chosen places unreadable; what is refused is shown again with the places as they are now."""
    words = [*given, *typed.splitlines()]
    act = Act(service.checked_reason(reason), tell=bool(tell))
    try:
        async with session.begin_nested():
            await service.hide(session, _desk(request), who.agent, of, words, chosen, act)
    except KomshuError as error:
        values: dict[str, Any] = {"typed": typed, "given": given, "problem": error}
        values["found"] = await service.occurrences(session, who.agent, of, words)
        return await _words_page(request, session, who, of, _number(message), **values)
    return go(request, _back(of))


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() else None


@pages.get("/files/{kind}/{file_id}")
async def file(
    request: Request, session: Session, settings: AppSettings, who: Who, of: Of, kind: FileKind, file_id: UUID
) -> Response:
    """A picture with fields for areas to cover, or a document that can be removed."""
    return await _file_page(request, session, who, of, kind, file_id)


async def _file_page(
    request: Request, session: AsyncSession, who: Who, of: Subject, kind: FileKind, file_id: UUID, **values: Any
) -> Response:
    found = await pictures.found(session, who.agent, of, kind, file_id)
    busy = found.row.hidden_at is not None
    await session.commit()  # the storage may be another machine: no transaction waits for it
    size = await _size(request, found) if found.file.picture and not busy else None
    problem: KomshuError | None = values.get("problem")
    return page(
        request,
        who,
        "redaction/file.html",
        status=problem.status if problem else 200,
        file=found.file,
        busy=busy,
        size=size,
        of=of,
        here=f"{_here(of)}/files/{kind}/{file_id}",
        back=_back(of),
        reasons=REASONS,
        areas=values.get("areas") or [("", "", "", "")] * BLANK_AREAS,
        problem=problem,
    )


async def _size(request: Request, found: pictures.Found) -> tuple[int, int]:
    try:
        return await redacting.dimensions(request.app.state.settings, found.file)
    except FileNotFoundError:
        raise RedactionFileError from None


@pages.get("/files/{kind}/{file_id}/picture")
async def picture(session: Session, settings: AppSettings, who: Who, of: Of, kind: FileKind, file_id: UUID) -> Response:
    """The picture itself, as it is stored now."""
    found = await pictures.found(session, who.agent, of, kind, file_id)
    if not found.file.picture or found.row.hidden_at is not None:
        raise RedactionFileError
    await session.commit()  # as above
    try:
        content = await redacting.stored(settings, found.file)
    except FileNotFoundError:
        raise RedactionFileError from None
    return stored_file(content.chunks, content.size, "image/jpeg", PRIVATE)


@pages.post("/files/{kind}/{file_id}/cover")
async def cover(
    request: Request,
    session: Session,
    who: Who,
    of: Of,
    kind: FileKind,
    file_id: UUID,
    x: Many,
    y: Many,
    width: Many,
    height: Many,
    reason: Text = "",
    tell: Text = "",
) -> Response:
    """Cover areas of a picture."""
    rows = list(zip(x, y, width, height, strict=False))
    act = Act(service.checked_reason(reason), tell=bool(tell))
    try:
        areas = pictures.read_areas(rows)
        async with session.begin_nested():
            redaction = await pictures.begin(session, _desk(request), who.agent, of, kind, file_id, areas, act)
    except KomshuError as error:
        return await _file_page(request, session, who, of, kind, file_id, areas=rows, problem=error)
    return await _finished(request, session, of, redaction)


@pages.post("/files/{kind}/{file_id}/remove")
async def remove(
    request: Request,
    session: Session,
    who: Who,
    of: Of,
    kind: FileKind,
    file_id: UUID,
    reason: Text = "",
    tell: Text = "",
) -> Response:
    """Put an empty file in the place of a picture or document."""
    act = Act(service.checked_reason(reason), tell=bool(tell))
    redaction = await pictures.begin(session, _desk(request), who.agent, of, kind, file_id, None, act)
    return await _finished(request, session, of, redaction)


async def _finished(request: Request, session: AsyncSession, of: Subject, redaction_id: UUID) -> Response:
    """From the commit on nobody sees the file; if the storage is away now, the job brings it to an end."""
    await session.commit()
    state = request.app.state
    await pictures.finish(state.settings, state.sessions, redaction_id)
    return go(request, _back(of))
