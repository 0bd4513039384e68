"""The agent's own settings: language, shortcuts, sounds, password, second factor."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from backend.accounts import service
from backend.audit.service import record
from backend.console.shell.guard import Who, go
from backend.console.shell.pages import page
from backend.conversations.routes import AppSettings
from backend.core.database import Session
from backend.core.languages import known_language

pages = APIRouter(prefix="/console/profile", include_in_schema=False)


@pages.get("")
async def show(request: Request, session: Session, settings: AppSettings, who: Who) -> Response:
    """The form, and where one is signed in."""
    factor = await service.has_factor(session, who)
    browsers = await service.browsers(session, settings, who)
    return page(request, who, "profile/page.html", factor=factor, browsers=browsers)


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
