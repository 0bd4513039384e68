"""Calls of providers against the real app in process: proved, stored once, answered."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.app import create_public_app
from backend.core.database import make_sessions
from backend.core.metrics import CHANNEL_CALLS
from backend.core.settings import Settings
from backend.inbox.routes import FORGED_PER_MINUTE, MOST_BYTES
from backend.offices.schemas import Office
from channels.message import Button, Reply
from tests.channels.cases import cases, factories
from tests.channels.sms.factories import PUBLIC_URL
from tests.channels.telegram.factories import SECRET
from tests.channels.telegram.factories import TOKEN as BOT_TOKEN
from tests.peers.twilio import ACCOUNT, NUMBER, TOKEN

ENVIRONMENT = {
    "TELEGRAM_MODE": "webhook",
    "TELEGRAM_TOKEN": BOT_TOKEN,
    "TELEGRAM_SECRET": SECRET,
    "TWILIO_ACCOUNT_SID": ACCOUNT,
    "TWILIO_AUTH_TOKEN": TOKEN,
    "TWILIO_NUMBER": NUMBER,
    "TWILIO_WHATSAPP_NUMBER": "",
    "TWILIO_MESSAGING_SERVICE": "",
}
LONG = "Your call is important to us, please wait."
Client = httpx.AsyncClient


@pytest.fixture
async def make_client(
    settings: Settings, office: Office, engine: AsyncEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Callable[..., Client]]:
    """Makes a provider's client; the proxy has taken TLS off. Keyword arguments change settings of the app."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    made: list[tuple[FastAPI, Client]] = []

    def make(**changes: Any) -> Client:
        own = {"public_url": PUBLIC_URL, "data_dir": tmp_path, "messages_per_minute": 1000, **changes}
        app = create_public_app(settings.model_copy(update=own), office)
        client = Client(transport=httpx.ASGITransport(app), base_url="http://inside:8000")
        made.append((app, client))
        return client

    yield make
    for app, client in made:
        await client.aclose()
        await app.state.sessions.kw["bind"].dispose()
        for adapter in app.state.adapters.values():
            await adapter.close()


Make = Callable[..., Client]


@pytest.fixture
def client(make_client: Make) -> Client:
    return make_client()


class Person:
    """Somebody who writes over a channel for the first time."""

    def __init__(self, channel: str) -> None:
        self.channel = channel
        self.number = uuid4().int % 10**8 + 10**8
        self.address = str(self.number) if channel == "telegram" else f"+407{self.number % 10**8:08}"
        self._sent = 0

    def text(self, words: str, **more: Any) -> tuple[dict[str, str], bytes]:
        """The headers and body of the call for a text."""
        self._sent += 1
        if self.channel == "sms":
            return self._form(Body=words, **more)
        held = {"message_id": self._sent, "date": 1760000000, "text": words, **self._chat(), **more}
        return self._json(message=held)

    def presses(self, message: int, index: int) -> tuple[dict[str, str], bytes]:
        held = {"message_id": 1, "date": 1760000000, "text": "x", **self._chat()}
        return self._json(
            callback_query={
                "id": uuid4().hex,
                "chat_instance": "1",
                "data": f"{message}:{index}",
                "message": held,
                "from": held["from"],
            }
        )

    def _chat(self) -> dict[str, Any]:
        user = {"id": self.number, "is_bot": False, "first_name": "Ayşe", "language_code": "tr"}
        return {"chat": {"id": self.number, "type": "private"}, "from": user}

    def _json(self, **update: Any) -> tuple[dict[str, str], bytes]:
        body = {"update_id": uuid4().int % 10**9, **update}
        return {"content-type": "application/json"}, json.dumps(body).encode()

    def _form(self, **fields: str) -> tuple[dict[str, str], bytes]:
        base = {"MessageSid": f"SM{uuid4().hex}", "AccountSid": ACCOUNT, "From": self.address, "To": NUMBER}
        body = urlencode({**base, "NumMedia": "0", **fields}).encode()
        return {"content-type": "application/x-www-form-urlencoded"}, body


async def post(
    client: Client, channel: str, call: tuple[dict[str, str], bytes], *, signed: bool = True
) -> httpx.Response:
    """Send a call as the provider signs it for our public address."""
    headers, body = call
    path = f"/channels/{channel}"
    if signed:
        headers = factories(channel).signed(f"{PUBLIC_URL}{path}", headers, body)
    return await client.post(path, content=body, headers=headers)


async def said(client: Client, person: Person, *texts: str) -> None:
    for words in texts:
        assert (await post(client, person.channel, person.text(words))).status_code == 200


async def query(engine: AsyncEngine, statement: str, **values: Any) -> list[Any]:
    async with make_sessions(engine)() as session, session.begin():
        found = await session.execute(text(statement), values)
        return [tuple(row) for row in found.all()] if found.returns_rows else []


MESSAGES = """
    SELECT content, m.state FROM message AS m JOIN conversation AS c ON c.id = conversation_id
    WHERE c.channel = :channel AND address = :address AND author = 'citizen' ORDER BY seq
"""


async def messages_of(engine: AsyncEngine, person: Person) -> list[tuple[dict[str, Any], str]]:
    return await query(engine, MESSAGES, channel=person.channel, address=person.address)


async def count(engine: AsyncEngine) -> Any:
    [(found,)] = await query(engine, "SELECT count(*) FROM message")
    return found


async def offers(engine: AsyncEngine, person: Person, *buttons: str, of: str = "bot") -> int:
    """A message of ours with buttons of these payloads, titled in capitals; returns its number."""
    reply = Reply(text="?", buttons=tuple(Button(title=payload.upper(), payload=payload) for payload in buttons))
    statement = """
        WITH mine AS (
            UPDATE conversation SET last_seq = last_seq + 1 WHERE channel = :channel AND address = :address
            RETURNING id, last_seq
        )
        INSERT INTO message (conversation_id, seq, author, channel, content, state, attempts, created_at)
        SELECT id, last_seq, :author, :channel, CAST(:content AS jsonb), 'sent', 0, now() FROM mine RETURNING seq
    """
    values = {"channel": person.channel, "address": person.address, "author": of}
    [(number,)] = await query(engine, statement, content=json.dumps(reply.content()), **values)
    return int(number)


Calls = Callable[[], Awaitable[httpx.Response]]


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
    return CHANNEL_CALLS.labels(channel, "forged")._value.get()


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
    for headers, size, status in [({}, MOST_BYTES + 1, 413), ({}, MOST_BYTES, 403)]:
        answer = await post(client, channel, (headers, b"x" * size), signed=False)
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
        headers = {name: value.encode() for name, value in call.headers.items()}
        answer = await client.post(call.url.removeprefix(PUBLIC_URL), content=call.body, headers=headers)
        expected = next(status for key, status in told.items() if key in case.told)
        assert answer.status_code in {expected, 429 if expected == 403 else expected}, str(case)


async def test_a_button_of_the_newest_question_is_its_payload(client: Client, engine: AsyncEngine) -> None:
    person = Person("telegram")
    await said(client, person, "hello")
    number = await offers(engine, person, "/affirm", "/deny")
    assert (await post(client, "telegram", person.presses(number, 1))).status_code == 200
    content, _ = (await messages_of(engine, person))[-1]
    assert {key: content.get(key) for key in ("payload", "text", "outdated", "choice")} == {
        "payload": "/deny",
        "text": "/DENY",
        "outdated": None,
        "choice": None,
    }


@pytest.mark.parametrize(
    ("payload", "asked_since", "outdated"),
    [
        ("/affirm", True, True),
        ('/inform{"a": 1}', True, True),
        ("/cancel", True, True),
        ("/affirm", False, False),
        ("/talk_to_human", True, False),
        ('/faq{"topic": "hours"}', True, False),
    ],
)
async def test_a_button_of_an_older_question_counts_only_where_it_still_means_something(
    client: Client, engine: AsyncEngine, payload: str, asked_since: bool, outdated: bool
) -> None:
    person = Person("telegram")
    await said(client, person, "hello")
    number = await offers(engine, person, payload)
    await offers(engine, person, *(["/x"] if asked_since else []))
    await post(client, "telegram", person.presses(number, 0))
    content, _ = (await messages_of(engine, person))[-1]
    assert (content.get("outdated", False), content.get("payload")) == (outdated, None if outdated else payload)


@pytest.mark.parametrize(("number", "index"), [(2, 5), (99, 0), (1, 0), (3, 0)])
async def test_a_button_nobody_offered_is_outdated(
    client: Client, engine: AsyncEngine, number: int, index: int
) -> None:
    person = Person("telegram")
    await said(client, person, "hello")
    assert await offers(engine, person, "/a") == 2
    assert await offers(engine, person) == 3
    await post(client, "telegram", person.presses(number, index))
    content, _ = (await messages_of(engine, person))[-1]
    assert content["outdated"]
    assert "payload" not in content


@pytest.mark.parametrize(
    ("typed", "offered", "payload"),
    [
        ("1", ["/a", "/b"], "/a"),
        (" 2. ", ["/a", "/b"], "/b"),
        ("1", [], None),
        ("3", ["/a", "/b"], None),
        ("12", ["/a", "/b"], None),
        ("2 a", ["/a", "/b"], None),
    ],
)
async def test_a_number_is_an_option_only_when_it_was_offered(
    client: Client, engine: AsyncEngine, typed: str, offered: list[str], payload: str | None
) -> None:
    person = Person("sms")
    await said(client, person, "hello")
    await offers(engine, person, *offered)
    await said(client, person, typed)
    content, state = (await messages_of(engine, person))[-1]
    expected = {"text": payload.upper(), "payload": payload} if payload else {"text": typed.strip()}
    assert (content, state) == (expected, "received")


async def test_a_number_as_a_first_message_is_text(client: Client, engine: AsyncEngine) -> None:
    person = Person("sms")
    await said(client, person, "1")
    assert await messages_of(engine, person) == [({"text": "1"}, "received")]


async def test_who_writes_too_fast_is_answered_later_and_a_machine_not_at_all(
    make_client: Make, engine: AsyncEngine
) -> None:
    client, person = make_client(messages_per_minute=2), Person("telegram")
    await said(client, person, *(f"{number}" for number in range(22)))
    statement = """
        SELECT round(extract(epoch FROM m.due_at - m.created_at))::int, m.state FROM message AS m
        JOIN conversation AS c ON c.id = conversation_id WHERE address = :address ORDER BY seq
    """
    found = await query(engine, statement, address=person.address)
    assert [state for _, state in found] == ["received"] * 20 + ["muted"] * 2
    assert [seconds for seconds, _ in found[:6]] == [0, 0, 30, 60, 90, 120]


@pytest.mark.parametrize(
    ("words", "answered", "state"), [(LONG, 3, "muted"), (LONG, 2, "received"), ("ok", 3, "received")]
)
async def test_a_long_text_that_was_answered_three_times_is_a_machines(
    client: Client, engine: AsyncEngine, words: str, answered: int, state: str
) -> None:
    person = Person("sms")
    await said(client, person, *[words] * answered)
    await query(
        engine,
        "UPDATE message SET state = 'answered' FROM conversation AS c WHERE c.id = conversation_id AND address = :to",
        to=person.address,
    )
    await said(client, person, words)
    assert [one for _, one in await messages_of(engine, person)][-1] == state
    await said(client, person, "a person now writes something else")
    assert [one for _, one in await messages_of(engine, person)][-1] == "received"


def joined(group: int, number: int) -> tuple[dict[str, str], bytes]:
    bot = {"id": 110201543, "is_bot": True, "first_name": "Komshu"}
    change = {
        "chat": {"id": group, "title": "Komşular", "type": "supergroup"},
        "from": {"id": 1111111, "is_bot": False, "first_name": "Ayşe", "language_code": "tr"},
        "date": 1760000000,
        "old_chat_member": {"user": bot, "status": "left"},
        "new_chat_member": {"user": bot, "status": "member"},
    }
    body = json.dumps({"update_id": number, "my_chat_member": change}).encode()
    return {"content-type": "application/json"}, body


async def test_a_group_is_told_once_that_we_write_in_private(
    client: Client, engine: AsyncEngine, tmp_path: Path
) -> None:
    group, number = -(uuid4().int % 10**9) - 10**9, uuid4().int % 10**9
    for call in (joined(group, number), joined(group, number), joined(group, number + 1)):
        assert (await post(client, "telegram", call)).status_code == 200
    statement = "SELECT part->>'text', kind FROM delivery JOIN lane ON lane.id = lane_id WHERE address = :address"
    [(words, kind)] = await query(engine, statement, address=str(group))
    assert (words.startswith("Merhaba"), kind) == (True, "notice")
    assert [path.name for path in (tmp_path / "spool").iterdir()] == []
    assert await query(engine, "SELECT 1 FROM conversation WHERE address = :address", address=str(group)) == []


@pytest.mark.parametrize(
    ("status", "code", "state", "reason"),
    [
        ("delivered", "", "delivered", None),
        ("undelivered", "30007", "failed", "filtered"),
        ("queued", "", "sent", None),
    ],
)
async def test_news_of_a_message_of_ours_move_its_state(
    client: Client, engine: AsyncEngine, status: str, code: str, state: str, reason: str | None
) -> None:
    sid, lane = f"SM{uuid4().hex}", uuid4()
    await query(
        engine,
        """
        WITH mine AS (INSERT INTO lane (id, channel, address, version, free_at) VALUES (:lane, 'sms', 'x', 1, now()))
        INSERT INTO delivery (lane_id, number, position, channel, part, kind, state, attempts, unsure, provider_id,
                              expires_at, created_at)
        VALUES (:lane, 1, 0, 'sms', '{}', 'answer', 'sent', 1, false, :sid, now(), now())
        """,
        lane=lane,
        sid=sid,
    )
    body = urlencode({"MessageSid": sid, "MessageStatus": status, "ErrorCode": code, "AccountSid": ACCOUNT}).encode()
    call = ({"content-type": "application/x-www-form-urlencoded"}, body)
    for _ in range(2):
        assert (await post(client, "sms", call)).status_code == 200
    assert await query(engine, "SELECT state, reason FROM delivery WHERE lane_id = :id", id=lane) == [(state, reason)]


async def test_while_the_database_is_away_messages_are_accepted_and_kept(
    make_client: Make, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    client = make_client(database_url="postgresql+psycopg://nobody@127.0.0.1:9/nothing")
    person = Person("sms")
    await said(client, person, "private words")
    [kept] = (tmp_path / "spool").iterdir()
    assert kept.suffix == ".json"
    told = "".join(capsys.readouterr())
    assert person.address not in told
    assert "private" not in told
