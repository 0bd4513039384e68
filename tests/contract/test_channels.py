"""Calls of providers against the real app in process: proved, stored once, answered."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.core.metrics import CHANNEL_CALLS
from backend.core.settings import Settings
from backend.inbox.routes import FORGED_PER_MINUTE, MOST_BYTES
from backend.offices.schemas import Office
from tests.backend.inbox.callers import Client, Make, Person, clients, count, messages_of, post, query, said
from tests.channels.cases import cases, factories
from tests.channels.sms.factories import PUBLIC_URL
from tests.peers.twilio import ACCOUNT


@pytest.fixture
async def make_client(
    settings: Settings, office: Office, engine: AsyncEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Make]:
    """Makes a provider's client; keyword arguments change settings of the app."""
    async with clients(settings.model_copy(update={"data_dir": tmp_path}), office, monkeypatch) as make:
        yield make


@pytest.fixture
def client(make_client: Make) -> Client:
    return make_client()


@pytest.mark.parametrize(
    ("channel", "media_type", "body"), [("telegram", "text/plain", ""), ("sms", "text/xml", "<Response/>")]
)
async def test_a_message_is_stored_once_however_often_it_comes(
    client: Client, engine: AsyncEngine, channel: str, media_type: str, body: str
) -> None:
    person = Person(channel)
    call = person.text("belediye kaçta kapanıyor")
    answers = await asyncio.gather(*(post(client, channel, call) for _ in range(50)))
    assert {(answer.status_code, answer.text) for answer in answers} == {(200, body)}
    assert answers[0].headers["content-type"].startswith(media_type)
    assert await messages_of(engine, person) == [({"text": "belediye kaçta kapanıyor"}, "received")]
    [(conversations, last)] = await query(
        engine, "SELECT count(*), max(last_seq) FROM conversation WHERE address = :address", address=person.address
    )
    assert (conversations, last) == (1, 1)


@pytest.mark.parametrize("channel", ["telegram", "sms"])
async def test_many_first_messages_at_once_give_one_person_and_one_conversation(
    client: Client, engine: AsyncEngine, channel: str
) -> None:
    person = Person(channel)
    calls = [person.text(f"{number}") for number in range(10)]
    answers = await asyncio.gather(*(post(client, channel, call) for call in calls))
    assert {answer.status_code for answer in answers} == {200}
    assert {content["text"] for content, _ in await messages_of(engine, person)} == {f"{n}" for n in range(10)}
    statement = """
        SELECT count(DISTINCT contact.id), count(DISTINCT c.id), max(c.language), max(contact.phone), max(name)
        FROM identity JOIN contact ON contact.id = contact_id JOIN conversation AS c ON c.contact_id = contact.id
        WHERE external_id = :address
    """
    expected = ("tr", None, "Ayşe") if channel == "telegram" else ("ro", person.address, None)
    assert await query(engine, statement, address=person.address) == [(1, 1, *expected)]


def forged_total(channel: str) -> float:
    return float(CHANNEL_CALLS.labels(channel, "forged")._value.get())


@pytest.mark.parametrize("channel", ["telegram", "sms"])
@pytest.mark.parametrize("headers", [{}, {"x-telegram-bot-api-secret-token": "x", "x-twilio-signature": "x"}])
async def test_a_forged_call_leaves_nothing_behind(
    client: Client, engine: AsyncEngine, channel: str, headers: dict[str, str]
) -> None:
    person, before, forged = Person(channel), await count(engine), forged_total(channel)
    own, body = person.text("hello")
    answer = await post(client, channel, ({**own, **headers}, body), signed=False)
    assert (answer.status_code, answer.json()["code"]) == (403, "call_forged")
    assert answer.headers["content-type"] == "application/problem+json"
    assert (await count(engine), await messages_of(engine, person)) == (before, [])
    assert forged_total(channel) == forged + 1
    assert person.address not in answer.text


async def test_who_forges_many_calls_is_told_to_slow_down_and_the_provider_is_not(
    client: Client, engine: AsyncEngine
) -> None:
    person = Person("telegram")
    call = person.text("x")
    statuses = [(await post(client, "telegram", call, signed=False)).status_code for _ in range(FORGED_PER_MINUTE + 2)]
    assert statuses == [403] * FORGED_PER_MINUTE + [429] * 2
    await said(client, person, "real")
    assert len(await messages_of(engine, person)) == 1


@pytest.mark.parametrize(
    ("url", "status"), [(PUBLIC_URL, 200), ("http://inside:8000", 403), (PUBLIC_URL.replace("https", "http"), 403)]
)
async def test_a_signature_covers_the_public_address_whatever_the_proxy_calls(
    client: Client, url: str, status: int
) -> None:
    headers, body = Person("sms").text("hello")
    signed = factories("sms").signed(f"{url}/channels/sms?a=1&b=%20", headers, body)
    answer = await client.post("/channels/sms?a=1&b=%20", content=body, headers=signed)
    assert answer.status_code == status


@pytest.mark.parametrize("channel", ["web", "whatsapp", "carrier-pigeon", "%00"])
async def test_a_channel_that_takes_no_calls_is_unknown(client: Client, channel: str) -> None:
    answer = await client.post(f"/channels/{channel}", content=b"{}")
    assert (answer.status_code, answer.json()["code"]) == (404, "channel_unknown")


@pytest.mark.parametrize("channel", ["telegram", "sms"])
async def test_a_call_that_is_too_large_is_not_read(client: Client, engine: AsyncEngine, channel: str) -> None:
    before = await count(engine)
    for size, status in [(MOST_BYTES + 1, 413), (MOST_BYTES, 403)]:
        answer = await post(client, channel, ({}, b"x" * size), signed=False)
        assert answer.status_code == status
    assert await count(engine) == before


@pytest.mark.parametrize(
    ("channel", "body"),
    [
        ("telegram", b""),
        ("telegram", b"{"),
        ("telegram", b"[]"),
        ("telegram", b"[" * 100_000),
        ("telegram", b'{"update_id": "x"}'),
        ("telegram", b'{"update_id": 1, "message": {"text": "x"}}'),
        ("sms", urlencode({"AccountSid": ACCOUNT, "From": "+40721123456", "Body": "x"}).encode()),
    ],
)
async def test_what_a_provider_would_never_send_is_refused(
    client: Client, engine: AsyncEngine, channel: str, body: bytes
) -> None:
    before = await count(engine)
    answer = await post(client, channel, ({}, body))
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert await count(engine) == before


@pytest.mark.parametrize("channel", ["telegram", "sms"])
async def test_everything_a_provider_sends_is_answered_as_its_table_says(client: Client, channel: str) -> None:
    told = {"parsed": 200, "forged": 403, "error": 422}
    for case in cases(channel):
        call = case.call()
        if not call.url.startswith(f"{PUBLIC_URL}/channels/"):
            continue
        headers = {name.encode(): value.encode() for name, value in call.headers.items()}
        answer = await client.post(call.url.removeprefix(PUBLIC_URL), content=call.body, headers=headers)
        expected = next(status for key, status in told.items() if key in case.told)
        assert answer.status_code in {expected, 429 if expected == 403 else expected}, str(case)
