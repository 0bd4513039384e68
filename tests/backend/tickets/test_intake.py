"""Tickets leave and come back the same; what does not fit is told row by row."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, async_sessionmaker

from backend.contacts.models import Contact
from backend.offices.schemas import Office
from backend.tickets import intake
from backend.tickets.intake import Intake, Outcomes
from backend.tickets.models import Ticket, TicketEvent
from backend.tickets.reference import find_reference, new_reference
from backend.tickets.schemas import OUTCOMES, SOURCES, STATES
from backend.tickets.transfer import Selection, export

Sessions = async_sessionmaker[AsyncSession]
ALL = Selection(restricted=True, personal=True)
ROW = {
    "source": "letter",
    "source_number": "7",
    "description": "Groapă",
    "language": "ro",
    "created_at": "2026-03-01T09:30:00+02:00",
}


@pytest.fixture
async def connection(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A connection whose changes are undone after the test, in a town without tickets."""
    async with engine.connect() as connection:
        outer = await connection.begin()
        await empty(connection)
        yield connection
        await outer.rollback()


async def empty(connection: AsyncConnection) -> None:
    await connection.execute(text("TRUNCATE ticket CASCADE"))


@pytest.fixture
def sessions(connection: AsyncConnection) -> Sessions:
    return async_sessionmaker(connection, join_transaction_mode="create_savepoint", expire_on_commit=False)


async def exported(sessions: Sessions, office: Office, wanted: Selection = ALL) -> list[dict[str, Any]]:
    async with sessions() as session:
        return [row async for row in export(session, office, wanted)]


async def taken_in(sessions: Sessions, office: Office, *found: dict[str, Any], dry: bool = False) -> Outcomes:
    one = Intake(office)
    async for _ in one.run(sessions, list(enumerate(found, start=2)), dry=dry):
        pass
    return one.outcomes


WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
COORDINATES = st.none() | st.tuples(st.floats(-90, 90), st.floats(-180, 180))
TICKET = st.fixed_dictionaries(
    {
        "source": st.sampled_from(SOURCES),
        "source_number": st.none() | WORDS.filter(bool),
        "kind": st.sampled_from(["complaint", "praise", "information_request"]),
        "category": st.sampled_from([None, "noise"]),
        "priority": st.sampled_from(["low", "normal", "urgent", "restricted"]),
        "state": st.sampled_from(STATES),
        "outcome": st.sampled_from([None, *OUTCOMES]),
        "outcome_reason": st.none() | WORDS,
        "outcome_ground": st.none() | WORDS,
        "description": WORDS.filter(bool),
        "place": st.none() | WORDS,
        "details": st.dictionaries(WORDS, WORDS, max_size=2),
        "language": st.sampled_from(["ro", "mk"]),
        "channel": st.sampled_from(["web", "telegram", "counter"]),
        "created_at": MOMENTS,
        "updated_at": MOMENTS,
        "due_at": st.none() | MOMENTS,
        "closed_at": st.none() | MOMENTS,
        "person": st.tuples(st.none() | WORDS, st.sampled_from([None, "+40721000001", "+491711234567"])),
        "coordinates": COORDINATES,
        "follows": st.booleans(),
    }
)


async def _put(sessions: Sessions, office: Office, tickets: list[dict[str, Any]]) -> None:
    async with sessions() as session, session.begin():
        before: Ticket | None = None
        for fields in tickets:
            facts = dict(fields)
            name, phone = facts.pop("person")
            point, follows = facts.pop("coordinates"), facts.pop("follows")
            person = Contact(office_id="timisoara", name=name, phone=phone, created_at=facts["created_at"])
            session.add(person)
            await session.flush()
            ticket = Ticket(
                **facts,
                office_id="timisoara",
                reference=new_reference(office.profile.reference_prefix),
                pin_digest="x",
                request_key=str(uuid4()),
                unit=next(iter(office.units)),
                latitude=point[0] if point else None,
                longitude=point[1] if point else None,
                contact_id=person.id,
                duplicate_of=before.id if before and follows else None,
            )
            session.add(ticket)
            await session.flush()
            before = ticket


@given(tickets=st.lists(TICKET, max_size=6, unique_by=lambda one: (one["source"], one["source_number"] or uuid4())))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_what_left_comes_back_the_same(
    connection: AsyncConnection, sessions: Sessions, office: Office, tickets: list[dict[str, Any]]
) -> None:
    await empty(connection)
    await _put(sessions, office, tickets)
    before = await exported(sessions, office)
    await empty(connection)
    outcomes = await taken_in(sessions, office, *before)
    assert (outcomes.new, outcomes.known, outcomes.renumbered) == (len(tickets), 0, 0), outcomes.refusals
    assert await exported(sessions, office) == before
    again = await taken_in(sessions, office, *before)
    assert (again.new, again.known, again.refused) == (0, len(tickets), 0)
    assert await exported(sessions, office) == before


async def test_a_ticket_taken_in_says_so_and_is_told_to_nobody(
    connection: AsyncConnection, sessions: Sessions, office: Office
) -> None:
    await connection.execute(text("DELETE FROM procrastinate_jobs"))
    await taken_in(sessions, office, {**ROW, "name": "Ion", "phone": "0721 000 009", "category": "noise"})
    async with sessions() as session:
        ticket = (await session.scalars(select(Ticket))).one()
        event = (await session.scalars(select(TicketEvent))).one()
        person = await session.get_one(Contact, ticket.contact_id)
    assert (event.kind, event.actor, event.channel) == ("imported", "system", "letter")
    assert (person.name, person.phone) == ("Ion", "+40721000009")
    assert (ticket.unit, ticket.pin_digest, ticket.state) == (office.unit_for("complaint", "noise"), "", "received")
    assert find_reference(ticket.reference, office.profile.reference_prefix) == ticket.reference
    assert (await connection.execute(text("SELECT count(*) FROM procrastinate_jobs"))).scalar_one() == 0
    found = await connection.execute(text("SELECT 1 FROM ticket WHERE words @@ to_tsquery('simple', 'groapa')"))
    assert found.first() is not None


async def test_a_dry_run_counts_and_changes_nothing(sessions: Sessions, office: Office) -> None:
    outcomes = await taken_in(sessions, office, ROW, {**ROW, "source_number": "8"}, {}, dry=True)
    assert (outcomes.new, outcomes.known, outcomes.refused) == (2, 0, 1)
    assert await exported(sessions, office) == []


@pytest.mark.parametrize(
    ("change", "column", "what", "advice"),
    [
        ({"description": None}, "description", "is missing", "add it"),
        ({"created_at": "yesterday"}, "created_at", "'yesterday' is no time", "2027-03-01T09:30:00+02:00"),
        ({"created_at": "2026-03-01T09:30:00"}, "created_at", "has no time zone", "+02:00"),
        ({"kind": "wish"}, "kind", "'wish' is not known here", "complaint"),
        ({"state": "done"}, "state", "'done' is not known here", "closed"),
        ({"language": "xx"}, "language", "not known here", "'ro'"),
        ({"latitude": "91", "longitude": "0"}, "latitude", "no place on the earth", "correct"),
        ({"latitude": "45,7", "longitude": "21"}, "latitude", "is no number", "45.7537"),
        ({"latitude": "45.7"}, "latitude", "without the other half", "neither"),
        ({"unit": "nobody"}, "unit", "'nobody' is no unit", "units.yml"),
        ({"category": "dragons"}, "category", "'dragons' is no category", "categories.yml"),
        ({"phone": "123"}, "phone", "is no telephone number", "+40"),
        ({"source_number": None}, "source_number", "is missing", "or a reference"),
        ({"colour": "red"}, "colour", "is not known here", "take it out"),
        ({"place": "x" * 501}, "place", "is too long", "500 characters"),
        ({"description": "a\0b"}, "description", "holds signs that are no text", "take them out"),
        ({"details": "{"}, "details", "", ""),
    ],
)
async def test_what_does_not_fit_is_told_with_line_column_and_advice(
    sessions: Sessions, office: Office, change: dict[str, Any], column: str, what: str, advice: str
) -> None:
    outcomes = await taken_in(sessions, office, {**ROW, "source_number": "1"}, {**ROW, **change})
    [refusal] = outcomes.refusals
    assert (refusal.line, refusal.column, outcomes.refused, outcomes.new) == (3, column, 1, 1)
    assert what in refusal.what
    assert advice in refusal.advice


async def test_nobodys_words_are_repeated_in_a_problem(sessions: Sessions, office: Office) -> None:
    secret = "Ion Popescu, Strada Mare 5 "
    change = {"description": secret * 500, "name": secret * 10, "phone": secret, "outcome_reason": "\0" + secret}
    outcomes = await taken_in(sessions, office, {**ROW, **change})
    assert outcomes.refused == 1
    assert "Popescu" not in str(outcomes.refusals)


async def test_the_same_number_twice_in_a_file_is_refused(sessions: Sessions, office: Office) -> None:
    outcomes = await taken_in(sessions, office, ROW, {**ROW, "description": "Other"})
    assert (outcomes.new, outcomes.refusals[0].what) == (1, "is that of line 2 too")


async def test_references_stay_when_valid_and_free(sessions: Sessions, office: Office) -> None:
    own = new_reference(office.profile.reference_prefix)
    first = await taken_in(sessions, office, {**ROW, "reference": own})
    second = await taken_in(
        sessions,
        office,
        {**ROW, "source_number": "8", "reference": own},
        {**ROW, "source_number": "9", "reference": "XX-111-111"},
        {**ROW, "source_number": None, "reference": own},
    )
    assert (first.renumbered, second.renumbered, second.new, second.known) == (0, 2, 2, 1)
    found = {row["source_number"]: row["reference"] for row in await exported(sessions, office)}
    assert found["7"] == own
    assert len({*found.values()}) == 3


async def test_a_duplicate_follows_a_ticket_behind_it_and_one_that_got_another_reference(
    sessions: Sessions, office: Office
) -> None:
    taken = new_reference(office.profile.reference_prefix)
    await taken_in(sessions, office, {**ROW, "source_number": "0", "reference": taken})
    rows = [{**ROW, "source_number": "1", "duplicate_of": taken}, {**ROW, "source_number": "2", "reference": taken}]
    for _ in range(2):
        await taken_in(sessions, office, *rows)
        found = {row["source_number"]: row for row in await exported(sessions, office)}
        assert found["1"]["duplicate_of"] == found["2"]["reference"] != taken


async def test_a_selection_leaves_restricted_and_personal_out(sessions: Sessions, office: Office) -> None:
    rows = [
        {**ROW, "source_number": str(number), "priority": priority, "kind": kind, "name": "Ion", "created_at": moment}
        for number, (priority, kind, moment) in enumerate(
            [
                ("restricted", "complaint", "2026-03-01T12:00:00+02:00"),
                ("normal", "praise", "2026-02-28T23:30:00+02:00"),
                ("normal", "complaint", "2026-02-28T22:30:00+00:00"),
            ]
        )
    ]
    await taken_in(sessions, office, *rows)

    async def numbers(**wanted: Any) -> list[str]:
        return [row["source_number"] for row in await exported(sessions, office, Selection(**wanted))]

    assert await numbers() == ["1", "2"]
    assert await numbers(restricted=True) == ["1", "2", "0"]
    assert await numbers(since=date(2026, 3, 1)) == ["2"]
    assert await numbers(until=date(2026, 2, 28)) == ["1"]
    assert await numbers(kind="praise") == ["1"]
    assert await numbers(state="closed") == []
    assert await numbers(unit="nobody") == []
    plain, personal = [await exported(sessions, office, Selection(personal=one)) for one in (False, True)]
    assert "Ion" not in str(plain)
    assert "Groap" not in str(plain)
    assert personal[0]["name"] == "Ion"


async def test_many_rows_go_in_and_out_in_batches(sessions: Sessions, office: Office) -> None:
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    rows = [
        {**ROW, "source_number": str(number), "created_at": (begin + timedelta(minutes=number // 3)).isoformat()}
        for number in range(1201)
    ]
    outcomes = await taken_in(sessions, office, *rows)
    found = await exported(sessions, office)
    assert (outcomes.new, len({row["reference"] for row in found})) == (1201, 1201)
    assert [row["created_at"] for row in found] == sorted(row["created_at"] for row in found)


async def test_a_new_reference_that_is_taken_already_loses_no_row(
    sessions: Sessions, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    prefix = office.profile.reference_prefix
    taken, free = new_reference(prefix), new_reference(prefix)
    await taken_in(sessions, office, {**ROW, "reference": taken})
    offered = iter([taken, free])
    monkeypatch.setattr(intake, "new_reference", lambda _: next(offered))
    outcomes = await taken_in(sessions, office, {**ROW, "source_number": "8"})
    assert (outcomes.new, outcomes.known) == (1, 0)
    assert {row["reference"] for row in await exported(sessions, office)} == {taken, free}


async def test_nobody_is_told_of_what_was_overdue_before_it_came(sessions: Sessions, office: Office) -> None:
    past, ahead = "2026-04-01T09:30:00+02:00", "2099-04-01T09:30:00+02:00"
    rows = [{**ROW, "source_number": number, "due_at": due} for number, due in (("1", past), ("2", ahead))]
    assert (await taken_in(sessions, office, *rows)).new == 2
    async with sessions() as session:
        found = {ticket.source_number: ticket for ticket in await session.scalars(select(Ticket))}
    assert "overdue" in found["1"].reminded
    assert "escalated" in found["1"].reminded
    assert found["2"].reminded == []
    assert found["2"].next_reminder_at is not None
