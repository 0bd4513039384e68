"""Where the files of photos and documents lie: a folder of this machine, or a bucket that speaks S3."""

import asyncio
import os
from collections.abc import AsyncIterator
from functools import lru_cache
from pathlib import Path
from typing import Protocol
from uuid import uuid4

from backend.attachments.errors import RETRY_AFTER, StorageAwayError
from backend.attachments.schemas import StoredFile
from backend.core.settings import Settings

CHUNK_BYTES = 256 * 1024


class Storage(Protocol):
    """Keeps files under names such as `documents/<id>.pdf`. Every method raises StorageAwayError."""

    async def put(self, name: str, content: bytes) -> None:
        """Keep a file, whole or not at all; one of the same name is replaced."""

    async def get(self, name: str) -> StoredFile:
        """A file to read. Raises FileNotFoundError."""

    async def delete(self, name: str) -> None:
        """Forget a file; one that is not there is forgotten already."""

    async def exists(self, name: str) -> bool:
        """Whether there is a file of this name."""

    def names(self) -> AsyncIterator[str]:
        """The names of all files, in no order."""


class DiskStorage:
    """Files in a folder, readable by this user only."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, name: str, content: bytes) -> None:
        """Keep a file through power cuts; readers see the old one or the new one."""
        try:
            await asyncio.to_thread(_write, self._folder / name, content)
        except OSError as error:
            raise StorageAwayError(headers=RETRY_AFTER) from error

    async def get(self, name: str) -> StoredFile:
        """A file to read. Raises FileNotFoundError."""
        path = self._folder / name
        return StoredFile((await asyncio.to_thread(path.stat)).st_size, _read(path))

    async def delete(self, name: str) -> None:
        """Forget a file."""
        await asyncio.to_thread((self._folder / name).unlink, missing_ok=True)

    async def exists(self, name: str) -> bool:
        """Whether there is a file of this name."""
        return await asyncio.to_thread((self._folder / name).is_file)

    async def names(self) -> AsyncIterator[str]:
        """The names of all files; those still being written are left out."""
        for path in await asyncio.to_thread(_files, self._folder):
            yield str(path.relative_to(self._folder))


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{uuid4().hex}.partial")
    try:
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.rename(path)
    finally:
        partial.unlink(missing_ok=True)


async def _read(path: Path) -> AsyncIterator[bytes]:
    file = await asyncio.to_thread(path.open, "rb")
    try:
        while chunk := await asyncio.to_thread(file.read, CHUNK_BYTES):
            yield chunk
    finally:
        file.close()


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".partial"]


def storage_of(settings: Settings) -> Storage:
    """The storage the settings name."""
    if settings.attachments_storage == "disk":
        return DiskStorage(settings.attachments_dir)
    return _bucket(
        settings.s3_endpoint,
        settings.s3_bucket,
        settings.s3_region,
        settings.s3_access_key,
        settings.s3_secret_key.get_secret_value(),
    )


@lru_cache(maxsize=4)
def _bucket(endpoint: str, bucket: str, region: str, access_key: str, secret_key: str) -> Storage:
    """One client, and its connections, for every request of the process."""
    from backend.attachments.s3 import S3Storage  # noqa: PLC0415 - its library is for those who use it

    return S3Storage(endpoint, bucket, region, access_key, secret_key)
