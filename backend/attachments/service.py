"""Photos: taken in, cleaned, kept in the storage, shown only to who sent them."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.attachments import repository
from backend.attachments.errors import PhotoNotFoundError, PhotoTooLargeError
from backend.attachments.images import cleaned_photo
from backend.attachments.schemas import Paper, Photo, StoredFile
from backend.attachments.storage import storage_of
from backend.core.settings import Settings


def photo_name(attachment_id: UUID) -> str:
    """What the storage calls a photo."""
    return f"{attachment_id}.jpg"


def paper_name(attachment_id: UUID) -> str:
    """What the storage calls a PDF a citizen sent."""
    return f"{attachment_id}.pdf"


async def store_photo(
    session: AsyncSession, settings: Settings, contact_id: UUID, attachment_id: UUID, content: bytes
) -> None:
    """Clean a photo and keep it, in a session that has done nothing yet. The same id twice changes nothing.

    Raises PhotoTooLargeError, PhotoTypeError or StorageAwayError.
    """
    await note_photo(session, contact_id, await keep_photo(settings, attachment_id, content))


async def keep_photo(settings: Settings, attachment_id: UUID, content: bytes) -> Photo:
    """Clean a photo and put it into the storage, which may be another machine: no transaction may be open meanwhile.

    What was kept under this id before stays. Raises PhotoTooLargeError, PhotoTypeError or StorageAwayError.
    """
    if len(content) > settings.photo_max_bytes:
        raise PhotoTooLargeError(megabytes=settings.photo_max_bytes // 1_000_000)
    clean, size = await asyncio.to_thread(cleaned_photo, content, settings.photo_max_pixels)
    storage = storage_of(settings)
    if not await storage.exists(photo_name(attachment_id)):
        await storage.put(photo_name(attachment_id), clean)
    return Photo(attachment_id, *size, len(clean))


async def note_photo(session: AsyncSession, contact_id: UUID, photo: Photo | Paper) -> None:
    """Write down whose a kept photo or paper is; who sent one of this id first stays its owner."""
    await repository.insert_attachment(session, contact_id, photo)


async def check_photo(session: AsyncSession, contact_id: UUID, attachment_id: UUID) -> None:
    """Make sure a photo is a contact's own. Raises PhotoNotFoundError."""
    if not await repository.owns(session, contact_id, attachment_id):
        raise PhotoNotFoundError


async def open_photo(settings: Settings, attachment_id: UUID) -> StoredFile:
    """A photo's file; whether the caller may see it was checked. No transaction may be open meanwhile.

    Raises PhotoNotFoundError or StorageAwayError.
    """
    try:
        return await storage_of(settings).get(photo_name(attachment_id))
    except FileNotFoundError:
        raise PhotoNotFoundError from None


async def attach_photos(session: AsyncSession, contact_id: UUID, ids: Sequence[UUID], ticket_id: UUID) -> int:
    """Bind a contact's photos to their ticket; photos of others are passed over."""
    return await repository.attach(session, contact_id, ids, ticket_id) if ids else 0


async def unattached(session: AsyncSession, before: datetime) -> Sequence[UUID]:
    """Photos older than a moment that went into no ticket."""
    return await repository.unattached(session, before)


async def delete_photos(settings: Settings, ids: Sequence[UUID]) -> None:
    """Delete the files of photos and papers, before their rows: what fails is found again. Raises StorageAwayError."""
    for attachment_id in ids:
        for name in (photo_name(attachment_id), paper_name(attachment_id)):
            await storage_of(settings).delete(name)


async def forget_photos(session: AsyncSession, ids: Sequence[UUID]) -> None:
    """Delete the rows of photos that are in no ticket."""
    await repository.delete_unattached(session, ids)
