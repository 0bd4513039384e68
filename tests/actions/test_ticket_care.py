"""Adding to one's tickets, withdrawing and reopening them in the chat."""

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from backend.attachments.models import Attachment
from backend.core.database import utcnow
from backend.tickets.models import Ticket
from backend.tickets.repository import history, ticket_by_reference
from tests.actions.conftest import Desk, Ran, Visitor
from tests.actions.factories import LANGUAGES
from tests.actions.test_status import filed, unlike

FORM = "validate_ticket_form"
OPENED = {"add": "add_to_ticket", "withdraw": "withdraw_ticket", "reopen": "reopen_ticket"}
OVER = {"care": None, "requested_slot": None}


async def wants(visitor: Visitor, act: str, said: str = "I want that", **entities: Any) -> Ran:
    """The visitor asks for it; a pressed button has no words."""
    return await visitor.says(FORM, said, intent=OPENED[act], **entities)


async def ticket(desk: Desk, reference: str) -> Ticket:
    async with desk.sessions() as session:
        found = await ticket_by_reference(session, "timisoara", reference)
        assert found is not None
        return found


async def events(desk: Desk, reference: str) -> list[tuple[str, dict[str, Any]]]:
    found = await ticket(desk, reference)
    async with desk.sessions() as session:
        return [(event.kind, event.content) for event in await history(session, found.id)]


async def close(desk: Desk, reference: str, *, days: int = 0) -> None:
    statement = text(
        "UPDATE ticket SET state = 'closed', outcome = 'solved', closed_at = now() - make_interval(days => :days) "
        "WHERE reference = :reference"
    )
    async with desk.sessions() as session, session.begin():
        await session.execute(statement, {"days": days, "reference": reference})


async def photo_of(desk: Desk, visitor: Visitor) -> str:
    """A photo the visitor sent."""
    photo = uuid4()
    query = text("SELECT contact_id FROM conversation WHERE id = :id")
    async with desk.sessions() as session, session.begin():
        contact_id = await session.scalar(query, {"id": visitor.conversation_id})
        row = Attachment(id=photo, contact_id=contact_id, width=1, height=1, size_bytes=1, created_at=utcnow())
        session.add(row)
    return str(photo)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_words_are_added_to_the_only_ticket(desk: Desk, language: str) -> None:
    visitor = await desk.visitor(language)
    reference, _ = await filed(visitor)
    asked = await wants(visitor, "add")
    assert asked.said == ["utter_ask_ticket_add"]
    assert asked.responses[0]["subject"] == desk.office.categories.categories["pothole_road"].name[language]
    done = await visitor.says(FORM, "It is deeper now")
    assert (done.said, done.slots) == (["utter_ticket_added"], OVER)
    assert done.responses[0]["unit"] == desk.office.units["roads"].name[language]
    kind, content = (await events(desk, reference))[-1]
    assert (kind, content["text"]) == ("added", "It is deeper now")


async def test_a_photo_is_added(desk: Desk) -> None:
    visitor = await desk.visitor()
    reference, _ = await filed(visitor)
    await wants(visitor, "add")
    photo = await photo_of(desk, visitor)
    assert (await visitor.says(FORM, "", intent="share_photo", photo=photo)).said == ["utter_ticket_added"]
    assert (await events(desk, reference))[-1][1]["photos"] == 1


async def test_a_ticket_is_withdrawn_after_a_yes(desk: Desk) -> None:
    visitor = await desk.visitor()
    reference, _ = await filed(visitor)
    assert (await wants(visitor, "withdraw")).said == ["utter_ask_ticket_withdraw"]
    assert (await visitor.says(FORM, "hmm")).said == ["utter_ask_ticket_withdraw"]
    done = await visitor.says(FORM, "yes", intent="affirm")
    assert (done.said, done.slots) == (["utter_ticket_withdrawn"], OVER)
    assert (await ticket(desk, reference)).outcome == "withdrawn"


async def test_a_no_keeps_it(desk: Desk) -> None:
    visitor = await desk.visitor()
    reference, _ = await filed(visitor)
    await wants(visitor, "withdraw")
    done = await visitor.says(FORM, "no", intent="deny")
    assert (done.said, done.slots) == (["utter_ticket_kept"], OVER)
    assert (await ticket(desk, reference)).state == "received"


@pytest.mark.parametrize("typed", [False, True], ids=["button", "words"])
async def test_a_closed_ticket_is_reopened_with_what_is_missing(desk: Desk, typed: bool) -> None:
    visitor = await desk.visitor()
    reference, _ = await filed(visitor)
    await close(desk, reference)
    said, entities = ("it is broken again", {}) if typed else ("", {"reference": reference, "solved": "no"})
    assert (await wants(visitor, "reopen", said, **entities)).said == ["utter_ask_ticket_reopen"]
    done = await visitor.says(FORM, "Half of the hole is still there")
    assert (done.said, done.slots) == (["utter_ticket_reopened"], OVER)
    kind, content = (await events(desk, reference))[-1]
    assert (kind, content["reason"]) == ("reopened", "Half of the hole is still there")
    assert (await ticket(desk, reference)).state == "assigned"


async def test_outside_the_window_a_new_ticket_is_offered_that_names_the_old_one(desk: Desk) -> None:
    visitor = await desk.visitor()
    reference, _ = await filed(visitor)
    await close(desk, reference, days=31)
    ran = await wants(visitor, "reopen", "", reference=reference)
    assert ran.said == ["utter_ticket_too_late"]
    assert ran.responses[0]["reference"] == reference
    assert (ran.slots["care"], ran.slots["requested_slot"]) == (None, None)
    opened = await visitor.says("validate_report_form", "", intent="report_problem", handed="yes")
    assert opened.slots["report"]["details"] == {"earlier": reference}
    assert opened.slots["requested_slot"] == "description"


@pytest.mark.parametrize(
    ("act", "closed", "sentence"),
    [
        ("add", True, "utter_ticket_is_closed"),
        ("withdraw", True, "utter_ticket_is_closed"),
        ("reopen", False, "utter_ticket_is_open"),
    ],
)
async def test_what_does_not_fit_is_said(desk: Desk, act: str, closed: bool, sentence: str) -> None:
    visitor = await desk.visitor()
    reference, _ = await filed(visitor)
    if closed:
        await close(desk, reference)
    ran = await wants(visitor, act, f"about {reference}")
    assert (ran.said, ran.slots) == ([sentence], OVER)
    assert ran.responses[0]["reference"] == reference


async def test_of_several_one_is_chosen_by_button_or_by_its_reference(desk: Desk) -> None:
    visitor = await desk.visitor()
    references = [(await filed(visitor))[0] for _ in range(2)]
    asked = await wants(visitor, "add")
    assert asked.said == ["utter_ask_ticket_which"]
    buttons = asked.responses[0]["buttons"]
    assert {button["payload"] for button in buttons} == {f'/inform{{"reference": "{one}"}}' for one in references}
    chosen = await visitor.says(FORM, "", reference=references[0])
    assert (chosen.said, chosen.responses[0]["reference"]) == (["utter_ask_ticket_add"], references[0])
    await wants(visitor, "add", "")
    chosen = await visitor.says(FORM, f"the second one, {references[1]}")
    assert (chosen.said, chosen.responses[0]["reference"]) == (["utter_ask_ticket_add"], references[1])


async def test_somebody_elses_needs_the_pin(desk: Desk) -> None:
    reference, pin = await filed(await desk.visitor())
    other = await desk.visitor()
    assert (await wants(other, "add", f"add to {reference}")).said == ["utter_ask_status_pin"]
    assert (await other.says(FORM, pin)).said == ["utter_ask_ticket_add"]
    assert (await other.says(FORM, "more")).said == ["utter_ticket_added"]
    assert (await events(desk, reference))[-1][1]["text"] == "more"


@pytest.mark.parametrize("exists", [True, False])
@pytest.mark.parametrize("act", OPENED)
async def test_who_has_no_pin_cannot_tell_whether_it_exists(desk: Desk, act: str, exists: bool) -> None:
    reference, _ = await filed(await desk.visitor())
    if act == "reopen":
        await close(desk, reference)
    thief = await desk.visitor()
    named = reference if exists else unlike(reference)
    first = await wants(thief, act, f"about {named}")
    second = await thief.says(FORM, "000000")
    pressed = await wants(thief, act, "", reference=named)
    assert (first.said, second.said, pressed.said) == (
        ["utter_ask_status_pin"],
        ["utter_ticket_unknown"],
        ["utter_ticket_unknown"],
    )
    assert len(await events(desk, reference)) == 1


async def test_who_has_no_ticket_is_asked_for_the_reference(desk: Desk) -> None:
    reference, pin = await filed(await desk.visitor())
    other = await desk.visitor()
    asked = await wants(other, "withdraw")
    assert (asked.said, asked.responses[0]["example"]) == (["utter_ask_status_reference"], "TM-4F7-KPX")
    assert (await other.says(FORM, reference)).said == ["utter_ask_status_pin"]
    assert (await other.says(FORM, pin)).said == ["utter_ask_ticket_withdraw"]


async def test_a_repeated_turn_does_it_once(desk: Desk) -> None:
    visitor = await desk.visitor()
    reference, _ = await filed(visitor)
    await wants(visitor, "add")
    slots = dict(visitor.slots)
    first = await visitor.says(FORM, "It is deeper now")
    visitor.slots = slots
    again = await visitor.runs(FORM)
    assert first.said == again.said == ["utter_ticket_added"]
    assert len(await events(desk, reference)) == 2


@pytest.mark.parametrize("intent", ["faq", "cancel", "talk_to_human", "emergency"])
async def test_other_matters_are_left_to_the_rules_and_the_form_asks_again(desk: Desk, intent: str) -> None:
    visitor = await desk.visitor()
    await filed(visitor)
    await wants(visitor, "add")
    ran = await visitor.says(FORM, "something else", intent=intent)
    assert (ran.said, ran.events) == ([], [])
    ran = await visitor.says(FORM, "something else", intent=intent, since=("action_answer_question",))
    assert ran.said == ["utter_ask_ticket_add"]


@pytest.mark.parametrize("form", ["validate_report_form", "validate_status_form", FORM])
async def test_a_button_under_news_is_no_answer_to_a_form(desk: Desk, form: str) -> None:
    visitor = await desk.visitor("en", {"requested_slot": "reference" if "status" in form else "words"})
    visitor.slots["care"] = {"act": "add", "reference": "TM-4F7-KPX", "subject": "x"}
    ran = await visitor.says(form, "", intent="answer_survey", reference="TM-4F7-KPX", score="5")
    assert (ran.said, ran.events) == ([], [])
