"""Sign-ins that end, presence, and forgetting."""

from datetime import timedelta
from types import SimpleNamespace
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from backend.accounts import service
from backend.accounts.errors import SignedOutError
from backend.accounts.models import SignIn, SignInTry
from backend.accounts.schemas import PERMISSIONS, Agent
from backend.accounts.tasks import purge_sign_ins
from backend.core.database import make_sessions, utcnow
from backend.core.secrets import token_digest
from backend.core.settings import Settings
from backend.offices.schemas import Office
from tests.backend.accounts.factories import account

OFFICE = "timisoara"


@pytest.mark.parametrize("token", ["", "guessed", "x" * 10_000, "\x00", "ș"])
async def test_a_token_nobody_was_given_is_nobodys(session: AsyncSession, settings: Settings, token: str) -> None:
    with pytest.raises(SignedOutError):
        await service.signed_in(session, settings, token)


async def test_the_digest_of_a_token_is_no_token(session: AsyncSession, settings: Settings) -> None:
    token = await service.open_sign_in(session, await account(session))
    assert (await service.signed_in(session, settings, token)).csrf
    with pytest.raises(SignedOutError):
        await service.signed_in(session, settings, token_digest(token))


async def test_the_key_of_a_browser_tells_neither_token_nor_digest(session: AsyncSession, settings: Settings) -> None:
    token = await service.open_sign_in(session, await account(session), browser="Firefox, Linux")
    who = await service.signed_in(session, settings, token)
    [browser] = await service.browsers(session, settings, who)
    assert (browser.name, browser.here) == ("Firefox, Linux", True)
    assert browser.key not in token
    assert browser.key not in token_digest(token)


async def test_browsers_whose_time_is_over_are_not_listed(session: AsyncSession, settings: Settings) -> None:
    mine = await account(session)
    tokens = [await service.open_sign_in(session, mine) for _ in range(2)]
    who = await service.signed_in(session, settings, tokens[0])
    old = await session.get_one(SignIn, token_digest(tokens[1]))
    old.seen_at = utcnow() - timedelta(hours=3)
    await session.flush()
    assert len(await service.browsers(session, settings, who)) == 1


async def there(session: AsyncSession, account_id: UUID) -> tuple[bool, bool]:
    [found] = [one for one in await service.colleagues(session, OFFICE) if one.agent.id == account_id]
    return found.present, found.available


async def test_who_is_there(session: AsyncSession) -> None:
    mine = await account(session)
    assert await there(session, mine.id) == (False, False)
    await service.be_present(session, mine.id)
    assert await there(session, mine.id) == (True, True)
    await service.be_present(session, mine.id, available=False)
    await service.be_present(session, mine.id)
    assert await there(session, mine.id) == (True, False), "a sign of life changes no choice"
    await service.be_present(session, mine.id, available=True)
    assert mine.id not in await service.absent(session, OFFICE, 60)
    long_ago = text("UPDATE presence SET seen_at = now() - interval '2 minutes' WHERE account_id = :id")
    await session.execute(long_ago, {"id": mine.id})
    assert await there(session, mine.id) == (False, False)
    assert mine.id in await service.absent(session, OFFICE, 60)


async def test_who_signs_out_takes_no_chats(session: AsyncSession, settings: Settings) -> None:
    mine = await account(session)
    token = await service.open_sign_in(session, mine)
    await service.be_present(session, mine.id, available=True)
    await service.sign_out(session, await service.signed_in(session, settings, token))
    assert await there(session, mine.id) == (True, False)


async def test_the_disabled_are_no_colleagues(session: AsyncSession) -> None:
    mine = await account(session, disabled_at=utcnow())
    assert mine.id not in [one.agent.id for one in await service.colleagues(session, OFFICE)]


AGES = {"new": (0, 0), "idle": (1, 125), "old": (725, 0)}
"""Minutes since a sign-in began and since it was used."""


async def test_what_is_over_is_forgotten(engine: AsyncEngine, settings: Settings, own_office: Office) -> None:
    sessions = make_sessions(engine)
    tries = {"recent": 10, "old": 730}
    async with sessions() as session, session.begin():
        mine = await account(session, office_id=own_office.profile.id)
        for name, (began, used) in AGES.items():
            one = SignIn(digest=f"{mine.id}{name}", account_id=mine.id, csrf="", factor_due=False)
            one.created_at = utcnow() - timedelta(minutes=max(began, used))
            one.seen_at = utcnow() - timedelta(minutes=used)
            session.add(one)
        for name, minutes in tries.items():
            at = utcnow() - timedelta(minutes=minutes)
            session.add(SignInTry(login=f"{mine.id}", address=f"{mine.id}{name}", at=at))
    context = SimpleNamespace(additional_context={"sessions": sessions, "settings": settings})
    for _ in range(2):  # again, it does no harm
        await purge_sign_ins.func(context, 0)
    async with sessions() as session, session.begin():
        kept = list(await session.scalars(select(SignIn.digest).where(SignIn.account_id == mine.id)))
        counted = list(await session.scalars(select(SignInTry.address).where(SignInTry.login == f"{mine.id}")))
        await session.execute(text("DELETE FROM sign_in_try WHERE login = :id"), {"id": f"{mine.id}"})
    assert kept == [f"{mine.id}new"]
    assert counted == [f"{mine.id}recent"]


def agent(role: str, *units: str) -> Agent:
    return Agent(id=UUID(int=1), office_id=OFFICE, name="Ana", role=role, units=units)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("who", "sees", "restricted"),
    [
        (agent("reader"), True, False),
        (agent("reader", "roads"), True, False),
        (agent("reader", "parks"), False, False),
        (agent("agent"), True, False),
        (agent("agent", "roads"), True, True),
        (agent("agent", "parks"), False, False),
        (agent("supervisor", "parks"), True, False),
        (agent("supervisor", "roads"), True, True),
        (agent("administrator", "roads"), True, False),
    ],
)
def test_units_and_restricted_matters(who: Agent, sees: bool, restricted: bool) -> None:
    assert (who.sees_unit("roads"), who.sees_restricted("roads")) == (sees, restricted)


def test_no_role_does_everything() -> None:
    everything = frozenset[str]().union(*PERMISSIONS.values())
    assert all(permissions < everything for permissions in PERMISSIONS.values())
    assert "chat" not in PERMISSIONS["administrator"]
