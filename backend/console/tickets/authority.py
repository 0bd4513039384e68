"""The forms about acting for somebody else, and the papers citizens sent with a ticket."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, File, Request, UploadFile
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from backend.attachments import papers
from backend.attachments.errors import DocumentTooLargeError
from backend.attachments.schemas import KeptDocument
from backend.audit.service import record
from backend.authority.schemas import Claim
from backend.console.shell.guard import Who
from backend.console.tickets.acts import after
from backend.console.tickets.view import Text
from backend.conversations.routes import AppSettings
from backend.core.database import Session, another_transaction
from backend.core.errors import InvalidRequestError
from backend.core.settings import Settings
from backend.core.web import stored_file
from backend.tickets import authorising, casework, desk

pages = APIRouter(prefix="/{ticket_id}")
PRIVATE = "private, no-store"


@pages.post("/authority")
async def register(
    request: Request,
    session: Session,
    settings: AppSettings,
    who: Who,
    ticket_id: UUID,
    name: Text = "",
    relation: Text = "other",
    file: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """Write down for whom they act, with the paper if it is here."""
    claim = _claim(name, relation)
    if not (file and file.filename):
        await authorising.register(session, who.agent, ticket_id, claim, None)
        return await after(request, session, who, ticket_id)
    kept = await _kept(session, settings, who, ticket_id, file)
    async with another_transaction(request) as then:
        paper = await casework.add_document(then, who.agent, ticket_id, file.filename, kept)
        await authorising.register(then, who.agent, ticket_id, claim, paper.id)
        return await after(request, then, who, ticket_id)


def _claim(name: str, relation: str) -> Claim:
    try:
        return Claim.model_validate({"name": name, "relation": relation})
    except ValidationError:
        raise InvalidRequestError from None


async def _kept(session: AsyncSession, settings: Settings, who: Who, ticket_id: UUID, file: UploadFile) -> KeptDocument:
    if (file.size or 0) > settings.document_max_bytes:
        raise DocumentTooLargeError(megabytes=settings.document_max_bytes // 1_000_000)
    return await casework.keep_file(session, settings, who.agent, ticket_id, await file.read())


@pages.post("/authority/accept")
async def accept(request: Request, session: Session, who: Who, ticket_id: UUID, paper: Text = "") -> Response:
    """Accept the paper that was looked at."""
    await authorising.accept(session, who.agent, ticket_id, _seen(paper))
    return await after(request, session, who, ticket_id)


@pages.post("/authority/refuse")
async def refuse(
    request: Request, session: Session, who: Who, ticket_id: UUID, paper: Text = "", text: Text = ""
) -> Response:
    """Refuse it and say why."""
    await authorising.refuse(session, who.agent, ticket_id, _seen(paper), text)
    return await after(request, session, who, ticket_id)


def _seen(paper: str) -> UUID | None:
    try:
        return UUID(paper) if paper else None
    except ValueError:
        raise InvalidRequestError from None


@pages.get("/papers/{paper_id}")
async def paper(session: Session, settings: AppSettings, who: Who, ticket_id: UUID, paper_id: UUID) -> Response:
    """A PDF a citizen sent, for saving: never shown inside a page of ours."""
    ticket = await desk.visible(session, who.agent, ticket_id)
    found = await papers.paper_of_ticket(session, ticket.id, paper_id)
    await record(session, who.agent, "ticket.document_read", "ticket", ticket.id, document=str(found.id))
    await session.commit()  # the storage may be another machine: no transaction waits for it
    content = await papers.open_paper(settings, found.id)
    return stored_file(content.chunks, content.size, found.media_type, PRIVATE, filename=found.name or "")
