"""Pictures and documents lose what was covered, in the storage itself, and whatever dies between."""

import io
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import given, strategies as st
from PIL import Image
from pypdf import PdfReader
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from backend.answers.desk import Desk
from backend.attachments import documents, redacting, service as attachments
from backend.attachments.errors import PhotoNotFoundError, StorageAwayError
from backend.attachments.images import BLOCK, SQUARE, cleaned_photo, covered
from backend.attachments.models import Document
from backend.core.blocks import MARK
from backend.core.database import make_sessions, utcnow
from backend.core.settings import Settings
from backend.offices.schemas import Office
from backend.redaction import pictures, repository
from backend.redaction.errors import RedactionFileError, RedactionNothingError
from backend.redaction.schemas import Act, Subject
from backend.redaction.tasks import finish_overdue
from tests.backend.handoff.factories import Floor

Sessions = async_sessionmaker[AsyncSession]
ACT = Act("picture")
PLATE = (40, 40, 24, 16)


def photo() -> bytes:
    """Red on the left, stripes like a number plate's on the right."""
    image = Image.new("RGB", (128, 96), "red")
    for x in range(64, 128, 2):
        image.paste("white", (x, 0, x + 1, 96))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=95, exif=Image.Exif())
    return cleaned_photo(out.getvalue(), 10_000_000)[0]


def pixels(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content)).convert("RGB")


def grey(content: bytes, x: int, y: int) -> bool:
    return all(abs(one - other) < 12 for one, other in zip(pixels(content).getpixel((x, y)), BLOCK, strict=True))  # type: ignore[arg-type]


class Gallery:
    """A chat with a photo and a ticket with a PDF, committed."""

    def __init__(self, sessions: Sessions, settings: Settings, office: Office, folder: Path) -> None:
        self.sessions, self.office = sessions, office
        self.settings = settings.model_copy(update={"data_dir": folder})
        self.photo = uuid4()

    async def begin(self) -> None:
        async with self.sessions() as session, session.begin():
            floor = Floor(session, self.settings, self.office)
            self.boss = await floor.agent("supervisor")
            self.chat = await floor.chat()
            await floor.says(self.chat, "", photo=str(self.photo))
            contact = await floor.column(self.chat, "contact_id")
            self.kept = await attachments.keep_photo(self.settings, self.photo, photo())
            await attachments.note_photo(session, contact, self.kept)
            self.desk = Desk(self.settings, self.office, floor.adapters)
            self.contact = contact

    async def act(self, areas: redacting.Areas, *, kind: redacting.FileKind = "attachment", act: Act = ACT) -> UUID:
        async with self.sessions() as session, session.begin():
            return await pictures.begin(session, self.desk, self.boss, self.of, kind, self.photo, areas, act)

    @property
    def of(self) -> Subject:
        return Subject("chat", self.chat)

    async def finish(self, redaction: UUID) -> None:
        await pictures.finish(self.settings, self.sessions, redaction)

    async def stored(self) -> bytes:
        return await (await attachments.open_photo(self.settings, self.photo)).read()

    async def visible(self) -> bool:
        async with self.sessions() as session:
            try:
                await attachments.check_photo(session, self.contact, self.photo)
            except PhotoNotFoundError:
                return False
            return True

    def files(self) -> list[Path]:
        return [path for path in self.settings.attachments_dir.rglob("*") if path.is_file()]


@pytest.fixture
async def gallery(engine: AsyncEngine, settings: Settings, office: Office, tmp_path: Path) -> AsyncIterator[Gallery]:
    gallery = Gallery(make_sessions(engine), settings, office, tmp_path)
    await gallery.begin()
    yield gallery
    async with gallery.sessions() as session, session.begin():
        for table, key in (("redaction", "object_id"), ("conversation", "id"), ("audit_entry", "object_id")):
            await session.execute(text(f"DELETE FROM {table} WHERE {key}::text = :id"), {"id": str(gallery.chat)})
        await session.execute(text("DELETE FROM contact WHERE id = :id"), {"id": gallery.contact})
        await session.execute(text("DELETE FROM account WHERE id = :id"), {"id": gallery.boss.id})
        await session.execute(text("DELETE FROM procrastinate_jobs WHERE task_name = 'redaction:finish'"))


async def test_what_was_covered_is_gone_from_the_storage(gallery: Gallery) -> None:
    before = await gallery.stored()
    await gallery.finish(await gallery.act([PLATE]))
    after = await gallery.stored()
    assert not grey(before, 50, 45)
    assert grey(after, 50, 45)
    assert not grey(after, 8, 8)
    assert all(before not in path.read_bytes() for path in gallery.files())
    assert [path.name for path in gallery.files()] == [f"{gallery.photo}.jpg"]
    assert not pixels(after).getexif()


async def test_nobody_sees_the_picture_until_it_is_changed(gallery: Gallery) -> None:
    redaction = await gallery.act([PLATE])
    assert not await gallery.visible()
    await gallery.finish(redaction)
    assert await gallery.visible()


async def test_whoever_died_between_is_followed_by_the_job(gallery: Gallery, monkeypatch: pytest.MonkeyPatch) -> None:
    redaction = await gallery.act([PLATE])

    async def away(*_: object) -> None:
        raise StorageAwayError

    with monkeypatch.context() as broken:
        broken.setattr("backend.attachments.storage.DiskStorage.put", away)
        with pytest.raises(StorageAwayError):
            await gallery.finish(redaction)
    assert not await gallery.visible()
    async with gallery.sessions() as session, session.begin():
        left = await repository.fetch(session, redaction)
        assert left is not None
        left.at = utcnow().replace(year=2020)
    context = type("Context", (), {"additional_context": {"settings": gallery.settings, "sessions": gallery.sessions}})
    assert await finish_overdue.func(context(), 0) == 1  # type: ignore[attr-defined]
    assert grey(await gallery.stored(), 50, 45)
    assert await gallery.visible()
    assert await finish_overdue.func(context(), 0) == 0  # type: ignore[attr-defined]


async def test_two_at_once_both_count(gallery: Gallery) -> None:
    first = await gallery.act([PLATE])
    second = await gallery.act([(96, 0, 16, 16)])
    await gallery.finish(first)
    assert not await gallery.visible()
    await gallery.finish(second)
    after = await gallery.stored()
    assert (grey(after, 50, 45), grey(after, 100, 8)) == (True, True)
    assert await gallery.visible()


async def test_one_who_comes_while_another_covers_is_not_lost(
    gallery: Gallery, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await gallery.act([PLATE])
    change, later = redacting.change, []

    async def slow(*given: object) -> int:
        if not later:
            later.append(await gallery.act([(96, 0, 16, 16)]))
        return await change(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(pictures.redacting, "change", slow)
    await gallery.finish(first)
    assert grey(await gallery.stored(), 100, 8)
    assert not await gallery.visible()
    await gallery.finish(later[0])
    assert await gallery.visible()


async def test_a_removed_photo_leaves_a_blank_one_and_does_not_come_back(gallery: Gallery) -> None:
    await gallery.finish(await gallery.act(None))
    after = await gallery.stored()
    assert (pixels(after).size, grey(after, 8, 8), grey(after, 100, 50)) == ((128, 96), True, True)
    await attachments.keep_photo(gallery.settings, gallery.photo, photo())
    assert await gallery.stored() == after


async def test_a_removed_document_leaves_a_blank_page_without_its_name(settings: Settings, tmp_path: Path) -> None:
    own = settings.model_copy(update={"data_dir": tmp_path})
    document = Document(
        id=uuid4(),
        ticket_id=uuid4(),
        name="Zqneighbour.pdf",
        media_type="application/pdf",
        size_bytes=9,
        added_by="Ana",
        created_at=utcnow(),
    )
    redacting.hide(document)
    file = redacting.described(document)
    await redacting.storage_of(own).put(file.stored_as, b"%PDF-1.4 secret %%EOF")
    size = await redacting.change(own, file, None)
    redacting.show(document, size, removed=True)
    content = await (await redacting.stored(own, file)).read()
    assert (document.name, document.hidden_at, b"secret" in content) == (f"{MARK}.pdf", None, False)
    assert len(PdfReader(io.BytesIO(content)).pages) == 1


@pytest.mark.parametrize(
    ("areas", "error"),
    [
        ([], RedactionNothingError),
        ([(0, 0, 0, 5)], RedactionNothingError),
        ([(0, 0, 5, -1)], RedactionNothingError),
        ([(0, 0, 5, 5)] * 51, RedactionNothingError),
    ],
)
async def test_areas_that_are_none_are_refused(
    gallery: Gallery, areas: list[tuple[int, int, int, int]], error: type[Exception]
) -> None:
    with pytest.raises(error):
        await gallery.act(areas)
    assert await gallery.visible()


async def test_a_file_of_somebody_else_is_not_there(gallery: Gallery) -> None:
    gallery.photo = uuid4()
    with pytest.raises(RedactionFileError):
        await gallery.act(None)


@pytest.mark.parametrize("row", [("a", "1", "2", "3"), ("1", "", "2", "3"), ("1.5", "1", "2", "3")])
def test_a_row_that_is_no_area_is_refused(row: tuple[str, str, str, str]) -> None:
    with pytest.raises(RedactionNothingError):
        pictures.read_areas([row])


def test_empty_rows_are_left_out() -> None:
    assert pictures.read_areas([("", "", "", ""), ("1", "2", "3", "4")]) == [(1, 2, 3, 4)]


AREAS = st.tuples(st.integers(-50, 200), st.integers(-50, 200), st.integers(1, 200), st.integers(1, 200))


@given(area=AREAS)
def test_every_pixel_of_an_area_is_covered_with_room_around_it(area: tuple[int, int, int, int]) -> None:
    after = covered(photo(), [area])
    x, y, width, height = area
    inside = [
        (left, top)
        for left in (max(x, 0), min(x + width, 128) - 1)
        for top in (max(y, 0), min(y + height, 96) - 1)
        if 0 <= left < 128 and 0 <= top < 96 and x <= left < x + width and y <= top < y + height
    ]
    for left, top in inside:
        square = (left // SQUARE * SQUARE + SQUARE // 2, top // SQUARE * SQUARE + SQUARE // 2)
        assert grey(after, *square)


async def test_the_names_in_use_hold_hidden_files_too(gallery: Gallery) -> None:
    await gallery.act([PLATE])
    async with gallery.sessions() as session:
        assert f"{gallery.photo}.jpg" in await documents.names_in_use(session)
