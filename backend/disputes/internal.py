"""What the actions ask and tell about disputes."""

from uuid import UUID

from fastapi import APIRouter

from backend.answers.desk import Desk
from backend.conversations.routes import AppSettings
from backend.conversations.service import conversation
from backend.core.database import Session
from backend.disputes import replying
from backend.disputes.schemas import AppointmentReply, DisputeStatus, Replied
from backend.offices.service import CurrentOffice
from backend.tickets.schemas import Author

internal = APIRouter(prefix="/internal/conversations/{conversation_id}/dispute", tags=["disputes"])


async def _author(session: Session, conversation_id: UUID) -> Author:
    found = await conversation(session, conversation_id)
    return Author(contact_id=found.contact_id, conversation_id=found.id, channel=found.channel)


@internal.get("")
async def status(
    session: Session,
    settings: AppSettings,
    office: CurrentOffice,
    conversation_id: UUID,
    reference: str,
    language: str,
) -> DisputeStatus | None:
    """How far a dispute is; null for who is no party of it."""
    author = await _author(session, conversation_id)
    return await replying.status(session, Desk(settings, office, {}), author, reference, language)


@internal.post("/appointment")
async def reply(session: Session, office: CurrentOffice, conversation_id: UUID, body: AppointmentReply) -> Replied:
    """Keep whether this person comes to an appointment."""
    return await replying.reply(session, office, await _author(session, conversation_id), body)
