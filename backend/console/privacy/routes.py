"""Requests for people's data: confirmed by one agent, carried out by another."""

from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from backend.answers.desk import Desk
from backend.console.office.rights import Director
from backend.console.shell.guard import go
from backend.console.shell.pages import page
from backend.core.database import Session
from backend.offices.service import CurrentOffice
from backend.privacy import export, service
from backend.privacy.routes import as_zip

pages = APIRouter(prefix="/console/office/privacy", include_in_schema=False)
PATH = "/console/office/privacy"


@pages.get("")
async def requests(request: Request, session: Session, office: CurrentOffice, who: Director) -> Response:
    """The newest requests."""
    listed = await service.listed(session, office, who.agent)
    return page(request, who, "privacy/list.html", requests=listed)


@pages.post("/{request_id}/confirm")
async def confirm(
    request: Request, session: Session, office: CurrentOffice, who: Director, request_id: UUID
) -> Response:
    """The right person asks."""
    await service.confirm(session, office, who.agent, request_id)
    return go(request, PATH)


@pages.post("/{request_id}/carry-out")
async def carry_out(request: Request, session: Session, who: Director, request_id: UUID) -> Response:
    """Give the copy, or erase."""
    state = request.app.state
    await service.carry_out(session, Desk(state.settings, state.office, state.adapters), who.agent, request_id)
    return go(request, PATH)


@pages.post("/{request_id}/decline")
async def decline(
    request: Request, session: Session, office: CurrentOffice, who: Director, request_id: UUID
) -> Response:
    """Refuse it."""
    await service.decline(session, office, who.agent, request_id)
    return go(request, PATH)


@pages.get("/{request_id}/copy")
async def copy(session: Session, office: CurrentOffice, who: Director, request_id: UUID) -> Response:
    """The copy, for somebody who cannot use the link."""
    found = await service.readable(session, office, who.agent, request_id)
    return as_zip(export.archive(await export.everything(session, office, found.contact_id), office, found.language))
