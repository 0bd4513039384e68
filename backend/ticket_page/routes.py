"""The public page of a ticket: what became of it, for who has its reference and PIN."""

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import FileResponse, HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from backend.conversations.routes import AppSettings
from backend.core.catalogue import backend_catalogue
from backend.core.database import Session
from backend.core.web import client_address
from backend.offices.service import CurrentOffice, Office, page_language
from backend.tickets.openly import Given, look_up_openly

public = APIRouter(prefix="/ticket", tags=["ticket page"], include_in_schema=False)
FOLDER = Path(__file__).parent
ENVIRONMENT = Environment(loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined)
TRIES_PER_MINUTE = 10
LONGEST_FIELD = 100


@public.get("", response_class=HTMLResponse)
async def form(request: Request, office: CurrentOffice, language: Annotated[str, Query()] = "") -> HTMLResponse:
    """Asks for reference and PIN."""
    return _page(request, office, language)


@public.post("", response_class=HTMLResponse)
async def show(
    request: Request,
    session: Session,
    settings: AppSettings,
    office: CurrentOffice,
    reference: Annotated[str, Form()] = "",
    pin: Annotated[str, Form()] = "",
    language: Annotated[str, Form()] = "",
) -> HTMLResponse:
    """The ticket; a wrong reference and a wrong PIN look alike."""
    request.app.state.limiter.hit("ticket_page", client_address(request), TRIES_PER_MINUTE)
    spoken = page_language(request, office, language)
    given = Given(reference[:LONGEST_FIELD], pin[:LONGEST_FIELD], client_address(request))
    shown = await look_up_openly(session, settings, office, given, spoken)
    return _page(request, office, language, shown=shown, reference=given.reference, wrong=shown is None)


@public.get("/page.css")
async def styles() -> FileResponse:
    """The page's styles."""
    return FileResponse(FOLDER / "page.css", media_type="text/css", headers={"Cache-Control": "no-cache"})


def _page(
    request: Request, office: Office, asked: str, *, shown: object = None, reference: str = "", wrong: bool = False
) -> HTMLResponse:
    spoken = page_language(request, office, asked)
    text = ENVIRONMENT.get_template("page.html").render(
        t=lambda key, **values: backend_catalogue().text(f"ticket_page.{key}", spoken, **values),
        language=spoken,
        office=office.profile,
        shown=shown,
        reference=reference,
        wrong=wrong,
    )
    return HTMLResponse(text, headers={"Cache-Control": "no-store"})
