"""Who is away, from which day to which, and who stands in for them meanwhile.

Days are the office's. They are kept as moments, so that every statement can ask who is away without knowing the office.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.accounts import repository
from backend.accounts.errors import AbsenceInvalidError, AccountUnknownError
from backend.accounts.models import Absence, Account
from backend.accounts.schemas import Agent, Away
from backend.accounts.service import agent_of, away_of
from backend.core.database import utcnow
from backend.core.errors import NotAllowedError
from backend.offices.service import Office

LONGEST = timedelta(days=731)


async def add(
    session: AsyncSession, office: Office, by: Agent, account_id: UUID, first: date, last: date, stand_in: UUID | None
) -> Away:
    """Note that somebody is away from a day to another, both included; for oneself, or for anybody as administrator.

    Raises NotAllowedError, AccountUnknownError, or AbsenceInvalidError whose `field` is `days` (wrong or there already)
    or `stand_in` (not of the unit, disabled, or away as well).
    """
    account = await _locked(session, office, by, account_id)
    begins, ends = _moment(office, first), _moment(office, last + timedelta(days=1))
    if not (first <= last and last - first <= LONGEST and ends > utcnow()):
        raise AbsenceInvalidError(field="days")
    if await _overlaps(session, account.id, begins, ends):
        raise AbsenceInvalidError(field="days")
    if stand_in is not None:
        other = await repository.account(session, stand_in)
        if other is None or not can_stand_in(account, other) or await _overlaps(session, other.id, begins, ends):
            raise AbsenceInvalidError(field="stand_in")
    absence = Absence(account_id=account.id, begins_at=begins, ends_at=ends, stand_in_id=stand_in)
    await repository.add_absence(session, absence)
    return away_of(absence)


async def _locked(session: AsyncSession, office: Office, by: Agent, account_id: UUID) -> Account:
    if by.id != account_id and not by.may("administer"):
        raise NotAllowedError
    account = await repository.locked_account(session, account_id)
    if account is None or account.office_id != office.profile.id:
        raise AccountUnknownError
    return account


def _moment(office: Office, day: date) -> datetime:
    return datetime.combine(day, time(), office.profile.zone)


async def _overlaps(session: AsyncSession, account_id: UUID, begins: datetime, ends: datetime) -> bool:
    known = await repository.absences(session, [account_id], begins)
    return any(one.begins_at < ends for one in known)


def can_stand_in(account: Account, other: Account) -> bool:
    """Whether somebody could do another's work: of the same unit, of the same office, with a role that works."""
    here = other.office_id == account.office_id and other.id != account.id and other.disabled_at is None
    shared = not account.units or not other.units or set(account.units) & set(other.units)
    return here and bool(shared) and agent_of(other).may("ticket")


async def stand_ins(session: AsyncSession, account_id: UUID) -> list[Account]:
    """Who could stand in for somebody, by name."""
    account = await repository.account(session, account_id)
    if account is None:
        return []
    everybody = await repository.accounts(session, account.office_id)
    return [one for one in everybody if can_stand_in(account, one)]


async def end(session: AsyncSession, office: Office, by: Agent, absence_id: UUID) -> UUID | None:
    """They are there again: an absence that has not begun is forgotten, one that lasts ends now.

    Returns whose it was; None for one that is over or gone. Raises NotAllowedError or AccountUnknownError.
    """
    absence = await repository.absence(session, absence_id)
    now = utcnow()
    if absence is None or absence.ends_at <= now:
        return None
    await _locked(session, office, by, absence.account_id)
    if absence.begins_at > now:
        await repository.delete_absence(session, absence)
    else:
        absence.ends_at = now
    return absence.account_id


async def coming(session: AsyncSession, account_ids: Collection[UUID]) -> dict[UUID, list[Away]]:
    """The absences of some people that are not over, by person and beginning."""
    found: dict[UUID, list[Away]] = {}
    for absence in await repository.absences(session, account_ids, utcnow()):
        found.setdefault(absence.account_id, []).append(away_of(absence))
    return found


async def begun(session: AsyncSession, office_id: str) -> Sequence[Absence]:
    """Absences that have begun and of which nobody has looked yet what is due meanwhile; set `told_at` when done."""
    return await repository.begun_absences(session, office_id, utcnow())


def stood_in_for(agent_id: UUID) -> Select[UUID]:
    """The statement that finds for whom somebody stands in now, for use within others."""
    return repository.stood_in_for(agent_id)


async def stands_in(session: AsyncSession, agent_id: UUID, account_id: UUID) -> bool:
    """Whether somebody stands in for another now."""
    return account_id in (await session.scalars(stood_in_for(agent_id))).all()


async def is_away(session: AsyncSession, account_id: UUID) -> bool:
    """Whether somebody is away now."""
    now = utcnow()
    return any(one.begins_at <= now for one in await repository.absences(session, [account_id], now))


def days_of(office: Office, away: Away) -> tuple[date, date]:
    """The first and the last day of an absence, in office time."""
    zone = office.profile.zone
    first, after = away.begins_at.astimezone(zone), away.ends_at.astimezone(zone)
    return first.date(), (after - timedelta(microseconds=1)).date()
