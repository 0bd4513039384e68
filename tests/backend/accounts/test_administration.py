"""Making and changing accounts: what stays true when two do it at once."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from backend.accounts import administration
from backend.accounts.errors import AccountExistsError, AccountInvalidError, AccountUnknownError, LastAdministratorError
from backend.accounts.models import Account
from backend.core.database import make_sessions
from backend.core.settings import Settings
from backend.offices.schemas import Office
from tests.backend.accounts.factories import account
from tests.backend.races import until_blocked

ANA = {"login": " Ana@Town.example ", "name": " Ana ", "role": "agent"}


async def test_a_new_account_has_a_password_to_change(session: AsyncSession, own_office: Office) -> None:
    made, password = await administration.add_account(session, own_office, **ANA, languages=["mk", "en"])
    assert (made.login, made.name, made.must_change, made.language) == ("ana@town.example", "Ana", True, "mk")
    assert len(password) >= 16
    assert password not in (made.password_digest or "")
    with pytest.raises(AccountExistsError):
        await administration.add_account(session, own_office, **{**ANA, "login": "ANA@town.EXAMPLE"})


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"login": ""}, "login"),
        ({"name": "\t"}, "name"),
        ({"role": "king"}, "role"),
        ({"units": ["moon"]}, "units"),
        ({"languages": ["de"]}, "languages"),
        ({"capacity": 0}, "capacity"),
    ],
)
async def test_what_cannot_be_is_named(
    session: AsyncSession, own_office: Office, changed: dict[str, Any], field: str
) -> None:
    with pytest.raises(AccountInvalidError) as refused:
        await administration.add_account(session, own_office, **{**ANA, **changed})
    assert refused.value.values == {"field": field}
    assert await administration.listed(session, own_office) == []


async def test_an_unknown_account_is_unknown(session: AsyncSession, own_office: Office, settings: Settings) -> None:
    for act in (
        administration.of_login(session, own_office, "nobody"),
        administration.of_id(session, own_office, uuid4()),
        administration.disable(session, own_office, uuid4()),
        administration.reset(session, settings, own_office, uuid4()),
    ):
        with pytest.raises(AccountUnknownError):
            await act


Act = Callable[[AsyncSession, Office, Account], Awaitable[object]]


async def disable(session: AsyncSession, office: Office, who: Account) -> object:
    return await administration.disable(session, office, who.id)


async def demote(session: AsyncSession, office: Office, who: Account) -> object:
    facts = {"name": who.name, "units": [], "languages": [], "capacity": 5}
    return await administration.change_account(session, office, who.id, role="reader", **facts)


async def administrators(engine: AsyncEngine, office: Office, count: int) -> list[Account]:
    async with make_sessions(engine)() as session, session.begin():
        return [await account(session, "administrator", office_id=office.profile.id) for _ in range(count)]


@pytest.mark.parametrize("first", [disable, demote])
@pytest.mark.parametrize("second", [disable, demote])
async def test_two_cannot_remove_each_other(engine: AsyncEngine, own_office: Office, first: Act, second: Act) -> None:
    ana, ben = await administrators(engine, own_office, 2)
    async with make_sessions(engine)() as one, make_sessions(engine)() as other:
        await first(one, own_office, ana)
        waiting = asyncio.create_task(second(other, own_office, ben))  # type: ignore[arg-type]
        await until_blocked(engine)
        await one.commit()
        with pytest.raises(LastAdministratorError):
            await waiting


async def test_many_at_once_leave_one(engine: AsyncEngine, own_office: Office) -> None:
    everybody = await administrators(engine, own_office, 5)

    async def try_to(who: Account) -> bool:
        try:
            async with make_sessions(engine)() as session, session.begin():
                await disable(session, own_office, who)
        except LastAdministratorError:
            return False
        return True

    assert sorted(await asyncio.gather(*map(try_to, everybody))) == [False, True, True, True, True]


async def test_a_disabled_administrator_counts_for_nothing(session: AsyncSession, own_office: Office) -> None:
    ana = await account(session, "administrator", office_id=own_office.profile.id)
    ben = await account(session, "administrator", office_id=own_office.profile.id)
    await disable(session, own_office, ben)
    await session.flush()
    with pytest.raises(LastAdministratorError):
        await disable(session, own_office, ana)
    await demote(session, own_office, ben)
    await administration.enable(session, own_office, ben.id)
    await session.flush()
    with pytest.raises(LastAdministratorError):
        await demote(session, own_office, ana)
