"""The file of a backup: a plain tar whose every byte is checked, the manifest in it last.

Any `tar` can unpack it. Unlike `tarfile`, the reader here accepts only what the writer writes: headers must come out
the same when written again, what fills blocks up must be zeros, and the manifest's name carries its own digest. So a
single flipped bit anywhere is found.
"""

import hashlib
import tarfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from pydantic import ValidationError

from backend.backup.errors import BackupError, BrokenArchiveError
from backend.backup.schemas import Manifest, Part

BLOCK = tarfile.BLOCKSIZE
END = bytes(2 * BLOCK)
CHUNK_BYTES = 1024 * 1024
MANIFEST = "manifest-"
LARGEST_MANIFEST = 256 * 1024 * 1024
Told = Callable[[int], object]
"""Is called with numbers of bytes that were done."""


def _header(name: str, size: int) -> bytes:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o600
    header = info.tobuf(tarfile.GNU_FORMAT)
    if len(header) != BLOCK:
        raise ValueError("the name is too long for one header")
    return header


def _padding(size: int) -> int:
    return -size % BLOCK


class Writer:
    """Writes a backup into an open file."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.parts: list[Part] = []

    def add(self, name: str, chunks: Iterable[bytes]) -> None:
        """Add a part, however long it turns out to be."""
        begin, digest, size = self._file.tell(), hashlib.sha256(), 0
        self._file.write(bytes(BLOCK))
        for chunk in chunks:
            self._file.write(chunk)
            digest.update(chunk)
            size += len(chunk)
        self._file.write(bytes(_padding(size)))
        end = self._file.tell()
        self._file.seek(begin)
        self._file.write(_header(name, size))
        self._file.seek(end)
        self.parts.append(Part(name=name, size=size, sha256=digest.hexdigest()))

    def close(self, manifest: Manifest) -> None:
        """Add the manifest: only now it is a backup."""
        content = manifest.model_dump_json().encode()
        self.add(f"{MANIFEST}{hashlib.sha256(content).hexdigest()}.json", [content])
        self._file.write(END)


@dataclass(frozen=True)
class Archive:
    """A backup that was read through and found whole."""

    file: BinaryIO
    manifest: Manifest
    offsets: dict[str, int]
    """Where the content of each part begins."""

    def chunks(self, part: Part, told: Told = lambda _: None) -> Iterator[bytes]:
        """The content of a part."""
        self.file.seek(self.offsets[part.name])
        yield from _chunks(self.file, part.size, told)

    def content(self, part: Part) -> bytes:
        """The content of a small part."""
        return b"".join(self.chunks(part))

    def part(self, name: str) -> Part | None:
        """A part by its name."""
        return next((part for part in self.manifest.parts if part.name == name), None)


def read(file: BinaryIO, told: Told = lambda _: None) -> Archive:
    """Read a backup through and check all of it. Raises BrokenArchiveError, or BackupError for a newer format."""
    found: list[Part] = []
    offsets: dict[str, int] = {}
    while not found or not found[-1].name.startswith(MANIFEST):
        name, size = _next(file)
        if name.startswith(MANIFEST) and size > LARGEST_MANIFEST:
            raise _broken("its list of contents cannot be so long")
        offsets[name] = file.tell()
        found.append(_digested(file, name, size, told))
    if file.read(len(END) + 1) != END:
        raise _broken("it does not end where it should")
    listed = found.pop()
    if listed.name != f"{MANIFEST}{listed.sha256}.json":
        raise _broken("its list of contents was changed")
    file.seek(offsets.pop(listed.name))
    manifest = _manifest(file.read(listed.size))
    _compare(manifest.parts, found)
    return Archive(file, manifest, offsets)


def _next(file: BinaryIO) -> tuple[str, int]:
    """Name and size of the next part."""
    header = file.read(BLOCK)
    if len(header) < BLOCK:
        raise _broken("its end is missing")
    try:
        info = tarfile.TarInfo.frombuf(header, "utf-8", "strict")
        written_again = _header(info.name, info.size)
    except (tarfile.TarError, ValueError) as error:
        raise _broken("a header cannot be read") from error
    if written_again != header:
        raise _broken("a header was changed")
    return info.name, info.size


def _digested(file: BinaryIO, name: str, size: int, told: Told) -> Part:
    digest = hashlib.sha256()
    for chunk in _chunks(file, size, told):
        digest.update(chunk)
    if any(padding := file.read(_padding(size))) or len(padding) != _padding(size):
        raise _broken("something stands between its parts")
    return Part(name=name, size=size, sha256=digest.hexdigest())


def _chunks(file: BinaryIO, size: int, told: Told) -> Iterator[bytes]:
    while size:
        chunk = file.read(min(size, CHUNK_BYTES))
        if not chunk:
            raise _broken("its end is missing")
        size -= len(chunk)
        told(len(chunk))
        yield chunk


def _manifest(content: bytes) -> Manifest:
    try:
        return Manifest.model_validate_json(content)
    except ValidationError as error:
        if any(one["loc"] == ("format",) for one in error.errors()):
            raise BackupError(
                "This backup has a newer form than this version reads: update Komshu first, then restore."
            ) from None
        raise _broken("its list of contents cannot be read") from None


def _compare(listed: list[Part], found: list[Part]) -> None:
    there = {part.name: part for part in found}
    for part in listed:
        if there.get(part.name) != part:
            what = "was changed" if part.name in there else "is missing"
            raise _broken(f"{part.name} {what}")
    if len(listed) != len(found):
        raise _broken("it holds more than it lists")


def _broken(what: str) -> BrokenArchiveError:
    return BrokenArchiveError(f"The file is no whole backup of Komshu: {what}. Use another one.")
