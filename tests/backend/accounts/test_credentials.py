"""Passwords and codes."""

import pyotp
import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.low_level import Type
from hypothesis import given, strategies as st

from backend.accounts import credentials
from backend.accounts.errors import PasswordWeakError
from tests.backend.accounts.factories import CountingHasher

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def test_the_real_profile_is_at_least_what_rfc_9106_recommends_second() -> None:
    parameters = extract_parameters(PasswordHasher().hash("x"))
    assert parameters.type is Type.ID
    assert parameters.memory_cost >= 64 * 1024
    assert parameters.time_cost >= 3


async def test_a_password_is_compared_and_never_kept() -> None:
    stored = await credentials.digest("four random words do")
    assert "four" not in stored
    assert stored != await credentials.digest("four random words do"), "salted"
    assert await credentials.matches(stored, "four random words do")
    assert not await credentials.matches(stored, "Four random words do")


@pytest.mark.parametrize("stored", [None, "", "no digest", "$argon2id$v=19$broken"])
async def test_what_is_no_digest_matches_nothing(hasher: CountingHasher, stored: str | None) -> None:
    assert not await credentials.matches(stored, "nobody")
    assert hasher.compared == 1, "the same work is done"


@pytest.mark.parametrize(
    ("password", "strong"),
    [
        ("", False),
        ("elevenchars", False),
        ("twelve chars", True),
        ("x" * 12, False),
        ("abcdabcdabcd", False),
        ("abcdeabcdeab", True),
        ("as long as it gets " + "yes" * 60, True),
        ("as long as it gets " + "yes" * 61, False),
        ("correct POPESCU horse", False),
        ("correct ana horse", True),
        ("şifre için dört kelime", True),
    ],
)
def test_a_password_is_long_and_not_made_of_the_name(password: str, strong: bool) -> None:
    if strong:
        credentials.check_strength(password, "Ana", "Popescu")
        return
    with pytest.raises(PasswordWeakError) as refused:
        credentials.check_strength(password, "Ana", "Popescu")
    assert refused.value.values == {"least": 12}


def test_codes_are_those_of_rfc_6238(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its appendix B, the last six digits."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    for moment, code in ((59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")):
        monkeypatch.setattr(credentials.time, "time", lambda moment=moment: float(moment))
        assert credentials.accepted_step(secret, code, 0) == moment // 30


@given(st.integers(120, 2**32), st.integers(-3, 3))
def test_a_code_counts_around_its_time_and_once(now: int, off: int) -> None:
    step = now // 30
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(credentials.time, "time", lambda: float(now))
        code = pyotp.TOTP(SECRET).at((step + off) * 30)
        accepted = credentials.accepted_step(SECRET, code, 0)
        if abs(off) <= 1:
            assert accepted is not None
            assert credentials.accepted_step(SECRET, code, step + 1) is None
        assert credentials.accepted_step(SECRET, code + "0", 0) is None


def test_the_address_of_an_authenticator_names_who_and_what() -> None:
    address = credentials.factor_address(SECRET, "ana@town.example")
    assert address.startswith("otpauth://totp/Komshu:ana%40town.example?")
    assert SECRET in address
