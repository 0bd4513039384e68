"""Filing a ticket, and telling what became of it."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from pydantic import ValidationError
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from backend.contacts.service import new_web_visitor
from backend.core.database import make_sessions, utcnow
from backend.core.settings import Settings
from backend.offices.schemas import Office
from backend.tickets import service
from backend.tickets.errors import UnknownCategoryError
from backend.tickets.models import LookupTry, Ticket
from backend.tickets.reference import new_reference
from backend.tickets.repository import add_try, count_tries, history, ticket_by_reference
from backend.tickets.schemas import Author, Filed, Lookup, NewTicket, Position
from backend.tickets.service import TRIES_PER_REFERENCE_AND_DAY, file_ticket, look_up
from backend.tickets.tries import purge_tries
from tests.backend.races import until_blocked


async def author(session: AsyncSession, channel: str = "web") -> Author:
    contact_id, _ = await new_web_visitor(session, "timisoara")
    return Author(contact_id=contact_id, conversation_id=uuid4(), channel=channel)


def new(**fields: Any) -> NewTicket:
    known = {"request_key": str(uuid4()), "category": "noise", "description": "Loud music", "language": "ro"}
    return NewTicket(**{**known, **fields})


async def stored(session: AsyncSession, reference: str) -> Ticket:
    ticket = await ticket_by_reference(session, "timisoara", reference)
    assert ticket is not None
    return ticket


async def test_everything_that_was_told_is_stored(session: AsyncSession, settings: Settings, office: Office) -> None:
    by = await author(session)
    place = Position(latitude=45.7, longitude=21.2)
    filed = await file_ticket(
        session, settings, office, by, new(place="Strada Mare 5", position=place, details={"time": "every night"})
    )
    ticket = await stored(session, filed.reference)
    assert (ticket.kind, ticket.category, ticket.unit) == ("complaint", "noise", "enforcement")
    assert (ticket.place, ticket.latitude, ticket.longitude) == ("Strada Mare 5", 45.7, 21.2)
    assert (ticket.description, ticket.details) == ("Loud music", {"time": "every night"})
    assert (ticket.language, ticket.channel, ticket.office_id) == ("ro", "web", "timisoara")
    assert (ticket.contact_id, ticket.conversation_id) == (by.contact_id, by.conversation_id)
    assert (ticket.state, ticket.priority, ticket.outcome) == ("received", "normal", None)
    assert [event.kind for event in await history(session, ticket.id)] == ["received"]
    assert filed.unit == office.units["enforcement"].name["ro"]


@pytest.mark.parametrize(
    ("category", "priority"), [("water_leak", "urgent"), ("staff_conduct", "restricted"), (None, "normal")]
)
async def test_the_priority_is_that_of_the_category(
    session: AsyncSession, settings: Settings, office: Office, category: str | None, priority: str
) -> None:
    filed = await file_ticket(session, settings, office, await author(session), new(category=category))
    assert (await stored(session, filed.reference)).priority == priority


async def test_a_category_of_no_office_is_refused(session: AsyncSession, settings: Settings, office: Office) -> None:
    with pytest.raises(UnknownCategoryError):
        await file_ticket(session, settings, office, await author(session), new(category="ufo"))


async def test_filing_again_gives_the_same_ticket_and_a_fresh_pin_that_alone_counts(
    session: AsyncSession, settings: Settings, office: Office
) -> None:
    by, ticket = await author(session), new()
    first, second = [await file_ticket(session, settings, office, by, ticket) for _ in range(2)]
    assert first.reference == second.reference
    assert len(await history(session, (await stored(session, first.reference)).id)) == 1

    async def told(filed: Filed) -> str:
        other = await author(session)
        found = await look_up(session, settings, office, other, filed.reference, filed.pin, "en")
        return found.result

    assert await told(second) == "found"
    assert await told(first) == ("found" if first.pin == second.pin else "unknown")


async def test_two_at_once_for_one_message_file_one_ticket_with_one_history(
    engine: AsyncEngine, settings: Settings, office: Office
) -> None:
    sessions, ticket = make_sessions(engine), new()
    async with sessions() as session, session.begin():
        by = await author(session)

    async def again() -> Filed:
        async with sessions() as session, session.begin():
            return await file_ticket(session, settings, office, by, ticket)

    async with sessions() as session, session.begin():
        first = await file_ticket(session, settings, office, by, ticket)
        waiting = asyncio.create_task(again())
        await until_blocked(engine)
    second = await waiting
    assert first.reference == second.reference
    async with sessions() as session:
        count = await session.scalar(select(func.count()).where(Ticket.request_key == ticket.request_key))
        events = await history(session, (await stored(session, first.reference)).id)
    assert (count, [event.kind for event in events]) == (1, ["received"])


async def test_a_reference_that_is_taken_is_drawn_again(
    session: AsyncSession, settings: Settings, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    by = await author(session)
    taken = (await file_ticket(session, settings, office, by, new())).reference
    fresh = new_reference("TM")
    draws = iter([taken, taken, fresh])
    monkeypatch.setattr(service, "new_reference", lambda prefix: next(draws))
    assert (await file_ticket(session, settings, office, by, new())).reference == fresh


@pytest.mark.parametrize(
    "wrong",
    [
        {"request_key": ""},
        {"description": ""},
        {"kind": "gossip"},
        {"photos": ["not an id"]},
        {"position": {"latitude": 91, "longitude": 0}},
        {"details": {"time": 5}},
    ],
)
def test_a_ticket_of_another_form_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        new(**wrong)


async def asked(session: AsyncSession, settings: Settings, office: Office, by: Author, *what: str | None) -> Lookup:
    text, pin = what
    return await look_up(session, settings, office, by, text or "", pin, "en")


async def test_nothing_about_a_ticket_is_told_without_the_right_to_know(
    session: AsyncSession, settings: Settings, office: Office
) -> None:
    filed = await file_ticket(session, settings, office, await author(session), new())
    wrong = f"{(int(filed.pin) + 1) % 10**6:06}"
    for reference, pin, result in (
        (filed.reference, None, "needs_pin"),
        (new_reference("TM"), None, "needs_pin"),
        ("TM-OOO-III", None, "needs_pin"),
        (filed.reference, wrong, "unknown"),
        (filed.reference, "", "unknown"),
        (filed.reference, "-", "unknown"),
        (new_reference("TM"), filed.pin, "unknown"),
        ("TM-OOO-III", filed.pin, "unknown"),
    ):
        stranger = await author(session)
        assert await asked(session, settings, office, stranger, reference, pin) == Lookup(result=result)


async def test_asking_without_a_pin_costs_no_try(session: AsyncSession, settings: Settings, office: Office) -> None:
    filed = await file_ticket(session, settings, office, await author(session), new())
    stranger = await author(session)
    for _ in range(settings.lookup_tries_per_hour + 1):
        assert (await asked(session, settings, office, stranger, filed.reference, None)).result == "needs_pin"
    assert (await asked(session, settings, office, stranger, filed.reference, filed.pin)).result == "found"


async def test_tries_are_limited_on_a_reference_too_and_its_author_is_never_locked_out(
    session: AsyncSession, settings: Settings, office: Office
) -> None:
    by = await author(session)
    filed = await file_ticket(session, settings, office, by, new())
    other = await file_ticket(session, settings, office, by, new())
    for _ in range(TRIES_PER_REFERENCE_AND_DAY):
        await add_try(session, (await author(session)).contact_id, filed.reference)
    stranger = await author(session)
    assert (await asked(session, settings, office, stranger, filed.reference, filed.pin)).result == "locked"
    assert (await asked(session, settings, office, stranger, other.reference, other.pin)).result == "found"
    assert (await asked(session, settings, office, by, filed.reference, None)).result == "found"


async def test_mistyped_references_of_many_lock_nobody_else(
    session: AsyncSession, settings: Settings, office: Office
) -> None:
    for _ in range(TRIES_PER_REFERENCE_AND_DAY):
        await add_try(session, (await author(session)).contact_id, "")
    assert (await asked(session, settings, office, await author(session), "TM-OOO-III", "1")).result == "unknown"


async def test_old_tries_no_longer_count_and_are_forgotten(
    session: AsyncSession, settings: Settings, office: Office
) -> None:
    by, stranger = await author(session), await author(session)
    filed = await file_ticket(session, settings, office, by, new())
    for minutes in [61] * settings.lookup_tries_per_hour:
        at = utcnow() - timedelta(minutes=minutes)
        session.add(LookupTry(contact_id=stranger.contact_id, reference="TM-X", at=at))
    await session.flush()
    assert (await asked(session, settings, office, stranger, filed.reference, filed.pin)).result == "found"
    assert await purge_tries(session, utcnow() - timedelta(hours=1), utcnow()) >= settings.lookup_tries_per_hour
    assert await count_tries(session, utcnow() - timedelta(days=9), contact_id=stranger.contact_id) == 0


@pytest.mark.parametrize(
    ("language", "state", "kind"),
    [
        ("en", "received", "Suggestion"),
        ("tr", "alındı", "Öneri"),
        ("ro", "primit", None),
        ("mk", "примен", None),
        ("af", "ontvang", None),
    ],
)
async def test_a_status_is_told_in_words_of_the_language(
    session: AsyncSession, settings: Settings, office: Office, language: str, state: str, kind: str | None
) -> None:
    by = await author(session)
    filed = await file_ticket(session, settings, office, by, new(kind="suggestion", category=None))
    [told] = (await look_up(session, settings, office, by, filed.reference, None, language)).tickets
    assert state.casefold() in told.state.casefold()
    assert told.unit == office.units["helpdesk"].name[language]
    assert kind in (None, told.subject)
    assert "." not in told.subject


async def test_an_end_is_not_told_with_the_reason_of_an_earlier_one(
    session: AsyncSession, settings: Settings, office: Office
) -> None:
    filed = await file_ticket(session, settings, office, await author(session), new())
    ticket = await ticket_by_reference(session, office.profile.id, filed.reference)
    assert ticket is not None
    ticket.state, ticket.outcome, ticket.outcome_reason, ticket.outcome_ground = "closed", "refused", "No.", "Law 1"
    for state in ("in_progress", "closed"):
        await service.move(session, office, filed.reference, state, "operator")
    assert (ticket.state, ticket.outcome, ticket.outcome_reason, ticket.outcome_ground) == ("closed", None, None, None)
