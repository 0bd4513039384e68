"""Trackers on a real PostgreSQL: what is saved comes back, and errors are errors."""

import asyncio
from typing import Any, AsyncIterator, List
from uuid import uuid4

import psycopg
import pytest
from bot_factories import ROOT, answered_turn, domain, tracker_of, user
from rasa.core.agent import Agent
from rasa.core.tracker_store import TrackerStore, check_if_tracker_store_async
from rasa.core.utils import AvailableEndpoints
from rasa.shared.core.events import ActiveLoop, BotUttered, SlotSet

from bot.tracker_store import PostgresTrackerStore


@pytest.fixture(scope="module")
async def store(database_url: str) -> AsyncIterator[PostgresTrackerStore]:
    opened = PostgresTrackerStore(domain(), host=database_url)
    yield opened
    await (await opened._connections()).close()


@pytest.fixture(scope="module")
async def store_without_table(database_url: str) -> AsyncIterator[PostgresTrackerStore]:
    """The same server, another database: our table is not there."""
    opened = PostgresTrackerStore(domain(), host=database_url.replace("/komshu?", "/postgres?"))
    yield opened
    await (await opened._connections()).close()


async def rows(url: str, sender: str) -> List[Any]:
    async with await psycopg.AsyncConnection.connect(url) as connection:
        found = await connection.execute(
            "SELECT jsonb_array_length(events), pg_column_size(events::text), updated_at FROM bot_session"
            " WHERE conversation_id = %s",
            (sender,),
        )
        return await found.fetchall()


async def test_a_conversation_never_seen_is_none(store: PostgresTrackerStore) -> None:
    assert await store.retrieve("never seen") is None


@pytest.mark.parametrize(
    "text",
    [
        "hello",
        "ışık yanmıyor",
        "știți că…",
        "Ѓорче ќе дојде",
        "môre, 'n gat",
        "👩‍🚒🕳️",
        "'; DROP TABLE bot_session; --",
        '%s \\ " {}',
    ],
)
async def test_what_is_saved_comes_back(store: PostgresTrackerStore, text: str) -> None:
    sender = uuid4().hex
    said = BotUttered(text, {"buttons": [{"title": text, "payload": "/greet"}], "custom": {"language": "mk"}})
    tracker = tracker_of(user(text, message_id="m1"), SlotSet("report", {"description": text}), said, sender=sender)
    await store.save(tracker)
    back = await store.retrieve(sender)
    assert back is not None
    assert back.sender_id == sender
    assert [event.as_dict() for event in back.events] == [event.as_dict() for event in tracker.events]
    assert back.get_slot("report") == {"description": text}


async def test_form_and_slots_come_back(store: PostgresTrackerStore) -> None:
    sender = uuid4().hex
    form = [ActiveLoop("report_form"), SlotSet("requested_slot", "place"), SlotSet("language", "tr")]
    await store.save(tracker_of(*answered_turn(1, *form), *answered_turn(2), *answered_turn(3), sender=sender))
    back = await store.retrieve(sender)
    assert back is not None
    assert back.active_loop_name == "report_form"
    assert (back.get_slot("requested_slot"), back.get_slot("language")) == ("place", "tr")


async def test_a_long_conversation_is_one_row_of_constant_size(store: PostgresTrackerStore, database_url: str) -> None:
    sender, seen = uuid4().hex, []
    for number in range(12):
        tracker = await store.get_or_create_tracker(sender, append_action_listen=False)
        tracker.update_with_events(answered_turn(number, SlotSet("language", "af")), domain())
        await store.save(tracker)
        ((length, size, updated),) = await rows(database_url, sender)
        seen.append((length, size, updated))
    assert len({length for length, _, _ in seen[2:]}) == 1
    assert max(size for _, size, _ in seen) - min(size for _, size, _ in seen[2:]) < 100
    assert [updated for _, _, updated in seen] == sorted({updated for _, _, updated in seen})


async def test_conversations_do_not_mix_even_when_all_write_at_once(store: PostgresTrackerStore) -> None:
    senders = [uuid4().hex for _ in range(30)]
    await asyncio.gather(*(store.save(tracker_of(user(sender), sender=sender)) for sender in senders))
    back = await asyncio.gather(*(store.retrieve(sender) for sender in senders))
    assert [tracker.latest_message.text for tracker in back if tracker] == senders
    assert set(senders) <= set(await store.keys())


async def test_a_failing_database_is_an_error_not_an_empty_conversation(
    store_without_table: PostgresTrackerStore,
) -> None:
    served = Agent(domain(), tracker_store=store_without_table)
    with pytest.raises(psycopg.errors.UndefinedTable):
        await served.tracker_store.retrieve("c1")
    with pytest.raises(psycopg.errors.UndefinedTable):
        await served.tracker_store.save(tracker_of(user()))


def test_the_endpoints_file_gives_this_store_and_rasa_finds_it_asynchronous(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_DATABASE_URL", "postgresql://nowhere/komshu")
    monkeypatch.setenv("ACTIONS_URL", "http://127.0.0.1:1/webhook")
    endpoints = AvailableEndpoints.read_endpoints(str(ROOT / "bot" / "endpoints.yml"))
    made = TrackerStore.create(endpoints.tracker_store, domain=domain())
    assert type(made) is PostgresTrackerStore
    assert check_if_tracker_store_async(made)


def test_without_an_address_it_refuses_to_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BOT_DATABASE_URL", raising=False)
    with pytest.raises(KeyError, match="BOT_DATABASE_URL"):
        PostgresTrackerStore(domain())
