"""The desk's list: who sees what, filters, search, order, pages, counts, and that indexes carry it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, get_args
from uuid import uuid4

import pytest
from pydantic import ValidationError
from sqlalchemy import select, text

from backend.accounts.schemas import Agent, Role
from backend.contacts.service import new_sender, remember_name
from backend.core.database import utcnow
from backend.tickets import desk
from backend.tickets.errors import TicketNotFoundError
from backend.tickets.listing import SORTS, VIEWS, Wanted, counting, counts, listing, tickets
from backend.tickets.models import Ticket
from backend.tickets.schemas import Change
from tests.backend.tickets.factories import Town, agent

UNITS = ((), ("enforcement",), ("ethics",), ("enforcement", "ethics"), ("roads",))
MATTERS = {"noise": "enforcement", "staff_conduct": "ethics", "pothole_road": "roads"}
SEES: dict[tuple[str, tuple[str, ...]], set[str]] = {
    ("reader", ()): {"noise", "pothole_road"},
    ("reader", ("enforcement",)): {"noise"},
    ("reader", ("ethics",)): set(),
    ("reader", ("enforcement", "ethics")): {"noise"},
    ("reader", ("roads",)): {"pothole_road"},
    ("agent", ()): {"noise", "pothole_road"},
    ("agent", ("enforcement",)): {"noise"},
    ("agent", ("ethics",)): {"staff_conduct"},
    ("agent", ("enforcement", "ethics")): {"noise", "staff_conduct"},
    ("agent", ("roads",)): {"pothole_road"},
    ("supervisor", ()): {"noise", "pothole_road"},
    ("supervisor", ("enforcement",)): {"noise", "pothole_road"},
    ("supervisor", ("ethics",)): {"noise", "pothole_road", "staff_conduct"},
    ("supervisor", ("enforcement", "ethics")): {"noise", "pothole_road", "staff_conduct"},
    ("supervisor", ("roads",)): {"noise", "pothole_road"},
    ("administrator", ()): {"noise", "pothole_road"},
    ("administrator", ("enforcement",)): {"noise", "pothole_road"},
    ("administrator", ("ethics",)): {"noise", "pothole_road"},
    ("administrator", ("enforcement", "ethics")): {"noise", "pothole_road"},
    ("administrator", ("roads",)): {"noise", "pothole_road"},
}
"""Categories that agents of a role and units see. Restricted ones: only who works on them and is named for the unit."""


async def listed(town: Town, who: Agent, of: list[Ticket], **wanted: Any) -> list[Ticket]:
    """Which of some tickets a list shows, in its order."""
    found = await tickets(town.session, town.office, who, Wanted(**wanted), limit=10_000)
    by_id = {ticket.id: ticket for ticket in of}
    return [by_id[row.id] for row in found.tickets if row.id in by_id]


def test_the_table_has_every_role_and_every_set_of_units() -> None:
    assert SEES.keys() == {(role, units) for role in get_args(Role) for units in UNITS}


@pytest.mark.parametrize(("role", "units"), SEES)
async def test_agents_see_what_their_role_and_units_allow_and_nothing_else(
    town: Town, role: Any, units: tuple[str, ...]
) -> None:
    who = await agent(town.session, role, *units)
    before = await counts(town.session, who)
    there = [await town.ticket(category=category) for category in MATTERS]
    visible = [ticket for ticket in there if ticket.category in SEES[role, units]]
    assert set(await listed(town, who, there)) == set(visible)
    assert (await counts(town.session, who))["open"] - before["open"] == len(visible)
    for ticket in there:
        allowed = who.sees_restricted(ticket.unit) if ticket.restricted else who.sees_unit(ticket.unit)
        assert allowed is (ticket in visible)
        assert bool(await listed(town, who, there, text=ticket.reference)) is allowed
        if allowed:
            assert await desk.visible(town.session, who, ticket.id) is ticket
        else:
            with pytest.raises(TicketNotFoundError):
                await desk.visible(town.session, who, ticket.id)


async def test_another_offices_tickets_are_not_there(town: Town) -> None:
    who, ticket = await agent(town.session), await town.ticket()
    ticket.office_id = "ankara"
    await town.session.flush()
    assert await listed(town, who, [ticket]) == []


async def test_views_and_their_counts(town: Town) -> None:
    who, now = await agent(town.session), utcnow()
    before = await counts(town.session, who)
    made = {
        "plain": await town.ticket(),
        "mine": await town.ticket(assignee_id=who.id, due_at=now - timedelta(hours=1)),
        "late": await town.ticket(due_at=now - timedelta(days=9), escalated_at=now),
        "soon": await town.ticket(due_at=now + timedelta(days=2)),
        "later": await town.ticket(due_at=now + timedelta(days=4), state="waiting"),
        "closed": await town.ticket(assignee_id=who.id, due_at=now - timedelta(days=9), state="closed"),
    }
    expected = {
        "mine": {"mine"},
        "unassigned": {"plain", "late", "soon", "later"},
        "open": {"plain", "mine", "late", "soon", "later"},
        "overdue": {"mine", "late"},
        "escalated": {"late"},
        "due_soon": {"soon"},
        "waiting": {"later"},
        "all": set(made),
    }
    after = await counts(town.session, who)
    assert set(expected) == set(VIEWS)
    for view, names in expected.items():
        found = await listed(town, who, list(made.values()), view=view)
        assert {name for name, ticket in made.items() if ticket in found} == names, view
        if view != "all":
            assert after[view] - before[view] == len(names), view


async def test_filters_narrow(town: Town) -> None:
    who, other = await agent(town.session), await town.ticket()
    one = await town.ticket(
        category="pothole_road", kind="service_request", language="mk", channel="phone", state="in_progress",
        due_at=utcnow() + timedelta(days=5), created_at=datetime(2026, 3, 29, 22, 30, tzinfo=UTC),
    )  # fmt: skip
    for wanted in (
        {"category": "pothole_road"},
        {"unit": "roads"},
        {"kind": "service_request"},
        {"language": "mk"},
        {"channel": "phone"},
        {"state": "in_progress"},
        {"due_within": 6},
        {"created_from": date(2026, 3, 30), "created_to": date(2026, 3, 30)},
    ):
        assert await listed(town, who, [one, other], **wanted) == [one], wanted
    for wanted in ({"due_within": 4}, {"created_to": date(2026, 3, 29)}, {"unit": "roads", "language": "tr"}):
        assert await listed(town, who, [one, other], **wanted) == [], wanted


@pytest.mark.parametrize("words", ["gură", "GURA canal", "strada marasesti", "Марашешти", "mărăș", "maria", "Pop mara"])
async def test_words_are_found_in_description_place_and_name_however_typed(town: Town, words: str) -> None:
    who, other = await agent(town.session), await town.ticket()
    one = await town.ticket(description="O gură de canal fără capac", place="Strada Mărășești 4")
    await remember_name(town.session, one.contact_id, "Maria Pop")
    assert await listed(town, who, [one, other], text=words) == [one]


@pytest.mark.parametrize("words", ["gura maria lipsa", "%", "' OR 1=1 --", ":*", "& | !", "()<->", "\\"])
async def test_words_that_are_not_there_or_are_signs_of_the_search_find_nothing_wrong(town: Town, words: str) -> None:
    who, one = await agent(town.session), await town.ticket(description="O gură de canal")
    found = await listed(town, who, [one], text=words)
    assert found == ([] if any(sign.isalnum() for sign in words) else [one])


async def test_a_reference_or_a_number_finds_its_ticket_alone(town: Town) -> None:
    who, other = await agent(town.session), await town.ticket()
    one = await town.ticket()
    contact = await new_sender(town.session, "timisoara", "sms", "+40721555911", None)
    assert contact is not None
    one.contact_id = contact
    await town.session.flush()
    for words in (one.reference, one.reference.lower().replace("-", ""), "0721 555 911", "+40721555911"):
        assert await listed(town, who, [one, other], text=words) == [one], words
    assert await listed(town, who, [one, other], text="0721 555 912") == []


async def test_what_is_changed_is_found_by_its_new_words_only(town: Town) -> None:
    who, one = await agent(town.session), await town.ticket(description="Loud music")
    await desk.change(
        town.session, town.settings, town.office, who, await town.seen(one), Change(description="Barking dogs")
    )
    assert await listed(town, who, [one], text="barking") == [one]
    assert await listed(town, who, [one], text="music") == []


@pytest.mark.parametrize("sort", SORTS)
async def test_pages_follow_each_other_without_gap_or_repetition(town: Town, sort: Any) -> None:
    who, start = await agent(town.session, "agent", "roads"), datetime(2026, 5, 1, tzinfo=UTC)
    made = []
    for number in range(11):
        at = start + timedelta(minutes=number // 3)
        due = None if number % 4 == 0 else start + timedelta(days=number % 3)
        made.append(await town.ticket(category="pothole_road", created_at=at, updated_at=at, due_at=due, language="mk"))
    town.session.expunge_all()
    wanted, rows = Wanted(sort=sort, language="mk", created_to=date(2026, 5, 2)), []
    while True:
        page = await tickets(town.session, town.office, who, wanted, limit=3)
        rows += page.tickets
        if page.after is None:
            break
        assert len(page.tickets) == 3
        wanted = wanted.model_copy(update={"after": page.after})
    ids = {ticket.id for ticket in made}
    assert sorted(row.id for row in rows if row.id in ids) == sorted(ids)
    assert len(rows) == len({row.id for row in rows})
    keys = {"newest": "created_at", "oldest": "created_at", "due": "due_at", "changed": "updated_at"}
    values = [(value is None, value) for value in (getattr(row, keys[sort]) for row in rows)]
    known = [value for missing, value in values if not missing]
    assert known == sorted(known, reverse=sort in ("newest", "changed"))
    assert [missing for missing, _ in values] == sorted(missing for missing, _ in values)


@pytest.mark.parametrize("cursor", ["x", "~", "2026-01-01T00:00:00+00:00~", "~not-an-id", "soon~" + "0" * 32])
async def test_a_cursor_that_cannot_be_read_begins_at_the_first_page(town: Town, cursor: str) -> None:
    who, one = await agent(town.session), await town.ticket()
    assert await listed(town, who, [one], after=cursor) == [one]


@pytest.mark.parametrize("wrong", [{"view": "hidden"}, {"sort": "luck"}, {"due_within": -1}, {"created_to": "soon"}])
def test_a_filter_of_another_form_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Wanted(**wrong)


MANY = """
    INSERT INTO ticket (id, office_id, reference, pin_digest, request_key, kind, category, unit, priority, state,
                        description, details, language, channel, contact_id, created_at, updated_at, due_at, words,
                        assignee_id)
    SELECT gen_random_uuid(), 'timisoara', 'MANY-' || n, '', 'many-' || n, 'complaint',
           (ARRAY['noise', 'pothole_road', 'water_leak', 'pests'])[1 + n % 4],
           (ARRAY['enforcement', 'roads', 'water', 'health'])[1 + n % 4], 'normal',
           CASE WHEN n % 20 = 0 THEN 'received' ELSE 'closed' END,
           'Matter ' || n, '{}', 'ro', 'web', :contact, at, at, at + interval '30 days',
           to_tsvector('simple', 'matter m' || n || ' w' || n % 5000),
           CASE WHEN n % 400 = 0 THEN CAST(:agent AS uuid) END
    FROM generate_series(1, 50000) n, LATERAL (SELECT now() - n * interval '7 minutes' AS at) moment
"""


async def test_a_list_of_fifty_out_of_fifty_thousand_reads_no_table_whole(town: Town) -> None:
    who, roads = await agent(town.session), await agent(town.session, "agent", "roads")
    contact = await new_sender(town.session, "timisoara", "sms", "+40721555919", "Maria")
    await town.session.execute(text(MANY), {"contact": contact, "agent": str(who.id)})
    await town.session.execute(text("ANALYZE ticket"))
    narrow: list[dict[str, Any]] = [
        *({"view": view} for view in VIEWS),
        *({"view": "all", "sort": sort} for sort in ("newest", "oldest", "changed")),
        {"view": "open", "sort": "due"},
        {"view": "all", "text": "w17"},
        {"view": "all", "text": "Maria 4711"},
        {"view": "all", "unit": "roads"},
        {"view": "open", "category": "pests"},
        {"view": "all", "after": f"{(utcnow() - timedelta(days=100)).isoformat()}~{uuid4()}"},
    ]
    for person in (who, roads):
        for wanted in narrow:
            query = (await listing(town.session, town.office, person, Wanted(**wanted))).limit(51)
            plan = await explained(town, query)
            assert "Seq Scan on ticket" not in plan, (wanted, plan)
        assert "Seq Scan on ticket" not in await explained(town, counting(person))
    assert "Seq Scan on ticket" in await explained(town, select(Ticket.id).where(Ticket.pin_digest == "x"))


async def explained(town: Town, query: Any) -> str:
    """The plan PostgreSQL chooses for a statement."""
    connection = await town.session.connection()
    statement = query.compile(dialect=connection.dialect, compile_kwargs={"render_postcompile": True})
    rows = await connection.exec_driver_sql(f"EXPLAIN {statement}", statement.construct_params(escape_names=False))
    return "\n".join(line for (line,) in rows)
