"""People leave, chats fall silent, promises are noted: nobody is forgotten. Time passes in the database only."""

import pytest
from sqlalchemy import text

from backend.conversations.desk import index_words
from backend.handoff import service, sweeping
from tests.backend.handoff.factories import Floor

SILENT = 31 * 60
GONE = 121
LEFT = "The person you talked with had to leave."
RETURNED = "We have heard nothing for a while, so the automated assistant answers again."


async def sweep(floor: Floor) -> int:
    return await service.sweep(floor.session, floor.desk)


@pytest.mark.parametrize(
    ("gone", "waits", "silent", "holder", "told"),
    [
        (False, False, False, "agent", None),
        (False, True, False, "agent", None),
        (True, False, False, "agent", None),
        (True, True, False, "queue", LEFT),
        (False, False, True, "bot", RETURNED),
        (False, True, True, "queue", LEFT),
        (True, False, True, "bot", RETURNED),
        (True, True, True, "queue", LEFT),
    ],
)
async def test_who_has_the_chat_when_agent_or_citizen_are_quiet(
    floor: Floor, gone: bool, waits: bool, silent: bool, holder: str, told: str | None
) -> None:
    me = await floor.agent()
    chat = await floor.chat_held_by(me)
    await service.reply(floor.session, floor.desk, me, chat, "Good day.", "k")
    if waits:
        await floor.says(chat, "And now?")
    if gone:
        await floor.ago("presence", me.id, GONE, "seen_at", key="account_id")
    if silent:
        await floor.ago("conversation", chat, SILENT, "held_at", "heard_at", "spoken_at")
    assert await sweep(floor) == (told is not None)
    assert (await floor.state(chat))[0] == holder
    [_, *after] = await floor.texts(chat, "system")
    assert [words.startswith(told or "-") for words in after] == [True] * (told is not None)
    assert await sweep(floor) == 0
    acts = {"agent": ["taken"], "queue": ["taken", "requeued"], "bot": ["taken", "returned"]}
    assert [kind for kind, _ in await floor.acts(chat)] == acts[holder]
    assert (await floor.audited(chat))[-1] == ("chat.reply" if told is None else f"chat.{acts[holder][-1]}")


async def test_a_requeued_chat_waits_as_long_as_before_and_is_promised_anew(floor: Floor) -> None:
    me = await floor.agent()
    chat = await floor.chat_held_by(me)
    await floor.says(chat, "Hello?")
    await floor.ago("conversation", chat, 600, "waiting_since", "queued_at")
    since = await floor.column(chat, "waiting_since")
    await floor.ago("presence", me.id, GONE, "seen_at", key="account_id")
    await sweep(floor)
    assert await floor.column(chat, "waiting_since") == since
    assert await floor.column(chat, "promised_at") is not None
    assert await floor.column(chat, "unit") == "roads"


async def test_the_bot_is_told_what_was_said_before_the_silence(floor: Floor) -> None:
    me = await floor.agent()
    chat = await floor.chat_held_by(me)
    await floor.says(chat, "A tree fell on Strada Lungă")
    await service.reply(floor.session, floor.desk, me, chat, "Thank you.", "k")
    await floor.ago("conversation", chat, SILENT, "held_at", "heard_at", "spoken_at")
    await sweep(floor)
    assert "Strada Lungă" in await floor.told_to_bot(chat)


async def test_the_chats_of_who_may_not_sign_in_any_more_are_not_forgotten(floor: Floor) -> None:
    me = await floor.agent()
    chat = await floor.chat_held_by(me)
    await floor.says(chat, "Hello?")
    await floor.session.execute(text("UPDATE account SET disabled_at = now() WHERE id = :id"), {"id": me.id})
    assert await sweep(floor) == 1
    assert (await floor.state(chat))[0] == "queue"


async def test_a_channel_that_is_switched_off_stops_no_other_chat(floor: Floor) -> None:
    me = await floor.agent()
    chats = [await floor.chat_held_by(me, channel) for channel in ("telegram", "web")]
    for chat in chats:
        await floor.says(chat, "Hello?")
    await floor.ago("presence", me.id, GONE, "seen_at", key="account_id")
    assert await sweep(floor) == 2
    assert [(await floor.state(chat))[0] for chat in chats] == ["queue", "queue"]


async def test_another_offices_chats_are_left_alone(floor: Floor) -> None:
    me = await floor.agent()
    chat = await floor.chat_held_by(me)
    await floor.says(chat, "Hello?")
    await floor.put("conversation", chat, office_id="van")
    await floor.ago("presence", me.id, GONE, "seen_at", key="account_id")
    assert await sweep(floor) == 0


async def test_what_the_bot_queued_gets_its_promise_once(floor: Floor) -> None:
    chat = await floor.chat()
    await floor.put("conversation", chat, holder="queue")
    await sweep(floor)
    promised = await floor.column(chat, "promised_at")
    assert promised is not None
    await floor.ago("conversation", chat, 60, "promised_at")
    moved = await floor.column(chat, "promised_at")
    await sweep(floor)
    assert await floor.column(chat, "promised_at") == moved != promised


async def test_an_office_that_never_opens_promises_nothing(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "promised_by", lambda _office, _now: None)
    chat = await floor.chat()
    await floor.put("conversation", chat, holder="queue")
    assert await sweep(floor) == 0
    assert await floor.column(chat, "promised_at") is None


async def test_words_are_indexed_once_folded_and_in_batches(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    await floor.session.execute(text("DELETE FROM message_words"))
    await floor.session.execute(text("DELETE FROM message"))
    monkeypatch.setattr("backend.conversations.desk.INDEX_BATCH", 2)
    chat = await floor.chat(said="Марашешти")
    await floor.says(chat, "Mărășești 12")
    await floor.says(chat, "")
    assert [await index_words(floor.session) for _ in range(3)] == [2, 1, 0]
    words = await floor.session.scalars(text("SELECT words::text FROM message_words ORDER BY message_id"))
    assert list(words) == ["'marasesti':1", "'12':2 'marasesti':1", ""]
