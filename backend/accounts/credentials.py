"""Passwords (argon2id, RFC 9106) and time-based codes (RFC 6238)."""

import asyncio
import time

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from backend.accounts.errors import PasswordWeakError

LEAST_CHARACTERS = 12
MOST_CHARACTERS = 200
"""Hashing a longer one costs the server more than it adds."""
STEP_SECONDS = 30
ISSUER = "Komshu"
_HASHER = PasswordHasher()
_NOBODY = _HASHER.hash("of an account that does not exist")


def check_strength(password: str, *told: str) -> None:
    """Refuse a password that is short or made of what everybody knows of its owner. Raises PasswordWeakError."""
    folded = password.casefold()
    known = any(len(word) >= 4 and word.casefold() in folded for word in told)
    if not LEAST_CHARACTERS <= len(password) <= MOST_CHARACTERS or known or len(set(folded)) < 5:
        raise PasswordWeakError(least=LEAST_CHARACTERS)


async def digest(password: str) -> str:
    """What is stored of a password; computed beside the event loop."""
    return await asyncio.to_thread(_HASHER.hash, password)


async def matches(stored: str | None, password: str) -> bool:
    """Whether a password is the stored one; as long for an account that does not exist."""
    return await asyncio.to_thread(_verify, stored or _NOBODY, password[: MOST_CHARACTERS + 1]) and bool(stored)


def _verify(stored: str, password: str) -> bool:
    try:
        return _HASHER.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def new_factor() -> str:
    """A new shared secret for an authenticator app."""
    return pyotp.random_base32()


def factor_address(secret: str, login: str) -> str:
    """The otpauth address an authenticator app reads from a picture."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=ISSUER)


def accepted_step(secret: str, code: str, after: int) -> int | None:
    """The time step a code is right for, one step early or late allowed; None when wrong or not newer than `after`."""
    now = int(time.time()) // STEP_SECONDS
    totp = pyotp.TOTP(secret)
    given = code.replace(" ", "")
    for step in (now, now - 1, now + 1):
        if step > after and pyotp.utils.strings_equal(totp.at(step * STEP_SECONDS), given):
            return step
    return None
