"""Offices: load one from its folder, read the loaded one, promise when a person answers."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from backend.offices import repository
from backend.offices.hours import next_opening, spoken_time
from backend.offices.loading import article_paths, read_office
from backend.offices.schemas import CategoryFacts, Office, OfficeFacts, Promise

__all__ = [
    "CurrentOffice",
    "Office",
    "Promise",
    "article_paths",
    "facts",
    "load_office",
    "loaded_office",
    "promise_person",
    "read_office",
]


async def current_office(request: Request) -> Office:
    """The office this process serves, read at its start."""
    office: Office = request.app.state.office
    return office


CurrentOffice = Annotated[Office, Depends(current_office)]


async def load_office(session: AsyncSession, offices_dir: Path, office_id: str) -> Office:
    """Check the office's files and store them. Raises OfficeDataError."""
    office = read_office(offices_dir, office_id)
    await repository.save_office(session, office)
    return office


async def loaded_office(session: AsyncSession, office_id: str) -> Office:
    """The office as loaded. Raises LookupError when it was never loaded."""
    office = await repository.fetch_office(session, office_id)
    if office is None:
        raise LookupError(f"the office {office_id!r} is not loaded: run `komshu office load {office_id}`")
    return office


def promise_person(office: Office, now: datetime, language: str) -> Promise:
    """When a person will answer a chat that is queued now."""
    opening = next_opening(office.profile, now)
    if opening is None:
        return Promise(open_now=False, at=None, when="", minutes=None, phone=office.profile.phone)
    open_now = opening <= now
    return Promise(
        open_now=open_now,
        at=opening,
        when=spoken_time(opening, language),
        minutes=office.profile.answer_minutes if open_now else None,
        phone=office.profile.phone,
    )


def facts(office: Office) -> OfficeFacts:
    """What the actions need to know about the office, restricted units left out."""
    profile = office.profile
    return OfficeFacts(
        id=profile.id,
        reference_prefix=profile.reference_prefix,
        emergency_number=profile.emergency_number,
        phone=profile.phone,
        website=profile.website,
        categories={
            key: CategoryFacts(needs=category.needs, name=category.name)
            for key, category in office.categories.categories.items()
        },
        topics=office.topics,
    )
