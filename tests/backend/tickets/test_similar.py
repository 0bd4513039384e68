"""Open tickets that may be about the same thing."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, strategies as st

from backend.core.database import utcnow
from backend.tickets.similar import metres, same_place, similar
from tests.backend.tickets.factories import Town, agent

HERE = {"latitude": 45.7537, "longitude": 21.2257}
POSITIONS = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"place": "Strada Mărășești 4"}, {"place": "str. marasesti nr 6"}, True),
        ({"place": "Strada Mărășești 4"}, {"place": "улица Марашешти"}, True),
        ({"place": "Strada Mărășești 4"}, {"place": "Strada Mărășești 140"}, False),
        ({"place": "Strada Mărășești 4"}, {"place": "Strada Lungă 4"}, False),
        ({"place": "Strada 4"}, {"place": "Strada 4"}, False),
        ({"place": "Piața Unirii"}, {"place": "Piața Victoriei"}, False),
        (HERE, {"latitude": 45.7550, "longitude": 21.2257}, True),
        (HERE, {"latitude": 45.7560, "longitude": 21.2257}, False),
        ({**HERE, "place": "Piața Unirii"}, {"latitude": 45.9, "longitude": 21.2, "place": "Piața Unirii"}, False),
        ({**HERE, "place": "Piața Unirii"}, {"place": "piata unirii"}, True),
        ({"description": "The lamp is broken since Monday"}, {"description": "lamp BROKEN near the school"}, True),
        ({"description": "The lamp is broken"}, {"description": "It is very dark"}, False),
        ({"description": "a b c"}, {"description": "a b c"}, False),
        ({"place": "Piața Unirii"}, {"place": None, "description": "Loud music each night"}, True),
    ],
)
async def test_near_is_near_in_place_or_alike_in_words(
    town: Town, one: dict[str, Any], other: dict[str, Any], same: bool
) -> None:
    who = await agent(town.session)
    ticket, candidate = await town.ticket(**one), await town.ticket(**other)
    for this, that in ((ticket, candidate), (candidate, ticket)):
        assert (that.id in [near.id for near in await similar(town.session, who, this)]) is same


@pytest.mark.parametrize(
    "different", [{"category": "pests"}, {"state": "closed"}, {"created_at": utcnow() - timedelta(days=400)}]
)
async def test_only_open_ones_of_the_category_and_of_this_year_count(town: Town, different: dict[str, Any]) -> None:
    who, ticket = await agent(town.session), await town.ticket(**HERE)
    candidate = await town.ticket(**HERE, **different)
    assert candidate.id not in [near.id for near in await similar(town.session, who, ticket)]


async def test_the_newest_comes_first_with_its_distance(town: Town) -> None:
    who, now = await agent(town.session), utcnow()
    ticket = await town.ticket(**HERE, category="smoke_air")
    old = await town.ticket(**HERE, category="smoke_air", created_at=now - timedelta(days=2))
    north = {"latitude": 45.7546, "longitude": 21.2257}
    new = await town.ticket(**north, category="smoke_air", created_at=now - timedelta(days=1))
    found = await similar(town.session, who, ticket)
    assert [(near.id, near.metres) for near in found if near.id in (old.id, new.id)] == [(new.id, 100), (old.id, 0)]


async def test_what_the_agent_may_not_see_is_not_named(town: Town) -> None:
    ticket, other = [await town.ticket(category="staff_conduct", **HERE) for _ in range(2)]
    named, blind = await agent(town.session, "agent", "ethics"), await agent(town.session, "supervisor")
    assert other.id in [near.id for near in await similar(town.session, named, ticket)]
    assert await similar(town.session, blind, ticket) == []


@given(POSITIONS, POSITIONS)
def test_a_way_is_as_long_back_as_there_and_never_longer_than_half_the_earth(
    one: tuple[float, float], other: tuple[float, float]
) -> None:
    way = metres(one, other)
    assert way == metres(other, one)
    assert way is not None
    assert 0 <= way <= 20_015_100
    assert metres(one, one) == 0
    assert metres(one, None) is None


@given(st.text(), st.text())
def test_any_two_texts_can_be_compared_as_places(one: str, other: str) -> None:
    assert same_place(one, other) is same_place(other, one)
