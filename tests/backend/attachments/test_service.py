"""Photos kept for who sent them."""

import stat
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from PIL import Image
from sqlalchemy.ext.asyncio import AsyncSession

from backend.attachments.errors import PhotoNotFoundError, PhotoTooLargeError, PhotoTypeError
from backend.attachments.models import Attachment
from backend.attachments.service import (
    attach_photos,
    check_photo,
    delete_photos,
    forget_photos,
    open_photo,
    photo_name,
    store_photo,
    unattached,
)
from backend.contacts.service import new_web_visitor
from backend.core.database import utcnow
from backend.core.settings import Settings
from tests.factories import jpeg


def photo_path(settings: Settings, photo: UUID) -> Path:
    """Where the disk storage keeps a photo."""
    return settings.attachments_dir / photo_name(photo)


async def photo_of(session: AsyncSession, settings: Settings, contact: UUID, photo: UUID) -> bytes:
    """A photo as its owner gets it."""
    await check_photo(session, contact, photo)
    found = await open_photo(settings, photo)
    content = await found.read()
    assert found.size == len(content)
    return content


async def visitor(session: AsyncSession) -> UUID:
    return (await new_web_visitor(session, "timisoara"))[0]


async def sent(session: AsyncSession, settings: Settings, contact_id: UUID) -> UUID:
    photo = uuid4()
    await store_photo(session, settings, contact_id, photo, jpeg())
    return photo


async def test_a_photo_is_kept_without_its_position_where_only_its_owner_reads(
    session: AsyncSession, settings: Settings
) -> None:
    contact = await visitor(session)
    photo = await sent(session, settings, contact)
    path = photo_path(settings, photo)
    assert await photo_of(session, settings, contact, photo) == path.read_bytes()
    with Image.open(path) as image:
        assert (image.format, dict(image.getexif())) == ("JPEG", {})
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    row = await session.get(Attachment, photo)
    assert row is not None
    assert (row.width, row.height, row.size_bytes) == (64, 48, path.stat().st_size)


async def test_a_photo_is_shown_to_nobody_else(session: AsyncSession, settings: Settings) -> None:
    photo = await sent(session, settings, await visitor(session))
    with pytest.raises(PhotoNotFoundError):
        await photo_of(session, settings, await visitor(session), photo)


async def test_an_unknown_photo_and_a_lost_file_are_not_found(session: AsyncSession, settings: Settings) -> None:
    contact = await visitor(session)
    photo = await sent(session, settings, contact)
    photo_path(settings, photo).unlink()
    for missing in (photo, uuid4()):
        with pytest.raises(PhotoNotFoundError):
            await photo_of(session, settings, contact, missing)


async def test_the_same_id_again_changes_nothing_whoever_sends_it(session: AsyncSession, settings: Settings) -> None:
    contact = await visitor(session)
    photo = await sent(session, settings, contact)
    before = photo_path(settings, photo).read_bytes()
    for sender in (contact, await visitor(session)):
        await store_photo(session, settings, sender, photo, jpeg((20, 10)))
    assert await photo_of(session, settings, contact, photo) == before


async def test_too_many_bytes_are_refused_before_they_are_read(session: AsyncSession, settings: Settings) -> None:
    small = settings.model_copy(update={"photo_max_bytes": 2_000_000})
    with pytest.raises(PhotoTooLargeError) as error:
        await store_photo(session, small, await visitor(session), uuid4(), b"x" * 2_000_001)
    assert error.value.values == {"megabytes": 2}


async def test_what_is_no_photo_leaves_nothing_behind(
    session: AsyncSession, settings: Settings, tmp_path: Path
) -> None:
    elsewhere = settings.model_copy(update={"data_dir": tmp_path})
    photo = uuid4()
    with pytest.raises(PhotoTypeError):
        await store_photo(session, elsewhere, await visitor(session), photo, b"holiday.jpg, really a text")
    assert await session.get(Attachment, photo) is None
    assert not elsewhere.attachments_dir.exists()


async def test_only_own_photos_are_bound_to_a_ticket(session: AsyncSession, settings: Settings) -> None:
    contact, other, ticket = await visitor(session), await visitor(session), uuid4()
    mine, theirs = await sent(session, settings, contact), await sent(session, settings, other)
    assert await attach_photos(session, contact, [mine, theirs, uuid4()], ticket) == 1
    assert await attach_photos(session, contact, [], ticket) == 0
    rows = [await session.get(Attachment, photo, populate_existing=True) for photo in (mine, theirs)]
    assert [row.ticket_id for row in rows if row] == [ticket, None]


async def test_old_photos_without_a_ticket_are_deleted_with_their_files(
    session: AsyncSession, settings: Settings
) -> None:
    contact = await visitor(session)
    loose, bound = await sent(session, settings, contact), await sent(session, settings, contact)
    await attach_photos(session, contact, [bound], uuid4())
    assert loose not in await unattached(session, utcnow() - timedelta(days=2))
    old = await unattached(session, utcnow() + timedelta(seconds=1))
    assert (loose in old, bound in old) == (True, False)
    await delete_photos(settings, [loose])
    await forget_photos(session, [loose, bound])
    assert not photo_path(settings, loose).exists()
    assert await photo_of(session, settings, contact, bound)
    with pytest.raises(PhotoNotFoundError):
        await photo_of(session, settings, contact, loose)
