"""kill -9 in the middle of a backup or a restore leaves the old state or the new, and nothing in between."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from backend.backup import service
from backend.core.settings import ROOT, Settings
from tests.backend.backup.town import files, rows, untold

STEPS = ("check", "database", "migrate", "files", "swap", "after")


@pytest.mark.parametrize("step", STEPS)
def test_kill_9_leaves_the_old_state_or_the_new(
    town: Settings, backup: Path, occupied: Settings, tmp_path: Path, step: str
) -> None:
    before = (rows(occupied.database_url), files(occupied.attachments_dir))
    after = (rows(town.database_url), files(town.attachments_dir))
    killed = subprocess.run(
        [sys.executable, "-m", "tests.backend.backup.killed", step, str(backup)],
        cwd=ROOT,
        env={
            **os.environ,
            "DATABASE_URL": occupied.database_url,
            "DATA_DIR": str(occupied.data_dir),
            "OFFICE": "timisoara",
            "SECRET_KEY": "s" * 40,
        },
        check=False,
    )
    assert killed.returncode == -9
    found = rows(occupied.database_url)
    assert found == (after[0] if step == "after" else before[0])
    kept = files(occupied.attachments_dir)
    expected = after[1] if step == "after" else before[1]
    assert {name: kept.get(name) for name in expected} == expected
    service.restore(occupied, backup, untold, force=True)
    assert rows(occupied.database_url) == after[0]
    assert files(occupied.attachments_dir).items() >= after[1].items()


def test_a_killed_backup_leaves_no_file_under_the_name(town: Settings, tmp_path: Path) -> None:
    path = tmp_path / "x.tar"
    killed = subprocess.run(
        [sys.executable, "-m", "tests.backend.backup.killed", "backup", str(path)],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": town.database_url, "DATA_DIR": str(town.data_dir), "OFFICE": "timisoara"},
        check=False,
    )
    assert (killed.returncode, path.exists()) == (-9, False)
    service.back_up(town, path, untold)
    assert service.check(path, untold).tables["ticket"] == 4
