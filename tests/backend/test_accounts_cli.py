"""The commands `komshu accounts …` on a real database."""

import re
from collections.abc import Iterator
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text
from typer.testing import CliRunner, Result

from backend.cli import cli
from backend.core.settings import get_settings
from backend.start import console
from tests.backend.accounts.factories import CountingHasher, use_fast_hasher

SHOWN = re.compile(r"password (?:of \S+ is )?([\w-]{16})\.")


@pytest.fixture(autouse=True)
def hasher(monkeypatch: pytest.MonkeyPatch) -> CountingHasher:
    return use_fast_hasher(monkeypatch)


@pytest.fixture
def login(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A sign-in name nobody has; what becomes of it is undone after the test."""
    for name, value in {"DATABASE_URL": database_url, "SECRET_KEY": "s" * 40, "INTERNAL_TOKEN": "t" * 40}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(console, "width", 240)
    get_settings.cache_clear()
    login = f"{uuid4().hex[:8]}@town.example"
    yield login
    monkeypatch.undo()
    get_settings.cache_clear()
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM account WHERE login = :login"), {"login": login})
    engine.dispose()


def accounts(*words: str) -> Result:
    return CliRunner().invoke(cli, ["accounts", *words])


def row(login: str) -> str:
    return next(line for line in accounts("list").output.splitlines() if login in line)


def kept(database_url: str, login: str) -> tuple[str, bool, bool]:
    """The digest, whether it must be changed, and whether the account is disabled."""
    engine = create_engine(database_url)
    query = "SELECT password_digest, must_change, disabled_at IS NOT NULL FROM account WHERE login = :login"
    with engine.connect() as connection:
        found = connection.execute(text(query), {"login": login}).one()
    engine.dispose()
    return found[0], found[1], found[2]


def test_an_account_lives_its_life(login: str, database_url: str, hasher: CountingHasher) -> None:
    added = accounts("add", login.upper(), "--name", "Ana", "--role", "agent", "--language", "ro")
    password = SHOWN.search(added.output.replace("\n", " "))
    assert added.exit_code == 0
    assert password is not None
    digest, must_change, disabled = kept(database_url, login)
    assert (must_change, disabled, hasher.verify(digest, password[1])) == (True, False, True)
    assert "never" in row(login)

    again = accounts("reset", login)
    other = SHOWN.search(again.output.replace("\n", " "))
    assert other is not None
    assert hasher.verify(kept(database_url, login)[0], other[1])

    assert accounts("disable", login).exit_code == 0
    assert "disabled" in row(login)
    assert accounts("enable", login).exit_code == 0
    assert "disabled" not in row(login)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("add", "{login}", "--name", "Ana", "--role", "king"), "account_invalid"),
        (("add", "{login}", "--name", " "), "account_invalid"),
        (("add", "{login}", "--name", "Ana", "--unit", "moon"), "account_invalid"),
        (("add", "{login}", "--name", "Ana", "--unit", "roads", "--head", "water"), "account_invalid"),
        (("reset", "{login}"), "account_unknown"),
        (("disable", "{login}"), "account_unknown"),
        (("enable", "{login}"), "account_unknown"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(login: str, words: tuple[str, ...], code: str) -> None:
    done = accounts(*(word.format(login=login) for word in words))
    assert (done.exit_code, f"({code})" in done.output, "Traceback" in done.output) == (1, True, False)


def test_a_name_is_given_once(login: str) -> None:
    assert accounts("add", login, "--name", "Ana").exit_code == 0
    assert "(account_exists)" in accounts("add", login, "--name", "Ana").output


def test_a_head_of_units_is_listed_as_such(login: str) -> None:
    words = ("--unit", "roads", "--unit", "water", "--head", "water")
    assert accounts("add", login, "--name", "Ana", *words).exit_code == 0
    assert re.search(r"roads, water\s+│\s+water\s+│", row(login))
