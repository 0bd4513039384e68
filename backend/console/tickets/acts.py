"""The forms of a ticket's page: each is one act of the desk, sent by htmx or as a plain form."""

import re
from datetime import datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import APIRouter, File, Form, Request, UploadFile
from pydantic import BaseModel, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from backend.accounts import service as accounts
from backend.accounts.schemas import Agent
from backend.attachments.errors import DocumentTooLargeError
from backend.console.shell.guard import Who, go
from backend.console.shell.pages import page
from backend.console.tickets import view
from backend.console.tickets.view import Text
from backend.conversations.routes import AppSettings
from backend.core.database import Session, another_transaction
from backend.core.errors import InvalidRequestError
from backend.handoff.service import seen as seen_chat
from backend.offices.service import CurrentOffice
from backend.tickets import casework, desk
from backend.tickets.errors import AssigneeUnfitError
from backend.tickets.schemas import Answer, Change, NewVisit, Seen

pages = APIRouter(prefix="/{ticket_id}")
Event = Annotated[int, Form(alias="seen")]
Model = TypeVar("Model", bound=BaseModel)
UUIDS = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


async def after(request: Request, session: AsyncSession, who: Who, ticket_id: UUID) -> Response:
    """The ticket as it is after an act: a part for htmx, else its page again; the list, if it is out of sight now."""
    if not await desk.sees(session, who.agent, ticket_id):
        return go(request, "/console/tickets")
    if "hx-request" not in request.headers:
        return go(request, f"/console/tickets/{ticket_id}")
    values = await view.ticket(session, request, who.agent, ticket_id)
    return page(request, who, "tickets/acted.html", **values)


def _checked(form: type[Model], values: dict[str, Any]) -> Model:
    try:
        return form.model_validate(values)
    except ValidationError:
        raise InvalidRequestError from None


@pages.post("/take")
async def take(request: Request, session: Session, who: Who, ticket_id: UUID, event: Event) -> Response:
    """Work on it oneself."""
    await desk.take(session, who.agent, Seen(ticket_id, event))
    return await after(request, session, who, ticket_id)


@pages.post("/assign")
async def assign(
    request: Request,
    session: Session,
    office: CurrentOffice,
    who: Who,
    ticket_id: UUID,
    event: Event,
    unit: Text = "",
    to: Text = "",
    reason: Text = "",
) -> Response:
    """Pass it to a unit, a colleague, or back to its unit."""
    colleague = await _colleague(session, who.agent, to) if to else None
    seen = Seen(ticket_id, event)
    await desk.assign(session, office, who.agent, seen, unit=unit or None, to=colleague, reason=reason)
    return await after(request, session, who, ticket_id)


async def _colleague(session: AsyncSession, agent: Agent, account_id: str) -> Agent:
    for one in await accounts.colleagues(session, agent.office_id):
        if str(one.agent.id) == account_id:
            return one.agent
    raise AssigneeUnfitError


@pages.post("/change")
async def change(
    request: Request,
    session: Session,
    settings: AppSettings,
    office: CurrentOffice,
    who: Who,
    ticket_id: UUID,
    event: Event,
    kind: Text = "",
    category: Text = "",
    place: Text = "",
    priority: Text = "",
    description: Text = "",
    keep_unit: Text = "",
) -> Response:
    """Put its facts right. A priority that was not touched gives way to that of another category."""
    ticket = await desk.visible(session, who.agent, ticket_id)
    values: dict[str, Any] = {"category": view.category_named(office, category), "place": place.strip() or None}
    values |= {"kind": kind or None, "description": description.replace("\r\n", "\n") or None}
    if priority and priority != ticket.priority:
        values["priority"] = priority
    new = _checked(Change, values)
    seen = Seen(ticket_id, event)
    await desk.change(session, settings, office, who.agent, seen, new, keep_unit=bool(keep_unit))
    return await after(request, session, who, ticket_id)


@pages.post("/move")
async def move(
    request: Request, session: Session, who: Who, ticket_id: UUID, event: Event, state: Text = ""
) -> Response:
    """Bring it to another state."""
    await desk.move(session, who.agent, Seen(ticket_id, event), state)
    return await after(request, session, who, ticket_id)


@pages.post("/ask")
async def ask(request: Request, session: Session, who: Who, ticket_id: UUID, event: Event, text: Text = "") -> Response:
    """Ask the citizen."""
    await desk.ask(session, who.agent, Seen(ticket_id, event), text)
    return await after(request, session, who, ticket_id)


@pages.post("/close")
async def close(
    request: Request,
    session: Session,
    who: Who,
    ticket_id: UUID,
    event: Event,
    outcome: Text = "",
    reason: Text = "",
    ground: Text = "",
) -> Response:
    """End it and tell the citizen."""
    answer = _checked(Answer, {"outcome": outcome, "reason": reason, "ground": ground})
    await desk.close(session, who.agent, Seen(ticket_id, event), answer)
    return await after(request, session, who, ticket_id)


@pages.post("/reopen")
async def reopen(
    request: Request,
    session: Session,
    office: CurrentOffice,
    who: Who,
    ticket_id: UUID,
    event: Event,
    text: Text = "",
) -> Response:
    """Work on it again."""
    await desk.reopen(session, office, who.agent, Seen(ticket_id, event), text)
    return await after(request, session, who, ticket_id)


@pages.post("/follow")
async def follow(
    request: Request, session: Session, who: Who, ticket_id: UUID, event: Event, main: Text = ""
) -> Response:
    """Mark it as a duplicate; without a reference, as none any more."""
    seen = Seen(ticket_id, event)
    if main.strip():
        await desk.follow(session, who.agent, seen, main.strip().upper())
    else:
        await desk.unfollow(session, who.agent, seen)
    return await after(request, session, who, ticket_id)


@pages.post("/note")
async def note(request: Request, session: Session, who: Who, ticket_id: UUID, text: Text = "") -> Response:
    """A note for colleagues."""
    await casework.add_note(session, who.agent, ticket_id, text)
    return await after(request, session, who, ticket_id)


@pages.post("/question")
async def question(
    request: Request,
    session: Session,
    office: CurrentOffice,
    who: Who,
    ticket_id: UUID,
    unit: Text = "",
    text: Text = "",
) -> Response:
    """Ask another unit."""
    await casework.ask_unit(session, office, who.agent, ticket_id, unit, text)
    return await after(request, session, who, ticket_id)


@pages.post("/visit")
async def visit(
    request: Request,
    session: Session,
    office: CurrentOffice,
    who: Who,
    ticket_id: UUID,
    at: Text = "",
    person: Text = "",
    place: Text = "",
    note: Text = "",
) -> Response:
    """Plan a visit, at a time of the office's zone."""
    try:
        moment = datetime.fromisoformat(at).replace(tzinfo=office.profile.zone)
    except ValueError:
        raise InvalidRequestError from None
    new = _checked(NewVisit, {"at": moment, "who": person, "place": place.strip() or None, "note": note})
    await casework.add_visit(session, who.agent, ticket_id, new)
    return await after(request, session, who, ticket_id)


@pages.post("/visit/{visit_id}")
async def finish_visit(
    request: Request, session: Session, who: Who, ticket_id: UUID, visit_id: int, text: Text = ""
) -> Response:
    """Write down what a visit brought."""
    await casework.finish_visit(session, who.agent, ticket_id, visit_id, text)
    return await after(request, session, who, ticket_id)


@pages.post("/document")
async def document(
    request: Request,
    session: Session,
    settings: AppSettings,
    who: Who,
    ticket_id: UUID,
    file: Annotated[UploadFile, File()],
) -> Response:
    """Add a PDF, JPEG or PNG."""
    if (file.size or 0) > settings.document_max_bytes:
        raise DocumentTooLargeError(megabytes=settings.document_max_bytes // 1_000_000)
    kept = await casework.keep_file(session, settings, who.agent, ticket_id, await file.read())
    async with another_transaction(request) as then:
        await casework.add_document(then, who.agent, ticket_id, file.filename or "", kept)
        return await after(request, then, who, ticket_id)


@pages.post("/chat")
async def chat(request: Request, session: Session, who: Who, ticket_id: UUID, address: Text = "") -> Response:
    """Link a chat the agent may see, by its address or id."""
    found = UUIDS.search(address)
    if found is None:
        raise InvalidRequestError
    linked = await seen_chat(session, who.agent, UUID(found[0]))
    await casework.link_conversation(session, who.agent, ticket_id, linked.conversation.id)
    return await after(request, session, who, ticket_id)
