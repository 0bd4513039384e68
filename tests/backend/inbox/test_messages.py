"""What messages of a channel mean when they are stored: choices, patience, courtesy, news of our own."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.core.settings import Settings
from backend.offices.schemas import Office
from tests.backend.inbox.callers import Client, Make, Person, clients, messages_of, offers, post, query, said
from tests.peers.twilio import ACCOUNT

LONG = "Your call is important to us, please wait."


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
        "UPDATE message SET state = 'answered' FROM conversation AS c WHERE c.id = conversation_id AND address = :to"
        " RETURNING 1",
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
        WITH mine AS (INSERT INTO lane (id, channel, address, version, fence, free_at)
                      VALUES (:lane, 'sms', 'x', 1, 0, now()))
        INSERT INTO delivery (lane_id, number, position, channel, part, kind, state, attempts, unsure, provider_id,
                              expires_at, created_at)
        VALUES (:lane, 1, 0, 'sms', '{}', 'answer', 'sent', 1, false, :sid, now(), now()) RETURNING 1
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
