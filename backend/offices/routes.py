"""What the actions ask about the office."""

from fastapi import APIRouter

from backend.offices.schemas import ExplainedTerm, OfficeFacts
from backend.offices.service import CurrentOffice, explain, facts

internal = APIRouter(prefix="/internal/office", tags=["offices"])


@internal.get("")
async def office(office: CurrentOffice) -> OfficeFacts:
    """Names, numbers and categories of the office."""
    return facts(office)


@internal.get("/term")
async def term(office: CurrentOffice, text: str, language: str) -> ExplainedTerm | None:
    """The term of the office's glossary a question asks for, in a language; null when it names none."""
    found = explain(office, text)
    if found is None:
        return None
    return ExplainedTerm(name=found.acronym, expansion=found.expansion, meaning=found.meaning[language])
