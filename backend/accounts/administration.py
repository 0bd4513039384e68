"""Making and changing accounts."""

import secrets
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.accounts import credentials, repository
from backend.accounts.errors import (
    AccountExistsError,
    AccountInvalidError,
    AccountUnknownError,
    LastAdministratorError,
)
from backend.accounts.models import Account
from backend.accounts.schemas import PERMISSIONS, ROLES
from backend.accounts.service import normal_login
from backend.core.database import utcnow
from backend.core.languages import LANGUAGES
from backend.core.secrets import keyed_digest
from backend.core.settings import Settings
from backend.offices.service import Office

FIRST_PASSWORD_BYTES = 12
LEAST_CAPACITY, USUAL_CAPACITY, MOST_CAPACITY = 1, 5, 50
"""Chats at once."""


async def add_account(
    session: AsyncSession,
    office: Office,
    *,
    login: str,
    name: str,
    role: str,
    units: Sequence[str] = (),
    languages: Sequence[str] = (),
    capacity: int = USUAL_CAPACITY,
    heads: Sequence[str] = (),
) -> tuple[Account, str]:
    """A new account with a first password, told once, that must be changed at the first sign-in.

    Raises AccountInvalidError or AccountExistsError.
    """
    if not normal_login(login):
        raise AccountInvalidError(field="login")
    _check(office, name, role, units, languages, capacity, heads)
    password = secrets.token_urlsafe(FIRST_PASSWORD_BYTES)
    values: dict[str, Any] = {
        "office_id": office.profile.id,
        "login": normal_login(login),
        "name": name.strip(),
        "role": role,
        "units": list(units),
        "languages": list(languages),
        "capacity": capacity,
        "heads": list(heads),
        "language": (languages or office.profile.languages)[0],
        "password_digest": await credentials.digest(password),
        "must_change": True,
        "created_at": utcnow(),
    }
    account = await repository.insert_account(session, values)
    if account is None:
        raise AccountExistsError
    return account, password


def _check(
    office: Office,
    name: str,
    role: str,
    units: Sequence[str],
    languages: Sequence[str],
    capacity: int,
    heads: Sequence[str],
) -> None:
    right = {
        "name": bool(name.strip()),
        "role": role in ROLES,
        "units": set(units) <= set(office.units),
        "languages": set(languages) <= set(LANGUAGES),
        # A head who could not see the unit's tickets, or not work on them, could not act on what is overdue.
        "heads": not heads or ("ticket" in PERMISSIONS.get(role, ()) and set(heads) <= set(units or office.units)),  # type: ignore[call-overload]
        "capacity": LEAST_CAPACITY <= capacity <= MOST_CAPACITY,
    }
    if wrong := next((field for field, fits in right.items() if not fits), None):
        raise AccountInvalidError(field=wrong)


async def change_account(
    session: AsyncSession,
    office: Office,
    account_id: UUID,
    *,
    name: str,
    role: str,
    units: Sequence[str],
    languages: Sequence[str],
    capacity: int,
    heads: Sequence[str] = (),
) -> Account:
    """Change what an account may do. Raises AccountInvalidError, AccountUnknownError or LastAdministratorError."""
    _check(office, name, role, units, languages, capacity, heads)
    account = await _of_office(session, office, account_id)
    if role != "administrator":
        await _keep_one(session, account)
    account.name, account.role, account.capacity = name.strip(), role, capacity
    account.units, account.languages, account.heads = list(units), list(languages), list(heads)
    return account


async def disable(session: AsyncSession, office: Office, account_id: UUID) -> Account:
    """Sign an account out everywhere and let it in no more. Raises AccountUnknownError or LastAdministratorError."""
    account = await _of_office(session, office, account_id)
    await _keep_one(session, account)
    account.disabled_at = utcnow()
    await repository.end_sign_ins(session, account.id)
    return account


async def enable(session: AsyncSession, office: Office, account_id: UUID) -> Account:
    """Let a disabled account in again. Raises AccountUnknownError."""
    account = await _of_office(session, office, account_id)
    account.disabled_at = None
    return account


async def reset(session: AsyncSession, settings: Settings, office: Office, account_id: UUID) -> str:
    """A new first password, no second factor until it is set up again, wrong tries forgiven.

    Raises AccountUnknownError.
    """
    account = await _of_office(session, office, account_id)
    password = secrets.token_urlsafe(FIRST_PASSWORD_BYTES)
    account.password_digest, account.must_change = await credentials.digest(password), True
    account.factor_secret, account.factor_confirmed_at = None, None
    await repository.end_sign_ins(session, account.id)
    await repository.forget_tries(session, keyed_digest(settings.secret_key, account.login))
    return password


async def listed(session: AsyncSession, office: Office) -> Sequence[Account]:
    """All accounts of the office, by name."""
    return await repository.accounts(session, office.profile.id)


async def of_id(session: AsyncSession, office: Office, account_id: UUID) -> Account:
    """One account of the office. Raises AccountUnknownError."""
    return await _of_office(session, office, account_id)


async def of_login(session: AsyncSession, office: Office, login: str) -> Account:
    """The account with a sign-in name. Raises AccountUnknownError."""
    account = await repository.account_of_login(session, office.profile.id, normal_login(login))
    if account is None:
        raise AccountUnknownError
    return account


async def _of_office(session: AsyncSession, office: Office, account_id: UUID) -> Account:
    account = await repository.account(session, account_id)
    if account is None or account.office_id != office.profile.id:
        raise AccountUnknownError
    return account


async def _keep_one(session: AsyncSession, account: Account) -> None:
    """An office without an administrator could not be administered."""
    if list(await repository.locked_administrators(session, account.office_id)) == [account.id]:
        raise LastAdministratorError
