"""The file of a backup: every byte counts."""

import io
import tarfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from backend.backup.archive import END, Archive, Writer, read
from backend.backup.errors import BackupError, BrokenArchiveError
from backend.backup.schemas import Manifest, Part
from tests.backend.backup.town import flipped

CONTENTS = {"database.dump": b"PGDMP" * 300, "attachments/a.jpg": b"", "attachments/documents/b.pdf": b"x" * 512}


def written(contents: dict[str, bytes], **manifest: object) -> bytes:
    file = io.BytesIO()
    writer = Writer(file)
    for name, content in contents.items():
        writer.add(name, [content[:7], content[7:]])
    facts = {
        "version": "1",
        "revision": "0001",
        "postgres": 18,
        "office": "timisoara",
        "taken_at": datetime(2027, 3, 1, tzinfo=UTC),
        "tables": {"ticket": 3},
        "missing": [],
        "key_check": "k",
        "parts": writer.parts,
    }
    writer.close(Manifest.model_construct(**{**facts, **manifest}))
    return file.getvalue()


WHOLE = written(CONTENTS)


def content_of(archive: Archive) -> dict[str, bytes]:
    return {part.name: archive.content(part) for part in archive.manifest.parts}


@given(
    st.dictionaries(st.from_regex(r"[a-z]{1,20}/[a-z0-9-]{1,40}\.[a-z]{3}", fullmatch=True), st.binary(max_size=2000))
)
def test_what_is_written_is_read(contents: dict[str, bytes]) -> None:
    archive = read(io.BytesIO(written(contents)))
    assert content_of(archive) == contents
    assert archive.manifest.tables == {"ticket": 3}


@given(st.integers(0, len(WHOLE) - 1), st.integers(0, 7))
def test_one_bit_turned_over_anywhere_is_found(place: int, bit: int) -> None:
    with pytest.raises(BackupError):
        read(flipped(WHOLE, place, bit))


def test_every_byte_is_watched() -> None:
    for place in range(len(WHOLE)):
        with pytest.raises(BackupError):
            read(flipped(WHOLE, place, place % 8))


@given(st.integers(0, len(WHOLE) - 1))
def test_a_file_that_was_cut_off_is_found(length: int) -> None:
    with pytest.raises(BrokenArchiveError):
        read(io.BytesIO(WHOLE[:length]))


@pytest.mark.parametrize("more", [b"\0", b"x" * 512, WHOLE])
def test_something_behind_the_end_is_found(more: bytes) -> None:
    with pytest.raises(BrokenArchiveError):
        read(io.BytesIO(WHOLE + more))


@pytest.mark.parametrize(
    "manifest",
    [{"parts": []}, {"parts": [Part(name="database.dump", size=1, sha256="0")]}, {"office": None}],
)
def test_a_list_of_contents_that_does_not_fit_is_refused(manifest: dict[str, object]) -> None:
    with pytest.raises(BrokenArchiveError):
        read(io.BytesIO(written(CONTENTS, **manifest)))


def test_a_newer_form_says_what_to_do() -> None:
    with pytest.raises(BackupError, match="update Komshu first"):
        read(io.BytesIO(written(CONTENTS, format=2)))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04" * 300, END, bytes(10_000)])
def test_what_is_no_backup_is_refused(content: bytes) -> None:
    with pytest.raises(BrokenArchiveError):
        read(io.BytesIO(content))


def test_a_part_can_be_read_with_any_tar(tmp_path: Path) -> None:
    (tmp_path / "x.tar").write_bytes(WHOLE)
    with tarfile.open(tmp_path / "x.tar") as file:
        assert {name: file.extractfile(name).read() for name in CONTENTS} == CONTENTS  # type: ignore[union-attr]
