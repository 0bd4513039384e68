"""Answers: stored once with what is to be sent, tried again, given up, and left to a person."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.answers import service
from backend.answers.errors import BOT_AWAY
from backend.answers.service import AWAY_WAIT_SECONDS, silence
from backend.conversations.models import Conversation
from backend.conversations.schemas import Claim, Turn, Waiting
from backend.conversations.service import (
    arrive,
    choose_language,
    conversation,
    receive,
)
from backend.core.catalogue import backend_catalogue
from backend.core.database import driver_connection
from backend.core.languages import LANGUAGES
from backend.core.settings import Settings
from backend.offices.schemas import Office
from channels.message import Arrival, Inbound, Reply
from tests.backend.conversations.factories import (
    ADAPTERS,
    LEASE,
    LOST,
    answer,
    claim_next,
    claimed,
    due_in_seconds,
    fail,
    finish,
    make_due,
    message,
    says,
    shown,
    visitor,
)
from tests.backend.outbox.factories import ScriptedAdapter, rows


async def test_an_answer_settles_its_message_and_keeps_the_languages(
    session: AsyncSession, settings: Settings, office: Office
) -> None:
    to = await visitor(session, office, "en")
    await says(session, settings, to, "Vorbiți română?")
    claim, waiting = await claimed(session)
    await finish(session, claim, waiting, Turn(answer("Da").replies, "ro", "ro"))
    await session.refresh(to)
    assert (to.language, to.language_choice, to.last_seq) == ("ro", "ro", 2)
    settled, reply = await message(session, to, 1), await message(session, to, 2)
    assert (settled.state, settled.due_at, settled.error) == ("answered", None, None)
    assert settled.settled_at is not None
    assert (reply.reply_to, reply.language, reply.channel) == (1, "ro", "web")


async def test_a_language_chosen_while_a_turn_was_taken_stays_chosen(
    session: AsyncSession, settings: Settings, office: Office
) -> None:
    to = await visitor(session, office, "en")
    await says(session, settings, to, "hello")
    claim, waiting = await claimed(session)
    await choose_language(session, to, "mk")
    await finish(session, claim, waiting, answer("hi"))
    await session.refresh(to)
    assert to.language_choice == "mk"


async def test_who_lost_the_lease_stores_nothing_and_who_holds_it_answers(
    session: AsyncSession, settings: Settings, office: Office
) -> None:
    to = await visitor(session, office)
    await says(session, settings, to, "hello")
    lost, waiting = await claimed(session, LOST)
    held, again = await claimed(session)
    assert waiting.seq == again.seq
    assert await finish(session, lost, waiting, answer("late")) is None
    assert (await message(session, to, 1)).state == "received"
    await finish(session, held, again, answer("in time"))
    assert await finish(session, lost, waiting, answer("later still")) is None
    assert [one.text for one in (await shown(session, to, after=1)).messages] == ["in time"]


async def test_a_failed_turn_is_tried_again_later_and_later(
    session: AsyncSession, settings: Settings, office: Office
) -> None:
    to = await visitor(session, office)
    await says(session, settings, to, "hello")
    patient = settings.model_copy(update={"turn_attempts": 9})
    waits = []
    for attempt in range(1, 9):
        claim, waiting = await claimed(session)
        assert waiting.attempts == attempt - 1
        assert await fail(session, patient, claim, waiting, "bot_status_500") is None
        assert await claim_next(session, LEASE) is None
        stored = await message(session, to, 1)
        assert (stored.state, stored.attempts, stored.error) == ("received", attempt, "bot_status_500")
        waits.append(await due_in_seconds(session, to))
        await make_due(session, to)
    for wait, base in zip(waits, [1, 2, 4, 8, 16, 32, 60, 60], strict=True):
        assert wait is not None
        assert base <= wait <= base * 1.5
    assert (await shown(session, to, after=1)).messages == []


async def test_time_in_which_the_bot_is_away_is_no_try_until_patience_ends(
    session: AsyncSession, settings: Settings, office: Office
) -> None:
    to = await visitor(session, office)
    await says(session, settings, to, "hello")
    for _ in range(settings.turn_attempts + 1):
        claim, waiting = await claimed(session)
        assert waiting.attempts == 0
        assert await fail(session, settings, claim, waiting, BOT_AWAY) is None
        assert await due_in_seconds(session, to) == AWAY_WAIT_SECONDS
        await make_due(session, to)
    claim, waiting = await claimed(session)
    long_ago = replace(waiting, created_at=waiting.created_at - timedelta(seconds=settings.bot_away_seconds))
    await fail(session, settings, claim, long_ago, BOT_AWAY)
    assert ((await message(session, to, 1)).state, (await shown(session, to, after=0)).state) == ("failed", "queue")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("chosen", [True, False])
async def test_after_the_last_try_the_citizen_is_told_and_a_person_called(
    session: AsyncSession, settings: Settings, office: Office, language: str, chosen: bool
) -> None:
    to = await visitor(session, office, "en" if chosen else language)
    if chosen:
        await choose_language(session, to, language)
    await says(session, settings, to, "hello")
    claim, waiting = await claimed(session)
    once = settings.model_copy(update={"turn_attempts": 1})
    assert await fail(session, once, claim, waiting, "bot_status_500") is None
    stored = await message(session, to, 1)
    assert (stored.state, stored.error, stored.due_at) == ("failed", "bot_status_500", None)
    seen = await shown(session, to, after=1)
    assert seen.state == "queue"
    [apology] = seen.messages
    assert apology.text == backend_catalogue().text("chat.turn_failed", language)
    assert apology.language == language
    person = Inbound(external_id=str(uuid4()), payload=apology.buttons[0]["payload"])
    assert await receive(session, settings, to, person) == 3


async def test_after_a_failed_message_the_next_one_is_answered(
    session: AsyncSession, settings: Settings, office: Office
) -> None:
    to = await visitor(session, office)
    await says(session, settings, to, "one", "two")
    claim, waiting = await claimed(session)
    following = await fail(session, settings.model_copy(update={"turn_attempts": 1}), claim, waiting, "x")
    assert following is not None
    assert following.content["text"] == "two"


@pytest.mark.parametrize("before", [True, False], ids=["came before the failure", "came after the failure"])
async def test_a_message_behind_a_failing_one_waits_with_it_and_keeps_no_worker_busy(
    session: AsyncSession, settings: Settings, office: Office, before: bool
) -> None:
    to = await visitor(session, office)
    await says(session, settings, to, "one", *(["two"] if before else []))
    claim, waiting = await claimed(session)
    assert await fail(session, settings, claim, waiting, "bot_status_500") is None
    if not before:
        await says(session, settings, to, "two")
        await claim_next(session, LEASE)
    assert await claim_next(session, LEASE) is None
    due = await due_in_seconds(session, to)
    assert due is not None
    assert due >= 1
    await make_due(session, to)
    assert (await claimed(session))[1].content["text"] == "one"


@pytest.mark.parametrize("attempts", [1, 5], ids=["last try", "first of more tries"])
async def test_who_lost_the_lease_cannot_fail_a_message_that_was_answered(
    session: AsyncSession, settings: Settings, office: Office, attempts: int
) -> None:
    to = await visitor(session, office)
    await says(session, settings, to, "hello")
    lost, waiting = await claimed(session, LOST)
    held, again = await claimed(session)
    await finish(session, held, again, answer("in time"))
    tries = settings.model_copy(update={"turn_attempts": attempts})
    assert await fail(session, tries, lost, waiting, "bot_status_500") is None
    stored = await message(session, to, 1)
    assert (stored.state, stored.error, stored.due_at) == ("answered", None, None)
    seen = await shown(session, to, after=1)
    assert ([one.text for one in seen.messages], seen.state) == (["in time"], "bot")


async def test_while_a_person_holds_the_chat_the_bot_is_silent(
    session: AsyncSession, settings: Settings, office: Office
) -> None:
    to = await visitor(session, office)
    to.holder = "agent"
    await says(session, settings, to, "hello")
    claim, waiting = await claimed(session)
    assert waiting.holder == "agent"
    assert await finish(session, claim, waiting, silence(waiting)) is None
    assert (await message(session, to, 1)).state == "answered"
    assert (await shown(session, to, after=1)).messages == []


async def test_nothing_is_claimed_when_nothing_waits(session: AsyncSession, office: Office) -> None:
    await visitor(session, office)
    assert await claim_next(session, LEASE) is None


async def test_a_conversation_woken_for_nothing_is_given_back(session: AsyncSession, office: Office) -> None:
    to = await visitor(session, office)
    await session.execute(text("UPDATE conversation SET due_at = now() WHERE id = :id"), {"id": to.id})
    assert await claim_next(session, LEASE) is None
    assert await due_in_seconds(session, to) is None


async def writes(session: AsyncSession, settings: Settings, office: Office, adapter: ScriptedAdapter) -> Conversation:
    """A new person's message on a channel that sends."""
    arrival = Arrival(sender=str(uuid4()), inbound=Inbound(external_id=str(uuid4()), text="merhaba"), language="tr")
    conversation_id, _ = await arrive(session, settings, office, adapter.name, arrival)
    return await conversation(session, conversation_id)


async def taken(session: AsyncSession, adapter: ScriptedAdapter) -> tuple[Claim, Waiting]:
    [found] = await service.claim_due(await driver_connection(session), LEASE, 1, [adapter.name])
    return found


async def lane_of(session: AsyncSession, of: Conversation) -> list[tuple[Any, ...]]:
    """(number, position, text, language, kind) of what is to be sent."""
    columns = "number, position, part->>'text', part->>'language', kind"
    return await rows(await driver_connection(session), of.id, columns)


async def holder_is(session: AsyncSession, of: Conversation, holder: str) -> None:
    await session.execute(
        text("UPDATE conversation SET holder = :holder WHERE id = :id"), {"holder": holder, "id": of.id}
    )


async def test_an_answer_is_queued_in_parts_with_the_language_of_each_reply(
    session: AsyncSession, settings: Settings, office: Office
) -> None:
    adapter = ScriptedAdapter()
    to = await writes(session, settings, office, adapter)
    claim, waiting = await taken(session, adapter)
    turn = Turn((Reply(text="one\ntwo"), Reply(text="drie", language="af")), "tr")
    connection = await driver_connection(session)
    assert await service.finish(connection, {adapter.name: adapter}, claim, waiting, turn) is None
    assert await lane_of(session, to) == [
        (2, 0, "one", "tr", "answer"),
        (2, 1, "two", "tr", "answer"),
        (3, 0, "drie", "af", "answer"),
    ]
    stored = [await message(session, to, number) for number in (2, 3)]
    assert [(one.state, one.language, one.reply_to) for one in stored] == [("queued", "tr", 1), ("queued", "af", 1)]
    assert (await message(session, to, 1)).state == "answered"


async def test_who_lost_the_lease_queues_nothing(session: AsyncSession, settings: Settings, office: Office) -> None:
    adapter = ScriptedAdapter()
    to = await writes(session, settings, office, adapter)
    claim, waiting = await taken(session, adapter)
    lost = replace(claim, token=uuid4())
    connection, adapters = await driver_connection(session), {adapter.name: adapter}
    assert await service.finish(connection, adapters, lost, waiting, answer("late")) is None
    assert await service.fail(connection, settings, adapters, lost, waiting, "bot_timeout") is None
    assert await lane_of(session, to) == []
    assert (await message(session, to, 1)).state == "received"


@pytest.mark.parametrize("failed", [False, True], ids=["answer", "apology"])
async def test_when_an_agent_took_over_meanwhile_the_bot_says_nothing(
    session: AsyncSession, settings: Settings, office: Office, failed: bool
) -> None:
    adapter = ScriptedAdapter()
    to = await writes(session, settings, office, adapter)
    claim, waiting = await taken(session, adapter)
    await holder_is(session, to, "agent")
    connection, adapters = await driver_connection(session), {adapter.name: adapter}
    if failed:
        once = settings.model_copy(update={"turn_attempts": 1})
        assert await service.fail(connection, once, adapters, claim, waiting, "x") is None
    else:
        assert await service.finish(connection, adapters, claim, waiting, answer("too late", "really")) is None
    await session.refresh(to)
    assert (to.last_seq, to.holder, to.due_at, to.lease_token) == (1, "agent", None, None)
    assert (await message(session, to, 1)).state == ("failed" if failed else "answered")
    assert await lane_of(session, to) == []


async def test_an_apology_is_sent_too(session: AsyncSession, settings: Settings, office: Office) -> None:
    adapter = ScriptedAdapter()
    to = await writes(session, settings, office, adapter)
    claim, waiting = await taken(session, adapter)
    once = settings.model_copy(update={"turn_attempts": 1})
    await service.fail(await driver_connection(session), once, {adapter.name: adapter}, claim, waiting, "x")
    assert await lane_of(session, to) == [
        (2, 0, backend_catalogue().text("chat.turn_failed", "tr"), "tr", "answer"),
    ]


PATIENCE_OVER = -60.0


@pytest.mark.parametrize("language", LANGUAGES)
async def test_who_waits_is_told_once_until_the_answer_comes(
    session: AsyncSession, settings: Settings, office: Office, language: str
) -> None:
    adapter = ScriptedAdapter()
    to = await writes(session, settings, office, adapter)
    await choose_language(session, to, language)
    connection, adapters = await driver_connection(session), {adapter.name: adapter}
    assert await service.tell_waiting(connection, adapters, 60.0) == 0
    assert [await service.tell_waiting(connection, adapters, PATIENCE_OVER) for _ in range(3)] == [1, 0, 0]
    told = backend_catalogue().text("chat.received", language)
    assert await lane_of(session, to) == [(2, 0, told, language, "notice")]
    claim, waiting = await taken(session, adapter)
    await service.finish(connection, adapters, claim, waiting, answer("at last"))
    assert await service.tell_waiting(connection, adapters, PATIENCE_OVER) == 0
    again = Inbound(external_id=str(uuid4()), text="and now?")
    await receive(session, settings, to, again)
    assert await service.tell_waiting(connection, adapters, PATIENCE_OVER) == 1
    assert [(number, kind) for number, _, _, _, kind in await lane_of(session, to)] == [
        (2, "notice"),
        (3, "answer"),
        (5, "notice"),
    ]


async def test_who_is_told_while_the_answer_is_made_gets_both_and_the_chat_is_given_back(
    session: AsyncSession, settings: Settings, office: Office
) -> None:
    adapter = ScriptedAdapter()
    to = await writes(session, settings, office, adapter)
    connection, adapters = await driver_connection(session), {adapter.name: adapter}
    claim, waiting = await taken(session, adapter)
    assert await service.tell_waiting(connection, adapters, PATIENCE_OVER) == 1
    assert await service.finish(connection, adapters, claim, waiting, answer("done")) is None
    assert [number for number, *_ in await lane_of(session, to)] == [2, 3]
    assert (await due_in_seconds(session, to), (await message(session, to, 3)).reply_to) == (None, 1)


@pytest.mark.parametrize(("holder", "told"), [("bot", 1), ("queue", 1), ("agent", 0)])
async def test_who_talks_to_an_agent_is_not_told(
    session: AsyncSession, settings: Settings, office: Office, holder: str, told: int
) -> None:
    adapter = ScriptedAdapter()
    await holder_is(session, await writes(session, settings, office, adapter), holder)
    connection = await driver_connection(session)
    assert await service.tell_waiting(connection, {adapter.name: adapter}, PATIENCE_OVER) == told


async def test_visitors_of_the_web_chat_are_told_too(session: AsyncSession, settings: Settings, office: Office) -> None:
    to = await visitor(session, office, "af")
    await says(session, settings, to, "hallo")
    assert await service.tell_waiting(await driver_connection(session), ADAPTERS, PATIENCE_OVER) == 1
    [notice] = (await shown(session, to, after=1)).messages
    assert (notice.text, notice.author, notice.state) == (
        backend_catalogue().text("chat.received", "af"),
        "system",
        "sent",
    )


async def test_channels_this_process_does_not_know_are_left_alone(
    session: AsyncSession, settings: Settings, office: Office
) -> None:
    adapter = ScriptedAdapter()
    await writes(session, settings, office, adapter)
    connection = await driver_connection(session)
    assert await service.claim_due(connection, LEASE, 9, ["other"]) == []
    assert await service.tell_waiting(connection, {"other": adapter}, PATIENCE_OVER) == 0
