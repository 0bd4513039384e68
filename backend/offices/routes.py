"""What the actions ask about the office."""

from fastapi import APIRouter

from backend.offices.schemas import OfficeFacts
from backend.offices.service import CurrentOffice, facts

internal = APIRouter(prefix="/internal/office", tags=["offices"])


@internal.get("")
async def office(office: CurrentOffice) -> OfficeFacts:
    """Names, numbers and categories of the office."""
    return facts(office)
