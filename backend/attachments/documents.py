"""Documents agents add to tickets: told by their content, made safe, kept in the storage."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

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
from backend.attachments.schemas import PDF, KeptDocument, StoredFile
from backend.attachments.service import paper_name, photo_name
from backend.attachments.storage import storage_of
from backend.core.database import utcnow
from backend.core.queue import defer
from backend.core.settings import Settings

JPEG, PNG = "image/jpeg", "image/png"
LONGEST_NAME = 120
SIGNATURES = {PDF: b"%PDF-", JPEG: b"\xff\xd8\xff", PNG: b"\x89PNG\r\n\x1a\n"}
ENDINGS = {PDF: "pdf", JPEG: "jpg"}


DROP_TASK = "attachments:drop_unnoted"
NOTED_WITHIN = timedelta(days=1)
"""A file without a row is nobody's after so long."""


def document_name(document: Document | KeptDocument) -> str:
    """What the storage calls a document."""
    return f"documents/{document.id}.{ENDINGS[document.media_type]}"


async def promise_document(session: AsyncSession) -> UUID:
    """An id for a document whose file is kept before its row; a file that gets none is deleted after a day.

    The promise must be committed before the file is kept.
    """
    document_id = uuid4()
    await defer(session, DROP_TASK, at=utcnow() + NOTED_WITHIN, document_id=str(document_id))
    return document_id


async def keep_document(settings: Settings, document_id: UUID, content: bytes) -> KeptDocument:
    """Put a PDF, JPEG or PNG into the storage, which may be another machine: no transaction may be open meanwhile.

    Pictures are encoded anew, as JPEG and without metadata. Raises DocumentTooLargeError, DocumentTypeError,
    PhotoTooManyPixelsError or StorageAwayError.
    """
    if len(content) > settings.document_max_bytes:
        raise DocumentTooLargeError(megabytes=settings.document_max_bytes // 1_000_000)
    media_type, clean = await asyncio.to_thread(_cleaned, content, settings.photo_max_pixels)
    kept = KeptDocument(document_id, media_type, len(clean))
    await storage_of(settings).put(document_name(kept), clean)
    return kept


async def note_document(
    session: AsyncSession, ticket_id: UUID, name: str, kept: KeptDocument, *, added_by: str
) -> Document:
    """Write down which ticket a kept document belongs to."""
    document = Document(
        **asdict(kept),
        ticket_id=ticket_id,
        name=named(name, kept.media_type),
        added_by=added_by,
        created_at=utcnow(),
    )
    await repository.add_document(session, document)
    return document


async def drop_unnoted(settings: Settings, sessions: async_sessionmaker[AsyncSession], document_id: UUID) -> bool:
    """Delete the file of a document that has no row; whether it had none. Raises StorageAwayError."""
    async with sessions() as session:
        if await repository.has_document(session, document_id):
            return False
    for media_type in ENDINGS:
        await storage_of(settings).delete(document_name(KeptDocument(document_id, media_type, 0)))
    return True


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


def named(name: str, media_type: str) -> str:
    """The last part of a file's name, without signs that are none, with the ending its content has."""
    plain = "".join(sign for sign in name.replace("\\", "/").rsplit("/", 1)[-1] if sign.isprintable())
    stem = plain.rsplit(".", 1)[0].strip(" .")[:LONGEST_NAME]
    return f"{stem or 'document'}.{ENDINGS[media_type]}"


async def documents_of(session: AsyncSession, ticket_id: UUID) -> Sequence[Document]:
    """The documents of a ticket, oldest first."""
    return await repository.documents_of(session, ticket_id)


async def document_of(session: AsyncSession, ticket_id: UUID, document_id: UUID) -> Document:
    """A ticket's document. Whether the caller may see the ticket is the caller's to know.

    Raises DocumentNotFoundError.
    """
    document = await repository.document_of(session, ticket_id, document_id)
    if document is None:
        raise DocumentNotFoundError
    return document


async def open_document(settings: Settings, document: Document) -> StoredFile:
    """A document's file; a PDF must be offered for saving, never shown in a page. No transaction may be open meanwhile.

    Raises DocumentNotFoundError or StorageAwayError.
    """
    try:
        return await storage_of(settings).get(document_name(document))
    except FileNotFoundError:
        raise DocumentNotFoundError from None


async def photos_of(session: AsyncSession, ticket_id: UUID) -> Sequence[UUID]:
    """The photos citizens sent with a ticket, oldest first."""
    return await repository.photos_of(session, ticket_id)


async def check_ticket_photo(session: AsyncSession, ticket_id: UUID, attachment_id: UUID) -> None:
    """Make sure a photo is a ticket's. Raises PhotoNotFoundError."""
    if attachment_id not in await repository.photos_of(session, ticket_id):
        raise PhotoNotFoundError


async def names_in_use(session: AsyncSession) -> set[str]:
    """What the storage must hold: the names of all photos and documents."""
    attachments, documents = await repository.stored(session)
    sent = {paper_name(key) if kind == PDF else photo_name(key) for key, kind in attachments}
    return {*sent, *map(document_name, documents)}
