"""Reminders reach the people who can act, once each; what is overdue goes up; many open tickets cost little."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.accounts.models import Absence, Account
from backend.accounts.schemas import Agent
from backend.clocks.schemas import Extension
from backend.core.settings import Settings
from backend.notices.models import Notice
from backend.offices.schemas import Office
from backend.tickets import desk, listing, reminders, repository, terms
from backend.tickets.listing import Wanted
from backend.tickets.models import Ticket
from backend.tickets.reminders import look_after_absences, remind, remind_some
from backend.tickets.schemas import Answer
from backend.tickets.steps import plan
from tests.backend.tickets.factories import Town, agent

DAY = timedelta(days=1)
NOW = datetime.now(UTC)


@pytest.fixture
async def town(session: AsyncSession, settings: Settings, office: Office) -> Town:
    """A town in which nobody works and no ticket is open yet."""
    await session.execute(text("UPDATE account SET disabled_at = now() WHERE disabled_at IS NULL"))
    await session.execute(text("UPDATE ticket SET state = 'closed'"))
    return Town(session, settings, office)


async def asked(town: Town, days_ago: float, **fields: Any) -> Ticket:
    """A request for information that came some days ago; the law gives some two weeks."""
    ticket = await town.ticket(kind="information_request", category=None, **fields)
    await filed(town, ticket, NOW - days_ago * DAY)
    return ticket


async def filed(town: Town, ticket: Ticket, at: datetime) -> None:
    ticket.created_at, ticket.next_reminder_at = at, None
    terms.keep(ticket, await terms.due_of(town.session, town.settings, town.office, ticket))
    await town.session.flush()


async def at_part(town: Town, part: float, **fields: Any) -> Ticket:
    """A request of whose term so much is over: 0 at the beginning, 1 at the end."""
    ticket = await asked(town, 0, **fields)
    for _ in range(6):  # working days make the term's length depend on its beginning
        assert ticket.due_at is not None
        await filed(town, ticket, NOW - (ticket.due_at - ticket.created_at) * part)
    return ticket


async def head(town: Town, unit: str, name: str = "Dan") -> Agent:
    made = await agent(town.session, "agent", unit, name=name)
    (await town.session.get_one(Account, made.id)).heads = [unit]
    await town.session.flush()
    return made


async def is_away(town: Town, who: Agent, stand_in: Agent | None = None, days: int = 9) -> Absence:
    absence = Absence(account_id=who.id, begins_at=NOW - DAY, ends_at=NOW + days * DAY)
    absence.stand_in_id = stand_in.id if stand_in else None
    town.session.add(absence)
    await town.session.flush()
    return absence


async def told(town: Town, ticket: Ticket) -> list[tuple[str, str]]:
    """(name, kind) of everything anybody was told of a ticket."""
    query = select(Account.name, Notice.kind).join(Notice, Notice.account_id == Account.id)
    rows = await town.session.execute(query.where(Notice.ticket_id == ticket.id).order_by(Notice.id))
    return [tuple(row) for row in rows]


async def again(town: Town) -> int:
    return await remind(town.session, town.settings, town.office)


async def at_step(town: Town, kind: str | None, **fields: Any) -> Ticket:
    """A request that came so long ago that a step is the last one reached."""
    ticket = await asked(town, 0, **fields)
    for hours in range(1, 24 * 40):
        await filed(town, ticket, NOW - timedelta(hours=hours))
        due = await terms.due_of(town.session, town.settings, town.office, ticket)
        if plan(due, (), NOW).reached[-1:] == ((kind,) if kind else ()):
            return ticket
    raise AssertionError(kind)


@pytest.mark.parametrize("kind", [None, "half", "four_fifths", "two_days_before", "overdue"])
async def test_each_step_is_told_once_to_who_works_on_it(town: Town, kind: str | None) -> None:
    unit = town.office.unit_for("information_request", None)
    ana = await agent(town.session, "agent", unit)
    ticket = await at_step(town, kind, assignee_id=ana.id)
    await again(town)
    expected = [("Ana", kind)] if kind else []
    assert await told(town, ticket) == expected
    assert await again(town) == 0
    assert await told(town, ticket) == expected
    assert ticket.next_reminder_at is not None
    assert ticket.next_reminder_at > datetime.now(UTC)


async def test_overdue_is_told_to_the_head_and_a_day_later_to_the_supervisors(town: Town) -> None:
    unit = town.office.unit_for("information_request", None)
    ana, dan = await agent(town.session, "agent", unit), await head(town, unit)
    chief = await agent(town.session, "supervisor", name="Chief")
    ticket = await asked(town, 40, assignee_id=ana.id)
    await again(town)
    assert await told(town, ticket) == [("Ana", "overdue"), ("Dan", "overdue")]
    assert ticket.escalated_at is None
    ticket.next_reminder_at = NOW
    assert await again(town) == 1
    assert (await told(town, ticket))[2:] == [("Chief", "escalated")]
    assert ticket.escalated_at is not None
    assert (await town.last(ticket)).kind == "escalated"
    assert "ticket.escalated" in await town.audited(ticket)
    for who, there in ((chief, True), (dan, True)):
        found = await listing.tickets(town.session, town.office, who, Wanted(view="escalated"))
        assert (ticket.id in [one.id for one in found.tickets]) is there
    ticket.next_reminder_at = NOW
    assert await again(town) == 0
    await desk.close(town.session, ana, await town.seen(ticket), Answer(outcome="partly", reason="Late"))
    assert (await listing.counts(town.session, chief))["escalated"] == 0


async def test_what_somebody_moves_is_not_escalated(town: Town) -> None:
    unit = town.office.unit_for("information_request", None)
    ana = await agent(town.session, "agent", unit)
    await agent(town.session, "supervisor", name="Chief")
    ticket = await asked(town, 40, assignee_id=ana.id)
    await again(town)
    await desk.ask(town.session, ana, await town.seen(ticket), "Which year?")
    ticket.next_reminder_at = NOW
    await again(town)
    assert ticket.escalated_at is None
    assert ticket.next_reminder_at > NOW + 0.9 * DAY


async def test_silence_that_counts_as_refusal_is_told_as_such(
    town: Town, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    unit = town.office.unit_for("information_request", None)
    ana = await agent(town.session, "agent", unit)
    rule = terms.rule_for(settings, town.office, "information_request", "web")
    assert rule is not None
    silent = rule.model_copy(update={"silence": "refusal"})
    monkeypatch.setattr(terms, "rule_for", lambda *_: silent)
    ticket = await asked(town, 40, assignee_id=ana.id)
    await again(town)
    assert await told(town, ticket) == [("Ana", "deemed_refused")]
    assert (await town.last(ticket)).content == {"kind": "deemed_refused"}


async def test_a_recomputed_term_repeats_no_step_that_is_still_reached(town: Town) -> None:
    unit = town.office.unit_for("information_request", None)
    ana = await agent(town.session, "agent", unit)
    ticket = await at_part(town, 0.7, assignee_id=ana.id)
    await again(town)
    assert ticket.due_at is not None
    day = ticket.due_at.astimezone(town.office.profile.zone).date()
    profile = town.office.profile.model_copy(update={"extra_holidays": (*town.office.profile.extra_holidays, day)})
    changed = town.office.model_copy(update={"profile": profile})
    before = ticket.due_at
    assert await terms.recompute(town.session, town.settings, changed) >= 1
    assert ticket.due_at > before
    await remind(town.session, town.settings, changed)
    assert await told(town, ticket) == [("Ana", "half")]


async def test_a_step_is_told_again_when_the_date_moved_past_it(town: Town) -> None:
    unit = town.office.unit_for("information_request", None)
    ana = await agent(town.session, "agent", unit)
    ticket = await at_part(town, 0.55, assignee_id=ana.id)
    await again(town)
    notified = Extension(at=ticket.created_at + timedelta(hours=1), notified_at=ticket.created_at + timedelta(hours=1))
    content = notified.model_dump(mode="json")
    await repository.add_event(
        town.session, ticket.id, terms.CLOCK_EVENT, actor="system", channel="office", content=content
    )
    await terms.recompute(town.session, town.settings, town.office)
    assert ticket.reminded == []
    await again(town)
    assert await told(town, ticket) == [("Ana", "half")]
    ticket.created_at -= 13 * DAY
    terms.keep(ticket, await terms.due_of(town.session, town.settings, town.office, ticket))
    await again(town)
    assert len(await told(town, ticket)) == 2


async def test_reminders_go_to_the_stand_in_and_the_tickets_are_in_their_list(town: Town) -> None:
    unit = town.office.unit_for("information_request", None)
    ana, ion = await agent(town.session, "agent", unit), await agent(town.session, "agent", unit, name="Ion")
    ticket = await at_part(town, 0.55, assignee_id=ana.id)
    mine = Wanted(view="mine")
    assert (await listing.tickets(town.session, town.office, ion, mine)).tickets == []
    await is_away(town, ana, ion)
    await again(town)
    assert await told(town, ticket) == [("Ion", "half")]
    assert [one.id for one in (await listing.tickets(town.session, town.office, ion, mine)).tickets] == [ticket.id]
    assert (await listing.counts(town.session, ion))["mine"] == 1
    assert [one.id for one in (await listing.tickets(town.session, town.office, ana, mine)).tickets] == [ticket.id]
    assert ticket.assignee_id == ana.id


@pytest.mark.parametrize("assigned", [True, False])
async def test_without_anybody_there_the_head_is_reminded(town: Town, assigned: bool) -> None:
    unit = town.office.unit_for("information_request", None)
    ana, _ = await agent(town.session, "agent", unit), await head(town, unit)
    if assigned:
        await is_away(town, ana)
    ticket = await at_part(town, 0.55, assignee_id=ana.id if assigned else None)
    await again(town)
    assert await told(town, ticket) == [("Dan", "half")]


async def test_a_program_that_works_on_a_ticket_is_told_nothing_but_its_head_is(town: Town) -> None:
    unit = town.office.unit_for("information_request", None)
    await head(town, unit)
    ticket = await at_part(town, 0.55, assignee_id=uuid4())
    await again(town)
    assert await told(town, ticket) == [("Dan", "half")]


async def test_the_head_is_told_what_is_due_while_somebody_is_away(town: Town) -> None:
    unit = town.office.unit_for("information_request", None)
    ana, _ = await agent(town.session, "agent", unit), await head(town, unit)
    within, later = await asked(town, 5, assignee_id=ana.id), await asked(town, 0, assignee_id=ana.id)
    assert within.due_at is not None
    absence = await is_away(town, ana, days=(within.due_at - NOW).days + 1)
    assert await look_after_absences(town.session, town.office) == 1
    assert await told(town, within) == [("Dan", "unattended")]
    assert await told(town, later) == []
    assert absence.told_at is not None
    assert await look_after_absences(town.session, town.office) == 0


async def test_nobody_is_bothered_where_somebody_stands_in_or_nothing_is_due(town: Town) -> None:
    unit = town.office.unit_for("information_request", None)
    ana, ion, _ = (
        await agent(town.session, "agent", unit),
        await agent(town.session, "agent", unit),
        await head(town, unit),
    )
    ticket = await asked(town, 5, assignee_id=ana.id)
    await is_away(town, ana, ion, days=60)
    assert await look_after_absences(town.session, town.office) == 0
    assert await told(town, ticket) == []


async def test_closed_tickets_have_no_reminders_and_reopened_ones_have(town: Town) -> None:
    unit = town.office.unit_for("information_request", None)
    ana = await agent(town.session, "agent", unit)
    ticket = await at_part(town, 0.55, assignee_id=ana.id)
    await desk.close(town.session, ana, await town.seen(ticket), Answer(outcome="solved", reason="Done"))
    assert await again(town) == 0
    await desk.reopen(town.session, town.office, ana, await town.seen(ticket), "again")
    assert await again(town) == 1
    assert await told(town, ticket) == [("Ana", "half")]


MANY = """
    INSERT INTO ticket (id, office_id, reference, pin_digest, request_key, kind, unit, priority, state, description,
                        details, language, channel, contact_id, created_at, updated_at, due_at, words, assignee_id,
                        next_reminder_at)
    SELECT gen_random_uuid(), 'timisoara', 'R-' || gen_random_uuid(), '', gen_random_uuid()::text,
           'information_request', :unit, 'normal', 'assigned', 'Matter', '{}', 'ro', 'web', :contact,
           now() - interval '40 days', now(), now() - interval '20 days', '', :agent,
           CASE WHEN n <= :reached THEN now() - interval '1 hour' ELSE now() + interval '3 days' END
    FROM generate_series(1, :open) n
"""


async def many(town: Town, who: Agent, unit: str, *, open_: int, reached: int) -> None:
    contact = (await town.ticket(category="noise", state="closed")).contact_id
    values = {"unit": unit, "contact": contact, "agent": who.id, "open": open_, "reached": reached}
    await town.session.execute(text(MANY), values)


async def statements(town: Town, act: Callable[[], Any]) -> int:
    """How many statements something takes."""
    connection = await town.session.connection()
    counted: list[str] = []

    def count(*arguments: Any) -> None:
        counted.append(arguments[2])

    event.listen(connection.sync_connection, "before_cursor_execute", count)
    await act()
    await town.session.flush()
    event.remove(connection.sync_connection, "before_cursor_execute", count)
    return len(counted)


async def test_the_number_of_statements_does_not_grow_with_the_tickets(town: Town) -> None:
    unit = town.office.unit_for("information_request", None)
    ana, _ = await agent(town.session, "agent", unit), await head(town, unit)

    async def act() -> None:
        await remind_some(town.session, town.settings, town.office)

    await many(town, ana, unit, open_=3000, reached=0)
    assert await statements(town, act) == 1, "nothing is reached: one look at an index"
    await many(town, ana, unit, open_=1, reached=1)
    few = await statements(town, act)
    await many(town, ana, unit, open_=400, reached=400)
    assert await statements(town, act) == few <= 10
    query = select(Notice.account_id).where(Notice.kind == "overdue")
    assert len((await town.session.scalars(query)).all()) >= 401 * 2


async def test_more_than_a_batch_is_told_batch_by_batch(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    unit = town.office.unit_for("information_request", None)
    ana = await agent(town.session, "agent", unit)
    monkeypatch.setattr(reminders, "BATCH", 7)
    await many(town, ana, unit, open_=20, reached=20)
    assert await again(town) == 20
    assert await again(town) == 0


async def test_the_terms_of_all_open_tickets_are_counted_anew_in_few_statements(town: Town) -> None:
    unit = town.office.unit_for("information_request", None)
    ana = await agent(town.session, "agent", unit)
    await many(town, ana, unit, open_=300, reached=0)

    async def act() -> None:
        await terms.recompute(town.session, town.settings, town.office)

    assert await statements(town, act) <= 8


async def test_the_look_at_what_is_reached_reads_an_index(town: Town) -> None:
    unit = town.office.unit_for("information_request", None)
    await many(town, await agent(town.session), unit, open_=3000, reached=5)
    await town.session.execute(text("ANALYZE ticket"))
    lines = await town.session.scalars(
        text(
            "EXPLAIN SELECT id FROM ticket WHERE office_id = 'timisoara' AND state <> 'closed' "
            "AND next_reminder_at <= now() ORDER BY next_reminder_at, id LIMIT 500"
        )
    )
    assert any("ix_ticket_reminder" in line for line in lines)


async def test_ids_of_notices_belong_to_the_line_of_the_history(town: Town) -> None:
    unit = town.office.unit_for("information_request", None)
    ana = await agent(town.session, "agent", unit)
    made: list[UUID] = [(await asked(town, 40, assignee_id=ana.id)).id for _ in range(3)]
    await again(town)
    for ticket_id in made:
        told_of = await town.session.scalar(select(Notice.event).where(Notice.ticket_id == ticket_id))
        assert told_of is not None
        line = await repository.event(town.session, ticket_id, told_of)
        assert line is not None
        assert line.content == {"kind": "overdue"}
