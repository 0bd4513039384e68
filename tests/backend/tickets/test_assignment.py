"""Tickets go to people by themselves where the unit wants it so."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from backend.accounts import service as accounts
from backend.accounts.models import Absence, Account
from backend.accounts.schemas import Agent
from backend.accounts.service import agent_of
from backend.contacts.service import new_web_visitor
from backend.core.database import make_sessions, utcnow
from backend.core.settings import Settings
from backend.notices.models import Notice
from backend.offices.schemas import Office
from backend.tickets import aftercare, desk
from backend.tickets.errors import AssigneeAwayError, TicketHeldError
from backend.tickets.models import Ticket
from backend.tickets.schemas import Answer, Author, CareRequest, Change, NewTicket
from backend.tickets.service import file_ticket
from tests.backend.races import until_blocked
from tests.backend.tickets.factories import Town, agent

ROADS = {"category": "pothole_road"}
SECRET = {"category": "staff_conduct"}


def with_assignment(office: Office, *units: str) -> Office:
    """The office, in which tickets of some units are given out by themselves."""
    changed = {name: office.units[name].model_copy(update={"assignment": "least_loaded"}) for name in units}
    return office.model_copy(update={"units": {**office.units, **changed}})


@pytest.fixture
async def town(session: AsyncSession, settings: Settings, office: Office) -> Town:
    """A town in which nobody works yet, and roads and water give their tickets out."""
    await session.execute(text("UPDATE account SET disabled_at = now() WHERE disabled_at IS NULL"))
    await session.execute(text("DELETE FROM procrastinate_jobs"))
    return Town(session, settings, with_assignment(office, "roads", "water", "ethics"))


async def away(session: AsyncSession, who: Agent, stand_in: Agent | None = None) -> None:
    now = utcnow()
    values = {"begins_at": now - timedelta(hours=1), "ends_at": now + timedelta(days=3)}
    session.add(Absence(account_id=who.id, stand_in_id=stand_in.id if stand_in else None, **values))
    await session.flush()


async def speaking(session: AsyncSession, who: Agent, *languages: str) -> None:
    (await session.get_one(Account, who.id)).languages = list(languages)
    await session.flush()


async def notices(session: AsyncSession, who: Agent) -> list[tuple[UUID, str]]:
    query = select(Notice.ticket_id, Notice.kind).where(Notice.account_id == who.id).order_by(Notice.id)
    return [tuple(row) for row in await session.execute(query)]


async def test_a_new_ticket_goes_to_who_has_the_least_to_do(town: Town) -> None:
    ana, ion = await agent(town.session, "agent", "roads"), await agent(town.session, "agent", "roads", name="Ion")
    await town.ticket(assignee_id=ana.id)
    ticket = await town.ticket(**ROADS)
    assert (ticket.assignee_id, ticket.state) == (ion.id, "assigned")
    last = await town.last(ticket)
    assert (last.kind, last.actor, last.content["to"], last.content["why"]) == (
        "assigned", "system", "Ion", "least_loaded",
    )  # fmt: skip
    assert await notices(town.session, ion) == [(ticket.id, "assigned")]
    assert await notices(town.session, ana) == []
    assert await town.audited(ticket) == ["ticket.assigned"]
    assert await town.news() == [], "the citizen was told of the unit when they filed it"


@pytest.mark.parametrize(("first", "second"), [("urgent", "low"), ("normal", "low"), ("restricted", "normal")])
async def test_an_important_ticket_counts_more(town: Town, first: str, second: str) -> None:
    ana, ion = await agent(town.session, "agent", "roads"), await agent(town.session, "agent", "roads", name="Ion")
    await town.ticket(assignee_id=ana.id, priority=first)
    await town.ticket(assignee_id=ion.id, priority=second)
    assert (await town.ticket(**ROADS)).assignee_id == ion.id


async def test_among_equals_who_waited_longest(town: Town) -> None:
    three = [await agent(town.session, "agent", "roads", name=name) for name in "ABC"]
    given = [(await town.ticket(**ROADS)).assignee_id for _ in range(3)]
    assert set(given) == {one.id for one in three}
    await town.session.execute(text("UPDATE ticket SET state = 'closed' WHERE assignee_id IS NOT NULL"))
    assert [(await town.ticket(**ROADS)).assignee_id for _ in range(3)] == given


async def test_among_equals_who_is_there(town: Town) -> None:
    for name in "AB":
        await agent(town.session, "agent", "roads", name=name)
    there = await agent(town.session, "agent", "roads", name="C")
    await accounts.be_present(town.session, there.id, available=True)
    assert (await town.ticket(**ROADS)).assignee_id == there.id


async def test_who_speaks_the_language_goes_before_who_has_less_to_do(town: Town) -> None:
    ana, ion = await agent(town.session, "agent", "roads"), await agent(town.session, "agent", "roads", name="Ion")
    await speaking(town.session, ana, "mk", "en")
    await speaking(town.session, ion, "ro")
    await town.ticket(assignee_id=ana.id)
    assert (await town.ticket(**ROADS, language="mk")).assignee_id == ana.id
    assert (await town.ticket(**ROADS, language="tr")).assignee_id == ion.id, "nobody speaks it: the least load"


async def test_people_of_the_unit_go_before_who_works_for_the_whole_office(town: Town) -> None:
    everywhere = await agent(town.session, name="Everywhere")
    assert (await town.ticket(**ROADS)).assignee_id == everywhere.id
    ana = await agent(town.session, "agent", "roads")
    assert [(await town.ticket(**ROADS)).assignee_id for _ in range(3)] == [ana.id] * 3
    await away(town.session, ana)
    assert (await town.ticket(**ROADS)).assignee_id == everywhere.id


@pytest.mark.parametrize("role", ["reader", "supervisor", "administrator"])
async def test_only_agents_are_given_tickets(town: Town, role: Any) -> None:
    await agent(town.session, role, "roads")
    await agent(town.session, "agent", "water")
    ticket = await town.ticket(**ROADS)
    assert (ticket.assignee_id, ticket.state) == (None, "received")


async def test_nothing_is_given_to_who_is_away_or_gone(town: Town) -> None:
    ana, ion = await agent(town.session, "agent", "roads"), await agent(town.session, "agent", "roads")
    await away(town.session, ana)
    (await town.session.get_one(Account, ion.id)).disabled_at = utcnow()
    assert (await town.ticket(**ROADS)).assignee_id is None


async def test_a_restricted_ticket_goes_only_to_who_is_named_for_the_unit(town: Town) -> None:
    await agent(town.session, name="Everywhere")
    ticket = await town.ticket(**SECRET)
    assert ticket.restricted
    assert ticket.assignee_id is None
    named = await agent(town.session, "agent", ticket.unit)
    assert (await town.ticket(**SECRET)).assignee_id == named.id


async def test_units_that_do_not_want_it_get_tickets_as_before(town: Town) -> None:
    await agent(town.session, "agent", "enforcement")
    assert (await town.ticket(category="noise")).assignee_id is None


async def test_a_duplicate_waits_for_the_ticket_it_follows(town: Town) -> None:
    await agent(town.session, "agent", "roads")
    main = await town.ticket(**ROADS)
    assert (await town.ticket(**ROADS, same_as=main.id)).assignee_id is None


async def test_what_is_given_back_waits_in_its_unit_and_does_not_go_round(town: Town) -> None:
    ana = await agent(town.session, "agent", "roads")
    ion = await agent(town.session, "agent", "water", name="Ion")
    ticket = await town.ticket(**ROADS)
    assert ticket.assignee_id == ana.id
    await desk.assign(town.session, town.office, ana, await town.seen(ticket))
    assert ticket.assignee_id is None
    assert (await town.last(ticket)).actor == f"agent:{ana.id}"
    chief = await agent(town.session, "supervisor", name="Chief")
    await desk.assign(town.session, town.office, chief, await town.seen(ticket), unit="water")
    assert ticket.assignee_id == ion.id
    await desk.assign(town.session, town.office, ion, await town.seen(ticket), unit="roads")
    assert ticket.assignee_id is None, "Ana said already that it is none of hers"
    fresh = await agent(town.session, "agent", "roads", name="Fresh")
    await desk.assign(town.session, town.office, chief, await town.seen(ticket), unit="water")
    await desk.assign(town.session, town.office, chief, await town.seen(ticket), unit="roads")
    assert ticket.assignee_id == fresh.id


async def test_a_ticket_with_another_category_goes_to_somebody_of_the_other_unit(town: Town) -> None:
    ana = await agent(town.session, "agent", "roads")
    ion = await agent(town.session, "agent", "water", name="Ion")
    chief = await agent(town.session, "supervisor", name="Chief")
    ticket = await town.ticket(**ROADS)
    new = Change(category="water_leak")
    await desk.change(town.session, town.settings, town.office, chief, await town.seen(ticket), new)
    assert (ticket.unit, ticket.assignee_id) == ("water", ion.id)
    assert ana.id != ion.id


async def closed(town: Town, by: Agent) -> Ticket:
    ticket = await town.ticket(**ROADS)
    ticket.assignee_id = by.id
    await desk.close(town.session, by, await town.seen(ticket), Answer(outcome="solved", reason="Done"))
    return ticket


async def test_a_reopened_ticket_stays_with_who_had_it_and_they_are_told(town: Town) -> None:
    ana = await agent(town.session, "agent", "roads")
    chief = await agent(town.session, "supervisor", name="Chief")
    ticket = await closed(town, ana)
    await desk.reopen(town.session, town.office, chief, await town.seen(ticket), "again")
    assert ticket.assignee_id == ana.id
    assert (ticket.id, "reopened") in await notices(town.session, ana)


async def test_a_ticket_its_citizen_reopens_goes_to_another_while_its_agent_is_away(town: Town) -> None:
    ana, ion = await agent(town.session, "agent", "roads"), await agent(town.session, "agent", "roads", name="Ion")
    ticket = await closed(town, ana)
    await away(town.session, ana)
    author = Author(contact_id=ticket.contact_id, conversation_id=None, channel="web")
    request = CareRequest(
        act="reopen", reference=ticket.reference, request_key=str(uuid4()), words="Still broken", language="en"
    )
    cared = await aftercare.care(town.session, town.office, author, request)
    assert cared.result == "done"
    assert ticket.assignee_id == ion.id
    assert (ticket.id, "assigned") in await notices(town.session, ion)


async def test_a_reopened_ticket_of_who_is_away_is_told_to_the_head_where_none_are_given_out(
    town: Town, office: Office
) -> None:
    ana, dan = await agent(town.session, "agent", "roads"), await agent(town.session, "agent", "roads", name="Dan")
    (await town.session.get_one(Account, dan.id)).heads = ["roads"]
    chief = await agent(town.session, "supervisor", name="Chief")
    ticket = await closed(town, ana)
    await away(town.session, ana)
    await desk.reopen(town.session, office, chief, await town.seen(ticket), "again")
    assert ticket.assignee_id == ana.id
    assert (ticket.id, "reopened") in await notices(town.session, dan)


async def test_nothing_is_passed_to_who_is_away(town: Town) -> None:
    ana, ion = await agent(town.session, "agent", "roads"), await agent(town.session, "agent", "roads", name="Ion")
    await away(town.session, ion)
    ticket = await town.ticket(category="noise", unit="roads")
    with pytest.raises(AssigneeAwayError) as refused:
        await desk.assign(town.session, town.office, ana, await town.seen(ticket), to=ion)
    assert refused.value.values["name"] == "Ion"
    await desk.assign(town.session, town.office, ion, await town.seen(ticket), to=ion)
    assert ticket.assignee_id == ion.id, "their own act"


async def test_who_is_given_a_ticket_by_a_colleague_is_told_and_who_takes_it_is_not(town: Town) -> None:
    ana, ion = await agent(town.session, "agent", "roads"), await agent(town.session, "agent", "roads", name="Ion")
    ticket = await town.ticket(category="noise", unit="roads")
    await desk.take(town.session, ana, await town.seen(ticket))
    assert await notices(town.session, ana) == []
    await desk.assign(town.session, town.office, ana, await town.seen(ticket), to=ion)
    assert await notices(town.session, ion) == [(ticket.id, "assigned")]


async def test_a_stand_in_works_on_what_is_the_absent_persons_and_others_do_not(town: Town) -> None:
    ana, ion = await agent(town.session, "agent", "roads"), await agent(town.session, "agent", "roads", name="Ion")
    other = await agent(town.session, "agent", "roads", name="Other")
    ticket = await town.ticket(category="noise", unit="roads", assignee_id=ana.id)
    await away(town.session, ana, ion)
    with pytest.raises(TicketHeldError):
        await desk.ask(town.session, other, await town.seen(ticket), "Where?")
    await desk.ask(town.session, ion, await town.seen(ticket), "Where?")
    assert ticket.assignee_id == ana.id, "nothing is moved silently"


@pytest.fixture
async def office_of_three(engine: AsyncEngine, settings: Settings, office: Office) -> AsyncIterator[Office]:
    """An office of its own, committed, with three people for its roads."""
    own = with_assignment(office, "roads")
    own = own.model_copy(update={"profile": own.profile.model_copy(update={"id": f"own-{uuid4().hex}"})})
    sessions = make_sessions(engine)
    async with sessions() as session, session.begin():
        for name in "ABC":
            made = await session.get_one(Account, (await agent(session, "agent", "roads", name=name)).id)
            made.office_id = own.profile.id
    yield own
    async with sessions() as session, session.begin():
        await session.execute(text("DELETE FROM account WHERE office_id = :id"), {"id": own.profile.id})


async def filed(engine: AsyncEngine, settings: Settings, office: Office) -> UUID | None:
    async with make_sessions(engine)() as session, session.begin():
        return await _filed_in(session, settings, office)


async def _filed_in(session: AsyncSession, settings: Settings, office: Office) -> UUID | None:
    contact_id, _ = await new_web_visitor(session, office.profile.id)
    author = Author(contact_id=contact_id, conversation_id=None, channel="web")
    key = str(uuid4())
    new = NewTicket(request_key=key, description="A hole", language="en", **ROADS)
    await file_ticket(session, settings, office, author, new)
    return await session.scalar(select(Ticket.assignee_id).where(Ticket.request_key == key))


async def test_tickets_filed_at_once_do_not_all_go_to_the_same_person(
    engine: AsyncEngine, settings: Settings, office_of_three: Office
) -> None:
    given = await asyncio.gather(*(filed(engine, settings, office_of_three) for _ in range(9)))
    assert sorted(Counter(given).values()) == [3, 3, 3]


async def test_the_second_of_two_filed_at_once_waits_and_goes_to_another(
    engine: AsyncEngine, settings: Settings, office_of_three: Office
) -> None:
    async with make_sessions(engine)() as session, session.begin():
        first = await _filed_in(session, settings, office_of_three)
        waiting = asyncio.create_task(filed(engine, settings, office_of_three))
        await until_blocked(engine)
    assert None not in (first, await waiting)
    assert first != await waiting


async def test_who_is_away_is_not_in_the_list_of_whom_tickets_could_go_to(town: Town) -> None:
    ana, ion = await agent(town.session, "agent", "roads"), await agent(town.session, "agent", "roads", name="Ion")
    await away(town.session, ana)
    found = await accounts.candidates(town.session, "timisoara", "roads", named_only=False)
    assert [one.agent for one in found] == [agent_of(await town.session.get_one(Account, ion.id))]
