"""Backups: database, photos and documents in one file, checked, and put back whole or not at all.

The database is as of one moment (a snapshot that pg_dump and the counts share); files are read after it, so that none
the database knows is missing. A restore fills a database beside the old one, counts and migrates it, adds the files,
and only then lets it take the old one's place, in one transaction: whatever is killed before leaves the old state,
whatever is killed after leaves the new one.
"""

import asyncio
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, BinaryIO
from uuid import uuid4

from alembic.script import ScriptDirectory
from psycopg import IsolationLevel
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from backend.attachments import redacting
from backend.attachments.documents import names_in_use
from backend.attachments.errors import StorageAwayError
from backend.attachments.redacting import Areas, KeptFile
from backend.attachments.storage import storage_of
from backend.backup import archive, postgres
from backend.backup.archive import Archive, Told, Writer
from backend.backup.errors import BackupError, NotEmptyError
from backend.backup.schemas import Manifest
from backend.core.database import make_engine, make_sessions
from backend.core.secrets import keyed_digest
from backend.core.settings import Settings
from backend.migrations.upgrade import SCRIPTS, migrate
from backend.redaction import again

DUMP, SECRETS, FILES = "database.dump", "secrets.json", "attachments/"
SECRET_NAMES = ("internal_token", "secret_key")
KEY_CHECK = "komshu backup"
UNIMPORTANT = frozenset({"alembic_version"})
"""Tables that hold nothing of the office's."""
Covered = Mapping[str, tuple[KeptFile, Areas]]
Begin = Callable[[str, int], Told]
"""Is called with what begins now and how many bytes or files it is about (0: nobody knows); gives whom to tell."""


def back_up(settings: Settings, path: Path, begin: Begin, *, with_secrets: bool = False) -> Manifest:
    """Write everything into a new file, readable by this user only. The assistant may run. Raises BackupError."""
    if path.exists():
        raise BackupError(f"{path} is there already: name another file, or remove it.")
    partial = path.with_name(f".{path.name}.{uuid4().hex}.partial")
    try:
        with os.fdopen(os.open(partial, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
            manifest = _write(settings, Writer(file), begin, with_secrets=with_secrets)
            file.flush()
            os.fsync(file.fileno())
        partial.rename(path)
    except OSError as error:
        raise BackupError(f"{path} cannot be written: {error.strerror or type(error).__name__}.") from error
    finally:
        partial.unlink(missing_ok=True)
    return manifest


def _write(settings: Settings, writer: Writer, begin: Begin, *, with_secrets: bool) -> Manifest:
    with postgres.connect(settings.database_url) as connection:
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        with connection.transaction():
            [(snapshot, moment)] = connection.execute("SELECT pg_export_snapshot(), now()").fetchall()
            revision, tables = _revision(connection), postgres.counts(connection)
            names = asyncio.run(_names_in_use(settings.database_url, snapshot))
            major = postgres.major_version(connection)
            chunks = postgres.dump(settings.database_url, postgres.tool("pg_dump", major), snapshot)
            writer.add(DUMP, _told(chunks, begin("database", 0)))
    missing = asyncio.run(_add_files(settings, writer, sorted(names), begin("files", len(names))))
    if with_secrets:
        secrets = {name: getattr(settings, name).get_secret_value() for name in SECRET_NAMES}
        writer.add(SECRETS, [json.dumps(secrets).encode()])
    manifest = Manifest(
        version=version("komshu"),
        revision=revision,
        postgres=major,
        office=settings.office,
        taken_at=moment,
        tables=tables,
        missing=missing,
        key_check=_key_check(settings),
        parts=writer.parts,
    )
    writer.close(manifest)
    return manifest


def _revision(connection: postgres.Connection) -> str:
    found, newest = postgres.revision(connection), ScriptDirectory(str(SCRIPTS)).get_current_head()
    if found != newest:
        raise BackupError(
            f"The database has schema {found}, and this version {newest}: run `komshu migrate` first, "
            "or make the backup with the version that wrote the data."
        )
    return found


def _told(chunks: Iterable[bytes], told: Told) -> Iterator[bytes]:
    for chunk in chunks:
        told(len(chunk))
        yield chunk


def _key_check(settings: Settings) -> str:
    return keyed_digest(settings.secret_key, KEY_CHECK)


async def _names_in_use(url: str, snapshot: str = "") -> set[str]:
    """Names of the photos and documents a database knows, as of a snapshot when one is given."""
    engine = make_engine(url, pool_size=1).execution_options(isolation_level="REPEATABLE READ")
    try:
        async with make_sessions(engine)() as session:
            if snapshot:
                await session.execute(text(f"SET TRANSACTION SNAPSHOT '{snapshot}'"))
            return await names_in_use(session)
    finally:
        await engine.dispose()


async def _add_files(settings: Settings, writer: Writer, names: Sequence[str], told: Told) -> list[str]:
    """Add files to a backup; returns the names of those the storage does not have. Raises BackupError."""
    storage, missing = storage_of(settings), []
    for name in names:
        try:
            found = await storage.get(name)
            writer.add(FILES + name, [await found.read()])
        except FileNotFoundError:
            missing.append(name)
        except StorageAwayError as error:
            raise BackupError("The storage of photos and documents does not answer: check the S3 settings.") from error
        told(1)
    return missing


def check(path: Path, begin: Begin) -> Manifest:
    """Read a backup through without restoring it. Raises BackupError, BrokenArchiveError when a byte is wrong."""
    with _opened(path) as file:
        return _read(path, file, begin).manifest


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise BackupError(f"{path} cannot be read: {error.strerror or type(error).__name__}.") from error


def _read(path: Path, file: BinaryIO, begin: Begin) -> Archive:
    return archive.read(file, begin("check", path.stat().st_size))


@dataclass(frozen=True)
class Restored:
    """What was restored, and what does not fit this installation."""

    manifest: Manifest
    other_key: bool
    """PINs and second factors of the backup were made with another SECRET_KEY."""
    secrets_written: bool
    redacted: int = 0
    """How many redactions that are newer than the backup were done again."""
    unfit: int = 0
    """How many of these have a place that reads otherwise in the backup: a person has to look."""


def restore(
    settings: Settings, path: Path, begin: Begin, *, force: bool = False, with_secrets: bool = False
) -> Restored:
    """Put a backup in the place of what is there. Nobody may use the database meanwhile.

    Raises BackupError, NotEmptyError without `force` when there is data.
    """
    with _opened(path) as file, postgres.restoring(settings.database_url) as maintenance:
        postgres.refuse_others(maintenance, settings.database_url)
        found = _read(path, file, begin)
        _refuse_unfit(settings, found.manifest, postgres.major_version(maintenance))
        if with_secrets:
            _refuse_unwritable_secrets(settings, found)
        old = _refuse_data(settings, force=force)
        kept = asyncio.run(_redactions(settings.database_url))
        beside = _fill_beside(settings, maintenance, found, begin)
        repeated, covered = asyncio.run(_redact_again(settings, beside, kept))
        asyncio.run(_put_files(settings, found, begin, covered))
        begin("swap", 0)
        postgres.take_place(maintenance, settings.database_url)
        postgres.drop(maintenance, postgres.name_of(settings.database_url) + postgres.REPLACED)
        names = {part.name.removeprefix(FILES) for part in found.manifest.parts}
        asyncio.run(_delete_files(settings, sorted(old - names)))
        written = with_secrets and _write_secrets(settings, found)
        other_key = not written and found.manifest.key_check != _key_check(settings)
        told = {"redacted": repeated.done, "unfit": len(repeated.unfit)}
        return Restored(found.manifest, other_key=other_key, secrets_written=written, **told)


def _refuse_unfit(settings: Settings, manifest: Manifest, major: int) -> None:
    known = [script.revision for script in ScriptDirectory(str(SCRIPTS)).walk_revisions()]
    if manifest.revision not in known:
        raise BackupError(
            f"This backup was written by a newer version ({manifest.version}, schema {manifest.revision}): "
            "update Komshu first, then restore."
        )
    if manifest.office != settings.office:
        raise BackupError(
            f"This is a backup of the office {manifest.office}, and OFFICE is {settings.office}: "
            f"set OFFICE={manifest.office} to restore it."
        )
    if manifest.postgres > major:
        raise BackupError(
            f"This backup comes from PostgreSQL {manifest.postgres}, and the server is {major}: "
            f"restore into {manifest.postgres} or newer."
        )


def _refuse_data(settings: Settings, *, force: bool) -> set[str]:
    """Make sure no data is lost unasked; returns the names of the files it knows. Raises NotEmptyError."""
    with postgres.connect(settings.database_url) as connection:
        tables = postgres.counts(connection)
    filled = {name: count for name, count in tables.items() if count and name not in UNIMPORTANT}
    if filled and not force:
        raise NotEmptyError(postgres.name_of(settings.database_url), filled)
    with suppress(ProgrammingError):  # tables of an older version, or none
        return asyncio.run(_names_in_use(settings.database_url))
    return set()


async def _redactions(url: str) -> list[dict[str, Any]]:
    """What was made unreadable in a database; nothing where it is older than that, or empty."""
    engine = make_engine(url, pool_size=1)
    try:
        async with make_sessions(engine)() as session:
            return await again.kept_list(session)
    except ProgrammingError:  # no such table yet
        return []
    finally:
        await engine.dispose()


async def _redact_again(
    settings: Settings, url: str, kept: Sequence[Mapping[str, Any]]
) -> tuple[again.Repeated, Covered]:
    """Make unreadable in a restored database what was since the backup; and which files that is to be done to."""
    engine = make_engine(url, pool_size=1)
    try:
        async with make_sessions(engine)() as session, session.begin():
            return await again.repeat(session, settings, settings.office, kept), await again.covered_files(session)
    finally:
        await engine.dispose()


def _fill_beside(settings: Settings, maintenance: postgres.Connection, found: Archive, begin: Begin) -> str:
    part = found.part(DUMP)
    if part is None:
        raise BackupError("There is no database in this backup.")
    beside = postgres.create_beside(maintenance, settings.database_url)
    program = postgres.tool("pg_restore", postgres.major_version(maintenance))
    postgres.fill(beside, program, found.chunks(part, begin("database", part.size)))
    with postgres.connect(beside) as connection:
        differing = postgres.differing(postgres.counts(connection), found.manifest.tables)
    if differing:
        raise BackupError(f"The restored tables {', '.join(differing)} have another number of rows than was backed up.")
    begin("migrate", 0)
    migrate(beside)
    return beside


async def _put_files(settings: Settings, found: Archive, begin: Begin, covered: Covered) -> None:
    storage, parts = storage_of(settings), [part for part in found.manifest.parts if part.name.startswith(FILES)]
    told = begin("files", len(parts))
    for part in parts:
        try:
            name = part.name.removeprefix(FILES)
            await storage.put(name, _readable_part(found.content(part), covered.get(name)))
        except StorageAwayError as error:
            raise BackupError("The storage of photos and documents cannot be written: nothing was replaced.") from error
        told(1)


def _readable_part(content: bytes, covered: tuple[KeptFile, Areas] | None) -> bytes:
    """A file of a backup, without what was made unreadable since."""
    return redacting.changed(content, covered[1], picture=covered[0].picture) if covered else content


async def _delete_files(settings: Settings, names: Sequence[str]) -> None:
    """Delete what belonged to the database that was replaced; what cannot be deleted does no harm."""
    with suppress(StorageAwayError):
        for name in names:
            await storage_of(settings).delete(name)


def _refuse_unwritable_secrets(settings: Settings, found: Archive) -> None:
    part = found.part(SECRETS)
    if part is None:
        raise BackupError("There are no secrets in this backup: it was made without --with-secrets.")
    if settings.environment == "production":
        raise BackupError(
            "In production the secrets come from the environment: unpack secrets.json with tar, set INTERNAL_TOKEN "
            "and SECRET_KEY to what it says, and restore without --with-secrets."
        )


def _write_secrets(settings: Settings, found: Archive) -> bool:
    """Put the backup's secrets where those made for development lie."""
    part = found.part(SECRETS)
    assert part is not None
    for name, secret in json.loads(found.content(part)).items():
        path = settings.data_dir / f"{name}.secret"
        path.touch(mode=0o600)
        path.write_text(secret)
    return True
