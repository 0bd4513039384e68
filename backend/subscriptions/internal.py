"""What the actions ask and tell about subscriptions."""

from uuid import UUID

from fastapi import APIRouter

from backend.conversations.service import conversation
from backend.core.database import Session
from backend.offices.service import CurrentOffice
from backend.subscriptions import service
from backend.subscriptions.proposing import propose
from backend.subscriptions.schemas import Ending, NewSubscription, Proposal, Subscribed, Subscriptions, Wish

internal = APIRouter(prefix="/internal/conversations/{conversation_id}/subscriptions", tags=["subscriptions"])


@internal.post("/proposal")
async def proposal(session: Session, office: CurrentOffice, conversation_id: UUID, body: Wish) -> Proposal:
    """What a wish comes to, and what there is still to ask."""
    return await propose(session, office, await conversation(session, conversation_id), body)


@internal.post("")
async def subscribe(
    session: Session, office: CurrentOffice, conversation_id: UUID, body: NewSubscription
) -> Subscribed:
    """Keep what this person said yes to."""
    of = await conversation(session, conversation_id)
    return Subscribed(stopped=not await service.subscribe(session, office, of, body))


@internal.get("")
async def current(session: Session, office: CurrentOffice, conversation_id: UUID, language: str) -> Subscriptions:
    """What this person is subscribed to."""
    of = await conversation(session, conversation_id)
    return await service.listed(session, office, of.contact_id, language)


@internal.post("/ended")
async def end(session: Session, office: CurrentOffice, conversation_id: UUID, body: Ending) -> Subscriptions:
    """End one subscription of this person, or all."""
    of = await conversation(session, conversation_id)
    return await service.end(session, office, of.contact_id, body.subscription, body.language)
