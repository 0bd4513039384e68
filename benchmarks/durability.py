"""Proof that what we measured of ours was written to disk: PostgreSQL's settings and its own count of syncs."""

from dataclasses import dataclass
from pathlib import Path

import psycopg

from benchmarks.machine import file_system
from benchmarks.places import BenchmarkError

MUST_BE_ON = ("fsync", "synchronous_commit", "full_page_writes")
COUNTED = {
    "WAL syncs": "SELECT coalesce(sum(fsyncs), 0) FROM pg_stat_io WHERE object = 'wal'",
    "commits": "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()",
}


@dataclass(frozen=True)
class Durability:
    """How the database of the measured stack writes."""

    settings: dict[str, str]
    version: str
    file_system: str


class Database:
    """A connection to the measured stack's database, beside the product's own."""

    def __init__(self, folder: Path) -> None:
        socket_folder = (folder / "postmaster.pid").read_text().splitlines()[4].strip()
        self._folder = folder
        self._url = f"host={socket_folder} user=postgres dbname=komshu"

    def durability(self) -> Durability:
        """The settings. Raises BenchmarkError when a commit does not wait for the disk."""
        with psycopg.connect(self._url, autocommit=True) as connection:
            values = {name: str(_value(connection, f"SHOW {name}")) for name in MUST_BE_ON}
            version = str(_value(connection, "SHOW server_version"))
        found = Durability(values, version, file_system(self._folder))
        off = [name for name, value in values.items() if value != "on"]
        if off:
            raise BenchmarkError(f"PostgreSQL does not write durably ({', '.join(off)} is not on): mend that first.")
        if found.file_system == "tmpfs":
            raise BenchmarkError(f"{self._folder} lies in memory, where nothing is durable: choose a disk.")
        return found

    def counts(self) -> dict[str, int]:
        """Syncs of the write-ahead log and commits since the server started."""
        with psycopg.connect(self._url, autocommit=True) as connection:
            return {name: int(str(_value(connection, query))) for name, query in COUNTED.items()}


def _value(connection: psycopg.Connection[tuple[object, ...]], query: str) -> object:
    row = connection.execute(query.encode()).fetchone()
    return row[0] if row else None
