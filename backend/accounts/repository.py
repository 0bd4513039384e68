"""Reads and writes accounts, sign-ins and presence."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, true, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.accounts.models import Account, Presence, SignIn, SignInTry
from backend.core.database import utcnow


async def insert_account(session: AsyncSession, values: dict[str, Any]) -> Account | None:
    """Store an account; None when its sign-in name is taken."""
    made: Account | None = await session.scalar(
        insert(Account).values(**values).on_conflict_do_nothing().returning(Account)
    )
    return made


async def account(session: AsyncSession, account_id: UUID) -> Account | None:
    """An account by id, or None."""
    return await session.get(Account, account_id)


async def locked_account(session: AsyncSession, account_id: UUID) -> Account | None:
    """An account as it is now, kept from others until the commit; or None."""
    query = select(Account).where(Account.id == account_id).with_for_update()
    found: Account | None = await session.scalar(query.execution_options(populate_existing=True))
    return found


async def account_of_login(session: AsyncSession, office_id: str, login: str) -> Account | None:
    """An account by its sign-in name, or None."""
    found: Account | None = await session.scalar(
        select(Account).where(Account.office_id == office_id, Account.login == login)
    )
    return found


async def account_of_subject(session: AsyncSession, office_id: str, subject: str) -> Account | None:
    """An account by who it is at the identity provider, or None."""
    found: Account | None = await session.scalar(
        select(Account).where(Account.office_id == office_id, Account.subject == subject)
    )
    return found


async def accounts(session: AsyncSession, office_id: str) -> Sequence[Account]:
    """All accounts of an office, by name."""
    return (await session.scalars(select(Account).where(Account.office_id == office_id).order_by(Account.name))).all()


async def locked_administrators(session: AsyncSession, office_id: str) -> Sequence[UUID]:
    """Which administrators can sign in; they stay what they are until the commit."""
    query = select(Account.id).where(
        Account.office_id == office_id, Account.role == "administrator", Account.disabled_at.is_(None)
    )
    return (await session.scalars(query.order_by(Account.id).with_for_update())).all()


async def insert_sign_in(session: AsyncSession, sign_in: SignIn) -> None:
    """Store a new sign-in."""
    session.add(sign_in)
    await session.flush()


async def signed_in(session: AsyncSession, digest: str) -> tuple[SignIn, Account, bool] | None:
    """A sign-in by the digest of its token, its account, and whether they take chats; None when it is unknown."""
    query = (
        select(SignIn, Account, func.coalesce(Presence.available, true()))
        .join(Account, Account.id == SignIn.account_id)
        .outerjoin(Presence, Presence.account_id == Account.id)
        .where(SignIn.digest == digest)
    )
    row = (await session.execute(query)).first()
    return (row[0], row[1], row[2]) if row else None


async def sign_ins(session: AsyncSession, account_id: UUID) -> Sequence[SignIn]:
    """The sign-ins of an account, the one used last first."""
    query = select(SignIn).where(SignIn.account_id == account_id)
    return (await session.scalars(query.order_by(SignIn.seen_at.desc(), SignIn.digest))).all()


async def touch(session: AsyncSession, digest: str) -> None:
    """Note that a sign-in was used."""
    await session.execute(update(SignIn).where(SignIn.digest == digest).values(seen_at=utcnow()))


async def end_sign_in(session: AsyncSession, digest: str) -> None:
    """Forget one sign-in."""
    await session.execute(delete(SignIn).where(SignIn.digest == digest))


async def end_sign_ins(session: AsyncSession, account_id: UUID, *, but: str = "") -> None:
    """Forget the sign-ins of an account, one excepted."""
    await session.execute(delete(SignIn).where(SignIn.account_id == account_id, SignIn.digest != but))


async def purge(session: AsyncSession, created_before: datetime, seen_before: datetime) -> int:
    """Forget old sign-ins and tries; returns how many sign-ins."""
    old = delete(SignIn).where((SignIn.created_at < created_before) | (SignIn.seen_at < seen_before))
    gone = await session.scalars(old.returning(SignIn.digest))
    await session.execute(delete(SignInTry).where(SignInTry.at < created_before))
    return len(gone.all())


async def one_at_a_time(session: AsyncSession, login: str) -> None:
    """Tries with the same sign-in name wait for each other until the commit: guesses at once count like any."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtext(login))))


async def add_try(session: AsyncSession, login: str, address: str) -> None:
    """Remember a failed sign-in."""
    session.add(SignInTry(login=login, address=address, at=utcnow()))
    await session.flush()


async def count_tries(session: AsyncSession, login: str, address: str, since: datetime) -> tuple[int, int]:
    """Failed tries since a moment: (with this sign-in name, from this address)."""
    mine = func.count().filter(SignInTry.login == login)
    near = func.count().filter(SignInTry.address == address)
    row = (await session.execute(select(mine, near).where(SignInTry.at >= since))).one()
    return row[0], row[1]


async def forget_tries(session: AsyncSession, login: str) -> None:
    """Forgive, after a right password and, where one is asked for, a right code."""
    await session.execute(delete(SignInTry).where(SignInTry.login == login))


async def save_presence(session: AsyncSession, account_id: UUID, available: bool | None) -> None:
    """Note that somebody is there now; available None leaves what they chose."""
    now = utcnow()
    new = insert(Presence).values(account_id=account_id, available=available is not False, seen_at=now)
    changed: dict[str, Any] = {"seen_at": now} if available is None else {"seen_at": now, "available": available}
    await session.execute(new.on_conflict_do_update(index_elements=["account_id"], set_=changed))


async def presences(session: AsyncSession, office_id: str) -> Sequence[tuple[Account, Presence | None]]:
    """Everybody who can sign in, with their presence, by name."""
    query = (
        select(Account, Presence)
        .outerjoin(Presence, Presence.account_id == Account.id)
        .where(Account.office_id == office_id, Account.disabled_at.is_(None))
        .order_by(Account.name)
    )
    return [(row[0], row[1]) for row in await session.execute(query)]
