"""Calling a person."""

from uuid import UUID, uuid4

import httpx
import pytest

from actions.client import Promise
from actions.handoff import promise_sentence
from backend.conversations.service import conversation
from tests.actions.conftest import Desk
from tests.actions.factories import LANGUAGES

REQUEST = "action_request_person"


@pytest.mark.parametrize(
    ("promise", "sentence"),
    [
        (Promise(open_now=True, when="luni", minutes=10, phone="1"), "utter_person_soon"),
        (Promise(open_now=False, when="luni", minutes=None, phone="1"), "utter_person_later"),
        (Promise(open_now=False, when="", minutes=None, phone="1"), "utter_person_unknown"),
    ],
)
def test_the_sentence_tells_what_can_be_promised(promise: Promise, sentence: str) -> None:
    assert promise_sentence(promise) == sentence


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_chat_is_queued_once_and_the_promise_said(desk: Desk, language: str) -> None:
    visitor = await desk.visitor(language)
    ran = await visitor.says(REQUEST, "/talk_to_human", intent="talk_to_human")
    [said] = ran.responses
    assert said["response"] in {"utter_person_soon", "utter_person_later"}
    assert said["phone"] == desk.office.profile.phone
    assert said["when"]
    async with desk.sessions() as session:
        queued = await conversation(session, UUID(visitor.conversation_id))
    assert queued.holder == "queue"
    await visitor.says(REQUEST, "/talk_to_human", intent="talk_to_human")
    async with desk.sessions() as session:
        assert (await conversation(session, UUID(visitor.conversation_id))).queued_at == queued.queued_at


async def test_who_wants_a_call_is_asked_for_the_number(desk: Desk) -> None:
    ran = await (await desk.visitor()).says(REQUEST, "call me back", intent="call_me_back")
    assert ran.said[1:] == ["utter_leave_number"]


async def test_a_conversation_the_backend_does_not_know_fails_the_turn(desk: Desk) -> None:
    visitor = await desk.visitor()
    visitor.conversation_id = str(uuid4())
    with pytest.raises(httpx.HTTPStatusError, match="500"):
        await visitor.says(REQUEST, "/talk_to_human", intent="talk_to_human")
