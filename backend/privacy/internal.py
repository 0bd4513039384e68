"""What the actions ask for a person's data."""

from uuid import UUID

from fastapi import APIRouter

from backend.conversations.service import conversation
from backend.core.database import Session
from backend.offices.service import CurrentOffice
from backend.privacy import service
from backend.privacy.schemas import NewPrivacyRequest, PrivacyAsked

internal = APIRouter(prefix="/internal/conversations/{conversation_id}/privacy", tags=["privacy"])


@internal.post("")
async def ask(session: Session, office: CurrentOffice, conversation_id: UUID, body: NewPrivacyRequest) -> PrivacyAsked:
    """Note that this person wants a copy of their data, or its erasure."""
    of = await conversation(session, conversation_id)
    return PrivacyAsked(new=await service.ask(session, office, of, body.kind, body.language))
