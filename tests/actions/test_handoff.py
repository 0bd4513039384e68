"""Calling a person."""

from uuid import UUID, uuid4

import httpx
import pytest

from actions.client import Promise
from actions.handoff import promise_sentence
from backend.contacts.models import Contact
from backend.conversations.holding import tell_bot
from backend.conversations.service import conversation
from backend.core.database import driver_connection, utcnow
from backend.tickets.schemas import Author, NewTicket
from backend.tickets.service import file_ticket
from tests.actions.conftest import Desk, Ran, Visitor
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


async def back(desk: Desk, visitor: Visitor, **entities: str) -> Ran:
    return await visitor.says("action_handed_back", "/handed_back", intent="handed_back", **entities)


async def test_a_chat_that_comes_back_with_nothing_new_says_so(desk: Desk) -> None:
    visitor = await desk.visitor()
    ran = await back(desk, visitor)
    assert ran.said == ["utter_back"]
    cleared = ("requested_slot", "report", "lookup", "care", "subscription", "handed")
    assert ran.slots == dict.fromkeys(cleared)


async def test_what_the_citizen_told_the_person_is_offered_as_a_report_and_begins_it(desk: Desk) -> None:
    visitor = await desk.visitor()
    words = "The lamp in front of our house is dark since Monday"
    ran = await back(desk, visitor, words=words, category="street_light", place="Strada Mare 5")
    assert ran.said == ["utter_back_report"]
    assert ran.responses[0]["description"] == words
    begun = await visitor.says(
        "validate_report_form", '/report_problem{"handed": "yes"}', intent="report_problem", handed="yes"
    )
    assert begun.said == ["utter_ask_report_confirm"]
    assert (begun.responses[0]["description"], begun.responses[0]["place"]) == (words, "Strada Mare 5")
    assert visitor.slots["handed"] is None


async def test_a_report_begun_before_the_person_came_is_kept_with_what_was_said_then(desk: Desk) -> None:
    visitor = await desk.visitor()
    await visitor.says(
        "validate_report_form", "A deep hole in the road here", intent="report", ranking=[("report/pothole_road", 0.9)]
    )
    ran = await back(desk, visitor, words="it is at number 14", place="Strada Mare 14")
    assert ran.said == ["utter_back_report"]
    assert visitor.slots["handed"]["description"] == "A deep hole in the road here it is at number 14"
    assert visitor.slots["handed"]["place"] == "Strada Mare 14"


async def test_a_ticket_the_person_filed_is_named(desk: Desk) -> None:
    visitor = await desk.visitor("ro")
    conversation_id = UUID(visitor.conversation_id)
    async with desk.sessions() as session, session.begin():
        since = utcnow()
        found = await conversation(session, conversation_id)
        author = Author(contact_id=found.contact_id, conversation_id=found.id, channel=found.channel)
        new = NewTicket(request_key=f"agent:{uuid4()}", description="lamp", category="street_light", language="ro")
        filed = await file_ticket(session, desk.settings, desk.office, author, new)
        await tell_bot(await driver_connection(session), conversation_id, since)
    ran = await back(desk, visitor, words="lampa", category="street_light")
    assert ran.said == ["utter_back_ticket"]
    assert ran.responses[0]["reference"] == filed.reference
    assert visitor.slots["handed"] is None


@pytest.mark.parametrize(
    ("phone", "zone", "said"),
    [
        (None, None, ["utter_leave_number"]),
        ("+40722123456", "Europe/Bucharest", ["utter_callback_known"]),
        ("+4915112345678", "Europe/Berlin", ["utter_callback_known", "utter_callback_hours"]),
        (None, "America/New_York", ["utter_leave_number", "utter_callback_hours"]),
    ],
)
async def test_a_call_back_names_the_number_and_the_hour_where_the_citizen_is(
    desk: Desk, phone: str | None, zone: str | None, said: list[str]
) -> None:
    visitor = await desk.visitor()
    async with desk.sessions() as session, session.begin():
        found = await conversation(session, UUID(visitor.conversation_id))
        contact = await session.get_one(Contact, found.contact_id)
        contact.phone, contact.time_zone = phone, zone
    ran = await visitor.says(REQUEST, "call me back", intent="call_me_back")
    assert ran.said[1:] == said
    assert not phone or ran.responses[1]["ending"] == phone[-3:]
    async with desk.sessions() as session:
        assert (await conversation(session, UUID(visitor.conversation_id))).callback
