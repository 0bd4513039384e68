"""Statutory terms of tickets: set when filed, moved by what happens, explained, reminded of."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.clocks.schemas import Extension, Interruption
from backend.clocks.service import explain
from backend.contacts.service import new_web_visitor
from backend.core.settings import ROOT, Settings
from backend.offices.schemas import Office, TicketKind
from backend.offices.service import read_office
from backend.tickets import repository, terms
from backend.tickets.models import Ticket
from backend.tickets.reminders import remind
from backend.tickets.schemas import Author, NewTicket
from backend.tickets.service import file_ticket

WEDNESDAY = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)


async def filed(
    session: AsyncSession, settings: Settings, office: Office, kind: TicketKind = "information_request", *, at: datetime
) -> Ticket:
    contact_id, _ = await new_web_visitor(session, office.profile.id)
    author = Author(contact_id=contact_id, conversation_id=None, channel="web")
    new = NewTicket(request_key=str(uuid4()), kind=kind, description="the budget of 2025", language="ro")
    made = await file_ticket(session, settings, office, author, new)
    ticket = await repository.ticket_by_reference(session, office.profile.id, made.reference)
    assert ticket is not None
    ticket.created_at = at
    terms.keep(ticket, terms.first_due(settings, office, ticket))
    await session.flush()
    return ticket


def due_day(office: Office, ticket: Ticket) -> date:
    assert ticket.due_at is not None
    return ticket.due_at.astimezone(office.profile.zone).date()


async def test_a_romanian_information_request_has_ten_days_that_end_on_a_working_day(
    session: AsyncSession, settings: Settings, office: Office
) -> None:
    # Registered on Wednesday 18 November. Neither the first day nor the day of expiry counts: ten full days are 19 to
    # 28 November, the term expires on Sunday 29, rolls to Monday 30 (St Andrew) and Tuesday 1 December (National Day),
    # both public holidays, and so ends on Wednesday 2 December.
    ticket = await filed(session, settings, office, at=WEDNESDAY)
    assert due_day(office, ticket) == date(2026, 12, 2)
    found = await terms.due_of(session, settings, office, ticket)
    assert found is not None
    assert found.moment == ticket.due_at
    assert "2 decembrie" in explain(found, "ro")
    assert terms.answer_by(settings, office, ticket, "en") == "Wednesday 2 December 2026"


async def test_an_extension_told_in_time_moves_the_date(
    session: AsyncSession, settings: Settings, office: Office
) -> None:
    ticket = await filed(session, settings, office, at=WEDNESDAY)
    before = ticket.due_at
    told = Extension(at=WEDNESDAY + timedelta(days=3), notified_at=WEDNESDAY + timedelta(days=3))
    await repository.add_event(
        session, ticket.id, terms.CLOCK_EVENT, actor="system", channel="office", content=told.model_dump(mode="json")
    )
    assert await terms.recompute(session, settings, office) >= 1
    assert before is not None
    assert ticket.due_at is not None
    assert ticket.due_at > before
    assert [event.kind for event in await repository.history(session, ticket.id)][-1] == "due_moved"
    assert await terms.recompute(session, settings, office) == 0


@pytest.mark.parametrize("day", [date(2026, 12, 2), date(2026, 12, 3)])
async def test_a_new_day_off_moves_open_terms_only_when_it_matters(
    session: AsyncSession, settings: Settings, office: Office, day: date
) -> None:
    ticket = await filed(session, settings, office, at=WEDNESDAY)
    profile = office.profile.model_copy(update={"extra_holidays": (*office.profile.extra_holidays, day)})
    changed = office.model_copy(update={"profile": profile})
    await terms.recompute(session, settings, changed)
    assert due_day(office, ticket) == (date(2026, 12, 3) if day == date(2026, 12, 2) else date(2026, 12, 2))


async def test_reminders_are_noted_once_each_and_closed_tickets_have_none(
    session: AsyncSession, settings: Settings, office: Office
) -> None:
    now = datetime.now(UTC)
    due, closed, fresh = [await filed(session, settings, office, at=now - timedelta(days=60)) for _ in range(3)]
    closed.state, closed.closed_at = "closed", now
    fresh.created_at = now
    terms.keep(fresh, terms.first_due(settings, office, fresh))
    await session.flush()
    await remind(session, settings, office)

    async def reminders(ticket_id: UUID) -> list[str]:
        history = await repository.history(session, ticket_id)
        return [event.content["kind"] for event in history if event.kind == terms.REMINDED]

    assert await reminders(due.id) == ["overdue"]
    assert await reminders(closed.id) == []
    assert await reminders(fresh.id) == []
    await remind(session, settings, office)
    assert await reminders(due.id) == ["overdue"]


async def test_a_fee_notice_in_turkiye_stops_the_clock(session: AsyncSession, settings: Settings) -> None:
    ankara = read_office(ROOT / "data" / "offices", "ankara")
    ticket = await filed(session, settings, ankara, at=datetime(2026, 10, 27, 9, 0, tzinfo=UTC))
    assert due_day(ankara, ticket) == date(2026, 11, 18)
    asked = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
    fee = Interruption(at=asked)
    await repository.add_event(
        session, ticket.id, terms.CLOCK_EVENT, actor="system", channel="office", content=fee.model_dump(mode="json")
    )
    found = await terms.due_of(session, settings, ankara, ticket)
    assert found is not None
    assert found.day > date(2026, 11, 18)


@pytest.mark.parametrize(
    ("office_id", "kinds"),
    [
        ("timisoara", {"information_request", "housing_dispute"}),
        ("ankara", {"information_request"}),
        ("macedonia-diaspora", {"information_request"}),
        ("western-cape-housing", {"information_request", "housing_dispute"}),
    ],
)
def test_what_the_law_asks_is_known_before_a_page_is_typed(settings: Settings, office_id: str, kinds: set[str]) -> None:
    asked = terms.asked_by_law(settings, read_office(ROOT / "data" / "offices", office_id))
    assert set(asked) == kinds
    assert all(said[language] for said in asked.values() for language in ("en", "tr", "ro", "mk", "af"))


async def test_praise_has_no_term(session: AsyncSession, settings: Settings, office: Office) -> None:
    ticket = await filed(session, settings, office, "praise", at=WEDNESDAY)
    assert ticket.due_at is None
    assert await terms.due_of(session, settings, office, ticket) is None
    assert terms.answer_by(settings, office, ticket, "ro") == ""
    assert await session.scalar(select(Ticket.due_at).where(Ticket.id == ticket.id)) is None
