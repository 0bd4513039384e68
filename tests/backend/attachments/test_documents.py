"""Documents of tickets."""

import io
from uuid import uuid4

import pytest
from PIL import Image
from sqlalchemy.ext.asyncio import AsyncSession

from backend.attachments.documents import (
    check_ticket_photo,
    document_name,
    document_of,
    documents_of,
    open_document,
    photos_of,
)
from backend.attachments.errors import (
    DocumentNotFoundError,
    DocumentTooLargeError,
    DocumentTypeError,
    PhotoNotFoundError,
    PhotoTooManyPixelsError,
)
from backend.attachments.service import attach_photos, store_photo
from backend.contacts.service import new_web_visitor
from backend.core.errors import KomshuError
from backend.core.settings import Settings
from tests.backend.attachments.factories import add_document
from tests.factories import jpeg

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"


def png() -> bytes:
    out = io.BytesIO()
    Image.new("RGBA", (30, 20), (0, 0, 0, 0)).save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "kept", "media_type"),
    [
        ("Proces verbal.pdf", PDF, "Proces verbal.pdf", "application/pdf"),
        ("photo.JPG", jpeg(), "photo.jpg", "image/jpeg"),
        ("план.png", png(), "план.jpg", "image/jpeg"),
        ("C:\\temp\\şikâyet.v2.pdf", PDF, "şikâyet.v2.pdf", "application/pdf"),
        ("../../etc/passwd", PDF, "passwd.pdf", "application/pdf"),
        ('x"\r\nSet-Cookie: a=b.html', PDF, 'x"Set-Cookie: a=b.pdf', "application/pdf"),
        ("harmless.txt", png(), "harmless.jpg", "image/jpeg"),
        ("", PDF, "document.pdf", "application/pdf"),
        ("a" * 300 + ".pdf", PDF, "a" * 120 + ".pdf", "application/pdf"),
    ],
)
async def test_a_document_is_what_its_content_says(
    session: AsyncSession, settings: Settings, name: str, content: bytes, kept: str, media_type: str
) -> None:
    ticket = uuid4()
    document = await add_document(session, settings, ticket, name, content, added_by="Ana")
    found = await document_of(session, ticket, document.id)
    path = settings.attachments_dir / document_name(found)
    assert (found.name, found.media_type, found.added_by) == (kept, media_type, "Ana")
    assert found.size_bytes == path.stat().st_size
    assert path.stat().st_mode & 0o777 == 0o600
    assert await documents_of(session, ticket) == [document]


async def test_a_pdf_is_kept_as_it_is_and_a_picture_loses_its_metadata(
    session: AsyncSession, settings: Settings
) -> None:
    ticket, stored = uuid4(), []
    for content in (PDF, jpeg()):
        document = await add_document(session, settings, ticket, "x", content, added_by="Ana")
        stored.append(await (await open_document(settings, document)).read())
    assert stored[0] == PDF
    assert not Image.open(io.BytesIO(stored[1])).getexif()


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", DocumentTypeError),
        (b"<html><script>alert(1)</script></html>", DocumentTypeError),
        (b"PK\x03\x04word/document.xml", DocumentTypeError),
        (b"%PDF-1.7 without an end", DocumentTypeError),
        (b"<script>%PDF-1.7\n%%EOF", DocumentTypeError),
        (b"\xff\xd8\xff and no picture", DocumentTypeError),
        (b"\x89PNG\r\n\x1a\n and no picture", DocumentTypeError),
        (PDF + b"x" * 20_000, DocumentTooLargeError),
        (jpeg((300, 300)), PhotoTooManyPixelsError),
    ],
)
async def test_anything_else_is_refused_and_nothing_kept(
    session: AsyncSession, settings: Settings, content: bytes, error: type[KomshuError]
) -> None:
    narrow = settings.model_copy(update={"document_max_bytes": 10_000, "photo_max_pixels": 10_000})
    ticket = uuid4()
    with pytest.raises(error):
        await add_document(session, narrow, ticket, "x.pdf", content, added_by="Ana")
    assert await documents_of(session, ticket) == []


async def test_a_document_of_another_ticket_is_not_there(session: AsyncSession, settings: Settings) -> None:
    document = await add_document(session, settings, uuid4(), "x", PDF, added_by="Ana")
    for ticket, number in ((uuid4(), document.id), (document.ticket_id, uuid4())):
        with pytest.raises(DocumentNotFoundError):
            await document_of(session, ticket, number)


async def test_a_document_whose_file_is_lost_is_not_there(session: AsyncSession, settings: Settings) -> None:
    document = await add_document(session, settings, uuid4(), "x", PDF, added_by="Ana")
    (settings.attachments_dir / document_name(document)).unlink()
    with pytest.raises(DocumentNotFoundError):
        await open_document(settings, document)


async def test_photos_of_a_ticket_are_found_by_the_ticket_alone(session: AsyncSession, settings: Settings) -> None:
    contact, _ = await new_web_visitor(session, "timisoara")
    photo, loose, ticket = uuid4(), uuid4(), uuid4()
    for number in (photo, loose):
        await store_photo(session, settings, contact, number, jpeg())
    await attach_photos(session, contact, [photo], ticket)
    assert await photos_of(session, ticket) == [photo]
    await check_ticket_photo(session, ticket, photo)
    for about, number in ((ticket, loose), (uuid4(), photo)):
        with pytest.raises(PhotoNotFoundError):
            await check_ticket_photo(session, about, number)
