"""Papers citizens send: PDFs, checked and kept as they are, for saving only; pictures among them become photos."""

import zipfile
from collections.abc import Sequence
from io import BytesIO
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.attachments import repository
from backend.attachments.documents import JPEG, PNG, SIGNATURES, named
from backend.attachments.errors import (
    DocumentNotFoundError,
    DocumentTooLargeError,
    DocumentTypeError,
    PhotoTypeError,
)
from backend.attachments.models import Attachment
from backend.attachments.pdf import checked_pages
from backend.attachments.schemas import PDF, Paper, Photo, StoredFile
from backend.attachments.service import keep_photo, note_photo, paper_name
from backend.attachments.storage import storage_of
from backend.core.settings import Settings


async def keep_paper(settings: Settings, attachment_id: UUID, name: str, content: bytes) -> Paper | Photo:
    """Check a PDF, JPEG or PNG and put it into the storage: no transaction may be open meanwhile.

    What was kept under this id before stays. Raises DocumentTooLargeError, DocumentTypeError, DocumentDamagedError,
    DocumentLockedError, DocumentActiveError, DocumentTooLongError, PhotoTooLargeError or StorageAwayError.
    """
    if len(content) > settings.document_max_bytes:
        raise DocumentTooLargeError(megabytes=settings.document_max_bytes // 1_000_000)
    kind = next((kind for kind, signature in SIGNATURES.items() if content.startswith(signature)), None)
    if kind in (JPEG, PNG):
        return await _kept_picture(settings, attachment_id, content)
    # What is an archive as well is none of the papers an office asks for.
    if kind != PDF or zipfile.is_zipfile(BytesIO(content)):
        raise DocumentTypeError
    pages = await checked_pages(content, settings.document_max_pages)
    storage = storage_of(settings)
    if not await storage.exists(paper_name(attachment_id)):
        await storage.put(paper_name(attachment_id), content)
    return Paper(attachment_id, named(name, PDF), pages, len(content))


async def _kept_picture(settings: Settings, attachment_id: UUID, content: bytes) -> Photo:
    try:
        return await keep_photo(settings, attachment_id, content)
    except PhotoTypeError as error:
        raise DocumentTypeError from error


async def note_paper(session: AsyncSession, contact_id: UUID, paper: Paper | Photo) -> None:
    """Write down whose a kept paper is; who sent one of this id first stays its owner."""
    await note_photo(session, contact_id, paper)


def told(paper: Paper | Photo) -> dict[str, object]:
    """What the message that brought a paper holds of it."""
    if isinstance(paper, Photo):
        return {"photo": str(paper.id)}
    facts = {"id": str(paper.id), "name": paper.name, "pages": paper.pages, "size": paper.size_bytes}
    return {"document": facts}


async def paper_of_contact(session: AsyncSession, contact_id: UUID, paper_id: UUID) -> Attachment:
    """A PDF a contact sent. Raises DocumentNotFoundError."""
    return _found(await repository.attachment(session, paper_id, contact_id=contact_id))


async def paper_of_ticket(session: AsyncSession, ticket_id: UUID, paper_id: UUID) -> Attachment:
    """A PDF a citizen sent with a ticket. Raises DocumentNotFoundError."""
    return _found(await repository.attachment(session, paper_id, ticket_id=ticket_id))


def _found(paper: Attachment | None) -> Attachment:
    if paper is None or paper.media_type != PDF:
        raise DocumentNotFoundError
    return paper


async def papers_of(session: AsyncSession, ticket_id: UUID) -> Sequence[Attachment]:
    """The PDFs citizens sent with a ticket, oldest first."""
    return await repository.papers_of(session, ticket_id)


async def open_paper(settings: Settings, paper_id: UUID) -> StoredFile:
    """A PDF's file: to be offered for saving, never shown in a page. No transaction may be open meanwhile.

    Raises DocumentNotFoundError or StorageAwayError.
    """
    try:
        return await storage_of(settings).get(paper_name(paper_id))
    except FileNotFoundError:
        raise DocumentNotFoundError from None
