"""The peer behaves as Twilio does: with Twilio's real client, and an office that checks what it is posted."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import Response

from channels.adapter import Call
from channels.message import Arrival, Delivery
from channels.sms.adapter import SmsAdapter
from tests.channels.sms.factories import config
from tests.peers.twilio import ACCOUNT, API, NUMBER, TOKEN, Outcome, Server, TwilioPeer

ANA = "+40721123456"


class Office:
    """Verifies and parses what is posted, as the backend does."""

    def __init__(self, peer: TwilioPeer) -> None:
        self.peer = peer
        self.events: list[Any] = []
        self.ignored: list[str] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        request = Request(scope, receive)
        call = Call(str(request.url), dict(request.headers), await request.body())
        self.adapter.verify(call)
        parsed = self.adapter.parse(call)
        self.events.extend(parsed.events)
        self.ignored.extend([parsed.ignored] if parsed.ignored else [])
        await Response("<Response/>", media_type="text/xml")(scope, receive, send)

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Office"]:
        server = Server(uvicorn.Config(self, log_level="critical", lifespan="off"))
        listener = socket.create_server(("127.0.0.1", 0))
        public_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self.adapter = SmsAdapter(config(api_url=self.peer.url), public_url)
        self.peer.webhook = f"{public_url}/channels/sms"
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        yield self
        await self.adapter.close()
        server.should_exit = True
        await serving


@pytest.fixture
async def peer() -> AsyncIterator[TwilioPeer]:
    async with TwilioPeer() as running:
        yield running


@pytest.fixture
async def office(peer: TwilioPeer) -> AsyncIterator[Office]:
    async with Office(peer).open() as opened:
        yield opened


async def test_a_message_of_a_person_is_signed_for_the_office(peer: TwilioPeer, office: Office) -> None:
    answer = await peer.deliver("Çukur & 100% ş", photos=(peer.add_file(b"photo"),))
    assert answer.status_code == 200
    words, photo = office.events
    assert isinstance(words, Arrival)
    assert (words.sender, words.inbound.text) == (ANA, "Çukur & 100% ş")
    assert await office.adapter.fetch(photo.inbound.media, 100) == b"photo"


async def test_news_come_in_order_and_end_as_told(peer: TwilioPeer, office: Office) -> None:
    peer.outcomes["+40721123457"] = Outcome("undelivered", 30003)
    first = await office.adapter.send(ANA, {"body": "Bună"})
    await peer.settled()
    second = await office.adapter.send("+40721123457", {"body": "Bună"})
    await peer.settled()
    assert office.events == [
        Delivery(provider_id=first or "", state="sent"),
        Delivery(provider_id=first or "", state="delivered"),
        Delivery(provider_id=second or "", state="sent"),
        Delivery(provider_id=second or "", state="failed", reason="unreachable"),
    ]
    assert office.ignored == ["status", "status"]
    assert {status for _, _, status in peer.reports} == {200}


async def test_who_texts_stop_gets_nothing_until_start(peer: TwilioPeer, office: Office) -> None:
    await peer.deliver("Stop")
    assert peer.stopped == {ANA}
    await peer.deliver("START")
    assert not peer.stopped
    assert [event.inbound.wish for event in office.events] == ["stop", "start"]


async def test_segments_are_counted(peer: TwilioPeer, office: Office) -> None:
    await office.adapter.send(ANA, {"body": "ă" * 71})
    assert peer.sent[0]["num_segments"] == "2"


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({}, 400, 21604),
        ({"To": "ORANGE"}, 400, 21211),
        ({"To": ANA}, 400, 21603),
        ({"To": ANA, "From": "+15005550006"}, 400, 21606),
        ({"To": ANA, "From": NUMBER}, 400, 21602),
        ({"To": ANA, "From": NUMBER, "Body": "x" * 1601}, 400, 21617),
        ({"To": ANA, "From": NUMBER, "Body": "x", "StatusCallback": "nowhere"}, 400, 21609),
        ({"To": ANA, "From": NUMBER, "Body": "x"}, 201, None),
    ],
)
async def test_requests_are_checked(peer: TwilioPeer, fields: dict[str, str], status: int, code: int | None) -> None:
    async with httpx.AsyncClient(base_url=peer.url, auth=(ACCOUNT, TOKEN)) as http:
        answer = await http.post(f"{API}/{ACCOUNT}/Messages.json", data=fields)
    assert answer.status_code == status
    assert answer.json().get("code") == code


async def test_only_the_account_may_send(peer: TwilioPeer) -> None:
    async with httpx.AsyncClient(base_url=peer.url) as http:
        nobody = await http.post(f"{API}/{ACCOUNT}/Messages.json")
        other = await http.post(f"{API}/AC2/Messages.json", auth=(ACCOUNT, TOKEN))
    assert (nobody.status_code, nobody.json()["code"]) == (401, 20003)
    assert (other.status_code, other.json()["code"]) == (404, 20404)


async def test_it_is_steered_over_http(peer: TwilioPeer, office: Office) -> None:
    async with httpx.AsyncClient(base_url=peer.url) as control:
        await control.post("/control/fail", json={"status": 400, "code": 21610, "times": 1})
        with pytest.raises(Exception, match="blocked 21610"):
            await office.adapter.send(ANA, {"body": "x"})
        await office.adapter.send(ANA, {"body": "y"})
        delivered = await control.post("/control/deliver", json={"body": "salut", "From": "+40722000000"})
        sent = await control.get("/control/sent")
    assert delivered.json() == {"status": 200, "body": "<Response/>"}
    assert [message["body"] for message in sent.json()] == ["y"]
    assert "+40722000000" in {event.sender for event in office.events if isinstance(event, Arrival)}
