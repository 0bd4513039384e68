"""docs/operations.md says what there is: settings, commands, options, columns, addresses."""

import re
from typing import Any

import pytest
import typer.main

from backend.cli import cli
from backend.core.settings import ROOT, Settings
from backend.tickets.intake import Incoming
from backend.tickets.transfer import Selection

PAGE = (ROOT / "docs" / "operations.md").read_text()
OTHERS = {"FORWARDED_ALLOW_IPS", "INTERNAL", "FILE", "CREATEDB", "UTF8", "SIGINT", "GRANT", "DATABASE", "ALTER", "ROLE"}
"""Words in capitals that are no settings of ours."""


def commands() -> list[str]:
    """What stands behind `komshu`, to the end of the command."""
    found = re.findall(r"(?:^|[`/ ])komshu ((?:[a-z]+)(?:[^\n`#&|;']*))", PAGE, re.M)
    names = {*root().commands, "run"}
    return sorted({command.strip() for command in found if command.split()[0] in names and "komshu:" not in command})


def root() -> Any:
    return typer.main.get_command(cli)


def resolved(words: list[str]) -> tuple[Any, list[str]]:
    """The command some words name, and what is left of them."""
    command = root()
    while words and words[0] in getattr(command, "commands", ()):
        command, words = command.commands[words[0]], words[1:]
    return command, words


def test_there_are_commands_to_check() -> None:
    assert len(commands()) > 12


@pytest.mark.parametrize("line", commands())
def test_every_command_and_option_exists(line: str) -> None:
    command, left = resolved(line.split())
    assert not hasattr(command, "commands"), line
    options = {option for parameter in command.params for option in parameter.opts} | {"--help"}
    assert {word for word in left if word.startswith("--")} <= options


def test_every_command_of_backups_and_tickets_is_explained() -> None:
    for name in ("backup", "restore", "ticket export", "ticket import"):
        command, _ = resolved(name.split())
        options = {option for parameter in command.params for option in parameter.opts if option.startswith("--")}
        assert [option for option in options if f"{option}" not in PAGE] == [], name


def test_every_setting_that_is_named_exists() -> None:
    known = {name.upper() for name in Settings.model_fields}
    named = set(re.findall(r"\b[A-Z][A-Z0-9]+(?:_[A-Z0-9]+)+\b", PAGE)) | set(re.findall(r"^([A-Z0-9_]+)=", PAGE, re.M))
    assert named - OTHERS - known == set()


@pytest.mark.parametrize("name", ["ENVIRONMENT", "SECRET_KEY", "INTERNAL_TOKEN", "DATA_DIR", "PUBLIC_URL", "OFFICE"])
def test_what_must_be_set_is_in_the_first_example(name: str) -> None:
    example = PAGE.split("```sh", 1)[1].split("```", 1)[0]
    assert f"\n{name}=" in example


def test_every_column_of_an_import_is_explained_and_no_other() -> None:
    table = PAGE.split("| name | needed | holds |", 1)[1].split("\n\n", 1)[0]
    cells = re.findall(r"^\| ([^|]+) \|", table, re.M)
    named = {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}
    assert named == set(Incoming.model_fields)


def test_an_export_can_be_imported() -> None:
    assert set(Selection(personal=True).columns) == set(Incoming.model_fields)


@pytest.mark.parametrize("address", ["/health/live", "/health/ready", "/internal/metrics"])
def test_the_addresses_exist(address: str) -> None:
    source = (ROOT / "backend" / "health.py").read_text()
    prefix, name = address.rsplit("/", 1)
    assert f'prefix="{prefix}"' in source
    assert f'"/{name}"' in source


@pytest.mark.parametrize("heading", re.findall(r"^## (.+)$", PAGE, re.M))
def test_the_contents_lead_to_every_part(heading: str) -> None:
    assert f"](#{heading.lower().replace(' ', '-')})" in PAGE.split("\n## ", 1)[0]
