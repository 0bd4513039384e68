"""Secrets made for development, digests and comparisons."""

import stat
from pathlib import Path

import pytest
from hypothesis import given, strategies as st
from pydantic import SecretStr

from backend.core.secrets import keyed_digest, new_token, same, token_digest, with_development_secrets
from backend.core.settings import Settings


def settings(folder: Path, **values: str) -> Settings:
    return Settings(_env_file=None, data_dir=folder, **values)


def secrets_of(settings: Settings) -> tuple[str, str]:
    return settings.internal_token.get_secret_value(), settings.secret_key.get_secret_value()


def test_missing_secrets_are_made_once_and_kept_where_only_their_owner_reads(tmp_path: Path) -> None:
    first = secrets_of(with_development_secrets(settings(tmp_path / "new")))
    assert first == secrets_of(with_development_secrets(settings(tmp_path / "new")))
    assert len(set(first)) == 2
    assert min(map(len, first)) >= 32
    files = sorted((tmp_path / "new").iterdir())
    assert [file.name for file in files] == ["internal_token.secret", "secret_key.secret"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_secrets_that_are_set_are_left_alone(tmp_path: Path) -> None:
    filled = with_development_secrets(settings(tmp_path, internal_token="mine"))
    assert filled.internal_token.get_secret_value() == "mine"
    assert not (tmp_path / "internal_token.secret").exists()


@pytest.mark.parametrize("left", ["", "\n"])
def test_a_file_left_empty_by_a_crash_gives_no_empty_secret(tmp_path: Path, left: str) -> None:
    (tmp_path / "internal_token.secret").write_text(left)
    assert len(secrets_of(with_development_secrets(settings(tmp_path)))[0]) >= 32


def test_tokens_differ_and_are_safe_in_headers_and_addresses() -> None:
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert all(token.isascii() and token.replace("-", "").replace("_", "").isalnum() for token in tokens)


@given(st.text(), st.text())
def test_digests_tell_texts_and_keys_apart_and_do_not_hold_them(one: str, other: str) -> None:
    key, other_key = SecretStr("k" * 32), SecretStr("l" * 32)
    assert (token_digest(one) == token_digest(other)) is (one == other)
    assert (keyed_digest(key, one) == keyed_digest(key, other)) is (one == other)
    assert keyed_digest(key, one) != keyed_digest(other_key, one)


@given(st.text(), st.text())
def test_the_same_is_the_same(one: str, other: str) -> None:
    assert same(one, other) is (one == other)
