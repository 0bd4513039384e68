"""A town's data, backed up and restored: every row, every file; or nothing, and why."""

import io
import json
import tarfile
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from pydantic import SecretStr

from backend.attachments.errors import StorageAwayError
from backend.attachments.storage import DiskStorage
from backend.backup import postgres, service
from backend.backup.archive import Writer, read
from backend.backup.errors import BackupError, BrokenArchiveError, NotEmptyError
from backend.backup.schemas import Manifest
from backend.core.settings import Settings, libpq_url
from backend.migrations.upgrade import migrate
from tests.backend.backup.town import FILLED, files, flipped, populate, rows, schema, untold
from tests.factories import jpeg
from tests.peers import s3


def changed(path: Path, backup: Path, **facts: object) -> Path:
    """A backup with another manifest, otherwise whole."""
    with backup.open("rb") as source, path.open("w+b") as target:
        archive, writer = read(source), Writer(target)
        for part in archive.manifest.parts:
            writer.add(part.name, archive.chunks(part))
        writer.close(archive.manifest.model_copy(update={**facts, "parts": writer.parts}))
    return path


def manifest_of(path: Path) -> Manifest:
    return service.check(path, untold)


def test_every_row_and_every_file_comes_back(town: Settings, backup: Path, elsewhere: Settings) -> None:
    before = rows(town.database_url)
    assert [table for table in FILLED if not before[table]] == []
    done = service.restore(elsewhere, backup, untold)
    assert rows(elsewhere.database_url) == before
    assert schema(elsewhere.database_url) == schema(town.database_url)
    assert files(elsewhere.attachments_dir) == files(town.attachments_dir)
    assert len(files(town.attachments_dir)) == 8
    assert done.manifest.tables == {table: len(found) for table, found in before.items() if table != "(sequences)"}
    assert not done.other_key


def test_what_is_restored_goes_on(backup: Path, elsewhere: Settings) -> None:
    service.restore(elsewhere, backup, untold)
    populate(elsewhere.model_copy(update={"office": "ankara"}), tickets=1)
    assert len(rows(elsewhere.database_url)["ticket"]) == 5


def test_the_file_is_private_and_says_what_is_in_it(backup: Path, town: Settings) -> None:
    manifest = manifest_of(backup)
    assert backup.stat().st_mode & 0o777 == 0o600
    assert (manifest.office, manifest.postgres, manifest.missing) == ("timisoara", 18, [])
    assert manifest.tables["ticket"] == 4
    assert [path.name for path in backup.parent.iterdir()] == [backup.name]
    assert service.SECRETS in {part.name for part in manifest.parts}


def test_secrets_are_in_it_only_when_asked_for(town: Settings, tmp_path: Path) -> None:
    service.back_up(town, tmp_path / "x.tar", untold)
    content = (tmp_path / "x.tar").read_bytes()
    for secret in (town.secret_key, town.internal_token):
        assert secret.get_secret_value().encode() not in content
    with pytest.raises(BackupError, match="without --with-secrets"):
        service.restore(town, tmp_path / "x.tar", untold, force=True, with_secrets=True)


def test_secrets_are_taken_over_when_asked_for(backup: Path, elsewhere: Settings) -> None:
    other = elsewhere.model_copy(update={"secret_key": SecretStr("o" * 40)})
    assert service.restore(other, backup, untold).other_key
    done = service.restore(other, backup, untold, force=True, with_secrets=True)
    kept = other.data_dir / "secret_key.secret"
    assert (kept.read_text(), kept.stat().st_mode & 0o777) == ("s" * 40, 0o600)
    assert (done.other_key, done.secrets_written) == (False, True)


def test_in_production_secrets_stay_in_the_environment(backup: Path, elsewhere: Settings) -> None:
    with pytest.raises(BackupError, match="environment"):
        service.restore(elsewhere.model_copy(update={"environment": "production"}), backup, untold, with_secrets=True)
    with tarfile.open(backup) as file:
        found = json.load(file.extractfile(service.SECRETS))  # type: ignore[arg-type]
    assert found == {"internal_token": "t" * 40, "secret_key": "s" * 40}


def test_data_is_not_replaced_unasked(town: Settings, backup: Path) -> None:
    before = rows(town.database_url)
    with pytest.raises(NotEmptyError) as error:
        service.restore(town, backup, untold)
    assert error.value.tables["ticket"] == 4
    assert "alembic_version" not in error.value.tables
    assert rows(town.database_url) == before


def test_with_force_what_was_there_goes_with_its_files(backup: Path, town: Settings, occupied: Settings) -> None:
    before = files(occupied.attachments_dir)
    (occupied.attachments_dir / "notes.txt").write_text("of somebody else")
    service.restore(occupied, backup, untold, force=True)
    after = files(occupied.attachments_dir)
    assert rows(occupied.database_url) == rows(town.database_url)
    assert after == {**files(town.attachments_dir), "notes.txt": b"of somebody else"}
    assert not before.keys() & after.keys()
    with postgres.connect(postgres.named(occupied.database_url, postgres.MAINTENANCE)) as connection:
        names = {name for (name,) in connection.execute("SELECT datname FROM pg_database")}
    assert not {name for name in names if name.startswith(postgres.name_of(occupied.database_url))} - {
        postgres.name_of(occupied.database_url)
    }


def test_a_database_in_use_is_not_replaced(backup: Path, elsewhere: Settings) -> None:
    migrate(elsewhere.database_url)
    with (
        psycopg.connect(libpq_url(elsewhere.database_url)),
        pytest.raises(BackupError, match=r"in use by 1 connections: stop the assistant"),
    ):
        service.restore(elsewhere, backup, untold)


def test_who_comes_in_the_meantime_keeps_the_old_state(backup: Path, elsewhere: Settings) -> None:
    migrate(elsewhere.database_url)
    late: list[psycopg.Connection[tuple[object, ...]]] = []

    def begin(step: str, total: int) -> service.Told:
        if step == "swap":
            late.append(psycopg.connect(libpq_url(elsewhere.database_url)))
        return untold(step, total)

    with pytest.raises(BackupError, match="in use"):
        service.restore(elsewhere, backup, begin)
    late[0].close()
    assert rows(elsewhere.database_url)["ticket"] == []
    assert service.restore(elsewhere, backup, untold).manifest.tables["ticket"] == 4


def test_two_restores_at_once_are_one(backup: Path, elsewhere: Settings) -> None:
    with postgres.restoring(elsewhere.database_url), pytest.raises(BackupError, match="Another restore"):
        service.restore(elsewhere, backup, untold)


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"revision": "9999", "version": "7.0"}, r"newer version \(7.0, schema 9999\): update Komshu first"),
        ({"office": "ankara"}, r"set OFFICE=ankara"),
        ({"postgres": 99}, r"comes from PostgreSQL 99, and the server is 18"),
        ({"tables": {"ticket": 1}}, r"restored tables .*ticket.* another number of rows"),
    ],
)
def test_a_backup_that_does_not_fit_is_refused_and_nothing_changes(
    backup: Path, occupied: Settings, tmp_path: Path, facts: dict[str, object], told: str
) -> None:
    before = (rows(occupied.database_url), files(occupied.attachments_dir))
    with pytest.raises(BackupError, match=told):
        service.restore(occupied, changed(tmp_path / "x.tar", backup, **facts), untold, force=True)
    assert (rows(occupied.database_url), files(occupied.attachments_dir)) == before


def test_a_broken_dump_is_refused_and_nothing_changes(backup: Path, elsewhere: Settings, tmp_path: Path) -> None:
    path = tmp_path / "x.tar"
    with backup.open("rb") as source, path.open("w+b") as target:
        archive, writer = read(source), Writer(target)
        for part in archive.manifest.parts:
            content = archive.content(part)
            writer.add(part.name, [content[: len(content) // 2] if part.name == service.DUMP else content])
        writer.close(archive.manifest.model_copy(update={"parts": writer.parts}))
    with pytest.raises(BackupError, match="pg_restore failed"):
        service.restore(elsewhere, path, untold)
    assert rows(elsewhere.database_url) == {"(sequences)": []}


@pytest.mark.parametrize("place", [0, 300, 600, 70_000, -1, -700, -1500])
def test_a_flipped_byte_is_found_by_check_and_restore(
    backup: Path, elsewhere: Settings, tmp_path: Path, place: int
) -> None:
    broken = tmp_path / "x.tar"
    broken.write_bytes(flipped(backup.read_bytes(), place, 3).getvalue())
    with pytest.raises(BrokenArchiveError, match="no whole backup"):
        service.check(broken, untold)
    with pytest.raises(BrokenArchiveError, match="no whole backup"):
        service.restore(elsewhere, broken, untold)
    assert rows(elsewhere.database_url) == {"(sequences)": []}


def test_an_older_schema_is_brought_up(elsewhere: Settings, town: Settings, tmp_path: Path) -> None:
    """A backup as an older version would have written it: its schema, before the newest migrations."""
    older = _older_backup(elsewhere, tmp_path / "old.tar")
    service.restore(elsewhere, older, untold, force=True)
    assert schema(elsewhere.database_url) == schema(town.database_url)
    with postgres.connect(elsewhere.database_url) as connection:
        assert connection.execute("SELECT name FROM contact").fetchall() == [("Ana",)]


def _older_backup(settings: Settings, path: Path) -> Path:
    _migrate_to(settings.database_url, "0003")
    with postgres.connect(settings.database_url) as connection:
        connection.execute(
            "INSERT INTO contact (id, office_id, name, created_at) "
            "VALUES (gen_random_uuid(), 'timisoara', 'Ana', now())"
        )
        tables = postgres.counts(connection)
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        [(snapshot,)] = connection.execute("SELECT pg_export_snapshot()").fetchall()
        with path.open("w+b") as file:
            writer = Writer(file)
            writer.add(service.DUMP, postgres.dump(settings.database_url, postgres.tool("pg_dump", 18), snapshot))
            facts = {"version": "0.0.1", "revision": "0003", "postgres": 18, "office": "timisoara", "missing": []}
            writer.close(
                Manifest.model_validate(
                    {**facts, "taken_at": "2026-01-01T00:00:00Z", "key_check": "", "tables": tables, "parts": []}
                ).model_copy(update={"parts": writer.parts})
            )
    return path


def _migrate_to(url: str, revision: str) -> None:
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import create_engine

    engine = create_engine(url)
    with engine.connect() as connection:
        config = Config()
        config.set_main_option("script_location", str(service.SCRIPTS))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        connection.commit()
    engine.dispose()


def test_nothing_to_back_up_and_an_old_schema_are_told(elsewhere: Settings, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="nothing to back up"):
        service.back_up(elsewhere, tmp_path / "x.tar", untold)
    _migrate_to(elsewhere.database_url, "0003")
    with pytest.raises(BackupError, match="komshu migrate"):
        service.back_up(elsewhere, tmp_path / "x.tar", untold)
    assert list(tmp_path.glob("*.tar*")) == []


def test_a_file_is_never_written_over_and_a_missing_folder_is_told(town: Settings, tmp_path: Path) -> None:
    (tmp_path / "x.tar").write_text("precious")
    with pytest.raises(BackupError, match="there already"):
        service.back_up(town, tmp_path / "x.tar", untold)
    assert (tmp_path / "x.tar").read_text() == "precious"
    with pytest.raises(BackupError, match="cannot be written"):
        service.back_up(town, tmp_path / "none" / "x.tar", untold)
    with pytest.raises(BackupError, match="cannot be read"):
        service.check(tmp_path / "none.tar", untold)


def test_files_the_storage_lost_are_named(occupied: Settings, tmp_path: Path) -> None:
    lost = next(iter(sorted(occupied.attachments_dir.glob("*.jpg"))))
    lost.unlink()
    manifest = service.back_up(occupied, tmp_path / "x.tar", untold)
    assert manifest.missing == [lost.name]


def test_files_nobody_knows_are_left_out(occupied: Settings, tmp_path: Path) -> None:
    (occupied.attachments_dir / f"{uuid4()}.jpg").write_bytes(jpeg())
    manifest = service.back_up(occupied, tmp_path / "x.tar", untold)
    assert sum(part.name.startswith(service.FILES) for part in manifest.parts) == 4


def test_a_storage_that_is_away_is_told_and_nothing_is_replaced(
    backup: Path, town: Settings, elsewhere: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise StorageAwayError

    monkeypatch.setattr(DiskStorage, "get", away)
    monkeypatch.setattr(DiskStorage, "put", away)
    with pytest.raises(BackupError, match="does not answer"):
        service.back_up(town, tmp_path / "x.tar", untold)
    with pytest.raises(BackupError, match="nothing was replaced"):
        service.restore(elsewhere, backup, untold)
    assert rows(elsewhere.database_url) == {"(sequences)": []}


def test_rows_written_during_a_backup_are_not_in_it(occupied: Settings, settings: Settings, tmp_path: Path) -> None:
    before = rows(occupied.database_url)

    def begin(step: str, total: int) -> service.Told:
        if step == "database":  # the snapshot was taken
            populate(occupied.model_copy(update={"office": "ankara"}), tickets=1)
        return untold(step, total)

    manifest = service.back_up(occupied, tmp_path / "x.tar", begin)
    service.restore(occupied, tmp_path / "x.tar", untold, force=True)
    after = rows(occupied.database_url)
    assert {table: found for table, found in after.items() if table != "(sequences)"} == {
        table: found for table, found in before.items() if table != "(sequences)"
    }
    assert manifest.tables["ticket"] == 2


def test_files_move_from_disk_to_a_bucket_and_back(town: Settings, backup: Path, elsewhere: Settings) -> None:
    with s3.running() as server:
        facts = {"s3_endpoint": server.endpoint, "s3_bucket": s3.BUCKET, "s3_region": s3.REGION}
        keys = {"s3_access_key": s3.ACCESS, "s3_secret_key": SecretStr(s3.SECRET)}
        bucket = elsewhere.model_copy(update={"attachments_storage": "s3", **facts, **keys})
        service.restore(bucket, backup, untold)
        assert len(server.asked_for("PUT")) == 8
        assert not elsewhere.attachments_dir.exists()
        again = backup.with_name("from-bucket.tar")
        service.back_up(bucket, again, untold)
    service.restore(elsewhere, again, untold, force=True)
    again.unlink()
    assert files(elsewhere.attachments_dir) == files(town.attachments_dir)


def test_a_server_that_does_not_answer_is_one_sentence(settings: Settings, tmp_path: Path) -> None:
    away = settings.model_copy(update={"database_url": "postgresql+psycopg://u:pw@127.0.0.1:9/komshu"})
    with pytest.raises(BackupError, match="check DATABASE_URL") as error:
        service.back_up(away, tmp_path / "x.tar", untold)
    assert "pw" not in str(error.value)
    assert io.StringIO(str(error.value)).read().count("\n") == 0
