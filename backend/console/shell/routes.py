"""What every page of the console uses: the stream of changes, presence, static files, the way in."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from time import monotonic
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.staticfiles import StaticFiles
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.responses import Response

from backend.accounts import service
from backend.accounts.errors import SignedOutError
from backend.console.shell.guard import Who, go
from backend.console.shell.live import EVERYTHING, beats
from backend.console.shell.pages import COOKIE
from backend.core.database import Session
from backend.core.settings import Settings

pages = APIRouter(prefix="/console", include_in_schema=False)
BEAT_SECONDS = 15.0
PAUSE_SECONDS = 0.2


class ConsoleFiles(StaticFiles):
    """Styles and scripts of the console."""

    def file_response(self, *args: Any, **kwargs: Any) -> Any:
        """Ask for newer ones at every page: they are small and answered with 304."""
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = "no-cache"
        return response


def console_files() -> ConsoleFiles:
    """The mounted folder."""
    return ConsoleFiles(directory=Path(__file__).parents[1] / "static")


@pages.get("")
async def home(request: Request, who: Who) -> Response:
    """The queue."""
    return go(request, "/console/chats")


@pages.post("/presence", status_code=204)
async def presence(session: Session, who: Who, available: Annotated[str, Form()] = "", beat: bool = False) -> Response:
    """A sign of life of an open console (`?beat=1`), or the agent's choice to take chats or not."""
    await service.be_present(session, who.agent.id, available=None if beat else bool(available))
    return Response(status_code=204)


@pages.get("/stream")
async def stream(request: Request, who: Who) -> EventSourceResponse:
    """Changes as server-sent events: `changed` with ids (or `all`), `beat` as a sign of life, `signed-out`."""
    return EventSourceResponse(_events(request), ping=3600)


async def _events(request: Request) -> AsyncIterator[ServerSentEvent]:
    with request.app.state.desk_feed.watching() as watch:
        yield ServerSentEvent(json.dumps([EVERYTHING]), event="changed")
        asked_at = monotonic()
        async for changed in beats(watch, BEAT_SECONDS, PAUSE_SECONDS):
            # At a busy desk there may never be a pause to ask in.
            if not changed or monotonic() - asked_at >= BEAT_SECONDS:
                asked_at = monotonic()
                if not await _still_signed_in(request):
                    yield ServerSentEvent("", event="signed-out")
                    return
            yield ServerSentEvent(json.dumps(changed) if changed else "", event="changed" if changed else "beat")


async def _still_signed_in(request: Request) -> bool:
    settings: Settings = request.app.state.settings
    async with request.app.state.sessions() as session:
        try:
            await service.signed_in(session, settings, request.cookies.get(COOKIE, ""))
        except SignedOutError:
            return False
    return True
