"""Who hears of a ticket: never who is away while somebody else can, never who may not see it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given, strategies as st

from backend.accounts.schemas import Agent, Away, Candidate, Colleague, Role
from backend.tickets.assignment import chosen
from backend.tickets.models import Ticket
from backend.tickets.recipients import Team, fits
from backend.tickets.repository import WEIGHTS

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
UNITS = ("roads", "water")
ROLES: tuple[Role, ...] = ("reader", "agent", "supervisor", "administrator")


def person(name: str, role: Role = "agent", *units: str, **more: Any) -> Agent:
    return Agent(id=uuid4(), office_id="timisoara", name=name, role=role, units=units, **more)


def colleague(of: Agent, *, away: bool = False, stand_in: UUID | None = None) -> Colleague:
    absence = Away(uuid4(), of.id, NOW, NOW + timedelta(days=9), stand_in) if away else None
    return Colleague(of, capacity=5, present=not away, available=not away, away=absence)


def ticket(assignee: UUID | None = None, unit: str = "roads", priority: str = "normal") -> Ticket:
    return Ticket(office_id="timisoara", unit=unit, priority=priority, assignee_id=assignee, duplicate_of=None)


ANA, ION, MARIA = person("Ana", "agent", "roads"), person("Ion", "agent", "roads"), person("Maria", "agent", "water")
DAN = person("Dan", "agent", "roads", heads=("roads",))
EVA, OMER = person("Eva", "supervisor"), person("Ömer", "supervisor", "roads")
READER = person("Radu", "reader", "roads")


@pytest.mark.parametrize(
    ("team", "of", "reminded", "answerable"),
    [
        ([ANA, DAN, EVA], ANA, ["Ana"], ["Ana", "Dan"]),
        ([ANA, DAN, EVA], None, ["Dan"], ["Dan"]),
        ([ANA, EVA], None, ["Eva"], ["Eva"]),
        ([ANA, EVA, OMER], ANA, ["Ana"], ["Ana", "Eva", "Ömer"]),
        ([(ANA, None), DAN, EVA], ANA, ["Dan"], ["Dan"]),
        ([(ANA, ION), ION, DAN], ANA, ["Ion"], ["Ion", "Dan"]),
        ([(ANA, ION), (ION, None), DAN], ANA, ["Dan"], ["Dan"]),
        ([(ANA, MARIA), MARIA, DAN], ANA, ["Dan"], ["Dan"]),
        ([(ANA, None), (DAN, ION), ION, EVA], ANA, ["Ion"], ["Ion"]),
        ([(ANA, None), (DAN, None), EVA], ANA, ["Eva"], ["Eva"]),
        ([(ANA, None), (EVA, None)], ANA, ["Eva"], ["Eva"]),
        ([DAN, EVA], ANA, ["Dan"], ["Dan"]),
        ([DAN], DAN, ["Dan"], ["Dan"]),
        ([READER], None, [], []),
    ],
)
def test_who_is_reminded_and_who_hears_that_it_is_over(
    team: list[Any], of: Agent | None, reminded: list[str], answerable: list[str]
) -> None:
    everybody = Team([_member(one) for one in team])
    wanted = ticket(of.id if of else None)
    assert [one.name for one in everybody.reminded(wanted)] == reminded
    assert [one.name for one in everybody.answerable(wanted)] == answerable


def _member(one: Agent | tuple[Agent, Agent | None]) -> Colleague:
    if isinstance(one, Agent):
        return colleague(one)
    away, stand_in = one
    return colleague(away, away=True, stand_in=stand_in.id if stand_in else None)


def test_restricted_matters_are_told_only_to_who_is_named_for_the_unit() -> None:
    everybody = Team([colleague(one) for one in (ANA, MARIA, EVA, OMER)])
    secret = ticket(priority="restricted")
    assert [one.name for one in everybody.supervisors(secret)] == ["Ömer"]
    assert [one.name for one in everybody.reminded(secret)] == ["Ömer"]
    assert Team([colleague(EVA)]).reminded(secret) == []


people = st.builds(
    lambda role, units, heads, away: (role, tuple(units), tuple(heads), away),
    st.sampled_from(ROLES),
    st.sets(st.sampled_from(UNITS)),
    st.sets(st.sampled_from(UNITS)),
    st.booleans(),
)


@given(
    made=st.lists(people, max_size=7),
    stand_ins=st.lists(st.integers(0, 6), min_size=7, max_size=7),
    assignee=st.integers(-1, 6),
    unit=st.sampled_from(UNITS),
    priority=st.sampled_from(("normal", "restricted")),
)
def test_nobody_hears_of_what_they_may_not_see_nor_is_bothered_while_away(
    made: list[Any], stand_ins: list[int], assignee: int, unit: str, priority: str
) -> None:
    agents = [person(str(place), role, *units, heads=heads) for place, (role, units, heads, _) in enumerate(made)]
    members = []
    for one, (*_, away), place in zip(agents, made, stand_ins, strict=False):
        other = agents[place].id if place < len(agents) and agents[place] is not one else None
        members.append(colleague(one, away=away, stand_in=other))
    team = Team(members)
    wanted = ticket(agents[assignee].id if 0 <= assignee < len(agents) else None, unit, priority)
    away_ids = {one.agent.id for one in members if one.away}
    every = [team.working_on(wanted), team.in_charge(wanted), team.reminded(wanted), team.answerable(wanted)]
    for told in every:
        assert all(fits(one, wanted) for one in told)
        assert len({one.id for one in told}) == len(told)
        # Away and told all the same: only supervisors, and only when no supervisor is there.
        late = [one for one in told if one.id in away_ids]
        assert all(one.role == "supervisor" for one in late)
        assert not late or all(one in away_ids for one in (s.id for s in team.supervisors(wanted)))
    assert not {one.id for one in team.working_on(wanted)} & away_ids
    if any(one.role == "supervisor" and fits(one, wanted) for one in agents):
        assert team.reminded(wanted), "somebody hears of it"


candidates = st.lists(
    st.tuples(st.booleans(), st.sampled_from(((), ("en",), ("ro", "tr"))), st.booleans(), st.integers(0, 9)),
    min_size=1,
    max_size=6,
)


@given(made=candidates, count=st.integers(1, 40), language=st.sampled_from(("en", "ro", "mk")))
def test_tickets_of_equal_priority_are_spread_evenly(made: list[Any], count: int, language: str) -> None:
    everybody = [
        Candidate(person(str(place), "agent", *(("roads",) if named else ()), languages=spoken), there, None)
        for place, (named, spoken, there, _) in enumerate(made)
    ]
    loads: dict[UUID, int] = {}
    given_to: list[Candidate] = []
    for _ in range(count):
        one = chosen(everybody, loads, language)
        assert one is not None
        loads[one.agent.id] = loads.get(one.agent.id, 0) + WEIGHTS["normal"]
        given_to.append(one)
    named = [one for one in everybody if one.agent.units] or everybody
    fitting = [one for one in named if not one.agent.languages or language in one.agent.languages] or named
    assert set(given_to) <= set(fitting)
    shares = [loads.get(one.agent.id, 0) // WEIGHTS["normal"] for one in fitting]
    assert max(shares) - min(shares) <= 1


@given(made=candidates, data=st.data())
def test_the_choice_is_the_same_in_any_order_and_takes_the_least_load(made: list[Any], data: st.DataObject) -> None:
    everybody = [
        Candidate(person(str(place), "agent", "roads"), there, NOW - timedelta(days=days))
        for place, (_, _, there, days) in enumerate(made)
    ]
    loads = {one.agent.id: data.draw(st.integers(0, 3)) for one in everybody}
    one = chosen(everybody, loads, "en")
    assert one == chosen(list(reversed(everybody)), loads, "en")
    assert one is not None
    least = [other for other in everybody if loads[other.agent.id] == min(loads.values())]
    there = [other for other in least if other.present] or least
    assert one in there
    assert one.assigned_at == min(other.assigned_at for other in there if other.assigned_at)


def test_nobody_gets_it_when_nobody_could() -> None:
    assert chosen([], {}, "en") is None
