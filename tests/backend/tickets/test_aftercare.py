"""What citizens do with their own tickets: add, withdraw, reopen; and what they cannot do with anybody else's."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from backend.attachments.models import Attachment
from backend.contacts.service import new_web_visitor
from backend.core.database import utcnow
from backend.tickets.aftercare import care, choose, ended, seen_among
from backend.tickets.models import Ticket
from backend.tickets.schemas import Author, Care, CareRequest, Choice, ChoiceRequest, NewTicket
from backend.tickets.service import file_ticket, look_up, move
from tests.backend.tickets.factories import Town, agent

ACTS = ("add", "withdraw", "reopen")
DAYS = 30
"""reopen_days of Timișoara, which names none."""


def author(contact_id: UUID) -> Author:
    return Author(contact_id=contact_id, conversation_id=None, channel="web")


async def stranger(town: Town) -> Author:
    contact_id, _ = await new_web_visitor(town.session, "timisoara")
    return author(contact_id)


async def done(town: Town, ticket: Ticket, act: Any, words: str = "", by: Author | None = None, **fields: Any) -> Care:
    request = CareRequest(
        act=act,
        reference=ticket.reference,
        request_key=fields.pop("request_key", f"{uuid4()}"),
        words=words,
        language="en",
        **fields,
    )
    return await care(town.session, town.office, by or author(ticket.contact_id), request)


async def chosen(town: Town, by: Author, act: Any, text: str = "", pin: str | None = None) -> Choice:
    request = ChoiceRequest(act=act, text=text, pin=pin, language="en")
    return await choose(town.session, town.settings, town.office, by, request)


async def closed(town: Town, *, ago: timedelta = timedelta(), **fields: Any) -> Ticket:
    return await town.ticket(state="closed", outcome="solved", closed_at=utcnow() - ago, **fields)


async def kinds(town: Town, ticket: Ticket) -> list[str]:
    return [event.kind for event in await town.events(ticket)]


async def test_what_is_added_stands_in_the_history_with_its_photos(town: Town) -> None:
    ticket, photo = await town.ticket(), uuid4()
    town.session.add(
        Attachment(id=photo, contact_id=ticket.contact_id, width=1, height=1, size_bytes=1, created_at=utcnow())
    )
    await town.session.flush()
    assert (await done(town, ticket, "add", " It is louder now. ", photos=[photo])).result == "done"
    event = await town.last(ticket)
    assert (event.kind, event.actor, event.channel) == ("added", "citizen", "web")
    assert (event.content["text"], event.content["photos"]) == ("It is louder now.", 1)
    assert (await town.session.get_one(Attachment, photo)).ticket_id == ticket.id
    assert ticket.state == "received"


@pytest.mark.parametrize(("assigned", "state"), [(False, "assigned"), (True, "in_progress")])
async def test_an_answer_ends_the_waiting_for_the_citizen(town: Town, assigned: bool, state: str) -> None:
    holder = (await agent(town.session)).id if assigned else None
    ticket = await town.ticket(state="waiting", assignee_id=holder)
    seen = await town.seen(ticket)
    await done(town, ticket, "add", "The number is 14.")
    assert (ticket.state, (await town.last(ticket)).kind) == (state, "state")
    assert (await town.last(ticket)).id > seen.event


async def test_what_is_withdrawn_is_closed_and_nobody_is_told_news(town: Town) -> None:
    ticket = await town.ticket()
    assert (await done(town, ticket, "withdraw")).result == "done"
    assert (ticket.state, ticket.outcome) == ("closed", "withdrawn")
    assert ticket.closed_at is not None
    assert await kinds(town, ticket) == ["received", "closed"]
    assert await town.news() == []


async def test_duplicates_of_what_is_withdrawn_go_on_with_the_oldest_of_them(town: Town) -> None:
    ticket = await town.ticket()
    first, second, ended_before = [await town.ticket(duplicate_of=ticket.id) for _ in range(3)]
    ended_before.state = "closed"
    await town.session.flush()
    await done(town, ticket, "withdraw")
    assert (first.duplicate_of, second.duplicate_of) == (None, first.id)
    assert (first.state, ended_before.duplicate_of) == ("received", ticket.id)
    assert (await kinds(town, first))[-1] == (await kinds(town, second))[-1] == "followed"


@pytest.mark.parametrize(("assigned", "state"), [(False, "assigned"), (True, "in_progress")])
async def test_what_is_reopened_goes_to_its_unit_with_what_is_missing(town: Town, assigned: bool, state: str) -> None:
    holder = (await agent(town.session)).id if assigned else None
    ticket = await closed(town, assignee_id=holder, outcome_reason="The music is off.")
    unit = ticket.unit
    assert (await done(town, ticket, "reopen", "It is as loud as before.")).result == "done"
    assert (ticket.state, ticket.unit, ticket.outcome, ticket.closed_at) == (state, unit, None, None)
    event = await town.last(ticket)
    assert (event.kind, event.actor, event.content["reason"]) == ("reopened", "citizen", "It is as loud as before.")


@pytest.mark.parametrize(
    ("ago", "result"),
    [(timedelta(days=DAYS) - timedelta(minutes=1), "done"), (timedelta(days=DAYS) + timedelta(minutes=1), "too_late")],
)
async def test_the_window_is_the_offices(town: Town, ago: timedelta, result: str) -> None:
    ticket = await closed(town, ago=ago)
    answer = await done(town, ticket, "reopen", "no")
    assert answer.result == result
    assert answer.ticket is not None
    assert answer.ticket.reference == ticket.reference
    assert (ticket.state == "closed") is (result == "too_late")


@pytest.mark.parametrize(
    ("act", "state", "result"),
    [("add", "closed", "closed"), ("withdraw", "closed", "closed"), ("reopen", "assigned", "open")],
)
async def test_what_does_not_fit_is_said_and_changes_nothing(town: Town, act: str, state: str, result: str) -> None:
    ticket = await town.ticket(state=state, closed_at=utcnow() if state == "closed" else None)
    before = await kinds(town, ticket)
    assert (await done(town, ticket, act, "words")).result == result
    assert await kinds(town, ticket) == before


@pytest.mark.parametrize("act", ACTS)
async def test_a_repeated_turn_does_it_once(town: Town, act: str) -> None:
    ticket = await (closed(town) if act == "reopen" else town.ticket())
    answers = [(await done(town, ticket, act, "words", request_key="c:7")).result for _ in range(2)]
    assert answers == ["done", "done"]
    assert len(await town.events(ticket)) == 2


@pytest.mark.parametrize("act", ACTS)
async def test_somebody_elses_ticket_does_not_exist(town: Town, act: str) -> None:
    thief, ticket = await stranger(town), await (closed(town) if act == "reopen" else town.ticket())
    assert await done(town, ticket, act, "words", thief) == Care(result="unknown")
    assert await chosen(town, thief, act, ticket.reference) == Choice(result="needs_pin")
    assert await chosen(town, thief, act, "TM-333-333") == Choice(result="needs_pin")
    assert await chosen(town, thief, act, ticket.reference, "000000") == Choice(result="unknown")
    assert await chosen(town, thief, act) == Choice(result="needs_reference")
    assert await kinds(town, ticket) == ["received"]


async def test_who_proves_the_pin_may_act_too(town: Town) -> None:
    other, owner = await stranger(town), await stranger(town)
    new = NewTicket(request_key=f"{uuid4()}", category="noise", description="Loud", language="en")
    filed = await file_ticket(town.session, town.settings, town.office, owner, new)
    found = await chosen(town, other, "add", f"add to {filed.reference}", filed.pin)
    assert (found.result, [ticket.reference for ticket in found.tickets]) == ("found", [filed.reference])
    ticket = await town.named(filed.reference)
    assert (await done(town, ticket, "add", "more", other)).result == "done"


async def test_without_a_reference_those_that_fit_are_offered(town: Town) -> None:
    first = await town.ticket()
    mine = author(first.contact_id)
    others = [
        await town.ticket(contact_id=first.contact_id, state="closed", closed_at=utcnow() - timedelta(days=days))
        for days in (1, DAYS + 1)
    ]
    assert [one.reference for one in (await chosen(town, mine, "withdraw")).tickets] == [first.reference]
    assert [one.reference for one in (await chosen(town, mine, "reopen", "it is broken again")).tickets] == [
        others[0].reference
    ]
    assert (await chosen(town, mine, "reopen", others[1].reference)).result == "too_late"
    assert (await chosen(town, mine, "reopen", first.reference)).result == "open"


async def test_an_end_is_asked_about_while_it_is_the_end(town: Town) -> None:
    ticket = await town.ticket()
    await move(town.session, town.office, ticket.reference, "closed", "cli")
    first = (await town.last(ticket)).id
    found = await ended(town.session, town.office, ticket.id, first, "en")
    assert found is not None
    assert (found.reference, found.unit) == (ticket.reference, ticket.unit)
    await done(town, ticket, "reopen", "no")
    assert await ended(town.session, town.office, ticket.id, first, "en") is None
    await move(town.session, town.office, ticket.reference, "closed", "cli")
    assert await ended(town.session, town.office, ticket.id, first, "en") is None
    assert await ended(town.session, town.office, ticket.id, (await town.last(ticket)).id, "en") is not None


async def test_what_was_withdrawn_is_not_asked_about(town: Town) -> None:
    ticket = await town.ticket()
    await done(town, ticket, "withdraw")
    assert await ended(town.session, town.office, ticket.id, (await town.last(ticket)).id, "en") is None


async def test_agents_see_those_of_their_units_among_many(town: Town) -> None:
    noise, roads = await town.ticket(), await town.ticket(category="pothole_road")
    assert noise.unit != roads.unit
    who = await agent(town.session, "agent", noise.unit)
    assert set(await seen_among(town.session, who, [noise.id, roads.id])) == {noise.id}


async def test_the_pin_is_no_door_for_guessing(town: Town) -> None:
    thief, ticket = await stranger(town), await town.ticket()
    for _ in range(town.settings.lookup_tries_per_hour):
        await chosen(town, thief, "withdraw", ticket.reference, "000000")
    assert (await chosen(town, thief, "withdraw", ticket.reference, "000000")).result == "locked"
    looked = await look_up(town.session, town.settings, town.office, thief, ticket.reference, "000000", "en")
    assert looked.result == "locked"
