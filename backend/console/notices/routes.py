"""What an agent is told of tickets: the page, the counter in the bar, marking as read.

A notice is shown only to who may see its ticket at the moment of reading.
"""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from backend.accounts.schemas import Agent
from backend.console.shell.guard import Who, go
from backend.console.shell.pages import page
from backend.core.database import Session
from backend.notices import service
from backend.tickets import aftercare, listing

pages = APIRouter(prefix="/console/notices", include_in_schema=False)
PATH = "/console/notices"


async def _shown(session: AsyncSession, agent: Agent) -> dict[str, Any]:
    notices = await service.newest(session, agent.id)
    tickets = await aftercare.seen_among(session, agent, {one.ticket_id for one in notices})
    seen = [(one, tickets[one.ticket_id]) for one in notices if one.ticket_id in tickets]
    unread = [one for one in seen if one[0].read_at is None]
    return {"unread": unread, "read": [one for one in seen if one[0].read_at is not None]}


@pages.get("")
async def show(request: Request, session: Session, who: Who) -> Response:
    """All notices, unread ones first."""
    return page(request, who, "notices/page.html", **await _shown(session, who.agent))


@pages.get("/list")
async def part_list(request: Request, session: Session, who: Who) -> Response:
    """The list alone, as it is now."""
    return page(request, who, "notices/list.html", **await _shown(session, who.agent))


@pages.get("/count")
async def count(request: Request, session: Session, who: Who) -> Response:
    """How many are unread, for the bar; of tickets this agent may not see, none."""
    tickets = await service.unread_tickets(session, who.agent.id)
    seen = await listing.seen_among(session, who.agent, set(tickets)) if tickets else set[UUID]()
    number = sum(ticket in seen for ticket in tickets)
    return page(request, who, "notices/count.html", number=number, most=service.COUNTED)


@pages.post("/read")
async def read_all(request: Request, session: Session, who: Who) -> Response:
    """All are read."""
    await service.read(session, who.agent.id)
    return go(request, PATH)


@pages.post("/{notice}/read")
async def read_one(request: Request, session: Session, who: Who, notice: int) -> Response:
    """One is read; one that is not there, or another's, changes nothing."""
    await service.read(session, who.agent.id, notice_id=notice)
    return go(request, PATH)
