"""The hub: what comes in, who answers, what is shown."""

from uuid import uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contacts.service import new_web_visitor
from backend.conversations.errors import (
    ButtonUnknownError,
    ConversationNotFoundError,
    MessageTooLongError,
    SessionUnknownError,
)
from backend.conversations.service import (
    MENU_PAYLOADS,
    conversation,
    open_web_session,
    receive,
    web_conversation,
)
from backend.core.settings import Settings
from backend.offices.schemas import Office
from channels.message import Inbound, Position
from tests.backend.conversations.factories import (
    answer,
    claimed,
    due_in_seconds,
    finish,
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
