"""What the actions ask about knowledge."""

from fastapi import APIRouter
from pydantic import BaseModel

from backend.core.database import Session, utcnow
from backend.knowledge import service
from backend.knowledge.schemas import Answer, Found
from backend.offices.service import CurrentOffice

internal = APIRouter(prefix="/internal/knowledge", tags=["knowledge"])


class SearchResult(BaseModel):
    """Articles near a text."""

    found: list[Found]


@internal.get("/answer")
async def answer(session: Session, office: CurrentOffice, topic: str, language: str) -> Answer | None:
    """The article of a topic in a language, or null."""
    return await service.answer(session, office, topic, language, utcnow().astimezone(office.profile.zone).date())


@internal.get("/search")
async def search(session: Session, office: CurrentOffice, text: str, language: str) -> SearchResult:
    """The articles nearest to a text."""
    today = utcnow().astimezone(office.profile.zone).date()
    return SearchResult(found=await service.search(session, office, text, language, today))
