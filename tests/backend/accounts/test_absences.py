"""Absences: who may note them, which are refused, and what they change."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from backend.accounts import absences, administration, service
from backend.accounts.errors import AbsenceInvalidError, AccountInvalidError, AccountUnknownError
from backend.accounts.models import Absence, Account
from backend.accounts.schemas import Agent
from backend.accounts.service import agent_of
from backend.core.database import utcnow
from backend.core.errors import NotAllowedError
from backend.offices.schemas import Office
from tests.backend.accounts.factories import account

DAY = timedelta(days=1)


def today(office: Office) -> date:
    return utcnow().astimezone(office.profile.zone).date()


async def away(session: AsyncSession, office: Office, of: Account, days: tuple[int, int], **more: Any) -> Any:
    first, last = (today(office) + number * DAY for number in days)
    return await absences.add(session, office, agent_of(of), of.id, first, last, more.get("stand_in"))


async def test_an_absence_lasts_whole_days_of_the_office(session: AsyncSession, office: Office) -> None:
    ana = await account(session)
    noted = await away(session, office, ana, (0, 4))
    zone = office.profile.zone
    assert absences.days_of(office, noted) == (today(office), today(office) + 4 * DAY)
    assert noted.begins_at == datetime.combine(today(office), datetime.min.time(), zone)
    assert noted.ends_at == datetime.combine(today(office) + 5 * DAY, datetime.min.time(), zone)
    assert await absences.is_away(session, ana.id)
    assert list(await absences.coming(session, [ana.id])) == [ana.id]


async def test_who_is_away_takes_no_chats_and_is_shown_as_away(session: AsyncSession, office: Office) -> None:
    ana, ion = await account(session), await account(session, name="Ion")
    for one in (ana, ion):
        await service.be_present(session, one.id, available=True)
    await away(session, office, ana, (0, 0), stand_in=ion.id)
    team = {one.agent.id: one for one in await service.colleagues(session, "timisoara")}
    assert (team[ana.id].available, team[ion.id].available) == (False, True)
    found = team[ana.id].away
    assert found is not None
    assert found.stand_in == ion.id
    assert team[ion.id].away is None
    assert await absences.stands_in(session, ion.id, ana.id)
    assert not await absences.stands_in(session, ana.id, ion.id)


async def test_what_comes_later_changes_nothing_yet(session: AsyncSession, office: Office) -> None:
    ana = await account(session)
    await away(session, office, ana, (1, 9))
    assert not await absences.is_away(session, ana.id)
    [mine] = [one for one in await service.colleagues(session, "timisoara") if one.agent.id == ana.id]
    assert mine.away is None


@pytest.mark.parametrize(
    ("days", "field"),
    [((2, 1), "days"), ((-9, -1), "days"), ((0, 5000), "days"), ((4, 6), "days"), ((6, 9), None)],
)
async def test_days_that_are_no_absence(
    session: AsyncSession, office: Office, days: tuple[int, int], field: str | None
) -> None:
    ana = await account(session)
    await away(session, office, ana, (1, 5))
    if field is None:
        assert await away(session, office, ana, days)
        return
    with pytest.raises(AbsenceInvalidError) as refused:
        await away(session, office, ana, days)
    assert refused.value.values["field"] == field


@pytest.mark.parametrize(
    ("other", "fits"),
    [
        ({"units": ["roads"]}, True),
        ({"units": []}, True),
        ({"units": ["water", "roads"]}, True),
        ({"units": ["water"]}, False),
        ({"units": ["roads"], "role": "reader"}, False),
        ({"units": ["roads"], "disabled_at": utcnow()}, False),
        ({"units": ["roads"], "office_id": "ankara"}, False),
    ],
)
async def test_who_can_stand_in(session: AsyncSession, office: Office, other: dict[str, Any], fits: bool) -> None:
    ana = await account(session, units=["roads"])
    ion = await account(session, other.pop("role", "agent"), **other)
    assert (ion.id in [one.id for one in await absences.stand_ins(session, ana.id)]) is fits
    if fits:
        assert (await away(session, office, ana, (1, 2), stand_in=ion.id)).stand_in == ion.id
        return
    with pytest.raises(AbsenceInvalidError) as refused:
        await away(session, office, ana, (1, 2), stand_in=ion.id)
    assert refused.value.values["field"] == "stand_in"


async def test_nobody_stands_in_who_is_away_as_well_or_for_themselves(session: AsyncSession, office: Office) -> None:
    ana, ion = await account(session), await account(session)
    await away(session, office, ion, (3, 4))
    for stand_in in (ion.id, ana.id):
        with pytest.raises(AbsenceInvalidError):
            await away(session, office, ana, (4, 5), stand_in=stand_in)


async def test_only_oneself_or_an_administrator(session: AsyncSession, office: Office) -> None:
    ana, chief, boss = (
        await account(session),
        await account(session, "supervisor"),
        await account(session, "administrator"),
    )
    first = today(office) + DAY
    with pytest.raises(NotAllowedError):
        await absences.add(session, office, agent_of(chief), ana.id, first, first, None)
    noted = await absences.add(session, office, agent_of(boss), ana.id, first, first, None)
    with pytest.raises(NotAllowedError):
        await absences.end(session, office, agent_of(chief), noted.id)
    stranger = await account(session, office_id="ankara")
    with pytest.raises(AccountUnknownError):
        await absences.add(session, office, agent_of(boss), stranger.id, first, first, None)


async def test_who_comes_back_early_is_there_at_once(session: AsyncSession, office: Office) -> None:
    ana = await account(session)
    lasting, coming = await away(session, office, ana, (0, 3)), await away(session, office, ana, (7, 8))
    me = agent_of(ana)
    assert await absences.end(session, office, me, lasting.id) == ana.id
    assert not await absences.is_away(session, ana.id)
    assert (await session.get_one(Absence, lasting.id)).ends_at <= utcnow()
    assert await absences.end(session, office, me, coming.id) == ana.id
    assert await session.get(Absence, coming.id) is None
    assert await absences.end(session, office, me, lasting.id) is None


@pytest.mark.parametrize(
    ("role", "units", "heads", "right"),
    [
        ("agent", ["roads"], ["roads"], True),
        ("supervisor", [], ["roads", "water"], True),
        ("agent", ["roads"], ["water"], False),
        ("agent", [], ["nowhere"], False),
        ("reader", ["roads"], ["roads"], False),
        ("administrator", [], ["roads"], False),
    ],
)
async def test_heads_are_of_units_they_work_for(
    session: AsyncSession, office: Office, role: str, units: list[str], heads: list[str], right: bool
) -> None:
    values: dict[str, Any] = {"name": "Ana", "role": role, "units": units, "languages": [], "heads": heads}
    if right:
        made, _ = await administration.add_account(session, office, login=f"x{heads}@example.org", **values)
        found: Agent = agent_of(made)
        assert list(found.heads) == heads
        await administration.change_account(session, office, made.id, **{**values, "heads": []}, capacity=5)
        assert agent_of(made).heads == ()
        return
    with pytest.raises(AccountInvalidError) as refused:
        await administration.add_account(session, office, login="x@example.org", **values)
    assert refused.value.values["field"] == "heads"
