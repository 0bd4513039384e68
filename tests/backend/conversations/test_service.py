"""The hub: what comes in, who answers, what is shown."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.answers.errors import BOT_AWAY
from backend.answers.service import AWAY_WAIT_SECONDS, pass_to_agent
from backend.contacts.service import new_web_visitor
from backend.conversations.errors import (
    ButtonUnknownError,
    ConversationNotFoundError,
    MessageTooLongError,
    SessionUnknownError,
)
from backend.conversations.schemas import Turn
from backend.conversations.service import (
    MENU_PAYLOADS,
    choose_language,
    conversation,
    open_web_session,
    receive,
    web_conversation,
)
from backend.core.catalogue import backend_catalogue
from backend.core.database import driver_connection
from backend.core.languages import LANGUAGES
from backend.core.settings import Settings
from backend.offices.schemas import Office
from channels.message import Inbound, Position
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


@pytest.mark.parametrize(
    ("page", "spoken"), [("tr", "tr"), ("mk-MK", "mk"), ("AF", "af"), ("de", "ro"), ("", "ro"), ("x" * 500, "ro")]
)
async def test_a_chat_begins_in_the_pages_language_else_in_the_offices(
    session: AsyncSession, office: Office, page: str, spoken: str
) -> None:
    token, language = await open_web_session(session, office, page)
    begun = await web_conversation(session, token)
    assert (language, begun.language, begun.language_choice) == (spoken, spoken, None)
    assert (begun.holder, begun.channel, begun.office_id, begun.last_seq) == ("bot", "web", "timisoara", 0)


@pytest.mark.parametrize(
    ("page", "chosen", "choice"),
    [("tr", True, "tr"), ("tr-TR", True, "tr"), ("tr", False, None), ("de", True, None), ("", True, None)],
)
async def test_only_a_spoken_language_the_visitor_chose_counts_as_chosen(
    session: AsyncSession, office: Office, page: str, chosen: bool, choice: str | None
) -> None:
    token, _ = await open_web_session(session, office, page, chosen=chosen)
    assert (await web_conversation(session, token)).language_choice == choice


@pytest.mark.parametrize("token", ["", "forged", "țș"])
async def test_a_forged_token_opens_no_chat(session: AsyncSession, token: str) -> None:
    with pytest.raises(SessionUnknownError):
        await web_conversation(session, token)


async def test_a_contact_without_a_chat_has_none(session: AsyncSession) -> None:
    _, token = await new_web_visitor(session, "timisoara")
    with pytest.raises(SessionUnknownError):
        await web_conversation(session, token)


async def test_an_unknown_conversation_is_not_found(session: AsyncSession) -> None:
    with pytest.raises(ConversationNotFoundError):
        await conversation(session, uuid4())


async def test_a_message_is_stored_numbered_and_due(session: AsyncSession, settings: Settings, office: Office) -> None:
    to = await visitor(session, office)
    assert await says(session, settings, to, "Има дупка", "на патот") == [1, 2]
    stored = await message(session, to, 1)
    assert (stored.content, stored.author, stored.state) == ({"text": "Има дупка"}, "citizen", "received")
    assert await due_in_seconds(session, to) == 0


async def test_a_message_may_be_as_long_as_the_setting_says_and_no_longer(
    session: AsyncSession, settings: Settings, office: Office
) -> None:
    to, limit = await visitor(session, office), settings.message_max_characters
    assert await says(session, settings, to, "ș" * limit) == [1]
    with pytest.raises(MessageTooLongError) as error:
        await says(session, settings, to, "x" * (limit + 1))
    assert error.value.values == {"limit": limit}


@pytest.mark.parametrize("payload", sorted(MENU_PAYLOADS))
async def test_the_widgets_own_buttons_may_be_pressed_at_once(
    session: AsyncSession, settings: Settings, office: Office, payload: str
) -> None:
    to = await visitor(session, office)
    assert await receive(session, settings, to, Inbound(external_id=str(uuid4()), payload=payload)) == 1


@pytest.mark.parametrize("payload", ["/affirm", '/share_photo{"photo": "1"}', "hello", "x" * 100_000])
async def test_a_button_that_was_never_shown_is_refused(
    session: AsyncSession, settings: Settings, office: Office, payload: str
) -> None:
    to = await visitor(session, office)
    with pytest.raises(ButtonUnknownError):
        await receive(session, settings, to, Inbound(external_id=str(uuid4()), payload=payload))


async def test_a_button_that_was_shown_may_be_pressed_and_is_shown_without_its_payload(
    session: AsyncSession, settings: Settings, office: Office
) -> None:
    to = await visitor(session, office)
    await says(session, settings, to, "hello")
    claim, waiting = await claimed(session)
    await finish(session, claim, waiting, answer("Sure?", buttons=("/affirm", "/deny")))
    pressed = Inbound(external_id=f"{to.id}:{uuid4()}", payload="/affirm")
    assert await receive(session, settings, to, pressed) == 3
    last = (await shown(session, to, after=2)).messages[0]
    assert (last.text, last.buttons) == ("", [])
    assert "affirm" not in last.model_dump_json()


async def test_everything_after_the_cursor_is_shown_in_order_with_the_widgets_own_ids(
    session: AsyncSession, settings: Settings, office: Office
) -> None:
    to, own = await visitor(session, office), uuid4()
    place = Inbound(external_id=f"{to.id}:{own}", position=Position(latitude=45.7, longitude=21.2))
    await receive(session, settings, to, place)
    claim, waiting = await claimed(session)
    turn = answer("Thanks", "Read this", buttons=("/help",), topic="privacy", language="af")
    await finish(session, claim, waiting, turn)
    seen = await shown(session, to, after=0)
    assert seen.state == "bot"
    assert [(one.seq, one.author, one.text) for one in seen.messages] == [
        (1, "citizen", ""),
        (2, "bot", "Thanks"),
        (3, "bot", "Read this"),
    ]
    first, _, last = seen.messages
    assert (first.id, first.position, first.state) == (str(own), {"latitude": 45.7, "longitude": 21.2}, "answered")
    assert (last.id, last.language, last.state) == (None, "af", "sent")
    assert last.buttons == [{"title": "/help", "payload": "/help"}]
    assert last.article == {"topic": "privacy", "title": "privacy"}
    assert [one.seq for one in (await shown(session, to, after=2)).messages] == [3]
    assert (await shown(session, to, after=3)).messages == []


async def test_nobody_elses_messages_are_shown(session: AsyncSession, settings: Settings, office: Office) -> None:
    other = await visitor(session, office)
    await says(session, settings, other, "secret")
    assert (await shown(session, await visitor(session, office), after=0)).messages == []


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
    assert await pass_to_agent(await driver_connection(session), ADAPTERS, claim, waiting) is None
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
