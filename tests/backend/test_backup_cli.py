"""The commands as people use them, on the embedded database: back up, check, restore, export, import."""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from backend.core.settings import ROOT
from tests.backend.backup.town import flipped

CSV = """source,source_number,description,language,created_at,category,name
letter,1,Groapă în asfalt,ro,2026-03-01T09:30:00+02:00,,Ion
letter,2,=HYPERLINK(1),ro,2026-03-02T09:30:00+02:00,dragons,
letter,3,-5 locuri,ro,2026-03-03T09:30:00+02:00,noise,
"""


@pytest.fixture(scope="module")
def folder() -> Path:
    """A folder every user may enter, for PostgreSQL runs as another one when we are root."""
    folder = Path(tempfile.mkdtemp(prefix="komshu-cli-", dir="/tmp"))
    folder.chmod(0o755)
    return folder


def komshu(data_dir: Path, *words: str) -> tuple[int, str]:
    """Status and what was said."""
    names = ("DATABASE_URL", "SECRET_KEY", "INTERNAL_TOKEN")
    environment = {name: value for name, value in os.environ.items() if name not in names}
    done = subprocess.run(
        [sys.executable, "-m", "backend.cli", *words],
        cwd=ROOT,
        env={**environment, "DATA_DIR": str(data_dir), "OFFICE": "timisoara", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_the_life_of_a_backup_and_of_a_file_of_tickets(folder: Path) -> None:
    here, there, file, table = folder / "here", folder / "there", folder / "komshu.tar", folder / "old.csv"
    table.write_text(CSV)
    assert komshu(here, "prepare")[0] == 0

    status, said = komshu(here, "ticket", "import", str(table), "--dry-run")
    assert (status, "would be taken in" in said) == (1, True)
    assert re.search(r"3 *│ category *│ 'dragons' is no category *│ name one of categories.yml", said)
    status, said = komshu(here, "ticket", "import", str(table))
    assert (status, "new: 2 taken in" in said, "refused: 1" in said) == (1, True, True)
    table.write_text(CSV.replace("dragons", ""))
    status, said = komshu(here, "ticket", "import", str(table))
    assert (status, "new: 1 taken in" in said, "known: 2" in said) == (0, True, True)

    assert komshu(here, "backup", str(file))[0] == 0
    status, said = komshu(here, "backup", "--check", str(file))
    assert (status, "is whole" in said, "3 / 0" in said) == (0, True, True)
    status, said = komshu(there, "restore", str(file))
    assert (status, "Restored." in said, "SECRET_KEY is another one" in said) == (0, True, True)
    status, said = komshu(there, "restore", str(file))
    assert (status, "with --force everything in it is replaced" in said) == (1, True)
    assert re.search(r"│ ticket +│ 3 +│", said)

    exports = [folder / f"{name}.csv" for name in ("here", "there")]
    for data_dir, path in zip((here, there), exports, strict=True):
        assert komshu(data_dir, "ticket", "export", str(path), "--personal", "--restricted", "--excel")[0] == 0
    first, second = (path.read_bytes() for path in exports)
    assert first == second
    assert first.startswith(b"\xef\xbb\xbfreference,")
    assert b",'=HYPERLINK(1)," in first
    assert b",'-5 locuri," in first
    assert exports[0].stat().st_mode & 0o777 == 0o600

    file.write_bytes(flipped(file.read_bytes(), 5000, 0).getvalue())
    status, said = komshu(there, "backup", "--check", str(file))
    assert (status, said.strip().splitlines()[-1]) == (
        1,
        "The file is no whole backup of Komshu: database.dump was changed. Use another one.",
    )


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("ticket", "export", "x.xlsx"), "neither .csv nor .json"),
        (("ticket", "import", "x.txt"), "neither .csv nor .json"),
        (("backup", "--check", "/nowhere/x.tar"), "/nowhere/x.tar cannot be read"),
    ],
)
def test_a_wrong_name_is_told_before_anything_is_started(tmp_path: Path, words: tuple[str, ...], told: str) -> None:
    status, said = komshu(tmp_path, *words)
    assert (status, told in said) == (1, True)
    assert not (tmp_path / "postgres").exists()
