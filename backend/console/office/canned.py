"""Ready sentences: list, add, change, remove, in all languages side by side."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from backend.console.office.rights import Publisher
from backend.console.shell.guard import go
from backend.console.shell.pages import page
from backend.core.database import Session
from backend.core.errors import KomshuError
from backend.core.languages import LANGUAGES
from backend.handoff import canned
from backend.offices.service import CurrentOffice

pages = APIRouter(prefix="/canned")
PATH = "/console/office/canned"


async def _typed(request: Request) -> dict[str, Any]:
    """The form as it was filled in: name, unit, and a text for each language."""
    form = await request.form()
    said = {key: value for key, value in form.items() if isinstance(value, str)}
    texts = {code: said.get(f"text_{code}", "") for code in LANGUAGES}
    return {"name": said.get("name", ""), "unit": said.get("unit", ""), "texts": texts}


Typed = Annotated[dict[str, Any], Depends(_typed)]


@pages.get("")
async def show(request: Request, session: Session, office: CurrentOffice, who: Publisher) -> Response:
    """All of them, with the languages they are there in."""
    return page(request, who, "office/canned.html", replies=await canned.listed(session, office, who.agent))


@pages.get("/new")
async def show_new(request: Request, who: Publisher) -> Response:
    """The form for a new one."""
    return _form(request, who, None, {"name": "", "unit": "", "texts": {}})


@pages.post("/new")
async def add(request: Request, session: Session, office: CurrentOffice, who: Publisher, typed: Typed) -> Response:
    """Store a new one."""
    return await _save(request, session, office, who, None, typed)


@pages.get("/{reply_id}")
async def show_one(
    request: Request, session: Session, office: CurrentOffice, who: Publisher, reply_id: UUID
) -> Response:
    """One of them, to change or remove."""
    reply = await canned.one(session, office, who.agent, reply_id)
    return _form(request, who, reply_id, {"name": reply.name, "unit": reply.unit or "", "texts": reply.texts})


@pages.post("/{reply_id}")
async def change(
    request: Request, session: Session, office: CurrentOffice, who: Publisher, reply_id: UUID, typed: Typed
) -> Response:
    """Store it changed."""
    return await _save(request, session, office, who, reply_id, typed)


@pages.post("/{reply_id}/remove")
async def remove(request: Request, session: Session, office: CurrentOffice, who: Publisher, reply_id: UUID) -> Response:
    """Remove it."""
    await canned.remove(session, office, who.agent, reply_id)
    return go(request, PATH)


async def _save(
    request: Request,
    session: Session,
    office: CurrentOffice,
    who: Publisher,
    reply_id: UUID | None,
    typed: dict[str, Any],
) -> Response:
    try:
        await canned.save(session, office, who.agent, reply_id, **typed)
    except KomshuError as error:
        return _form(request, who, reply_id, typed, error)
    return go(request, PATH)


def _form(
    request: Request, who: Publisher, reply_id: UUID | None, typed: dict[str, Any], error: KomshuError | None = None
) -> Response:
    values = {"reply_id": reply_id, "typed": typed, "error": error, "variables": canned.VARIABLES}
    wrong = error.values.get("field", "") if error else ""
    status = error.status if error else 200
    return page(request, who, "office/reply.html", status=status, wrong=wrong, longest=canned.LONGEST_NAME, **values)
