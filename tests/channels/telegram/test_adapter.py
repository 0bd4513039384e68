"""The real client of python-telegram-bot against a local server."""

import asyncio
import json
import logging
import socket
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from channels.adapter import Call
from channels.errors import AWAY, BLOCKED, BUSY, MISCONFIGURED, REFUSED, UNREACHABLE, UNSURE, SendError
from channels.message import Arrival, Choice, Media
from channels.telegram.adapter import TelegramAdapter
from channels.telegram.build import build
from channels.telegram.failures import seconds
from tests.channels.telegram.factories import SECRET, TOKEN, config
from tests.peers.telegram import TelegramPeer

CHAT = 4242
TEXT = {"text": "Merhaba &amp; <b>hoş geldiniz</b>"}


@pytest.fixture
async def peer() -> AsyncIterator[TelegramPeer]:
    async with TelegramPeer(TOKEN) as peer:
        yield peer


@pytest.fixture
async def adapter(peer: TelegramPeer) -> AsyncIterator[TelegramAdapter]:
    adapter = TelegramAdapter(config(peer.url))
    yield adapter
    await adapter.close()


async def failed(adapter: TelegramAdapter, address: str = str(CHAT)) -> SendError:
    with pytest.raises(SendError) as failure:
        await adapter.send(address, TEXT)
    return failure.value


async def test_a_message_is_sent_without_asking_anything_first(peer: TelegramPeer, adapter: TelegramAdapter) -> None:
    sent = await adapter.send(str(CHAT), TEXT)
    (message,) = peer.sent
    assert (sent, message.chat_id, message.visible) == (str(message.message_id), CHAT, "Merhaba & hoş geldiniz")
    (call,) = peer.calls
    assert call[0] == "sendMessage"
    assert json.loads(call[1]["link_preview_options"]) == {"is_disabled": True}


async def test_what_is_rendered_is_taken_and_a_pressed_button_comes_back(
    peer: TelegramPeer, adapter: TelegramAdapter
) -> None:
    buttons = [{"title": title, "payload": "/x"} for title in ("Evet <3", "Hayır", "ş" * 70)]
    content = {"text": "a & b <c>\n" * 1500, "buttons": buttons, "link": {"title": "T & Z", "url": "https://x.y/?a&b"}}
    parts = adapter.render(content, 17)
    for part in parts:
        await adapter.send(str(CHAT), part)
    assert len(peer.sent) == len(parts) > 1
    assert [len(sent.buttons) for sent in peer.sent] == [0] * (len(parts) - 1) + [3]
    body = json.dumps(peer.updates.press(peer.sent[-1], 1)).encode()
    (event,) = adapter.parse(Call("", {}, body)).events
    assert isinstance(event, Arrival)
    assert event.inbound.choice == Choice(message=17, index=1)


FLOOD = {"ok": False, "error_code": 429, "description": "Too Many Requests: retry after 7"}
MIGRATED = {"ok": False, "error_code": 400, "description": "Bad Request: group chat was upgraded to a supergroup chat"}


def told(status: int, description: str) -> dict[str, Any]:
    return {"ok": False, "error_code": status, "description": description}


@pytest.mark.parametrize(
    ("status", "body", "code", "retryable", "retry_after"),
    [
        (429, {**FLOOD, "parameters": {"retry_after": 7}}, BUSY, True, 7.0),
        (429, FLOOD, BUSY, True, None),
        (403, told(403, "Forbidden: bot was blocked by the user"), BLOCKED, False, None),
        (403, told(403, "Forbidden: user is deactivated"), BLOCKED, False, None),
        (403, told(403, "Forbidden: bot was kicked from the supergroup chat"), BLOCKED, False, None),
        (403, told(403, "Forbidden: bot can't initiate conversation with a user"), UNREACHABLE, False, None),
        (403, told(403, "Forbidden: bot can't send messages to bots"), UNREACHABLE, False, None),
        (400, told(400, "Bad Request: chat not found"), UNREACHABLE, False, None),
        (400, told(400, "Bad Request: PEER_ID_INVALID"), UNREACHABLE, False, None),
        (400, told(400, "Bad Request: USER_IS_BLOCKED"), BLOCKED, False, None),
        (400, {**MIGRATED, "parameters": {"migrate_to_chat_id": -100123}}, UNREACHABLE, False, None),
        (400, told(400, "Bad Request: can't parse entities: 4242 Ayşe"), REFUSED, False, None),
        (400, told(400, "Bad Request: message is too long"), REFUSED, False, None),
        (401, told(401, "Unauthorized"), MISCONFIGURED, True, 60.0),
        (404, told(404, "Not Found"), MISCONFIGURED, True, 60.0),
        (500, told(500, "Internal Server Error"), AWAY, True, None),
        (502, told(502, "Bad Gateway"), AWAY, True, None),
        (503, told(503, "Service Unavailable"), AWAY, True, None),
        (502, "<html>Bad Gateway</html>", AWAY, True, None),
        (200, "<html>4242</html>", UNSURE, True, None),
        (200, "[]", UNSURE, True, None),
        (200, {"ok": True}, UNSURE, True, None),
        (200, {"ok": True, "result": {"colour": "red"}}, UNSURE, True, None),
    ],
)
async def test_what_telegram_answers_instead_of_yes(
    peer: TelegramPeer,
    adapter: TelegramAdapter,
    status: int,
    body: dict[str, Any] | str,
    code: str,
    retryable: bool,
    retry_after: float | None,
) -> None:
    peer.fail_next("sendMessage", status, body)
    error = await failed(adapter)
    assert (error.code, error.retryable, error.retry_after) == (code, retryable, retry_after)
    assert error.detail.isalpha()
    assert str(CHAT) not in str(error)
    assert peer.sent == []


@pytest.mark.parametrize("period", [7, 7.0, timedelta(seconds=7)])
def test_a_period_comes_in_two_forms(period: float | timedelta) -> None:
    assert seconds(period) == 7.0


async def test_a_broken_connection_after_handing_over_is_unsure(peer: TelegramPeer, adapter: TelegramAdapter) -> None:
    peer.drop_next("sendMessage")
    error = await failed(adapter)
    assert (error.code, error.retryable, len(peer.sent)) == (UNSURE, True, 1)


async def test_an_answer_that_does_not_come_is_unsure(peer: TelegramPeer) -> None:
    adapter, peer.latency_seconds = TelegramAdapter(config(peer.url, timeout_seconds=0.05)), 0.3
    assert (await failed(adapter)).code == UNSURE
    await adapter.close()


async def test_a_server_that_is_not_there_is_away() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    adapter = TelegramAdapter(config(f"http://127.0.0.1:{port}"))
    error = await failed(adapter)
    assert (error.code, error.retryable, error.detail) == (AWAY, True, "ConnectError")
    await adapter.close()


async def test_another_token_is_our_mistake(peer: TelegramPeer) -> None:
    adapter = TelegramAdapter(config(peer.url, token="1:other"))
    assert (await failed(adapter)).code == MISCONFIGURED
    await adapter.close()


async def test_who_blocked_the_bot_gets_nothing_and_others_do(peer: TelegramPeer, adapter: TelegramAdapter) -> None:
    peer.blocked.add(CHAT)
    peer.strangers.add(5)
    assert ((await failed(adapter)).code, (await failed(adapter, "5")).code) == (BLOCKED, UNREACHABLE)
    assert await adapter.send("6", TEXT)


async def test_after_a_close_it_goes_on(peer: TelegramPeer, adapter: TelegramAdapter) -> None:
    for _ in range(2):
        assert await adapter.send(str(CHAT), TEXT)
        await adapter.close()
        await adapter.close()


async def test_seen_shows_typing_and_answers_the_button(peer: TelegramPeer, adapter: TelegramAdapter) -> None:
    await adapter.seen(str(CHAT), {"text": "x"})
    assert [method for method, _ in peer.calls] == ["sendChatAction"]
    await adapter.seen(str(CHAT), {"receipt": "77"})
    assert {given.get("callback_query_id") for method, given in peer.calls if method == "answerCallbackQuery"} == {"77"}


@pytest.mark.parametrize("status", [400, 401, 403, 429, 500])
async def test_seen_never_fails(peer: TelegramPeer, adapter: TelegramAdapter, status: int) -> None:
    for method in ("sendChatAction", "answerCallbackQuery"):
        peer.fail_next(method, status)
        peer.drop_next(method)
    for _ in range(2):
        await adapter.seen(str(CHAT), {"receipt": "77"})


async def test_a_photo_is_fetched(peer: TelegramPeer, adapter: TelegramAdapter) -> None:
    content = bytes(range(256)) * 400
    body = json.dumps(peer.updates.photo(CHAT, content, "çukur")).encode()
    media = [event.inbound.media for event in adapter.parse(Call("", {}, body)).events if isinstance(event, Arrival)][1]
    assert media is not None
    assert await adapter.fetch(media, len(content)) == content


async def test_a_document_is_fetched_under_its_name(peer: TelegramPeer, adapter: TelegramAdapter) -> None:
    content = b"%PDF-1.7\n" + bytes(range(256)) * 9
    body = json.dumps(peer.updates.document(CHAT, content, "dilekçe.pdf")).encode()
    [media] = [one.inbound.media for one in adapter.parse(Call("", {}, body)).events if isinstance(one, Arrival)]
    assert media is not None
    assert (media.document, media.name) == (True, "dilekçe.pdf")
    assert await adapter.fetch(media, len(content)) == content


async def test_a_file_that_is_too_large_is_refused_before_it_is_read(
    peer: TelegramPeer, adapter: TelegramAdapter
) -> None:
    peer.files["big"] = bytes(1001)
    with pytest.raises(SendError) as failure:
        await adapter.fetch(Media(id="big"), 1000)
    assert (failure.value.code, failure.value.retryable) == (REFUSED, False)


async def test_a_file_that_is_larger_than_it_said_is_refused(peer: TelegramPeer, adapter: TelegramAdapter) -> None:
    peer.files["liar"] = bytes(1001)
    held = {"file_id": "liar", "file_unique_id": "u", "file_size": 10, "file_path": "photos/liar"}
    peer.fail_next("getFile", 200, {"ok": True, "result": held})
    with pytest.raises(SendError) as failure:
        await adapter.fetch(Media(id="liar"), 1000)
    assert failure.value.code == REFUSED


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (400, told(400, "Bad Request: file is too big"), REFUSED),
        (400, told(400, "Bad Request: wrong file_id or the file is temporarily unavailable"), REFUSED),
        (200, {"ok": True, "result": {"file_id": "x", "file_unique_id": "u"}}, REFUSED),
        (200, {"ok": True, "result": {"file_id": "x", "file_unique_id": "u", "file_path": "photos/gone"}}, REFUSED),
        (200, {"ok": True, "result": {"file_id": "x", "file_unique_id": "u", "file_path": "/var/lib/x"}}, REFUSED),
        (200, {"ok": True}, AWAY),
        (500, told(500, "Internal Server Error"), AWAY),
        (401, told(401, "Unauthorized"), MISCONFIGURED),
    ],
)
async def test_a_file_that_cannot_be_had(
    peer: TelegramPeer, adapter: TelegramAdapter, status: int, body: dict[str, Any], code: str
) -> None:
    peer.fail_next("getFile", status, body)
    with pytest.raises(SendError) as failure:
        await adapter.fetch(Media(id="x"), 1000)
    assert (failure.value.code, failure.value.retryable) == (code, code != REFUSED)


async def test_a_connection_that_breaks_while_fetching_is_away(peer: TelegramPeer, adapter: TelegramAdapter) -> None:
    peer.files["x"] = b"x"
    peer.drop_next("getFile")
    with pytest.raises(SendError) as failure:
        await adapter.fetch(Media(id="x"), 1000)
    assert (failure.value.code, failure.value.retryable) == (AWAY, True)


async def test_updates_are_fetched_as_they_were_sent(peer: TelegramPeer) -> None:
    adapter = TelegramAdapter(config(peer.url, mode="polling"))
    await adapter.prepare(None, {})
    text, unknown = peer.updates.text(CHAT, "çukur"), peer.updates.of("thought_read", {"thought": None})
    for update in (text, unknown):
        await peer.deliver(update)
    found = await adapter.updates(None, 0)
    assert [json.loads(body) for _, body in found] == [text, unknown]
    assert [adapter.parse(Call("", {}, body)).ignored for _, body in found] == [None, "thought_read"]
    assert await adapter.updates(found[-1][0] + 1, 0) == []
    await adapter.close()


async def test_fetching_updates_waits_for_one_longer_than_for_an_answer(peer: TelegramPeer) -> None:
    adapter, peer.latency_seconds = TelegramAdapter(config(peer.url, mode="polling", timeout_seconds=0.3)), 0.6
    waiting = asyncio.create_task(adapter.updates(None, 30))
    await peer.called.wait()
    await peer.deliver(update := peer.updates.text(CHAT, "x"))
    assert [number for number, _ in await waiting] == [update["update_id"]]
    await adapter.close()


async def test_two_that_fetch_updates_are_in_each_others_way(peer: TelegramPeer, adapter: TelegramAdapter) -> None:
    peer.fail_next("getUpdates", 409, told(409, "Conflict: terminated by other getUpdates request"))
    with pytest.raises(SendError) as failure:
        await adapter.updates(None, 0)
    assert (failure.value.code, failure.value.retryable) == (MISCONFIGURED, True)


MENUS = {"tr": [("help", "Yardım"), ("stop", "Durdur")], "ro": [("help", "Ajutor")]}


async def test_a_webhook_is_set_with_its_secret_and_the_menus(peer: TelegramPeer, adapter: TelegramAdapter) -> None:
    await adapter.prepare("https://komshu.example", MENUS)
    assert peer.webhook["url"] == "https://komshu.example/channels/telegram"
    assert peer.webhook["secret_token"] == SECRET
    assert json.loads(peer.webhook["allowed_updates"]) == [
        "message",
        "edited_message",
        "callback_query",
        "my_chat_member",
    ]
    shown = {language: [command["command"] for command in menu] for language, menu in peer.commands.items()}
    assert shown == {"": ["help", "stop"], "tr": ["help", "stop"], "ro": ["help"]}


async def test_for_polling_the_webhook_goes_and_what_waits_stays(peer: TelegramPeer) -> None:
    adapter = TelegramAdapter(config(peer.url, mode="polling"))
    peer.webhook, peer.pending = {"url": "https://komshu.example"}, [peer.updates.text(CHAT, "x")]
    await adapter.prepare(None, {})
    assert (peer.webhook, len(await adapter.updates(None, 0))) == ({}, 1)
    await adapter.close()


async def test_a_webhook_needs_an_address(adapter: TelegramAdapter) -> None:
    with pytest.raises(ValueError, match="public address"):
        await adapter.prepare(None, {})


async def test_neither_token_nor_text_nor_chat_is_logged(
    peer: TelegramPeer, adapter: TelegramAdapter, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        peer.fail_next("sendMessage", 400, told(400, "Bad Request: can't parse entities: Merhaba"))
        peer.fail_next("sendMessage", 200, "Merhaba")
        for _ in range(2):
            await failed(adapter)
        await adapter.send(str(CHAT), TEXT)
    assert caplog.records == []


@pytest.fixture
def env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("MODE", "TOKEN", "SECRET", "API_URL"):
        monkeypatch.delenv(f"TELEGRAM_{name}", raising=False)
    return tmp_path / ".env"


def test_without_settings_telegram_is_off(env_file: Path) -> None:
    assert build(None, "") is None
    env_file.write_text("TELEGRAM_MODE=off\nOTHER=1\n", encoding="utf-8")
    assert build(env_file, "") is None


def test_settings_come_from_a_file(env_file: Path) -> None:
    env_file.write_text(f"TELEGRAM_MODE=polling\nTELEGRAM_TOKEN={TOKEN}\nOTHER=1\n", encoding="utf-8")
    adapter = build(env_file, "")
    assert adapter is not None
    assert (adapter.name, adapter.pull, adapter.pace.per_second) == ("telegram", False, 30)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"token": ""}, "TELEGRAM_TOKEN is needed"),
        ({"mode": "polling", "token": ""}, "TELEGRAM_TOKEN is needed"),
        *(({"secret": secret}, "needs TELEGRAM_SECRET") for secret in ("", "a b", "ş", "x" * 257, "a\n")),
    ],
)
def test_settings_that_do_not_suffice_are_told_without_their_values(settings: dict[str, str], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence) as error:
        config(**settings)
    assert TOKEN not in str(error.value)
    assert SECRET not in str(error.value)


def test_a_bot_without_a_webhook_takes_no_posts() -> None:
    adapter = TelegramAdapter(config(mode="polling", secret=""))
    for headers in ({}, {"x-telegram-bot-api-secret-token": ""}, {"x-telegram-bot-api-secret-token": "x"}):
        with pytest.raises(Exception, match="secret_"):
            adapter.verify(Call("", headers, b"{}"))
