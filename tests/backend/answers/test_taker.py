"""Turns over a channel that sends: what needs no bot, photos, and what a fault does."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.answers import service
from backend.answers.engine import Engine
from backend.answers.taker import Taker
from backend.attachments.errors import StorageAwayError
from backend.attachments.service import photo_name
from backend.attachments.storage import DiskStorage
from backend.conversations.schemas import Claim, Waiting
from backend.conversations.service import arrive
from backend.core.catalogue import backend_catalogue
from backend.core.database import Pool, make_sessions
from backend.core.settings import Settings
from backend.offices.schemas import Office
from channels.errors import AWAY, BUSY, MISCONFIGURED, REFUSED, UNREACHABLE, SendError
from channels.message import Arrival, Inbound, Media
from tests.backend.attachments.factories import encoded
from tests.backend.outbox.factories import LEASE, ScriptedAdapter, pool_of, rows
from tests.factories import jpeg

PERSON = ["/talk_to_human"]


@dataclass
class Bot:
    """A bot that answers everything with the same text, or as it is told."""

    asked: list[dict[str, Any]] = field(default_factory=list)
    status: int = 200
    text: str = "from the bot"

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(await request.json())
        body = {"replies": [{"text": self.text}], "language": "tr"}
        return web.Response(status=self.status, body=json.dumps(body).encode())


@dataclass
class Scene:
    """A person, a channel, a bot and what takes the turns."""

    taker: Taker
    adapter: ScriptedAdapter
    bot: Bot
    pool: Pool
    settings: Settings
    office: Office
    engine: AsyncEngine
    address: str = field(default_factory=lambda: str(uuid4()))
    id: UUID = field(default_factory=uuid4)

    async def writes(self, **parts: Any) -> None:
        arrival = Arrival(
            sender=self.address, inbound=Inbound(external_id=str(uuid4()), **parts), language="tr", name="Ayşe"
        )
        async with make_sessions(self.engine)() as session, session.begin():
            self.id, _ = await arrive(session, self.settings, self.office, self.adapter.name, arrival)

    async def claimed(self) -> tuple[Claim, Waiting]:
        async with self.pool.connection() as connection:
            [found] = await service.claim_due(connection, LEASE, 1, [self.adapter.name])
        return found

    async def takes(self, **parts: Any) -> Waiting | None:
        """One message, one turn; returns what waits behind it."""
        if parts:
            await self.writes(**parts)
        return await self.taker.take(*await self.claimed())

    async def value(self, statement: str, *values: object) -> Any:
        async with self.pool.connection() as connection:
            row = await (await connection.execute(statement.encode(), values)).fetchone()
        return row[0] if row else None

    async def replies(self) -> list[str]:
        async with self.pool.connection() as connection:
            return [one for (one,) in await rows(connection, self.id, "part->>'text'")]

    async def buttons(self) -> list[str]:
        statement = "SELECT content->'buttons' FROM message WHERE conversation_id = %s ORDER BY seq DESC LIMIT 1"
        return [button["payload"] for button in await self.value(statement, self.id)]

    async def state(self, seq: int = 1) -> Any:
        return await self.value("SELECT state FROM message WHERE conversation_id = %s AND seq = %s", self.id, seq)

    async def content(self, seq: int = 1) -> Any:
        return await self.value("SELECT content FROM message WHERE conversation_id = %s AND seq = %s", self.id, seq)

    async def stopped(self) -> bool:
        found = await self.value("SELECT stopped_at FROM identity WHERE channel = %s", self.adapter.name)
        return found is not None

    async def make_due(self) -> None:
        async with self.pool.connection() as connection:
            for table, name in (("message", "conversation_id"), ("conversation", "id")):
                statement = f"UPDATE {table} SET due_at = now() WHERE {name} = %s AND due_at IS NOT NULL"
                await connection.execute(statement.encode(), (self.id,))

    async def held_by(self, holder: str) -> None:
        async with self.pool.connection() as connection:
            await connection.execute("UPDATE conversation SET holder = %s WHERE id = %s", (holder, self.id))


@pytest.fixture(scope="module")
async def pool(settings: Settings, engine: AsyncEngine) -> AsyncIterator[Pool]:
    async with pool_of(settings, 3) as pool:
        yield pool


@pytest.fixture
async def scene(settings: Settings, office: Office, engine: AsyncEngine, pool: Pool) -> AsyncIterator[Scene]:
    bot, adapter, app = Bot(), ScriptedAdapter(), web.Application()
    app.router.add_post("/webhooks/komshu/turns", bot.answer)
    async with TestServer(app) as server, ClientSession() as client:
        there = settings.model_copy(update={"rasa_url": str(server.make_url("/")), "turn_attempts": 3})
        taker = Taker(there, pool, make_sessions(engine), Engine(there, client), {adapter.name: adapter}, office)
        yield Scene(taker, adapter, bot, pool, there, office, engine)


def told(key: str, **values: object) -> str:
    return backend_catalogue().text(key, "tr", **values)


async def test_the_bot_answers_and_the_answer_is_queued(scene: Scene) -> None:
    assert await scene.takes(text="merhaba") is None
    assert (await scene.replies(), await scene.state()) == (["from the bot"], "answered")
    assert [asked["text"] for asked in scene.bot.asked] == ["merhaba"]


async def test_messages_are_taken_one_after_the_other(scene: Scene) -> None:
    await scene.writes(text="one")
    await scene.writes(text="two")
    claim, waiting = await scene.claimed()
    following = await scene.taker.take(claim, waiting)
    assert following is not None
    assert await scene.taker.take(claim, following) is None
    assert [asked["text"] for asked in scene.bot.asked] == ["one", "two"]


@pytest.mark.parametrize("kind", ["voice", "video", "sticker", "document", "contact", "other"])
async def test_what_nobody_can_read_is_told_with_a_way_to_a_person(scene: Scene, kind: str) -> None:
    await scene.takes(unreadable=kind)
    assert await scene.replies() == [told(f"chat.unreadable.{kind}")]
    assert (await scene.buttons(), scene.bot.asked) == (PERSON, [])


async def test_an_outdated_button_is_told_and_its_waiting_sign_taken_off(scene: Scene) -> None:
    await scene.takes(choice={"message": 7, "index": 0}, receipt="press-1")
    assert await scene.replies() == [told("chat.button_outdated")]
    assert [content["receipt"] for content in scene.adapter.seen_of] == ["press-1"]
    assert scene.bot.asked == []


@pytest.mark.parametrize(
    ("before", "parts", "stopped", "sentence", "asked"),
    [
        (False, {"wish": "stop"}, True, "chat.wish.stop", 0),
        (False, {"wish": "stop", "silent": True}, True, None, 0),
        (True, {"wish": "start"}, False, "chat.wish.start", 0),
        (True, {"wish": "start", "silent": True}, False, None, 0),
        (True, {"wish": "help"}, True, "chat.wish.help", 0),
        (False, {"wish": "help", "silent": True}, False, None, 0),
        (True, {"wish": "start", "payload": "/greet"}, False, "bot", 1),
    ],
)
@pytest.mark.parametrize("holder", ["bot", "agent"])
async def test_a_wish_is_heeded_whoever_holds_the_chat(
    scene: Scene, holder: str, before: bool, parts: dict[str, Any], stopped: bool, sentence: str | None, asked: int
) -> None:
    await scene.writes(text=".", **parts)
    if before:
        async with scene.pool.connection() as connection:
            await connection.execute("UPDATE identity SET stopped_at = now() WHERE channel = %s", (scene.adapter.name,))
    await scene.held_by(holder)
    assert await scene.takes() is None
    assert (await scene.stopped(), await scene.state()) == (stopped, "answered")
    office = {"office": scene.office.profile.name["tr"], "phone": scene.office.profile.phone}
    words = "from the bot" if sentence == "bot" else told(sentence, **office) if sentence else None
    speaks = words is not None and holder == "bot"
    assert await scene.replies() == ([words] if speaks else [])
    assert len(scene.bot.asked) == (asked if holder == "bot" else 0)


async def subscribed(scene: Scene) -> None:
    statement = (
        "INSERT INTO subscription (id, office_id, contact_id, topic, channel, language, sentence, asked_at) "
        "SELECT gen_random_uuid(), 'timisoara', contact_id, 'events', channel, 'tr', 'v1', now() "
        "FROM identity WHERE channel = %s"
    )
    async with scene.pool.connection() as connection:
        await connection.execute(statement.encode(), (scene.adapter.name,))


async def ended(scene: Scene) -> list[str | None]:
    query = "SELECT array_agg(ended_how) FROM subscription JOIN identity USING (contact_id) WHERE identity.channel = %s"
    return list(await scene.value(query, scene.adapter.name) or [])


@pytest.mark.parametrize("holder", ["bot", "queue", "agent"])
@pytest.mark.parametrize("words", ["HABER KAPAT", "haber kapat.", "news off", "fără știri", "otkazhi vesti", "nuus af"])
async def test_the_way_out_ends_announcements_whoever_holds_the_chat(scene: Scene, holder: str, words: str) -> None:
    await scene.writes(text=words)
    await subscribed(scene)
    await scene.held_by(holder)
    await scene.takes()
    assert (await ended(scene), await scene.stopped()) == (["phrase"], False)
    assert await scene.replies() == ([] if holder == "agent" else [told("subscriptions.left")])
    assert (scene.bot.asked, await scene.state()) == ([], "answered")
    assert (await scene.content())["text"] == words, "whoever holds the chat sees it"


async def test_the_way_out_said_twice_is_answered_twice(scene: Scene) -> None:
    for _ in range(2):
        await scene.takes(text="HABER KAPAT")
    assert await scene.replies() == [told("subscriptions.left")] * 2


@pytest.mark.parametrize("parts", [{"text": "haber yok"}, {"text": "news off", "payload": "/greet"}])
async def test_other_words_and_buttons_end_nothing(scene: Scene, parts: dict[str, Any]) -> None:
    await scene.writes(**parts)
    await subscribed(scene)
    await scene.takes()
    assert (await ended(scene), len(scene.bot.asked)) == ([None], 1)


async def test_the_words_under_a_photo_are_for_the_bot(scene: Scene) -> None:
    scene.adapter.files = [jpeg()]
    await scene.writes(text="news off", media=Media(id="file-1"))
    await subscribed(scene)
    await scene.takes()
    assert (await ended(scene), len(scene.bot.asked)) == ([None], 1)


async def test_stop_leaves_the_wish_and_silences_it(scene: Scene) -> None:
    await scene.writes(text="STOP", wish="stop")
    await subscribed(scene)
    await scene.takes()
    assert (await ended(scene), await scene.stopped()) == ([None], True)


@pytest.mark.parametrize(
    ("number", "kept", "sentence"),
    [
        ("+90 532 123 45 67", "+905321234567", "chat.phone_kept"),
        ("905321234567", "+905321234567", "chat.phone_kept"),
        ("0721 123 456", "+40721123456", "chat.phone_kept"),
        ("12", None, "chat.phone_wrong"),
        ("abc", None, "chat.phone_wrong"),
    ],
)
async def test_a_shared_number_is_kept(scene: Scene, number: str, kept: str | None, sentence: str) -> None:
    await scene.takes(phone=number)
    statement = "SELECT phone FROM contact JOIN identity ON contact.id = contact_id WHERE channel = %s"
    assert await scene.value(statement, scene.adapter.name) == kept
    assert (await scene.replies(), scene.bot.asked) == ([told(sentence)], [])


async def test_a_photo_is_fetched_once_and_shown_to_the_bot(scene: Scene) -> None:
    scene.adapter.files = [jpeg()]
    scene.bot.status = 500
    await scene.takes(media=Media(id="file-1"))
    content = await scene.content()
    assert set(content) == {"text", "photo"}
    assert (scene.settings.attachments_dir / photo_name(UUID(content["photo"]))).exists()
    scene.bot.status = 200
    await scene.make_due()
    await scene.takes()
    assert scene.adapter.fetched == 1
    photo = json.dumps({"photo": content["photo"]})
    assert [asked["payload"] for asked in scene.bot.asked] == [f"/share_photo{photo}"] * 2
    assert (await scene.replies(), await scene.content()) == (["from the bot"], content)


async def test_a_photo_that_was_kept_before_a_crash_is_the_same_photo(scene: Scene) -> None:
    scene.adapter.files = [jpeg()]
    await scene.writes(media=Media(id="file-1"))
    claim, waiting = await scene.claimed()
    await scene.taker._fetched(claim, waiting)
    first = waiting.content["photo"]
    original = json.dumps({"text": "", "media": {"id": "file-1"}})
    async with scene.pool.connection() as connection:
        await connection.execute(
            "UPDATE message SET content = %s::jsonb WHERE conversation_id = %s", (original, scene.id)
        )
        await connection.execute("UPDATE conversation SET lease_until = now() WHERE id = %s", (scene.id,))
    await scene.takes()
    assert (await scene.content())["photo"] == first
    assert await scene.value("SELECT count(*) FROM attachment WHERE id = %s", first) == 1


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (SendError(REFUSED, detail="too_large"), "chat.photo_refused"),
        (b"%PDF-1.7", "chat.photo_unreadable"),
        (encoded("PNG")[:40], "chat.photo_unreadable"),
        (b"x" * 9_000_000, "chat.photo_refused"),
    ],
)
async def test_a_photo_that_cannot_be_kept_is_told(scene: Scene, file: bytes | SendError, sentence: str) -> None:
    scene.adapter.files = [file]
    await scene.takes(media=Media(id="file-1"))
    assert (await scene.replies(), await scene.buttons()) == ([told(sentence)], PERSON)
    assert (scene.bot.asked, await scene.state()) == ([], "answered")


@pytest.mark.parametrize(
    "error",
    [
        SendError(AWAY, retryable=True),
        SendError(BUSY, retryable=True),
        SendError(REFUSED, retryable=True),
        SendError(MISCONFIGURED),
        SendError(UNREACHABLE),
        KeyError("file_path"),
        OSError("no space left"),
    ],
    ids=lambda error: f"{error!r}",
)
async def test_a_photo_that_cannot_be_had_now_is_asked_for_again(scene: Scene, error: SendError | Exception) -> None:
    scene.adapter.files = [error, error, jpeg()]
    await scene.takes(media=Media(id="file-1"))
    for _ in range(2):
        assert (await scene.state(), await scene.replies()) == ("received", [])
        await scene.make_due()
        await scene.takes()
    assert (await scene.replies(), scene.adapter.fetched) == (["from the bot"], 3)


async def test_a_photo_for_an_agent_is_fetched_too_and_nothing_said(scene: Scene) -> None:
    scene.adapter.files = [jpeg()]
    await scene.writes(media=Media(id="file-1"))
    await scene.held_by("agent")
    await scene.takes()
    assert "photo" in await scene.content()
    assert (await scene.replies(), scene.bot.asked, await scene.state()) == ([], [], "answered")


@pytest.mark.parametrize("fault", ["the bot's answer cannot be stored", "the channel cannot fetch"])
async def test_a_message_that_breaks_the_turn_is_given_up_and_a_person_called(
    scene: Scene, fault: str, capsys: pytest.CaptureFixture[str]
) -> None:
    scene.adapter.files = [RuntimeError("private detail")]
    scene.bot.text = "nul \x00"
    await scene.writes(**({"media": Media(id="x")} if "channel" in fault else {"text": "private words"}))
    for _ in range(scene.settings.turn_attempts):
        await scene.make_due()
        await scene.takes()
    assert (await scene.state(), await scene.replies()) == ("failed", [told("chat.turn_failed")])
    assert await scene.value("SELECT holder FROM conversation WHERE id = %s", scene.id) == "queue"
    logged = "".join(capsys.readouterr())
    assert "private" not in logged
    assert scene.address not in logged


async def test_an_agent_who_takes_over_during_the_turn_is_not_talked_over(scene: Scene) -> None:
    await scene.writes(text="merhaba")
    claim, waiting = await scene.claimed()
    await scene.held_by("agent")
    assert await scene.taker.take(claim, waiting) is None
    assert (await scene.replies(), await scene.state(), len(scene.bot.asked)) == ([], "answered", 1)


async def test_a_photo_waits_for_a_storage_that_is_away(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: object) -> None:
        raise StorageAwayError

    scene.adapter.files = [jpeg(), jpeg()]
    with monkeypatch.context() as patched:
        patched.setattr(DiskStorage, "put", away)
        await scene.takes(media=Media(id="file-1"))
    assert ((await scene.content())["media"]["id"], await scene.replies()) == ("file-1", [])
    await scene.make_due()
    await scene.takes()
    assert (scene.settings.attachments_dir / photo_name(UUID((await scene.content())["photo"]))).exists()
