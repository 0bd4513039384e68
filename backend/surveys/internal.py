"""What the actions tell and ask about surveys."""

from uuid import UUID

from fastapi import APIRouter

from backend.conversations.service import conversation
from backend.core.database import Session
from backend.offices.service import CurrentOffice
from backend.surveys import service
from backend.surveys.schemas import OpenQuestion, SurveyAnswer, SurveyKept
from backend.tickets.schemas import Author

internal = APIRouter(prefix="/internal/conversations/{conversation_id}/survey", tags=["surveys"])


@internal.post("")
async def answer(session: Session, office: CurrentOffice, conversation_id: UUID, body: SurveyAnswer) -> SurveyKept:
    """Keep a part of this person's answer."""
    found = await conversation(session, conversation_id)
    author = Author(contact_id=found.contact_id, conversation_id=found.id, channel=found.channel)
    return SurveyKept(kept=await service.answer(session, office, author, body))


@internal.get("")
async def question(session: Session, conversation_id: UUID) -> OpenQuestion | None:
    """The question a bare "yes" or "no" answers, or nothing."""
    return await service.open_question(session, conversation_id)
