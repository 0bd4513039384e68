"""What the actions ask about knowledge."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from backend.core.database import SingleStatements, utcnow
from backend.knowledge import service
from backend.knowledge.schemas import Answer, Asked, Found
from backend.offices.service import CurrentOffice

internal = APIRouter(prefix="/internal/knowledge", tags=["knowledge"])


class SearchResult(BaseModel):
    """Articles near a text."""

    found: list[Found]


async def _asked(
    language: str, text: str = "", message_id: str = "", label: str = "", confidence: float | None = None
) -> Asked | None:
    """The question to be noted when nothing answers it; None when the caller names no message."""
    return Asked(text, language, message_id, label, confidence) if message_id else None


AskedFor = Annotated[Asked | None, Depends(_asked)]


@internal.get("/answer")
async def answer(
    session: SingleStatements, office: CurrentOffice, topic: str, language: str, asked: AskedFor
) -> Answer | None:
    """The article of a topic in a language, or null; with a `message_id`, a topic without article is noted."""
    today = utcnow().astimezone(office.profile.zone).date()
    found = await service.answer(session, office, topic, language, today)
    if found is None and asked is not None:
        await service.note_unanswered(session, office.profile.id, asked)
    return found


@internal.get("/search")
async def search(
    session: SingleStatements, office: CurrentOffice, text: str, language: str, asked: AskedFor
) -> SearchResult:
    """The articles nearest to a text; with a `message_id`, the text is noted as a question without answer."""
    today = utcnow().astimezone(office.profile.zone).date()
    return SearchResult(found=await service.search(session, office, text, language, today, asked))
