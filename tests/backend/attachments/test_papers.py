"""Papers citizens send: which are kept, which are refused and why, and who gets them."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from backend.attachments import personal
from backend.attachments.documents import names_in_use
from backend.attachments.errors import (
    DocumentActiveError,
    DocumentDamagedError,
    DocumentLockedError,
    DocumentNotFoundError,
    DocumentTooLargeError,
    DocumentTooLongError,
    DocumentTypeError,
    PhotoNotFoundError,
    PhotoTooManyPixelsError,
)
from backend.attachments.models import Attachment
from backend.attachments.papers import (
    keep_paper,
    note_paper,
    open_paper,
    paper_of_contact,
    paper_of_ticket,
    papers_of,
    told,
)
from backend.attachments.schemas import Paper, Photo
from backend.attachments.service import attach_photos, check_photo, delete_photos, paper_name
from backend.contacts.service import new_web_visitor
from backend.core.catalogue import backend_catalogue
from backend.core.errors import KomshuError
from backend.core.languages import LANGUAGES
from backend.core.settings import Settings
from tests.backend.attachments import papers
from tests.factories import jpeg

REFUSED: list[tuple[str, Callable[[], bytes], type[KomshuError]]] = [
    ("nothing", lambda: b"", DocumentTypeError),
    ("a program", lambda: b"MZ\x90\x00" + bytes(500), DocumentTypeError),
    ("a page of HTML", lambda: b"<html><script>alert(1)</script></html>", DocumentTypeError),
    ("a program before the PDF", papers.with_program_before, DocumentTypeError),
    ("an archive behind the PDF", papers.with_zip_behind, DocumentTypeError),
    ("a program behind the PDF", lambda: papers.pdf() + b"MZ" + bytes(300) + b"x", DocumentDamagedError),
    ("a picture in name only", lambda: b"\xff\xd8\xff" + bytes(50), DocumentTypeError),
    ("a PDF cut off", lambda: papers.pdf()[:-30], DocumentDamagedError),
    ("a PDF in name only", lambda: b"%PDF-1.7\n%%EOF\n", DocumentDamagedError),
    ("no pages", lambda: papers.built(b"<< /Type /Catalog >>"), DocumentDamagedError),
    ("a loop", papers.loop, DocumentDamagedError),
    ("a bomb", papers.bomb, DocumentDamagedError),
    ("a password", papers.locked, DocumentLockedError),
    ("a script", papers.scripted, DocumentActiveError),
    ("a script written with escapes", papers.hidden_script, DocumentActiveError),
    ("a script packed away", papers.packed_script, DocumentActiveError),
    ("a launch", papers.launching, DocumentActiveError),
    ("500 pages", lambda: papers.pdf(500), DocumentTooLongError),
]


async def visitor(session: AsyncSession) -> UUID:
    return (await new_web_visitor(session, "timisoara"))[0]


async def sent(session: AsyncSession, settings: Settings, contact_id: UUID, name: str = "a.pdf") -> UUID:
    paper = await keep_paper(settings, uuid4(), name, papers.pdf(2))
    await note_paper(session, contact_id, paper)
    return paper.id


@pytest.mark.parametrize(("make", "error"), [one[1:] for one in REFUSED], ids=[one[0] for one in REFUSED])
async def test_what_is_no_paper_to_keep_is_refused_and_leaves_nothing(
    settings: Settings, make: Callable[[], bytes], error: type[KomshuError]
) -> None:
    paper = uuid4()
    with pytest.raises(error) as refusal:
        await keep_paper(settings, paper, "form.pdf", make())
    assert type(refusal.value) is error
    assert not (settings.attachments_dir / paper_name(paper)).exists()
    for language in LANGUAGES:
        said = backend_catalogue().text(f"error.{error.code}", language, **refusal.value.values)
        assert said
        assert "{" not in said


async def test_a_paper_is_kept_byte_for_byte_with_its_name_and_pages(session: AsyncSession, settings: Settings) -> None:
    content = papers.pdf(3)
    paper = await keep_paper(settings, uuid4(), "C:\\Documents\\план ș.exe", content)
    assert isinstance(paper, Paper)
    assert (paper.name, paper.pages, paper.size_bytes) == ("план ș.pdf", 3, len(content))
    assert await (await open_paper(settings, paper.id)).read() == content
    assert told(paper) == {"document": {"id": str(paper.id), "name": "план ș.pdf", "pages": 3, "size": len(content)}}
    again = await keep_paper(settings, paper.id, "other.pdf", papers.pdf(1))
    await note_paper(session, await visitor(session), again)
    assert await (await open_paper(settings, paper.id)).read() == content


async def test_a_picture_among_papers_is_a_photo(settings: Settings) -> None:
    photo = await keep_paper(settings, uuid4(), "scan.pdf", jpeg())
    assert isinstance(photo, Photo)
    assert told(photo) == {"photo": str(photo.id)}


async def test_limits_are_the_offices(settings: Settings) -> None:
    small = settings.model_copy(update={"document_max_bytes": 1_000_000, "document_max_pages": 2})
    with pytest.raises(DocumentTooLargeError) as large:
        await keep_paper(small, uuid4(), "a.pdf", b"%PDF-" + bytes(1_000_000))
    assert large.value.values == {"megabytes": 1}
    with pytest.raises(DocumentTooLongError) as long:
        await keep_paper(small, uuid4(), "a.pdf", papers.pdf(3))
    assert long.value.values == {"pages": 2}
    assert isinstance(await keep_paper(small, uuid4(), "a.pdf", papers.pdf(2)), Paper)
    with pytest.raises(PhotoTooManyPixelsError):
        await keep_paper(settings.model_copy(update={"photo_max_pixels": 10_000}), uuid4(), "a", jpeg((200, 200)))


async def test_a_paper_is_shown_to_its_owner_and_its_ticket_only(session: AsyncSession, settings: Settings) -> None:
    owner, other, ticket = await visitor(session), await visitor(session), uuid4()
    paper = await sent(session, settings, owner)
    assert (await paper_of_contact(session, owner, paper)).pages == 2
    for contact_id, paper_id in ((other, paper), (owner, uuid4())):
        with pytest.raises(DocumentNotFoundError):
            await paper_of_contact(session, contact_id, paper_id)
    with pytest.raises(PhotoNotFoundError):
        await check_photo(session, owner, paper)
    assert await attach_photos(session, other, [paper], ticket) == 0
    assert await attach_photos(session, owner, [paper], ticket) == 1
    assert [one.id for one in await papers_of(session, ticket)] == [paper]
    assert (await paper_of_ticket(session, ticket, paper)).name == "a.pdf"
    with pytest.raises(DocumentNotFoundError):
        await paper_of_ticket(session, uuid4(), paper)


async def test_a_paper_is_in_the_backup_and_goes_with_its_owner(session: AsyncSession, settings: Settings) -> None:
    owner = await visitor(session)
    paper = await sent(session, settings, owner)
    assert paper_name(paper) in await names_in_use(session)
    assert paper in await personal.of_contact(session, owner)
    await delete_photos(settings, [paper])
    with pytest.raises(DocumentNotFoundError):
        await open_paper(settings, paper)
    assert (await session.get_one(Attachment, paper)).media_type == "application/pdf"
