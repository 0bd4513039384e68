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


@dataclass(frozen=True)
class Photo:
    """A photo that was cleaned and kept; width and height in pixels."""

    id: UUID
    width: int
    height: int
    size_bytes: int
