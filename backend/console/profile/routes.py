"""The agent's own settings: language, shortcuts, sounds, absences, password, second factor."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from backend.accounts import service
from backend.accounts.errors import AbsenceInvalidError
from backend.accounts.service import SignedIn
from backend.audit.service import record
from backend.console.profile import absences
from backend.console.shell.guard import Who, go
from backend.console.shell.pages import page
from backend.conversations.routes import AppSettings
from backend.core.database import Session
from backend.core.languages import known_language
from backend.core.settings import Settings
from backend.offices.service import CurrentOffice, Office

pages = APIRouter(prefix="/console/profile", include_in_schema=False)


@pages.get("")
async def show(request: Request, session: Session, settings: AppSettings, office: CurrentOffice, who: Who) -> Response:
    """The form, one's absences, and where one is signed in."""
    return await _page(request, session, settings, who, await _absences(session, office, who))


async def _absences(session: AsyncSession, office: Office, who: SignedIn, **more: Any) -> dict[str, Any]:
    return await absences.shown(session, office, who.agent.id, "/console/profile/absences", **more)


async def _page(
    request: Request, session: AsyncSession, settings: Settings, who: SignedIn, shown: dict[str, Any]
) -> Response:
    factor = await service.has_factor(session, who)
    browsers = await service.browsers(session, settings, who)
    status = shown["absence_error"].status if shown["absence_error"] else 200
    return page(request, who, "profile/page.html", status=status, factor=factor, browsers=browsers, **shown)


@pages.post("/absences")
async def add_absence(
    request: Request,
    session: Session,
    settings: AppSettings,
    office: CurrentOffice,
    who: Who,
    typed: absences.TypedAbsence,
) -> Response:
    """Note that one will be away."""
    try:
        await absences.add(session, office, who.agent, who.agent.id, typed)
    except AbsenceInvalidError as error:
        shown = await _absences(session, office, who, form=typed, error=error)
        return await _page(request, session, settings, who, shown)
    return go(request, "/console/profile#absences")


@pages.post("/absences/{absence_id}/end")
async def end_absence(
    request: Request, session: Session, office: CurrentOffice, who: Who, absence_id: UUID
) -> Response:
    """One is there again, or will not be away after all."""
    await absences.end(session, office, who.agent, absence_id)
    return go(request, "/console/profile#absences")


@pages.post("")
async def save(
    request: Request,
    session: Session,
    who: Who,
    language: Annotated[str, Form()] = "",
    shortcuts: Annotated[str, Form()] = "",
    sounds: Annotated[str, Form()] = "",
) -> Response:
    """Keep what was chosen."""
    spoken = known_language(language) or who.agent.language
    await service.change_preferences(session, who, language=spoken, shortcuts=bool(shortcuts), sounds=bool(sounds))
    return go(request, "/console/profile")


@pages.post("/browsers/end")
async def end_browsers(
    request: Request, session: Session, who: Who, key: Annotated[str, Form(max_length=64)] = ""
) -> Response:
    """Sign out in one other browser, or without a key in all others."""
    await service.sign_out_elsewhere(session, who, key)
    await record(session, who.agent, "account.sign_out_elsewhere", "account", who.agent.id)
    return go(request, "/console/profile")
