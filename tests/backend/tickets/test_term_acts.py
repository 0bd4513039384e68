"""What agents do to a ticket's legal term."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from backend.accounts.schemas import Agent
from backend.core.errors import InvalidRequestError
from backend.core.settings import ROOT, Settings
from backend.offices.schemas import Office
from backend.offices.service import read_office
from backend.tickets import repository, terms
from backend.tickets.errors import ReasonMissingError, TermActUnfitError
from backend.tickets.models import Ticket
from backend.tickets.schemas import Seen
from backend.tickets.service import news_text
from backend.tickets.term_acts import act_on, drafted, possible
from backend.tickets.terms import due_of, rule_of
from tests.backend.tickets.factories import agent
from tests.backend.tickets.test_terms import due_day, filed


@pytest.fixture
async def clerk(session: AsyncSession) -> Agent:
    """Somebody of the desk."""
    return await agent(session)


async def seen(session: AsyncSession, ticket: Ticket) -> Seen:
    return Seen(ticket.id, (await repository.history(session, ticket.id))[-1].id)


async def offered(session: AsyncSession, settings: Settings, office: Office, ticket: Ticket) -> tuple[str, ...]:
    rule, due = rule_of(settings, office, ticket), await due_of(session, settings, office, ticket)
    assert rule is not None
    assert due is not None
    return possible(due, rule)


async def test_extending_moves_the_day_writes_the_history_and_tells_the_citizen(
    session: AsyncSession, settings: Settings, office: Office, clerk: Agent
) -> None:
    ticket = await filed(session, settings, office, at=datetime.now(UTC))
    before = ticket.due_at
    notice = await drafted(session, settings, office, ticket, "extend")
    assert ticket.reference in notice
    await act_on(session, settings, office, clerk, await seen(session, ticket), "extend", notice + "archive")
    assert before is not None
    assert ticket.due_at is not None
    assert ticket.due_at > before
    event = (await repository.history(session, ticket.id))[-1]
    assert (event.kind, event.content["act"]) == ("term", "extend")
    told = await news_text(session, office, ticket.id, event.id, ticket.state, "ro")
    assert told.endswith("archive")
    assert "extend" not in await offered(session, settings, office, ticket)
    with pytest.raises(TermActUnfitError):
        await act_on(session, settings, office, clerk, await seen(session, ticket), "extend", "again")


async def test_a_fee_stops_the_turkish_clock_until_it_is_paid(
    session: AsyncSession, settings: Settings, clerk: Agent
) -> None:
    ankara = read_office(ROOT / "data" / "offices", "ankara")
    ticket = await filed(session, settings, ankara, at=datetime.now(UTC))
    ticket.office_id = clerk.office_id
    await session.flush()
    assert {"extend", "ask_fee"} <= set(await offered(session, settings, ankara, ticket))
    await act_on(session, settings, ankara, clerk, await seen(session, ticket), "ask_fee", "120 TL")
    assert "resume" in await offered(session, settings, ankara, ticket)
    await act_on(session, settings, ankara, clerk, await seen(session, ticket), "resume", "")
    assert "resume" not in await offered(session, settings, ankara, ticket)


@pytest.mark.parametrize("act", ["extend", "refuse"])
async def test_what_the_citizen_is_told_needs_words(
    session: AsyncSession, settings: Settings, office: Office, clerk: Agent, act: str
) -> None:
    ticket = await filed(session, settings, office, at=datetime.now(UTC))
    with pytest.raises(ReasonMissingError):
        await act_on(session, settings, office, clerk, await seen(session, ticket), act, "  ")  # type: ignore[arg-type]


async def test_what_no_law_offers_is_refused(
    session: AsyncSession, settings: Settings, office: Office, clerk: Agent
) -> None:
    praise = await filed(session, settings, office, "praise", at=datetime.now(UTC))
    with pytest.raises(TermActUnfitError):
        await act_on(session, settings, office, clerk, await seen(session, praise), "extend", "x")
    request = await filed(session, settings, office, at=datetime.now(UTC))
    assert "ask_fee" not in await offered(session, settings, office, request)
    with pytest.raises(TermActUnfitError):
        await act_on(session, settings, office, clerk, await seen(session, request), "ask_fee", "x")


async def test_the_drafted_notice_names_the_day_after_the_act_and_changes_nothing(
    session: AsyncSession, settings: Settings, office: Office
) -> None:
    ticket = await filed(session, settings, office, at=datetime(2026, 11, 18, 9, 0, tzinfo=UTC))
    assert due_day(office, ticket) == date(2026, 12, 2)
    notice = await drafted(session, settings, office, ticket, "extend")
    assert "2 decembrie" not in notice
    assert await drafted(session, settings, office, ticket, "resume") == ""
    found = await terms.due_of(session, settings, office, ticket)
    assert found is not None
    assert found.day == date(2026, 12, 2)


async def test_a_notice_is_no_longer_than_what_agents_write_elsewhere(
    session: AsyncSession, settings: Settings, office: Office, clerk: Agent
) -> None:
    ticket = await filed(session, settings, office, at=datetime.now(UTC))
    with pytest.raises(InvalidRequestError):
        await act_on(session, settings, office, clerk, await seen(session, ticket), "extend", "x" * 8001)
