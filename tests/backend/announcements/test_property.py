"""Whatever people do before and while an announcement is sent: who does not want it never gets it, others get one."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from hypothesis import HealthCheck, given, settings, strategies as st

from backend.announcements import delivery
from tests.backend.announcements.factories import Town, own_office

AREAS = ("Fabric", "Mehala")
DEEDS = ("stops", "unsubscribes", "held", "talks", "nothing")


@dataclass(frozen=True)
class One:
    """Somebody, and what they do before the release and after it."""

    channel: str
    areas: tuple[str | None, ...]
    """Where they are subscribed; nowhere is a way not to be."""
    before: str
    after: str


PERSON = st.builds(
    One,
    channel=st.sampled_from(["sms", "telegram", "web", "whatsapp"]),
    areas=st.sampled_from([(), (None,), ("Fabric",), ("Mehala",), AREAS, (None, "Fabric")]),
    before=st.sampled_from(DEEDS),
    after=st.sampled_from(DEEDS),
)


async def does(town: Town, mine: UUID, deed: str) -> None:
    if deed == "stops":
        await town.stops(mine)
    if deed == "unsubscribes":
        await town.unsubscribes(mine)
    if deed == "talks":
        await town.heard(mine, timedelta())
    if deed == "held":
        await town.run("UPDATE conversation SET holder = 'agent' WHERE id = :id", id=mine)


def wants(one: One, areas: tuple[str, ...], emergency: bool) -> bool:
    """Whether they are to have it, and have it already after one round."""
    deeds = {one.before, one.after}
    stopped = "stops" in deeds and one.channel != "web"
    here = bool(one.areas) and (not areas or None in one.areas or bool(set(areas) & set(one.areas)))
    busy = bool(deeds & {"held", "talks"}) and not emergency
    return here and not stopped and "unsubscribes" not in deeds and not busy


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    people=st.lists(PERSON, min_size=1, max_size=6),
    areas=st.sampled_from([(), ("Fabric",), AREAS]),
    emergency=st.booleans(),
)
async def test_who_does_not_want_it_never_gets_it(
    town: Town, people: list[One], areas: tuple[str, ...], emergency: bool
) -> None:
    own = Town(town.sessions, town.settings, own_office(town.office))
    ids = [await own.person(one.channel, areas=one.areas) for one in people]
    for mine, one in zip(ids, people, strict=True):
        await does(own, mine, one.before)
    await own.released(areas=areas, emergency=emergency)
    async with own.sessions() as session, session.begin():
        await delivery.begin(session, own.desk)
    for mine, one in zip(ids, people, strict=True):
        await does(own, mine, one.after)
    for _ in range(2):
        await own.deliver()
        await own.time_passes()
    got = [len(await own.said(mine)) for mine in ids]
    assert got == [int(wants(one, areas, emergency)) for one in people]
