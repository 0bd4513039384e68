"""What the actions ask for a conversation: file a ticket, look one up, call a person."""

from uuid import UUID

from fastapi import APIRouter

from backend.conversations import service
from backend.conversations.routes import AppSettings
from backend.conversations.schemas import HandedBack, HandoffRequest, LookupRequest
from backend.core.database import Session
from backend.offices.service import CurrentOffice, Promise
from backend.tickets.aftercare import care, choose
from backend.tickets.schemas import Author, Care, CareRequest, Choice, ChoiceRequest, Filed, Lookup, NewTicket
from backend.tickets.service import file_ticket, filed_in, look_up

internal = APIRouter(prefix="/internal/conversations/{conversation_id}", tags=["conversations"])


async def _author(session: Session, conversation_id: UUID) -> Author:
    found = await service.conversation(session, conversation_id)
    return Author(contact_id=found.contact_id, conversation_id=found.id, channel=found.channel)


@internal.post("/tickets", status_code=201)
async def file(
    session: Session, settings: AppSettings, office: CurrentOffice, conversation_id: UUID, body: NewTicket
) -> Filed:
    """File a ticket for the person behind a conversation."""
    return await file_ticket(session, settings, office, await _author(session, conversation_id), body)


@internal.post("/lookup")
async def lookup(
    session: Session, settings: AppSettings, office: CurrentOffice, conversation_id: UUID, body: LookupRequest
) -> Lookup:
    """What became of a ticket, if this person may know."""
    author = await _author(session, conversation_id)
    return await look_up(session, settings, office, author, body.text, body.pin, body.language)


@internal.post("/choose")
async def choose_ticket(
    session: Session, settings: AppSettings, office: CurrentOffice, conversation_id: UUID, body: ChoiceRequest
) -> Choice:
    """The tickets of this person something can be done with."""
    return await choose(session, settings, office, await _author(session, conversation_id), body)


@internal.post("/care")
async def care_for(session: Session, office: CurrentOffice, conversation_id: UUID, body: CareRequest) -> Care:
    """Add to a ticket of this person, withdraw or reopen it."""
    return await care(session, office, await _author(session, conversation_id), body)


@internal.post("/handoff")
async def handoff(session: Session, office: CurrentOffice, conversation_id: UUID, body: HandoffRequest) -> Promise:
    """Queue the conversation for a person."""
    await service.conversation(session, conversation_id)
    return await service.request_person(session, office, conversation_id, body.language, callback=body.callback)


@internal.get("/handed-back")
async def handed_back(session: Session, office: CurrentOffice, conversation_id: UUID, language: str) -> HandedBack:
    """What a person did in a chat the bot gets back."""
    found = await service.conversation(session, conversation_id)
    since = await service.handed_back_since(session, found.id)
    return HandedBack(tickets=await filed_in(session, office, found.id, since, language) if since else [])
