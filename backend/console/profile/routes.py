"""The agent's own settings: language, shortcuts, sounds, password, second factor."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from backend.accounts import service
from backend.console.shell.guard import Who, go
from backend.console.shell.pages import page
from backend.core.database import Session
from backend.core.languages import known_language

pages = APIRouter(prefix="/console/profile", include_in_schema=False)


@pages.get("")
async def show(request: Request, session: Session, who: Who) -> Response:
    """The form."""
    return page(request, who, "profile/page.html", factor=await service.has_factor(session, who))


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
