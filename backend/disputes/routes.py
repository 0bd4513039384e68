"""The public page of a dispute's parties: what was decided, when to come, and their own word; no script needed."""

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import FileResponse, HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import AfterValidator
from sqlalchemy.ext.asyncio import AsyncSession

from backend.answers.desk import Desk
from backend.attachments.documents import open_document
from backend.clocks.service import spoken_day
from backend.conversations.routes import AppSettings
from backend.core.catalogue import backend_catalogue
from backend.core.database import Session
from backend.core.web import client_address, stored_file
from backend.disputes import page
from backend.disputes.errors import DisputeNotFoundError
from backend.disputes.models import DisputeParty
from backend.disputes.schemas import PartyPage
from backend.offices.service import CurrentOffice, Office, page_language
from backend.tickets.openly import Given

public = APIRouter(prefix="/dispute", tags=["dispute page"], include_in_schema=False)
FOLDER = Path(__file__).parent
ENVIRONMENT = Environment(
    loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)
TRIES_PER_MINUTE = 10
ACTS_PER_MINUTE = 30
LONGEST_FIELD = 100
CALENDAR = "text/calendar; charset=utf-8"


def _clean(text: str) -> str:
    """A text without the sign PostgreSQL keeps in none, its lines ending as ours do."""
    return text.replace("\0", "").replace("\r\n", "\n")


Field = Annotated[str, Form(), AfterValidator(_clean)]


@public.get("", response_class=HTMLResponse)
async def form(
    request: Request,
    office: CurrentOffice,
    reference: Annotated[str, Query()] = "",
    language: Annotated[str, Query()] = "",
) -> HTMLResponse:
    """Asks for reference and PIN."""
    return _page(request, _offered(office), language, reference=reference[:LONGEST_FIELD])


@public.post("", response_class=HTMLResponse)
async def show(
    request: Request,
    session: Session,
    settings: AppSettings,
    office: CurrentOffice,
    reference: Field = "",
    pin: Field = "",
    language: Field = "",
) -> HTMLResponse:
    """The dispute as this party may see it; a wrong reference and a wrong PIN look alike."""
    _slow(request, "dispute_page", TRIES_PER_MINUTE)
    spoken = page_language(request, _offered(office), language)
    given = Given(reference[:LONGEST_FIELD], pin[:LONGEST_FIELD], client_address(request))
    shown = await page.enter(session, Desk(settings, office, {}), given, spoken)
    return _page(request, office, language, shown=shown, reference=given.reference, wrong=shown is None)


@public.post("/appointment", response_class=HTMLResponse)
async def appointment(
    request: Request,
    session: Session,
    settings: AppSettings,
    office: CurrentOffice,
    token: Field = "",
    language: Field = "",
    visit: Annotated[int, Form(ge=0, lt=2**31)] = 0,
    comes: Field = "",
    proposal: Field = "",
) -> HTMLResponse:
    """Whether this party comes, and when they could instead."""
    party = await _party(request, session, settings, office, token)
    kept = party is not None and await page.reply(session, office, party, visit, comes == "yes", proposal)
    return await _again(request, session, Desk(settings, office, {}), party, language, "answered" if kept else "late")


@public.post("/statement", response_class=HTMLResponse)
async def statement(
    request: Request,
    session: Session,
    settings: AppSettings,
    office: CurrentOffice,
    token: Field = "",
    language: Field = "",
    words: Field = "",
) -> HTMLResponse:
    """This party's side, in their words."""
    party = await _party(request, session, settings, office, token)
    kept = party is not None and await page.say(session, office, party, words)
    return await _again(request, session, Desk(settings, office, {}), party, language, "said" if kept else "late")


@public.post("/score", response_class=HTMLResponse)
async def score(
    request: Request,
    session: Session,
    settings: AppSettings,
    office: CurrentOffice,
    token: Field = "",
    language: Field = "",
    score: Annotated[int, Form()] = 0,
    words: Field = "",
) -> HTMLResponse:
    """How satisfied this party is, after the end."""
    party = await _party(request, session, settings, office, token)
    kept = party is not None and await page.rate(session, office, party, score, words)
    return await _again(request, session, Desk(settings, office, {}), party, language, "scored" if kept else "late")


@public.post("/calendar")
async def calendar(
    request: Request,
    session: Session,
    settings: AppSettings,
    office: CurrentOffice,
    token: Field = "",
    language: Field = "",
) -> Response:
    """This party's appointments as a calendar file."""
    from backend.disputes.calendar import calendar_file  # noqa: PLC0415 - seven megabytes of every backend

    party = await _party(request, session, settings, office, token)
    desk = Desk(settings, office, {})
    if party is None:
        return await _again(request, session, desk, None, language, "")
    content = await calendar_file(session, desk, party, page_language(request, office, language))
    headers = {"Content-Disposition": 'attachment; filename="appointments.ics"', "Cache-Control": "no-store"}
    return Response(content, media_type=CALENDAR, headers=headers)


@public.post("/ruling")
async def ruling(
    request: Request,
    session: Session,
    settings: AppSettings,
    office: CurrentOffice,
    token: Field = "",
    language: Field = "",
) -> Response:
    """The document of the ruling, for saving."""
    party = await _party(request, session, settings, office, token)
    found = await page.ruling_of(session, office, party) if party else None
    if found is None:
        return await _again(request, session, Desk(settings, office, {}), party, language, "late")
    await session.commit()  # the storage may be another machine: no transaction waits for it
    content = await open_document(settings, found)
    return stored_file(content.chunks, content.size, found.media_type, "private, no-store", filename=found.name)


@public.get("/page.css")
async def styles() -> FileResponse:
    """What the page adds to the styles of the ticket page."""
    return FileResponse(FOLDER / "page.css", media_type="text/css", headers={"Cache-Control": "no-cache"})


def _offered(office: Office) -> Office:
    """The office, if disputes go steps there. Raises DisputeNotFoundError."""
    if office.disputes is None:
        raise DisputeNotFoundError
    return office


def _slow(request: Request, what: str, times: int) -> None:
    request.app.state.limiter.hit(what, client_address(request), times)


async def _party(
    request: Request, session: AsyncSession, settings: AppSettings, office: Office, token: str
) -> DisputeParty | None:
    _offered(office)
    _slow(request, "dispute_act", ACTS_PER_MINUTE)
    return await page.party_of(session, settings, token)


async def _again(
    request: Request, session: AsyncSession, desk: Desk, party: DisputeParty | None, language: str, done: str
) -> HTMLResponse:
    """The page as it is now; without a party, the form: half an hour is over."""
    if party is None:
        return _page(request, desk.office, language, ended=True)
    shown = await page.page_of(session, desk, party, page_language(request, desk.office, language))
    return _page(request, desk.office, language, shown=shown, done=done)


def _page(
    request: Request,
    office: Office,
    asked: str,
    *,
    shown: PartyPage | None = None,
    reference: str = "",
    wrong: bool = False,
    ended: bool = False,
    done: str = "",
) -> HTMLResponse:
    spoken = page_language(request, office, asked)
    text = ENVIRONMENT.get_template("page.html").render(
        t=lambda key, **values: backend_catalogue().text(f"dispute_page.{key}", spoken, **values),
        when=lambda at: spoken_day(at.astimezone(office.profile.zone).date(), spoken, year=True),
        language=spoken,
        office=office.profile,
        shown=shown,
        reference=reference,
        wrong=wrong,
        ended=ended,
        done=done,
    )
    return HTMLResponse(text, headers={"Cache-Control": "no-store"})
