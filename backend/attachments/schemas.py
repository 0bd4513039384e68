"""Files as they are handed on."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class StoredFile:
    """A file that is about to be read: its size in bytes, and its content bit by bit."""

    size: int
    chunks: AsyncIterator[bytes]

    async def read(self) -> bytes:
        """All of it."""
        return b"".join([chunk async for chunk in self.chunks])


PDF = "application/pdf"


@dataclass(frozen=True)
class Paper:
    """A PDF that was checked and kept."""

    id: UUID
    name: str
    pages: int
    size_bytes: int
    width: int = 0
    height: int = 0
    media_type: str = PDF


@dataclass(frozen=True)
class KeptDocument:
    """A document an agent adds, as the storage has it."""

    id: UUID
    media_type: str
    size_bytes: int


@dataclass(frozen=True)
class Photo:
    """A photo that was cleaned and kept; width and height in pixels."""

    id: UUID
    width: int
    height: int
    size_bytes: int
