"""Photos: taken in, cleaned, kept on disk, shown only to who sent them."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.attachments import repository
from backend.attachments.errors import PhotoNotFoundError, PhotoTooLargeError
from backend.attachments.images import cleaned_photo
from backend.core.settings import Settings


def photo_path(settings: Settings, attachment_id: UUID) -> Path:
    """Where a photo lies on disk."""
    return settings.attachments_dir / f"{attachment_id}.jpg"


async def store_photo(
    session: AsyncSession, settings: Settings, contact_id: UUID, attachment_id: UUID, content: bytes
) -> None:
    """Clean a photo and keep it. The same id twice changes nothing.

    Raises PhotoTooLargeError or PhotoTypeError.
    """
    if len(content) > settings.photo_max_bytes:
        raise PhotoTooLargeError(megabytes=settings.photo_max_bytes // 1_000_000)
    clean, size = await asyncio.to_thread(cleaned_photo, content, settings.photo_max_pixels)
    if await repository.insert_attachment(session, attachment_id, contact_id, size, len(clean)):
        await asyncio.to_thread(write_private, photo_path(settings, attachment_id), clean)


def write_private(path: Path, content: bytes) -> None:
    """Write a file only this user may read, and its folder when there is none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(content)


async def photo_of(session: AsyncSession, settings: Settings, contact_id: UUID, attachment_id: UUID) -> Path:
    """The file of a contact's own photo. Raises PhotoNotFoundError for anybody else's."""
    path = photo_path(settings, attachment_id)
    if not await repository.owns(session, contact_id, attachment_id) or not path.exists():
        raise PhotoNotFoundError
    return path


async def attach_photos(session: AsyncSession, contact_id: UUID, ids: Sequence[UUID], ticket_id: UUID) -> int:
    """Bind a contact's photos to their ticket; photos of others are passed over."""
    return await repository.attach(session, contact_id, ids, ticket_id) if ids else 0


async def purge_unattached(session: AsyncSession, settings: Settings, before: datetime) -> int:
    """Delete photos older than a moment that went into no ticket; returns how many."""
    ids = await repository.delete_unattached(session, before)
    for attachment_id in ids:
        photo_path(settings, attachment_id).unlink(missing_ok=True)
    return len(ids)
