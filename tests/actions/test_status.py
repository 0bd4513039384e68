"""Asking what became of a report."""

from typing import Any
from uuid import UUID

import pytest

from actions.status import PIN, REFERENCE, asked_for
from backend.core.settings import Settings
from backend.tickets.models import Ticket
from backend.tickets.reference import check_sign, written
from backend.tickets.repository import ticket_by_reference
from tests.actions.conftest import Desk, Ran, Visitor
from tests.actions.factories import LANGUAGES, message

FORM = "validate_status_form"


@pytest.mark.parametrize(
    ("text", "pin"),
    [
        ("TM-4F7-KPX", None),
        ("what about TM-4F7-KPX?", None),
        ("TM-4F7-KPX 123456", "123456"),
        ("TM-4F7-KPX, 123 456", "123456"),
        ("TM-4F7-KPX 123-456", "123456"),
        ("my report TM-4F7-KPX, PIN: 123456", "123456"),
        ("TM-4F7-KPX pin 123456", "123456"),
        ("TM 4F7 KPX şifre 123456", "123456"),
        ("cod TM-4F7-KPX, pin 123.456", "123456"),
        ("TM-4F7-KPX пин 123456", "123456"),
        ("tm 346 789", None),
        ("TM-346-789 123 456", "123456"),
        ("TM-4F7-346 123 456", "123456"),
        ("verwysing TM-4F7-KPX en PIN 123456", "123456"),
        ("call me at 0722123456", None),
        ("what about my report", None),
        ("", None),
    ],
)
def test_a_pin_beside_the_reference_is_found_and_the_references_own_digits_are_none(text: str, pin: str | None) -> None:
    assert asked_for(message(text), None, None, "TM") == (text, pin)


@pytest.mark.parametrize(
    ("text", "pin"),
    [
        ("123456", "123456"),
        ("123 456", "123456"),
        ("it is 123-456", "123456"),
        ("пин 123456", "123456"),
        ("12345", "12345"),
        ("I do not know", "-"),
        ("TM-4F7-KPX 123456", "123456"),
    ],
)
def test_the_answer_to_the_question_for_the_pin_belongs_to_the_reference_told_before(text: str, pin: str) -> None:
    assert asked_for(message(text), PIN, {"text": "TM-4F7-KPX"}, "TM") == ("TM-4F7-KPX", pin)


@pytest.mark.parametrize("lookup", [None, {}])
def test_a_pin_without_a_reference_asks_for_nothing(lookup: Any) -> None:
    assert asked_for(message("123456"), PIN, lookup, "TM") == ("", "123456")


async def filed(visitor: Visitor) -> tuple[str, str]:
    """(reference, PIN) of a new ticket of a visitor, who wants one of their own even if there is one like it."""
    ranking = [("report/pothole_road", 0.8)]
    form, place = "validate_report_form", "Strada Mare 5"
    told = await visitor.says(form, "A deep hole", intent="report", ranking=ranking, place=place)
    if told.said == ["utter_ask_report_same"]:
        await visitor.says(form, "no", intent="deny")
    await visitor.says("validate_report_form", "/affirm", intent="affirm")
    said = (await visitor.runs("action_file_report")).responses[0]
    return said["reference"], said["pin"]


async def asked(visitor: Visitor, text: str) -> Ran:
    return await visitor.says(FORM, text, intent="check_status")


def unlike(reference: str) -> str:
    """A well-formed reference that no ticket has."""
    body = "".join("4" if sign == "3" else "3" for sign in reference.replace("-", "")[2:7])
    return written(reference[:2], body + check_sign(body))


def wrong(pin: str) -> str:
    return f"{(int(pin) + 1) % 1_000_000:06}"


def mistyped(reference: str) -> str:
    return reference[:-1] + ("A" if reference[-1] != "A" else "C")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("text", ["{reference}", "what happened to {reference}?", "what happened to my report?"])
async def test_the_author_is_told_without_a_pin_in_their_language(desk: Desk, language: str, text: str) -> None:
    visitor = await desk.visitor(language)
    reference, _ = await filed(visitor)
    ran = await asked(visitor, text.format(reference=reference))
    assert ran.said == ["utter_ticket_status"]
    said = ran.responses[0]
    assert said["reference"] == reference
    assert said["subject"] == desk.office.categories.categories["pothole_road"].name[language]
    assert said["unit"] == desk.office.units["roads"].name[language]
    assert said["state"]
    assert "{" not in said["state"] + said["filed"]
    assert ran.slots == {"lookup": None, "requested_slot": None}


async def test_somebody_else_needs_the_pin_and_is_told_with_it(desk: Desk) -> None:
    reference, pin = await filed(await desk.visitor())
    other = await desk.visitor()
    ran = await asked(other, f"and {reference.lower()}?")
    assert ran.said == ["utter_ask_status_pin"]
    assert ran.slots["requested_slot"] == PIN
    ran = await other.says(FORM, f"{pin[:3]} {pin[3:]}")
    assert (ran.said, ran.responses[0]["reference"]) == (["utter_ticket_status"], reference)
    assert ran.slots == {"lookup": None, "requested_slot": None}


@pytest.mark.parametrize("text", ["{reference} {pin}", "{reference} pin {pin}", "{pin} - {reference}"])
async def test_reference_and_pin_in_one_message_are_enough(desk: Desk, text: str) -> None:
    reference, pin = await filed(await desk.visitor())
    ran = await asked(await desk.visitor(), text.format(reference=reference, pin=pin))
    assert (ran.said, ran.responses[0]["reference"]) == (["utter_ticket_status"], reference)


async def test_reference_and_pin_said_again_at_the_question_for_the_pin_are_enough(desk: Desk) -> None:
    reference, pin = await filed(await desk.visitor())
    other = await desk.visitor()
    await asked(other, reference)
    assert (await other.says(FORM, f"{reference} {pin}")).said == ["utter_ticket_status"]


async def test_a_wrong_reference_a_mistyped_one_and_a_wrong_pin_are_answered_alike(desk: Desk) -> None:
    reference, pin = await filed(await desk.visitor())
    answers = []
    for named, number in ((reference, wrong(pin)), (unlike(reference), pin), (mistyped(reference), pin)):
        other = await desk.visitor()
        first = await asked(other, named)
        second = await other.says(FORM, number)
        answers.append((first.responses, second.responses, second.slots))
    assert answers[0] == answers[1] == answers[2]
    assert answers[0][1][0]["response"] == "utter_ticket_unknown"


async def test_after_the_tries_of_an_hour_even_the_right_pin_is_refused(desk: Desk, settings: Settings) -> None:
    reference, pin = await filed(await desk.visitor())
    other = await desk.visitor()
    for _ in range(settings.lookup_tries_per_hour):
        assert (await asked(other, f"{reference} {wrong(pin)}")).said == ["utter_ticket_unknown"]
    assert (await asked(other, f"{reference} {pin}")).said == ["utter_lookup_locked"]
    assert (await asked(other, unlike(reference))).said == ["utter_lookup_locked"]
    assert other.slots["requested_slot"] is None
    own, _ = await filed(other)
    assert (await asked(other, own)).said == ["utter_ticket_status"]
    assert (await asked(await desk.visitor(), f"{reference} {pin}")).said == ["utter_ticket_status"]


async def test_without_a_reference_and_without_own_tickets_the_reference_is_asked(desk: Desk) -> None:
    reference, pin = await filed(await desk.visitor())
    other = await desk.visitor()
    ran = await asked(other, "what about my report?")
    assert ran.said == ["utter_ask_status_reference"]
    assert ran.responses[0]["example"].startswith(f"{desk.office.profile.reference_prefix}-")
    assert ran.slots["requested_slot"] == REFERENCE
    assert (await other.says(FORM, reference)).said == ["utter_ask_status_pin"]
    assert (await other.says(FORM, pin)).said == ["utter_ticket_status"]


async def test_the_newest_of_own_tickets_are_told(desk: Desk) -> None:
    visitor = await desk.visitor()
    references = [(await filed(visitor))[0] for _ in range(4)]
    ran = await asked(visitor, "my reports")
    assert [response["reference"] for response in ran.responses] == references[:0:-1]


@pytest.mark.parametrize("intent", ["faq", "greet", "talk_to_human", "cancel", "emergency"])
async def test_another_wish_in_the_middle_is_left_to_its_rule(desk: Desk, intent: str) -> None:
    visitor = await desk.visitor()
    await asked(visitor, "what about my report?")
    ran = await visitor.says(FORM, "something else", intent=intent)
    assert (ran.events, ran.responses) == ([], [])


async def test_after_an_interruption_the_same_is_asked_again(desk: Desk) -> None:
    reference, pin = await filed(await desk.visitor())
    other = await desk.visitor()
    await asked(other, reference)
    ran = await other.says(FORM, "hello", intent="greet", since=("utter_greet",))
    assert ran.said == ["utter_ask_status_pin"]
    assert (await other.says(FORM, pin)).said == ["utter_ticket_status"]


async def test_the_digest_of_a_pin_is_kept_and_never_the_pin(desk: Desk) -> None:
    visitor = await desk.visitor()
    reference, pin = await filed(visitor)
    async with desk.sessions() as session:
        ticket = await ticket_by_reference(session, desk.office.profile.id, reference)
        assert isinstance(ticket, Ticket)
        await session.refresh(ticket, [column.key for column in Ticket.__table__.columns])
        kept = {column.key: getattr(ticket, column.key) for column in Ticket.__table__.columns}
    assert len(ticket.pin_digest) == 64
    assert pin not in [str(value) for value in kept.values() if not isinstance(value, UUID)]
