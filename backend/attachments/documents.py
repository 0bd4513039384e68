"""Documents agents add to tickets: told by their content, made safe, kept on disk."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from backend.attachments import repository
from backend.attachments.errors import (
    DocumentNotFoundError,
    DocumentTooLargeError,
    DocumentTypeError,
    PhotoNotFoundError,
    PhotoTypeError,
)
from backend.attachments.images import cleaned_photo
from backend.attachments.models import Document
from backend.attachments.service import photo_path, write_private
from backend.core.database import utcnow
from backend.core.settings import Settings

PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
LONGEST_NAME = 120
SIGNATURES = {PDF: b"%PDF-", JPEG: b"\xff\xd8\xff", PNG: b"\x89PNG\r\n\x1a\n"}
ENDINGS = {PDF: "pdf", JPEG: "jpg"}


def document_path(settings: Settings, document: Document) -> Path:
    """Where a document lies on disk."""
    return settings.attachments_dir / "documents" / f"{document.id}.{ENDINGS[document.media_type]}"


async def add_document(
    session: AsyncSession, settings: Settings, ticket_id: UUID, name: str, content: bytes, *, added_by: str
) -> Document:
    """Keep a PDF, JPEG or PNG with a ticket. Pictures are encoded anew, as JPEG and without metadata.

    Raises DocumentTooLargeError, DocumentTypeError or PhotoTooManyPixelsError.
    """
    if len(content) > settings.document_max_bytes:
        raise DocumentTooLargeError(megabytes=settings.document_max_bytes // 1_000_000)
    media_type, clean = await asyncio.to_thread(_cleaned, content, settings.photo_max_pixels)
    document = Document(
        id=uuid4(),
        ticket_id=ticket_id,
        name=_named(name, media_type),
        media_type=media_type,
        size_bytes=len(clean),
        added_by=added_by,
        created_at=utcnow(),
    )
    await asyncio.to_thread(write_private, document_path(settings, document), clean)
    await repository.add_document(session, document)
    return document


def _cleaned(content: bytes, max_pixels: int) -> tuple[str, bytes]:
    """(media type, content to keep) by what the content is. Raises DocumentTypeError."""
    kind = next((kind for kind, signature in SIGNATURES.items() if content.startswith(signature)), None)
    if kind == PDF and b"%%EOF" in content[-1024:]:
        return PDF, content
    if kind in (JPEG, PNG):
        try:
            return JPEG, cleaned_photo(content, max_pixels)[0]
        except PhotoTypeError as error:
            raise DocumentTypeError from error
    raise DocumentTypeError


def _named(name: str, media_type: str) -> str:
    """The last part of a file's name, without signs that are none, with the ending its content has."""
    plain = "".join(sign for sign in name.replace("\\", "/").rsplit("/", 1)[-1] if sign.isprintable())
    stem = plain.rsplit(".", 1)[0].strip(" .")[:LONGEST_NAME]
    return f"{stem or 'document'}.{ENDINGS[media_type]}"


async def documents_of(session: AsyncSession, ticket_id: UUID) -> Sequence[Document]:
    """The documents of a ticket, oldest first."""
    return await repository.documents_of(session, ticket_id)


async def document_file(
    session: AsyncSession, settings: Settings, ticket_id: UUID, document_id: UUID
) -> tuple[Document, Path]:
    """A ticket's document and its file; a PDF must be offered for saving, never shown in a page.

    Raises DocumentNotFoundError. Whether the caller may see the ticket is the caller's to know.
    """
    document = await repository.document_of(session, ticket_id, document_id)
    if document is None or not document_path(settings, document).exists():
        raise DocumentNotFoundError
    return document, document_path(settings, document)


async def photos_of(session: AsyncSession, ticket_id: UUID) -> Sequence[UUID]:
    """The photos citizens sent with a ticket, oldest first."""
    return await repository.photos_of(session, ticket_id)


async def ticket_photo(session: AsyncSession, settings: Settings, ticket_id: UUID, attachment_id: UUID) -> Path:
    """The file of a ticket's photo. Raises PhotoNotFoundError."""
    path = photo_path(settings, attachment_id)
    if attachment_id not in await repository.photos_of(session, ticket_id) or not path.exists():
        raise PhotoNotFoundError
    return path
