"""The tickets: lists and saved views, one ticket whole, its files, questions to one's units."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import FileResponse
from starlette.responses import Response

from backend.attachments import documents
from backend.audit.service import record
from backend.console.shell.guard import Who, go
from backend.console.shell.pages import page
from backend.console.tickets import acts, register, view
from backend.conversations.routes import AppSettings
from backend.core.database import Session
from backend.offices.service import CurrentOffice
from backend.tickets import casework, desk

pages = APIRouter(prefix="/console/tickets", include_in_schema=False)
pages.include_router(register.pages)
Text = Annotated[str, Form()]
PRIVATE = {"Cache-Control": "private, no-store"}
LONGEST_QUERY = 2000


@pages.get("")
async def queue(request: Request, session: Session, who: Who) -> Response:
    """The lists of tickets."""
    return page(request, who, "tickets/queue.html", **await view.queue(session, request, who.agent))


@pages.get("/list")
async def part_list(request: Request, session: Session, who: Who) -> Response:
    """The list alone, as it is now."""
    return page(request, who, "tickets/list.html", **await view.queue(session, request, who.agent))


@pages.post("/filters")
async def save_filter(request: Request, session: Session, who: Who, name: Text = "", query: Text = "") -> Response:
    """Keep this view under a name."""
    await casework.save_filter(session, who.agent, name, query[:LONGEST_QUERY])
    return go(request, f"/console/tickets?{query[:LONGEST_QUERY]}")


@pages.post("/filters/{filter_id}/delete")
async def delete_filter(request: Request, session: Session, who: Who, filter_id: int) -> Response:
    """Forget a view."""
    await casework.delete_filter(session, who.agent, filter_id)
    return go(request, "/console/tickets")


@pages.get("/questions")
async def questions(request: Request, session: Session, who: Who, office: CurrentOffice) -> Response:
    """What other units ask the agent's own."""
    asked = await casework.questions_for(session, office, who.agent)
    return page(request, who, "tickets/questions.html", asked=asked)


@pages.post("/questions/{question_id}")
async def answer(request: Request, session: Session, who: Who, question_id: int, text: Text = "") -> Response:
    """Answer one of them."""
    await casework.answer_question(session, who.agent, question_id, text)
    return go(request, "/console/tickets/questions")


@pages.get("/{ticket_id}")
async def show(request: Request, session: Session, who: Who, ticket_id: UUID) -> Response:
    """One ticket with everything about it."""
    return page(request, who, "tickets/page.html", **await view.ticket(session, request, who.agent, ticket_id))


@pages.get("/{ticket_id}/live")
async def live(request: Request, session: Session, who: Who, ticket_id: UUID) -> Response:
    """The ticket as it is now, without the forms somebody may be filling in."""
    values = await view.ticket(session, request, who.agent, ticket_id)
    return page(request, who, "tickets/facts.html", **values)


@pages.get("/{ticket_id}/photos/{photo_id}")
async def photo(session: Session, settings: AppSettings, who: Who, ticket_id: UUID, photo_id: UUID) -> FileResponse:
    """A photo the citizen sent: re-encoded when it came in, shown as what it is and nothing else."""
    ticket = await desk.visible(session, who.agent, ticket_id)
    path = await documents.ticket_photo(session, settings, ticket.id, photo_id)
    return FileResponse(path, media_type="image/jpeg", headers=PRIVATE)


@pages.get("/{ticket_id}/documents/{document_id}")
async def document(
    session: Session, settings: AppSettings, who: Who, ticket_id: UUID, document_id: UUID
) -> FileResponse:
    """A document, for saving: never shown inside a page of ours."""
    ticket = await desk.visible(session, who.agent, ticket_id)
    found, path = await documents.document_file(session, settings, ticket.id, document_id)
    await record(session, who.agent, "ticket.document_read", "ticket", ticket.id, document=str(found.id))
    return FileResponse(path, media_type=found.media_type, filename=found.name, headers=PRIVATE)


pages.include_router(acts.pages)
