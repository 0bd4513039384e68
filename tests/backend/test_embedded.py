"""PostgreSQL from the wheel: private, durable, and clear when it cannot start."""

import os
import stat
from pathlib import Path

import psycopg
import pytest

from backend.core import embedded
from backend.core.embedded import EmbeddedError, EmbeddedPostgres, closed_folder, refuse_closed_folders
from backend.core.settings import libpq_url


@pytest.fixture
def open_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder every user may enter; pytest's own are closed."""
    import tempfile

    folder = Path(tempfile.mkdtemp(prefix="komshu-embedded-", dir="/tmp"))
    folder.chmod(0o755)
    return folder


def test_the_server_is_durable_and_listens_on_no_address(database_url: str) -> None:
    with psycopg.connect(libpq_url(database_url)) as connection:
        shown = {name: connection.execute(f"SHOW {name}").fetchone()[0] for name in (  # type: ignore[index]
            "fsync", "synchronous_commit", "full_page_writes", "listen_addresses")}  # fmt: skip
    assert shown == {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "listen_addresses": ""}


def test_the_data_is_private_and_folders_above_keep_their_modes(database_url: str, open_folder: Path) -> None:
    above = {folder: folder.stat().st_mode for folder in open_folder.parents}
    server = EmbeddedPostgres(open_folder)
    server.start()
    server.stop()
    assert stat.S_IMODE((open_folder / "postgres").stat().st_mode) == 0o700
    assert {folder: folder.stat().st_mode for folder in open_folder.parents} == above


def test_a_second_start_finds_what_the_first_one_wrote(open_folder: Path) -> None:
    for statement in ("CREATE TABLE kept AS SELECT 7 AS seven", "SELECT seven FROM kept"):
        server = EmbeddedPostgres(open_folder)
        url = server.start()
        with psycopg.connect(libpq_url(url), autocommit=True) as connection:
            result = connection.execute(statement)
            assert statement.startswith("CREATE") or result.fetchone() == (7,)
        server.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as another user")
def test_a_private_home_is_refused_and_not_opened(open_folder: Path) -> None:
    home = open_folder / "home"
    home.mkdir(mode=0o700)
    with pytest.raises(EmbeddedError, match=r"may not enter .*home.*DATA_DIR"):
        EmbeddedPostgres(home / "komshu").start()
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


def test_closed_folders_are_found_from_the_top(open_folder: Path) -> None:
    inner = open_folder / "a" / "b"
    inner.mkdir(parents=True)
    inner.chmod(0o755)
    assert closed_folder(inner) is None
    inner.parent.chmod(0o711)
    assert closed_folder(inner) == inner.parent
    with pytest.raises(EmbeddedError):
        refuse_closed_folders(inner)


@pytest.mark.parametrize("version", ["18", "9"])
def test_a_broken_folder_is_one_sentence_with_what_to_do(open_folder: Path, version: str) -> None:
    broken = open_folder / "postgres"
    broken.mkdir()
    (broken / "PG_VERSION").write_text(version)
    with pytest.raises(EmbeddedError) as caught:
        EmbeddedPostgres(open_folder).start()
    told = str(caught.value)
    assert "\n" not in told
    assert str(broken) in told
    assert "backup" in told


def test_binaries_in_a_closed_folder_are_copied(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    versions = dict(embedded.POSTGRES_VERSIONS)
    closed = open_folder / "closed"
    (closed / "install" / "bin").mkdir(parents=True)
    (closed / "install" / "bin" / "postgres").touch()
    closed.chmod(0o700)
    monkeypatch.setattr(embedded, "POSTGRES_VERSIONS", {embedded.TARGET_POSTGRES_VERSION: closed / "install" / "bin"})
    embedded.use_open_binaries(open_folder / "copy")
    assert {embedded.TARGET_POSTGRES_VERSION: open_folder / "copy" / "bin"} == embedded.POSTGRES_VERSIONS
    assert (open_folder / "copy" / "bin" / "postgres").exists()
    assert versions
