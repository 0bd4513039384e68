"""What the actions ask about tickets that are not filed yet."""

from fastapi import APIRouter, Request

from backend.core.database import Session
from backend.core.settings import Settings
from backend.offices.service import CurrentOffice
from backend.tickets.schemas import Draft, Formalities, SameMatter
from backend.tickets.similar import same_matter
from backend.tickets.terms import asked_by_law

internal = APIRouter(prefix="/internal/tickets", tags=["tickets"])


@internal.get("/formalities")
async def formalities(request: Request, office: CurrentOffice) -> Formalities:
    """By kind of ticket and language, what the law asks of a request."""
    settings: Settings = request.app.state.settings
    return Formalities(kinds=asked_by_law(settings, office))


@internal.post("/same")
async def same(session: Session, office: CurrentOffice, body: Draft) -> SameMatter | None:
    """An open ticket that is likely about the same thing, or nothing."""
    return await same_matter(session, office, body)
