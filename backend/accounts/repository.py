"""Reads and writes accounts, sign-ins and presence."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, delete, exists, func, or_, select, true, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.accounts.models import Absence, Account, Presence, SignIn, SignInTry
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


async def signed_in(session: AsyncSession, digest: str) -> tuple[SignIn, Account, bool, datetime | None] | None:
    """A sign-in by the digest of its token, its account, whether they take chats, and until when they are away.

    None when it is unknown.
    """
    query = (
        select(SignIn, Account, func.coalesce(Presence.available, true()), Absence.ends_at)
        .join(Account, Account.id == SignIn.account_id)
        .outerjoin(Presence, Presence.account_id == Account.id)
        .outerjoin(Absence, and_(Absence.account_id == Account.id, lasting(utcnow())))
        .where(SignIn.digest == digest)
    )
    row = (await session.execute(query)).first()
    return (row[0], row[1], row[2], row[3]) if row else None


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


async def presences(session: AsyncSession, office_id: str) -> Sequence[tuple[Account, Presence | None, Absence | None]]:
    """Everybody who can sign in, with their presence and the absence that lasts now, by name."""
    query = (
        select(Account, Presence, Absence)
        .outerjoin(Presence, Presence.account_id == Account.id)
        .outerjoin(Absence, and_(Absence.account_id == Account.id, lasting(utcnow())))
        .where(Account.office_id == office_id, Account.disabled_at.is_(None))
        .order_by(Account.name)
    )
    return [(row[0], row[1], row[2]) for row in await session.execute(query)]


def lasting(now: datetime) -> ColumnElement[bool]:
    """Absences that have begun and not ended."""
    return and_(Absence.begins_at <= now, Absence.ends_at > now)


async def candidates(
    session: AsyncSession, office_id: str, unit: str, *, named_only: bool
) -> Sequence[tuple[Account, Presence | None]]:
    """Agents who work for a unit and are not away, kept from everybody else who gives out tickets until the commit.

    Always in the same order, so that two who give out tickets never wait for each other in a circle.
    """
    everywhere = func.jsonb_array_length(Account.units) == 0
    named = Account.units.contains([unit])
    away = exists().where(Absence.account_id == Account.id, lasting(utcnow()))
    query = (
        select(Account, Presence)
        .outerjoin(Presence, Presence.account_id == Account.id)
        .where(Account.office_id == office_id, Account.disabled_at.is_(None), Account.role == "agent", ~away)
        .where(named if named_only else or_(named, everywhere))
        .order_by(Account.id)
        .with_for_update(key_share=True, of=Account)
        .execution_options(populate_existing=True)
    )
    return [(row[0], row[1]) for row in await session.execute(query)]


async def locked_capacity(session: AsyncSession, account_id: UUID) -> int | None:
    """How many chats somebody may hold; whoever gives them another one waits until the commit. None: no account."""
    query = select(Account.capacity).where(Account.id == account_id).with_for_update(key_share=True)
    found: int | None = await session.scalar(query)
    return found


async def note_assigned(session: AsyncSession, account_id: UUID) -> None:
    """Note that somebody was given a ticket now."""
    await session.execute(update(Account).where(Account.id == account_id).values(assigned_at=utcnow()))


async def add_absence(session: AsyncSession, absence: Absence) -> None:
    """Store an absence."""
    session.add(absence)
    await session.flush()


async def absence(session: AsyncSession, absence_id: UUID) -> Absence | None:
    """An absence by id, or None."""
    return await session.get(Absence, absence_id)


async def absences(session: AsyncSession, account_ids: Collection[UUID], since: datetime) -> Sequence[Absence]:
    """Absences of some people that had not ended at a moment, by their beginning."""
    query = select(Absence).where(Absence.account_id.in_(account_ids), Absence.ends_at > since)
    return (await session.scalars(query.order_by(Absence.begins_at))).all()


async def delete_absence(session: AsyncSession, absence: Absence) -> None:
    """Forget an absence."""
    await session.delete(absence)
    await session.flush()


async def begun_absences(session: AsyncSession, office_id: str, now: datetime) -> Sequence[Absence]:
    """Absences that have begun and of which nobody has looked yet what is due meanwhile, locked."""
    query = (
        select(Absence)
        .join(Account, Account.id == Absence.account_id)
        .where(Account.office_id == office_id, Account.disabled_at.is_(None), Absence.told_at.is_(None), lasting(now))
        .order_by(Absence.begins_at)
        .with_for_update(of=Absence, skip_locked=True)
    )
    return (await session.scalars(query)).all()


def stood_in_for(agent_id: UUID) -> Select[UUID]:
    """The statement that finds for whom somebody stands in now, for use within others."""
    return select(Absence.account_id).where(Absence.stand_in_id == agent_id, lasting(utcnow()))
