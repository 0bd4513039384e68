"""The stand-in for api.telegram.org keeps the rules the real one has."""

import asyncio
import sys
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.peers.telegram import TelegramPeer
from tests.peers.telegram_updates import BOT


@pytest.fixture
async def peer() -> AsyncIterator[TelegramPeer]:
    async with TelegramPeer() as peer:
        yield peer


async def called(peer: TelegramPeer, method: str, token: str | None = None, **given: Any) -> tuple[int, Any]:
    async with httpx.AsyncClient() as client:
        answer = await client.post(f"{peer.url}/bot{token or peer.token}/{method}", data=given)
        return answer.status_code, answer.json()


async def test_it_says_who_the_bot_is(peer: TelegramPeer) -> None:
    assert (await called(peer, "getMe"))[1]["result"]["username"] == BOT["username"]


@pytest.mark.parametrize("token", ["1:wrong", "wrong"])
async def test_another_token_is_refused(peer: TelegramPeer, token: str) -> None:
    status, answer = await called(peer, "getMe", token)
    assert (status, answer["ok"]) == (401 if ":" in token else 404, False)


@pytest.mark.parametrize("way", ["query", "form", "json", "multipart"])
async def test_parameters_come_in_four_ways(peer: TelegramPeer, way: str) -> None:
    given = {"chat_id": "7", "text": "çukur & köpek"}
    files = {name: (None, value) for name, value in given.items()}
    body: dict[str, Any] = {"query": {"params": given}, "form": {"data": given}, "json": {"json": given}}.get(
        way, {"files": files}
    )
    async with httpx.AsyncClient() as client:
        answer = await client.request(
            "GET" if way == "query" else "POST", f"{peer.url}/bot{peer.token}/sendMessage", **body
        )
    assert answer.json()["ok"], answer.text
    assert [(sent.chat_id, sent.text) for sent in peer.sent] == [(7, "çukur & köpek")]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"text": ""}, "message text is empty"),
        ({"text": "<b></b>", "parse_mode": "HTML"}, "message text is empty"),
        ({"text": "x" * 4097}, "message is too long"),
        ({"text": "😀" * 2049}, "message is too long"),
        ({"text": "a < b", "parse_mode": "HTML"}, "can't parse entities"),
        ({"text": "<b>a", "parse_mode": "HTML"}, "can't parse entities"),
        ({"text": "<b>a</i></b>", "parse_mode": "HTML"}, "can't parse entities"),
        ({"text": "<script>a</script>", "parse_mode": "HTML"}, "can't parse entities"),
        ({"text": "a", "chat_id": "nobody"}, "chat not found"),
        (
            {"text": "a", "reply_markup": '{"inline_keyboard": [[{"text": "a", "callback_data": "%s"}]]}' % ("x" * 65)},
            "BUTTON_DATA_INVALID",
        ),
        ({"text": "a", "reply_markup": '{"inline_keyboard": [[{"text": "", "callback_data": "x"}]]}'}, "non-empty"),
    ],
)
async def test_a_message_that_breaks_a_rule_is_refused(peer: TelegramPeer, given: dict[str, str], told: str) -> None:
    status, answer = await called(peer, "sendMessage", **{"chat_id": "7", **given})
    assert status == 400
    assert told in answer["description"]
    assert peer.sent == []


async def test_the_length_counts_after_the_markup_is_read(peer: TelegramPeer) -> None:
    status, _ = await called(peer, "sendMessage", chat_id=7, text="&amp;" * 4096, parse_mode="HTML")
    assert status == 200
    assert peer.sent[0].visible == "&" * 4096


async def test_a_chat_that_gets_too_much_is_paused(peer: TelegramPeer) -> None:
    peer.per_chat_seconds = 60
    statuses = [(await called(peer, "sendMessage", chat_id=chat, text="x"))[0] for chat in (1, 1, 2)]
    assert statuses == [200, 429, 200]


async def test_too_much_for_everyone_is_paused(peer: TelegramPeer) -> None:
    peer.per_second = 2
    answers = [await called(peer, "sendMessage", chat_id=chat, text="x") for chat in range(1, 4)]
    assert [status for status, _ in answers][:2] == [200, 200]
    assert answers[2][1]["parameters"] == {"retry_after": 1}


async def test_updates_are_kept_until_they_are_confirmed(peer: TelegramPeer) -> None:
    first, second = peer.updates.text(1, "a"), peer.updates.text(1, "b")
    for update in (first, second):
        assert await peer.deliver(update) == 200
    assert (await called(peer, "getUpdates"))[1]["result"] == [first, second]
    assert (await called(peer, "getUpdates", offset=second["update_id"]))[1]["result"] == [second]
    assert (await called(peer, "getUpdates", offset=second["update_id"] + 1))[1]["result"] == []


async def test_who_waits_for_updates_is_woken(peer: TelegramPeer) -> None:
    waiting = asyncio.create_task(called(peer, "getUpdates", timeout=60))
    await peer.called.wait()
    update = peer.updates.location(1, 45.7, 21.2)
    await peer.deliver(update)
    assert (await waiting)[1]["result"] == [update]


async def test_a_webhook_wants_https_and_stops_get_updates(peer: TelegramPeer) -> None:
    assert (await called(peer, "setWebhook", url="http://komshu.example"))[0] == 400
    assert (await called(peer, "setWebhook", url="https://komshu.example", allowed_updates='["message"]'))[0] == 200
    assert (await called(peer, "getUpdates"))[0] == 409
    assert await peer.deliver(peer.updates.block(1)) == 200, "not asked for, so not posted"


async def test_a_webhook_gets_each_update_until_it_takes_it_and_in_order(peer: TelegramPeer) -> None:
    async with TelegramPeer() as hook:  # any server that records what it is sent
        hook.fail_next("sendMessage", 500, times=2)
        peer.post_to = f"{hook.url}/bot{hook.token}/sendMessage?chat_id=1&text=x"
        updates = [peer.updates.text(1, text) for text in "ab"]
        statuses = await asyncio.gather(*(peer.deliver(update, pause_seconds=0) for update in updates))
        assert statuses == [200, 200]
        assert [given["update_id"] for _, given in hook.calls] == [
            str(updates[index]["update_id"]) for index in (0, 0, 0, 1)
        ]


async def test_as_a_process_it_is_controlled_over_http() -> None:
    async with TelegramPeer() as free:
        port = free.port
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.peers.telegram", "--port", str(port))
    try:
        transport = httpx.AsyncHTTPTransport(retries=10)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", transport=transport) as client:
            await walk(client)
    finally:
        process.terminate()
        await process.wait()


async def walk(client: httpx.AsyncClient) -> None:
    send = f"/bot{TelegramPeer().token}/sendMessage"
    await client.post("/control/fail", json={"method": "sendMessage", "status": 502})
    await client.post("/control/block", json={"chat": 2})
    buttons = '{"inline_keyboard": [[{"text": "a", "callback_data": "4:0"}]]}'
    given = {"chat_id": 1, "text": "x", "reply_markup": buttons}
    statuses = [(await client.post(send, data={**given, "chat_id": chat})).status_code for chat in (1, 1, 2)]
    assert statuses == [502, 200, 403]
    sent = (await client.get("/control/sent")).json()
    assert [message["text"] for message in sent] == ["x"]
    pressed = {"kind": "press", "message_id": sent[0]["message_id"], "index": 0}
    told = (await client.post("/control/deliver", json=pressed)).json()
    assert (told["status"], told["update"]["callback_query"]["data"]) == (200, "4:0")
    assert (await client.post("/control/settings", json={"colour": 1})).status_code == 400
    assert (await client.post("/control/settings", json={"latency_seconds": 0})).status_code == 200
    assert (await client.get("/control/calls")).json() == ["sendMessage"] * 3
