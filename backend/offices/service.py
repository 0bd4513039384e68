"""Offices: load one from its folder, read the loaded one, promise when a person answers."""

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.catalogue import backend_catalogue, best_language
from backend.core.languages import LANGUAGES, known_language
from backend.offices import repository
from backend.offices.checking import CheckedData, check_data
from backend.offices.drafting import Draft, draft_office
from backend.offices.hours import next_opening, spoken_time
from backend.offices.loading import article_paths, office_ids, read_office
from backend.offices.schemas import CategoryFacts, DisputeFacts, Disputes, Office, OfficeFacts, Promise, Term, as_said

__all__ = [
    "CheckedData",
    "CurrentOffice",
    "Draft",
    "Office",
    "Promise",
    "Term",
    "article_paths",
    "check_data",
    "draft_office",
    "explain",
    "facts",
    "load_office",
    "loaded_office",
    "office_ids",
    "page_language",
    "promise_person",
    "promised_by",
    "read_office",
]

SHORT = 2


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


def promised_by(office: Office, now: datetime) -> datetime | None:
    """By when a person answers a chat that is queued now; None when the office never opens."""
    opening = next_opening(office.profile, now)
    return opening + timedelta(minutes=office.profile.answer_minutes) if opening else None


def page_language(request: Request, office: Office, asked: str = "") -> str:
    """The language of a page: the one asked for, else the browser's, else the office's first."""
    accepted = request.headers.get("accept-language", "")
    return known_language(asked) or best_language(accepted, office.profile.languages[0])


def explain(office: Office, text: str) -> Term | None:
    """The term of the office's glossary that a question names ("what is EPWP?", "CİMER nedir"), or None.

    Whole words count, however they are spelled; the longest name that is found decides, then the glossary's order. Two
    letters are often a word of some language (`cu`, `ci`): they count in capitals, or at either end of the text.
    """
    asked = as_said(text)
    capitals = {as_said(word) for word in re.findall(r"\w+", text) if word.isupper()}
    ends = {*asked.split()[:1], *asked.split()[-1:]}
    named = [
        (len(name), term)
        for term in office.glossary.terms
        for name in term.ways_to_say
        if f" {name} " in f" {asked} " and (len(name) > SHORT or name in capitals | ends)
    ]
    return max(named, key=lambda found: found[0], default=(0, None))[1]


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
        disputes=_dispute_facts(office.disputes) if office.disputes else None,
    )


def _dispute_facts(disputes: Disputes) -> DisputeFacts:
    texts = backend_catalogue()
    roles = {
        role: {language: texts.text(f"dispute_page.role.{role}", language) for language in LANGUAGES}
        for role in ("tenant", "landlord")
    }
    return DisputeFacts(topics=disputes.topics, papers=disputes.papers, roles=roles)
