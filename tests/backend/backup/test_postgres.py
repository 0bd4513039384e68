"""PostgreSQL's tools: of the right version, and without the password where others can read it."""

from pathlib import Path

import pytest

from backend.backup import postgres
from backend.backup.errors import BackupError


def test_a_server_without_fitting_tools_says_which_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(BackupError, match=r"PostgreSQL 12.*pg_dump of the same version.*postgresql-client-12"):
        postgres.tool("pg_dump", 12)


def test_tools_of_the_right_version_on_the_path_are_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "pg_dump"
    program.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 12.7 (Debian)'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert postgres.tool("pg_dump", 12) == program
    with pytest.raises(BackupError):
        postgres.tool("pg_dump", 13)


def test_the_password_is_not_among_the_arguments() -> None:
    target, environment = postgres._target("postgresql+psycopg://komshu:p%40ss@db.example/komshu")
    assert ("p@ss" in target, environment["PGPASSWORD"]) == (False, "p@ss")
