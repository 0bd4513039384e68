"""The tickets: lists and saved views, one ticket whole, its files, questions to one's units."""

from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from backend.attachments import documents
from backend.attachments.service import open_photo
from backend.audit.service import record
from backend.console.shell.guard import Who, go
from backend.console.shell.pages import page
from backend.console.tickets import acts, authority, dispute, register, term, view
from backend.console.tickets.view import Text
from backend.conversations.routes import AppSettings
from backend.core.database import Session
from backend.core.web import stored_file
from backend.notices import service as notices
from backend.offices.service import CurrentOffice
from backend.tickets import casework, desk

pages = APIRouter(prefix="/console/tickets", include_in_schema=False)
pages.include_router(register.pages)
PRIVATE = "private, no-store"


@pages.get("")
async def queue(request: Request, session: Session, who: Who) -> Response:
    """The lists of tickets."""
    return page(request, who, "tickets/queue.html", **await view.queue(session, request, who.agent))


@pages.get("/list")
async def part_list(request: Request, session: Session, who: Who) -> Response:
    """The list alone, as it is now; a filter that was changed changes the page's address."""
    values = await view.queue(session, request, who.agent)
    answer = page(request, who, "tickets/list.html", **values)
    if request.headers.get("hx-trigger") != "tickets":
        answer.headers["HX-Replace-Url"] = f"/console/tickets?{view.query_of(values['wanted'])}"
    return answer


@pages.post("/filters")
async def save_filter(request: Request, session: Session, who: Who, name: Text = "", query: Text = "") -> Response:
    """Keep this view under a name."""
    address = view.query_of(view.wanted_of(query))
    await casework.save_filter(session, who.agent, name, address)
    return go(request, f"/console/tickets?{address}")


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
    """One ticket with everything about it. Opening a restricted one is audited."""
    values = await view.ticket(session, request, who.agent, ticket_id)
    if values["ticket"].restricted:
        reference = values["ticket"].reference
        await record(session, who.agent, "ticket.opened", "ticket", ticket_id, reference=reference)
    await notices.read(session, who.agent.id, ticket_id=ticket_id)
    return page(request, who, "tickets/page.html", **values)


@pages.get("/{ticket_id}/live")
async def live(request: Request, session: Session, who: Who, ticket_id: UUID) -> Response:
    """The ticket as it is now, without the forms somebody may be filling in."""
    values = await view.ticket(session, request, who.agent, ticket_id)
    return page(request, who, "tickets/facts.html", **values)


@pages.get("/{ticket_id}/photos/{photo_id}")
async def photo(session: Session, settings: AppSettings, who: Who, ticket_id: UUID, photo_id: UUID) -> Response:
    """A photo the citizen sent: re-encoded when it came in, shown as what it is and nothing else."""
    ticket = await desk.visible(session, who.agent, ticket_id)
    await documents.check_ticket_photo(session, ticket.id, photo_id)
    await session.commit()  # the storage may be another machine: no transaction waits for it
    found = await open_photo(settings, photo_id)
    return stored_file(found.chunks, found.size, "image/jpeg", PRIVATE)


@pages.get("/{ticket_id}/documents/{document_id}")
async def document(session: Session, settings: AppSettings, who: Who, ticket_id: UUID, document_id: UUID) -> Response:
    """A document, for saving: never shown inside a page of ours."""
    ticket = await desk.visible(session, who.agent, ticket_id)
    found = await documents.document_of(session, ticket.id, document_id)
    await record(session, who.agent, "ticket.document_read", "ticket", ticket.id, document=str(found.id))
    await session.commit()  # as above
    content = await documents.open_document(settings, found)
    return stored_file(content.chunks, content.size, found.media_type, PRIVATE, filename=found.name)


pages.include_router(acts.pages)
pages.include_router(authority.pages)
pages.include_router(term.pages)
pages.include_router(dispute.pages)
