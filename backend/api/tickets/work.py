"""What is added to tickets: notes, questions to units, visits, documents. None of it needs `If-Match`."""

from dataclasses import replace
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from backend.api.calls import PREFIX, Answered, Call, DocumentRoute, ScopedRoute, Writes, refusals
from backend.api.tickets.schemas import Asking, DocumentView, Made, Text, TicketState
from backend.core.database import another_transaction
from backend.tickets import casework, desk
from backend.tickets.schemas import NewVisit

public = APIRouter(prefix=f"{PREFIX}/tickets", tags=["API: tickets"], route_class=ScopedRoute)
files = APIRouter(prefix=f"{PREFIX}/tickets", tags=["API: tickets"], route_class=DocumentRoute)
Acts = Annotated[Call, Depends(Writes("tickets:write"), scope="function")]
BINARY = {"type": "string", "format": "binary"}
RAW = {"requestBody": {"required": True, "content": {"application/octet-stream": {"schema": BINARY}}}}


@public.post("/{ticket_id}/notes", status_code=201, response_model=TicketState, responses=refusals(404))
async def add_note(call: Acts, ticket_id: UUID, body: Text) -> Response:
    """Write something down for colleagues; citizens never see it."""

    async def work() -> Answered:
        await casework.add_note(call.session, call.agent, ticket_id, body.text)
        ticket = await desk.visible(call.session, call.agent, ticket_id)
        event = (await casework.history_of(call.session, ticket_id))[-1].id
        return Answered(TicketState.of(ticket, event), 201, event)

    return await call.once(work)


@public.post("/{ticket_id}/questions", status_code=201, response_model=Made, responses=refusals(404))
async def ask_unit(call: Acts, ticket_id: UUID, body: Asking) -> Response:
    """Ask another unit something."""

    async def work() -> Answered:
        asked = await casework.ask_unit(call.session, call.office, call.agent, ticket_id, body.unit, body.question)
        return Answered(Made(id=asked), 201)

    return await call.once(work)


@public.post("/questions/{question_id}/answer", response_model=Made, responses=refusals(404, 409))
async def answer_question(call: Acts, question_id: int, body: Text) -> Response:
    """Answer a question to a unit of this token."""

    async def work() -> Answered:
        await casework.answer_question(call.session, call.agent, question_id, body.text)
        return Answered(Made(id=question_id))

    return await call.once(work)


@public.post("/{ticket_id}/visits", status_code=201, response_model=Made, responses=refusals(404))
async def add_visit(call: Acts, ticket_id: UUID, body: NewVisit) -> Response:
    """Plan that somebody goes there."""

    async def work() -> Answered:
        return Answered(Made(id=await casework.add_visit(call.session, call.agent, ticket_id, body)), 201)

    return await call.once(work)


@public.post("/{ticket_id}/visits/{visit_id}/finish", response_model=Made, responses=refusals(404, 409))
async def finish_visit(call: Acts, ticket_id: UUID, visit_id: int, body: Text) -> Response:
    """Write down what was seen or done there."""

    async def work() -> Answered:
        await casework.finish_visit(call.session, call.agent, ticket_id, visit_id, body.text)
        return Answered(Made(id=visit_id))

    return await call.once(work)


@files.post(
    "/{ticket_id}/documents",
    status_code=201,
    response_model=DocumentView,
    responses=refusals(404, 413, 415),
    openapi_extra=RAW,
)
async def add_document(
    call: Acts, ticket_id: UUID, name: Annotated[str, Query(min_length=1, max_length=200)]
) -> Response:
    """Add a PDF, JPEG or PNG, as the raw body. Its type is told by its content; pictures lose their metadata."""
    content = await call.request.body()
    kept = await casework.keep_file(call.session, call.settings, call.agent, ticket_id, content)
    async with another_transaction(call.request) as session:

        async def work() -> Answered:
            return Answered(
                DocumentView.of(await casework.add_document(session, call.agent, ticket_id, name, kept)), 201
            )

        return await replace(call, session=session).once(work)
