"""Both storages keep files alike; the bucket is a real S3 server that checks every signature."""

import asyncio
import stat
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import structlog
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.attachments.documents import names_in_use, open_document
from backend.attachments.errors import StorageAwayError
from backend.attachments.s3 import S3Storage
from backend.attachments.service import delete_photos, keep_photo, open_photo, photo_name, store_photo
from backend.attachments.storage import DiskStorage, Storage, storage_of
from backend.contacts.service import new_web_visitor
from backend.core.settings import Settings
from backend.supervisor import environment_of
from tests.backend.attachments.factories import add_document
from tests.factories import jpeg
from tests.peers import s3

NAMES = ("a.jpg", "documents/b.pdf", "documents/план ș.pdf")


@pytest.fixture(scope="module")
def server() -> Iterator[s3.Server]:
    with s3.running() as server:
        yield server


@pytest.fixture(autouse=True)
def up(server: s3.Server) -> None:
    server.failing = 0
    server.asked.clear()


@pytest.fixture
def bucket(settings: Settings, server: s3.Server) -> Settings:
    """Settings that keep files in the bucket."""
    return settings.model_copy(
        update={
            "attachments_storage": "s3",
            "s3_endpoint": server.endpoint,
            "s3_bucket": s3.BUCKET,
            "s3_region": s3.REGION,
            "s3_access_key": s3.ACCESS,
            "s3_secret_key": type(settings.secret_key)(s3.SECRET),
        }
    )


@pytest.fixture(params=["disk", "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path, bucket: Settings) -> Storage:
    return DiskStorage(tmp_path / "files") if request.param == "disk" else storage_of(bucket)


@pytest.mark.parametrize("content", [b"", b"x", bytes(range(256)) * 5000])
async def test_what_is_put_comes_back_and_is_replaced_whole(storage: Storage, content: bytes) -> None:
    for name in NAMES:
        await storage.put(name, b"before")
        await storage.put(name, content)
        found = await storage.get(name)
        assert (found.size, await found.read()) == (len(content), content)


async def test_files_are_listed_and_forgotten(storage: Storage) -> None:
    for name in NAMES:
        await storage.put(name, b"x")
    assert {name async for name in storage.names()} == set(NAMES)
    assert [await storage.exists(name) for name in (*NAMES, "c.jpg")] == [True, True, True, False]
    for name in (*NAMES, "c.jpg", NAMES[0]):
        await storage.delete(name)
    assert [name async for name in storage.names()] == []
    with pytest.raises(FileNotFoundError):
        await storage.get(NAMES[0])


async def test_writers_of_one_name_leave_one_of_their_files_whole(storage: Storage) -> None:
    contents = [bytes([number]) * 200_000 for number in range(5)]
    await asyncio.gather(*(storage.put("a.jpg", content) for content in contents))
    assert await (await storage.get("a.jpg")).read() in contents
    assert [name async for name in storage.names()] == ["a.jpg"]


async def test_files_on_disk_are_private_and_a_folder_that_is_not_there_is_empty(tmp_path: Path) -> None:
    disk = DiskStorage(tmp_path / "files")
    assert [name async for name in disk.names()] == []
    await disk.put("documents/a.pdf", b"x")
    assert stat.S_IMODE((tmp_path / "files" / "documents" / "a.pdf").stat().st_mode) == 0o600


async def test_a_disk_that_cannot_be_written_is_a_storage_that_is_away(tmp_path: Path) -> None:
    (tmp_path / "files").write_text("no folder")
    with pytest.raises(StorageAwayError) as error:
        await DiskStorage(tmp_path / "files").put("a.jpg", b"x")
    assert error.value.headers["Retry-After"].isdigit()


@pytest.mark.parametrize(
    "values", [{"secret_key": "w" * 40}, {"access_key": "someone"}, {"bucket": "other"}, {"region": "us-east-1"}]
)
async def test_a_wrong_key_bucket_or_region_is_refused(server: s3.Server, values: dict[str, str]) -> None:
    right = {"bucket": s3.BUCKET, "region": s3.REGION, "access_key": s3.ACCESS, "secret_key": s3.SECRET}
    with pytest.raises(StorageAwayError):
        await S3Storage(server.endpoint, **{**right, **values}).put("a.jpg", b"x")


@pytest.mark.parametrize("status", [500, 503, 403])
async def test_a_bucket_that_is_away_is_told_by_every_method_and_no_address_is_logged(
    bucket: Settings, server: s3.Server, status: int
) -> None:
    storage = storage_of(bucket)
    server.failing = status
    with structlog.testing.capture_logs() as lines:
        for ask in (
            storage.put("secret-name.jpg", b"x"),
            storage.get("secret-name.jpg"),
            storage.delete("secret-name.jpg"),
            storage.exists("secret-name.jpg"),
            anext(aiter(storage.names())),
        ):
            with pytest.raises(StorageAwayError):
                await ask
    assert [line["event"] for line in lines] == ["storage_failed"] * 5
    assert "secret-name" not in str(lines)


async def test_nobody_listening_is_a_storage_that_is_away(settings: Settings) -> None:
    with pytest.raises(StorageAwayError):
        await S3Storage("http://127.0.0.1:9", "b", "r", "a", "s").put("a.jpg", b"x")


async def test_a_photo_goes_into_the_bucket_and_comes_back_and_goes(
    session: AsyncSession, bucket: Settings, server: s3.Server
) -> None:
    contact, photo = (await new_web_visitor(session, "timisoara"))[0], uuid4()
    await store_photo(session, bucket, contact, photo, jpeg())
    path = f"/{s3.BUCKET}/{photo}.jpg"
    assert server.asked_for("PUT") == [path]
    first = await (await open_photo(bucket, photo)).read()
    await store_photo(session, bucket, contact, photo, jpeg((20, 10)))
    assert server.asked_for("PUT") == [path]
    assert await (await open_photo(bucket, photo)).read() == first
    await delete_photos(bucket, [photo])
    assert not await storage_of(bucket).exists(photo_name(photo))


async def test_a_photo_that_could_not_be_kept_is_kept_when_it_is_sent_again(
    bucket: Settings, server: s3.Server
) -> None:
    photo = uuid4()
    server.failing = 503
    with pytest.raises(StorageAwayError):
        await keep_photo(bucket, photo, jpeg())
    server.failing = 0
    kept = await keep_photo(bucket, photo, jpeg())
    found = await open_photo(bucket, photo)
    assert (kept.size_bytes, kept.width, kept.height) == (found.size, 64, 48)


async def test_a_document_goes_into_the_bucket_and_is_in_use(session: AsyncSession, bucket: Settings) -> None:
    document = await add_document(session, bucket, uuid4(), "x", b"%PDF-1.7\n%%EOF\n", added_by="Ana")
    assert await (await open_document(bucket, document)).read() == b"%PDF-1.7\n%%EOF\n"
    assert f"documents/{document.id}.pdf" in await names_in_use(session)


@pytest.mark.parametrize("missing", ["s3_bucket", "s3_access_key", "s3_secret_key"])
def test_a_bucket_without_name_or_keys_is_refused_at_the_start(missing: str) -> None:
    values = {"s3_bucket": "b", "s3_access_key": "a", "s3_secret_key": "s"} | {missing: ""}
    with pytest.raises(ValidationError, match=missing.upper()):
        Settings(_env_file=None, attachments_storage="s3", **values)


def test_the_secret_key_is_not_shown(bucket: Settings) -> None:
    assert s3.SECRET not in repr(bucket)


def test_the_processes_of_komshu_run_get_the_secret_key_itself(bucket: Settings) -> None:
    environment = environment_of(bucket)
    assert (environment["S3_SECRET_KEY"], environment["SECRET_KEY"]) == (s3.SECRET, "s" * 40)
    assert environment["S3_ENDPOINT"] == bucket.s3_endpoint
