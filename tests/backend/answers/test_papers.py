"""Documents that lie with a provider: fetched once, checked, shown to the bot, or refused in the person's language."""

import json
from collections.abc import Callable

import pytest

from backend.attachments.errors import StorageAwayError
from channels.errors import AWAY, REFUSED, SendError
from channels.message import Media
from tests.backend.answers.test_taker import Scene, pool as pool, scene as scene, told
from tests.backend.attachments import papers
from tests.factories import jpeg

FORM = Media(id="file-1", document=True, name="dilekçe.pdf")


async def test_a_document_is_fetched_once_and_shown_to_the_bot(scene: Scene) -> None:
    scene.adapter.files = [papers.pdf(2)]
    scene.bot.status = 500
    await scene.takes(media=FORM)
    content = await scene.content()
    facts = content["document"]
    assert (facts["name"], facts["pages"], facts["size"]) == ("dilekçe.pdf", 2, len(papers.pdf(2)))
    assert "media" not in content
    scene.bot.status = 200
    await scene.make_due()
    await scene.takes()
    assert scene.adapter.fetched == 1
    payload = "/share_document" + json.dumps({"document": facts["id"]})
    assert [asked["payload"] for asked in scene.bot.asked] == [payload] * 2
    query = "SELECT media_type FROM attachment WHERE id = %s"
    assert await scene.value(query, facts["id"]) == "application/pdf"


async def test_a_picture_sent_as_a_document_is_a_photo(scene: Scene) -> None:
    scene.adapter.files = [jpeg()]
    await scene.takes(media=FORM)
    assert set(await scene.content()) == {"text", "photo"}
    assert scene.bot.asked[0]["payload"].startswith("/share_photo")


REFUSALS: list[tuple[Callable[[], bytes | SendError], str]] = [
    (lambda: SendError(REFUSED, detail="too_large"), "chat.document_refused"),
    (lambda: b"MZ" + bytes(99), "error.document_type_unsupported"),
    (papers.locked, "error.document_locked"),
    (papers.launching, "error.document_active"),
    (papers.loop, "error.document_damaged"),
    (lambda: papers.pdf(101), "error.document_too_long"),
    (lambda: b"%PDF-" + bytes(11_000_000), "error.document_too_large"),
]


@pytest.mark.parametrize(("make", "sentence"), REFUSALS, ids=[sentence for _, sentence in REFUSALS])
async def test_a_document_that_cannot_be_kept_is_told(
    scene: Scene, make: Callable[[], bytes | SendError], sentence: str
) -> None:
    scene.adapter.files = [make()]
    await scene.takes(text="", media=FORM)
    assert await scene.replies() == [told(sentence, megabytes=10, pages=100)]
    assert (scene.bot.asked, await scene.state()) == ([], "answered")
    assert (await scene.content())["refused"]["sentence"] == sentence


async def test_a_refusal_survives_a_crash_before_it_was_said(scene: Scene) -> None:
    scene.adapter.files = [papers.locked()]
    await scene.writes(media=FORM)
    claim, waiting = await scene.claimed()
    await scene.taker._fetched(claim, waiting)
    async with scene.pool.connection() as connection:
        await connection.execute("UPDATE conversation SET lease_until = now() WHERE id = %s", (scene.id,))
    await scene.takes()
    assert (await scene.replies(), scene.adapter.fetched) == ([told("error.document_locked")], 1)


async def test_a_document_that_cannot_be_had_now_is_asked_for_again(scene: Scene) -> None:
    scene.adapter.files = [SendError(AWAY, retryable=True), papers.pdf()]
    await scene.takes(media=FORM)
    assert (await scene.replies(), await scene.state()) == ([], "received")
    await scene.make_due()
    await scene.takes()
    assert (await scene.replies(), "document" in await scene.content()) == (["from the bot"], True)


async def test_a_document_waits_for_a_storage_that_is_away(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: object) -> None:
        raise StorageAwayError

    scene.adapter.files = [papers.pdf(), papers.pdf()]
    with monkeypatch.context() as patch:
        patch.setattr("backend.attachments.storage.DiskStorage.put", away)
        await scene.takes(media=FORM)
    assert (await scene.replies(), await scene.state()) == ([], "received")
    await scene.make_due()
    await scene.takes()
    assert "document" in await scene.content()


async def test_a_document_for_an_agent_is_fetched_too_and_nothing_said(scene: Scene) -> None:
    scene.adapter.files = [papers.pdf()]
    await scene.writes(media=FORM)
    await scene.held_by("agent")
    await scene.takes()
    assert (await scene.replies(), scene.bot.asked) == ([], [])
    assert (await scene.content())["document"]["name"] == "dilekçe.pdf"
