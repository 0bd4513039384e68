"""Accounts for tests, with a password hash that costs next to nothing.

The real profile of argon2 takes some 50 ms and 64 MB a password; the fast one is the same algorithm and format with
the least cost it accepts, so that a table of a hundred sign-ins is cheap. `test_credentials.py` looks at the real one.
"""

from typing import Any
from uuid import uuid4

import pytest
from argon2 import PasswordHasher
from sqlalchemy.ext.asyncio import AsyncSession

from backend.accounts import credentials
from backend.accounts.models import Account
from backend.accounts.schemas import Role
from backend.core.database import utcnow

PASSWORD = "four random words do"


class CountingHasher(PasswordHasher):
    """The fast profile, which counts how often a password was compared."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.compared = 0

    def verify(self, *args: Any, **kwargs: Any) -> Any:
        """Compare as the real one does."""
        self.compared += 1
        return super().verify(*args, **kwargs)


HASHER = CountingHasher()
DIGEST = HASHER.hash(PASSWORD)


def use_fast_hasher(monkeypatch: pytest.MonkeyPatch) -> CountingHasher:
    """Hash cheaply in this test."""
    HASHER.compared = 0
    monkeypatch.setattr(credentials, "_HASHER", HASHER)
    monkeypatch.setattr(credentials, "_NOBODY", HASHER.hash("nobody"))
    return HASHER


async def account(session: AsyncSession, role: Role = "agent", **columns: Any) -> Account:
    """An account of Timișoara whose password is PASSWORD."""
    made = Account(
        **{
            "id": uuid4(),
            "office_id": "timisoara",
            "login": f"{uuid4().hex}@town.example",
            "name": "Ana Pop",
            "role": role,
            "units": [],
            "languages": [],
            "language": "en",
            "shortcuts": True,
            "sounds": True,
            "capacity": 5,
            "must_change": False,
            "factor_step": 0,
            "password_digest": DIGEST,
            "created_at": utcnow(),
            **columns,
        }
    )
    session.add(made)
    await session.flush()
    return made
