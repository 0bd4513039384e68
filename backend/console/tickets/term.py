"""The statutory term on a ticket's page: what can be done to it, the drafted notice, the act."""

from typing import Annotated, get_args
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import Response

from backend.console.shell.guard import Who
from backend.console.shell.pages import page
from backend.console.tickets.acts import after
from backend.conversations.routes import AppSettings
from backend.core.database import Session
from backend.core.errors import InvalidRequestError
from backend.offices.service import CurrentOffice
from backend.tickets import desk, term_acts
from backend.tickets.schemas import Seen
from backend.tickets.term_acts import TermAct

pages = APIRouter(prefix="/{ticket_id}/term")


@pages.get("/draft")
async def draft(
    request: Request,
    session: Session,
    settings: AppSettings,
    office: CurrentOffice,
    who: Who,
    ticket_id: UUID,
    act: Annotated[str, Query()] = "",
) -> Response:
    """The notice of an act in the citizen's language, to be completed."""
    ticket = await desk.visible(session, who.agent, ticket_id)
    words = await term_acts.drafted(session, settings, office, ticket, _known(act))
    return page(request, who, "tickets/notice.html", words=words, ticket=ticket)


@pages.post("")
async def act_on(
    request: Request,
    session: Session,
    settings: AppSettings,
    office: CurrentOffice,
    who: Who,
    ticket_id: UUID,
    seen: Annotated[int, Form()],
    act: Annotated[str, Form()] = "",
    text: Annotated[str, Form()] = "",
) -> Response:
    """Do it and tell the citizen."""
    found = Seen(ticket_id, seen)
    await term_acts.act_on(session, settings, office, who.agent, found, _known(act), text)
    return await after(request, session, who, ticket_id)


def _known(act: str) -> TermAct:
    if act not in get_args(TermAct):
        raise InvalidRequestError
    return act  # type: ignore[return-value]
