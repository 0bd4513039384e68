"""Secrets that are read again."""

import pytest
from hypothesis import given, strategies as st
from pydantic import SecretStr

from backend.core.sealing import sealed, unsealed

KEY, OTHER = SecretStr("k" * 40), SecretStr("o" * 40)


@given(st.text(alphabet=st.characters(exclude_categories=("Cs",))))
def test_what_was_sealed_is_read_with_the_same_key_only(text: str) -> None:
    closed = sealed(KEY, text)
    assert unsealed(KEY, closed) == text
    assert unsealed(OTHER, closed) == ""


@pytest.mark.parametrize("token", ["", "not sealed", sealed(KEY, "a")[:-2]])
def test_what_was_never_sealed_reads_as_nothing(token: str) -> None:
    assert unsealed(KEY, token) == ""


def test_the_same_secret_is_never_sealed_alike() -> None:
    assert sealed(KEY, "secret") != sealed(KEY, "secret")
