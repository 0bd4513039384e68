"""docs/agents.md says what the code does: roles, commands, numbers, settings."""

import re

import pytest

from backend.accounts import credentials, service
from backend.accounts.schemas import PERMISSIONS, ROLES
from backend.accounts_cli import accounts_cli
from backend.core.settings import ROOT, Settings
from backend.handoff.canned import VARIABLES

PAGE = (ROOT / "docs" / "agents.md").read_text()
HEAD = re.search(r"^\| may \|(.+)\|$", PAGE, re.M)
ROWS = re.findall(r"^\| `(\w+)` \| (.+) \|$", PAGE, re.M)


def test_the_table_of_roles_is_what_roles_may_do() -> None:
    assert HEAD is not None
    roles = HEAD[1].split("|")
    assert [role.strip() for role in roles if role.strip()] == list(ROLES)
    said: dict[str, set[str]] = {role: set() for role in ROLES}
    for permission, row in ROWS:
        cells = row.split(" | ")
        for role, cell in zip(ROLES, cells, strict=False):
            assert cell in ("yes", "–")
            said[role] |= {permission} if cell == "yes" else set()
    assert said == PERMISSIONS


@pytest.mark.parametrize("command", [one.name for one in accounts_cli.registered_commands])
def test_every_command_is_explained(command: str) -> None:
    assert re.search(rf"^\| `accounts {command}\b[^`]*` \| \w", PAGE, re.M)


def test_no_command_is_explained_that_is_not_there() -> None:
    assert set(re.findall(r"^\| `accounts (\w+)", PAGE, re.M)) == {one.name for one in accounts_cli.registered_commands}


@pytest.mark.parametrize(
    "name", [name for name in Settings.model_fields if name.startswith(("sign_in", "oidc", "second"))]
)
def test_every_setting_of_signing_in_is_named(name: str) -> None:
    assert name.upper() in PAGE


WORDS = {8: "Eight", 40: "forty"}


def test_the_numbers_are_those_of_the_code() -> None:
    assert f"{WORDS[service.TRIES_PER_LOGIN]} wrong tries with a name, or {WORDS[service.TRIES_PER_ADDRESS]}" in PAGE
    assert f"within {service.TRY_MINUTES} minutes" in PAGE
    assert f"at least {credentials.LEAST_CHARACTERS} characters" in PAGE


@pytest.mark.parametrize("variable", VARIABLES)
def test_every_variable_of_a_ready_sentence_is_named(variable: str) -> None:
    assert f"`{{{variable}}}`" in PAGE
