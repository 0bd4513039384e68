"""Tickets: lists, one whole with its files, filing."""

from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import StreamingResponse

from backend.api.calls import PREFIX, Answered, Call, Needs, ScopedRoute, Writes, etag, refusals
from backend.api.tickets.schemas import FiledTicket, NewTicketBody, TicketDetail, TicketPage, TicketQuery, TicketSummary
from backend.api.tickets.view import detail
from backend.attachments import documents, papers
from backend.attachments.service import open_photo
from backend.audit.service import record
from backend.core.errors import InvalidRequestError
from backend.core.languages import LANGUAGES
from backend.core.secrets import token_digest
from backend.core.web import stored_file
from backend.tickets import desk, listing
from backend.tickets.listing import Wanted
from backend.tickets.schemas import Registration
from backend.tickets.service import register

public = APIRouter(prefix=f"{PREFIX}/tickets", tags=["API: tickets"], route_class=ScopedRoute)
Reads = Annotated[Call, Depends(Needs("tickets:read"), scope="function")]
Acts = Annotated[Call, Depends(Writes("tickets:write"), scope="function")]
PRIVATE = "private, no-store"
FILE: dict[int | str, dict[str, Any]] = {
    **refusals(404),
    200: {"content": {"application/octet-stream": {}}, "description": "The file"},
}


@public.get("", responses=refusals())
async def tickets(call: Reads, query: Annotated[TicketQuery, Query()]) -> TicketPage:
    """Tickets this token may see, restricted ones only of units it names."""
    page = await listing.tickets(call.session, call.office, call.agent, query.wanted(), query.limit)
    return TicketPage(items=[TicketSummary.of(one) for one in page.tickets], next=page.after)


@public.post("", status_code=201, response_model=FiledTicket, responses=refusals())
async def file_ticket(call: Acts, body: NewTicketBody) -> Response:
    """File a ticket. The answer is the only place its PIN ever stands; the same `Idempotency-Key` tells it again."""
    if body.source == "chat" or body.language not in LANGUAGES:
        raise InvalidRequestError

    async def work() -> Answered:
        key = token_digest(f"{call.key}:{body.model_dump_json()}") if call.key else uuid4().hex
        new = Registration(request_key=key, **body.model_dump())
        filed = await register(call.session, call.settings, call.office, call.agent, new)
        ticket = Wanted(view="all", text=filed.reference)
        seen = (await listing.tickets(call.session, call.office, call.agent, ticket, 1)).tickets
        return Answered(FiledTicket(id=seen[0].id if seen else None, **filed.model_dump()), 201)

    return await call.once(work)


@public.get("/{ticket_id}", responses=refusals(404))
async def ticket(call: Reads, response: Response, ticket_id: UUID) -> TicketDetail:
    """One ticket with its history. Its `ETag` is what a change is based on. Opening a restricted one is audited."""
    found = await desk.visible(call.session, call.agent, ticket_id)
    if found.restricted:
        await record(call.session, call.agent, "ticket.opened", "ticket", ticket_id, reference=found.reference)
    whole = await detail(call, found)
    response.headers.update({"ETag": etag(whole.event), "Cache-Control": PRIVATE})
    return whole


@public.get("/{ticket_id}/documents/{document_id}", response_class=StreamingResponse, responses=FILE)
async def document(call: Reads, ticket_id: UUID, document_id: UUID) -> StreamingResponse:
    """A document's file. Reading one is audited."""
    await desk.visible(call.session, call.agent, ticket_id)
    found = await documents.document_of(call.session, ticket_id, document_id)
    await record(call.session, call.agent, "ticket.document_read", "ticket", ticket_id, document=str(document_id))
    await call.session.commit()  # the storage may be another machine: no transaction waits for it
    content = await documents.open_document(call.settings, found)
    return stored_file(content.chunks, content.size, found.media_type, PRIVATE, filename=found.name)


@public.get("/{ticket_id}/papers/{paper_id}", response_class=StreamingResponse, responses=FILE)
async def paper(call: Reads, ticket_id: UUID, paper_id: UUID) -> StreamingResponse:
    """A PDF the citizen sent. Reading one is audited."""
    await desk.visible(call.session, call.agent, ticket_id)
    found = await papers.paper_of_ticket(call.session, ticket_id, paper_id)
    await record(call.session, call.agent, "ticket.document_read", "ticket", ticket_id, document=str(paper_id))
    await call.session.commit()  # as above
    content = await papers.open_paper(call.settings, found.id)
    return stored_file(content.chunks, content.size, found.media_type, PRIVATE, filename=found.name or "")


@public.get("/{ticket_id}/photos/{photo_id}", response_class=StreamingResponse, responses=FILE)
async def photo(call: Reads, ticket_id: UUID, photo_id: UUID) -> StreamingResponse:
    """A photo the citizen sent, as JPEG."""
    await desk.visible(call.session, call.agent, ticket_id)
    await documents.check_ticket_photo(call.session, ticket_id, photo_id)
    await call.session.commit()  # as above
    found = await open_photo(call.settings, photo_id)
    return stored_file(found.chunks, found.size, "image/jpeg", PRIVATE)
