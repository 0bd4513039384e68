"""The report form, from the first word to the filed ticket."""

from collections.abc import Sequence
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from actions.report import OFFERED_CATEGORIES
from backend.attachments.models import Attachment
from backend.attachments.service import store_photo
from backend.conversations.service import conversation
from backend.core.settings import Settings
from backend.tickets.models import Ticket, TicketEvent
from backend.tickets.repository import history
from backend.tickets.schemas import Author, NewTicket
from backend.tickets.service import file_ticket
from tests.actions.conftest import Desk, Ran, Visitor
from tests.actions.factories import LANGUAGES
from tests.factories import jpeg

FORM, FILE = "validate_report_form", "action_file_report"
ROAD = [("report/pothole_road", 0.8)]
REPORTS = [
    ("en", "There is a deep hole in the road", "pothole_road", "roads", "Roads Service"),
    ("tr", "Sokak lambası yanmıyor", "street_light", "lighting", None),
    ("ro", "Trotuarul este spart", "pavement", "roads", "Serviciul Drumuri"),
    ("mk", "Контејнерот е преполн", "bins_containers", "waste", None),
    ("af", "Die waterpyp het gebars", "water_leak", "water", None),
]


async def tickets(desk: Desk, visitor: Visitor) -> list[Ticket]:
    async with desk.sessions() as session:
        found = await session.scalars(select(Ticket).where(Ticket.request_key.startswith(visitor.conversation_id)))
        return list(found)


async def events(desk: Desk, ticket: Ticket) -> Sequence[TicketEvent]:
    async with desk.sessions() as session:
        return await history(session, ticket.id)


async def told_hole(visitor: Visitor) -> Ran:
    """A report that lacks nothing: the form stands at the summary."""
    return await visitor.says(FORM, "A deep hole in the road", intent="report", ranking=ROAD, place="Strada Mare 5")


async def filed(visitor: Visitor) -> Ran:
    await visitor.says(FORM, "/affirm", intent="affirm")
    return await visitor.runs(FILE)


@pytest.mark.parametrize(("language", "text", "category", "unit", "unit_name"), REPORTS)
async def test_a_report_told_in_one_message_is_filed_after_a_yes(
    desk: Desk, language: str, text: str, category: str, unit: str, unit_name: str | None
) -> None:
    visitor = await desk.visitor(language)
    told = await visitor.says(FORM, text, intent="report", ranking=[(f"report/{category}", 0.8)], place="Strada Mare 5")
    assert told.said == ["utter_ask_report_confirm"]
    assert told.slots["requested_slot"] == "confirm"
    summary = told.responses[0]
    assert summary["subject"] == desk.office.categories.categories[category].name[language]
    assert (summary["description"], summary["place"]) == (text, "Strada Mare 5")

    confirmed = await visitor.says(FORM, "/affirm", intent="affirm")
    assert (confirmed.said, confirmed.slots["requested_slot"]) == ([], None)
    answer = await visitor.runs(FILE)
    assert answer.said == ["utter_report_filed"]
    assert answer.slots == {"report": None}

    [ticket] = await tickets(desk, visitor)
    assert (ticket.category, ticket.unit, ticket.kind, ticket.state) == (category, unit, "complaint", "received")
    assert (ticket.description, ticket.place) == (text, "Strada Mare 5")
    assert (ticket.language, ticket.channel) == (language, "web")
    assert ticket.priority == desk.office.categories.categories[category].priority
    assert str(ticket.conversation_id) == visitor.conversation_id
    async with desk.sessions() as session:
        assert ticket.contact_id == (await conversation(session, ticket.conversation_id)).contact_id
    [received] = await events(desk, ticket)
    assert (received.kind, received.actor, received.channel, received.content) == (
        "received",
        "citizen",
        "web",
        {"unit": unit},
    )
    said = answer.responses[0]
    assert said["reference"] == ticket.reference
    assert said["unit"] == (unit_name or desk.office.units[unit].name[language])
    assert len(said["pin"]) == 6
    assert said["pin"].isdigit()
    assert said["pin"] not in ticket.pin_digest


@pytest.mark.parametrize(
    ("intent", "kind", "unit", "place"),
    [
        ("make_suggestion", "suggestion", "helpdesk", None),
        ("give_praise", "praise", "helpdesk", None),
        ("request_information", "information_request", "helpdesk", None),
        ("press_enquiry", "press_enquiry", "press", None),
        ("housing_dispute", "housing_dispute", "housing", None),
        ("request_service", "service_request", "waste", "Strada Mare 5"),
    ],
)
async def test_other_kinds_of_ticket_go_to_the_unit_of_their_kind(
    desk: Desk, intent: str, kind: str, unit: str, place: str | None
) -> None:
    visitor = await desk.visitor()
    entities = {"place": place} if place else {}
    told = await visitor.says(FORM, "Please read what I have to say", intent=intent, **entities)
    formal = kind in ("information_request", "housing_dispute")
    assert ("utter_formalities" in told.said) == formal
    if formal:
        assert told.said[-1] == "utter_ask_report_acting"
        told = await visitor.says(FORM, "/inform", acting="self")
    assert told.said[-1] == "utter_ask_report_confirm"
    await filed(visitor)
    [ticket] = await tickets(desk, visitor)
    assert (ticket.kind, ticket.unit, ticket.category, ticket.place) == (kind, unit, None, place)


async def test_only_what_is_missing_is_asked_step_by_step(desk: Desk) -> None:
    visitor = await desk.visitor("ro")
    assert (await visitor.says(FORM, "/report_problem", intent="report_problem")).said == [
        "utter_ask_report_description"
    ]
    assert (await visitor.says(FORM, "nu mi-au luat gunoiul")).said == ["utter_ask_report_category"]
    pressed = await visitor.says(FORM, "/inform", category="missed_collection")
    assert pressed.said == ["utter_ask_report_place"]
    assert (await visitor.says(FORM, "Strada Mare 5", place="Strada Mare 5")).said == ["utter_ask_report_date"]
    told = await visitor.says(FORM, "marți")
    assert told.said == ["utter_ask_report_confirm"]
    assert told.responses[0]["details"] == "marți"
    await filed(visitor)
    [ticket] = await tickets(desk, visitor)
    assert (ticket.category, ticket.unit, ticket.details) == ("missed_collection", "waste", {"date": "marți"})


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_likeliest_categories_are_offered_by_name_in_the_language(desk: Desk, language: str) -> None:
    visitor = await desk.visitor(language)
    ranking = [("report/noise", 0.2), ("faq/marriage", 0.2), ("report/unknown_here", 0.1), ("report/pests", 0.1)]
    ran = await visitor.says(FORM, "it is bad here", intent="report", ranking=ranking)
    buttons = ran.responses[0]["buttons"]
    categories = desk.office.categories.categories
    assert [button["payload"] for button in buttons[:2]] == [
        '/inform{"category": "noise"}',
        '/inform{"category": "pests"}',
    ]
    assert buttons[0]["title"] == categories["noise"].name[language]
    assert len(buttons) == OFFERED_CATEGORIES


async def test_an_answer_that_is_no_place_is_asked_for_again(desk: Desk) -> None:
    visitor = await desk.visitor()
    await visitor.says(FORM, "A deep hole", intent="report", ranking=ROAD)
    assert (await visitor.says(FORM, "?")).said == ["utter_ask_report_place_again"]
    assert visitor.slots["requested_slot"] == "place"
    assert (await visitor.says(FORM, "behind the school")).said == ["utter_ask_report_confirm"]


@pytest.mark.parametrize(
    "intent", ["faq", "greet", "talk_to_human", "emergency", "cancel", "change_language", "check_status"]
)
async def test_another_wish_in_the_middle_is_left_to_its_rule(desk: Desk, intent: str) -> None:
    visitor = await desk.visitor()
    await visitor.says(FORM, "A deep hole", intent="report", ranking=ROAD)
    ran = await visitor.says(FORM, "something else", intent=intent)
    assert (ran.events, ran.responses) == ([], [])


async def test_after_an_interruption_the_form_asks_the_same_again_and_keeps_what_was_told(desk: Desk) -> None:
    visitor = await desk.visitor()
    await visitor.says(FORM, "A deep hole", intent="report", ranking=ROAD)
    before = dict(visitor.slots)
    ran = await visitor.says(FORM, "when are you open?", intent="faq", since=("action_answer_question",))
    assert ran.said == ["utter_ask_report_place"]
    assert visitor.slots == before


async def test_the_forms_own_run_is_no_interruption(desk: Desk) -> None:
    visitor = await desk.visitor()
    await visitor.says(FORM, "A deep hole", intent="report", ranking=ROAD)
    ran = await visitor.says(FORM, "Strada Mare", place="Strada Mare", since=("report_form",))
    assert ran.said == ["utter_ask_report_confirm"]


@pytest.mark.parametrize("text", ["/deny", "no", "hayır", "nu", "не", "nee"])
async def test_a_no_at_the_summary_asks_what_to_correct(desk: Desk, text: str) -> None:
    visitor = await desk.visitor()
    await told_hole(visitor)
    ran = await visitor.says(FORM, text, intent="deny")
    assert ran.said == ["utter_ask_report_correction"]
    assert visitor.slots["requested_slot"] == "correction"


async def test_a_corrected_house_number_is_shown_and_filed(desk: Desk) -> None:
    visitor = await desk.visitor()
    await told_hole(visitor)
    ran = await visitor.says(FORM, "no, number 14", intent="deny")
    assert (ran.said, ran.responses[0]["place"]) == (["utter_ask_report_confirm"], "Strada Mare 14")
    await filed(visitor)
    assert [ticket.place for ticket in await tickets(desk, visitor)] == ["Strada Mare 14"]


@pytest.mark.parametrize("field", ["description", "place", "category"])
async def test_a_field_chosen_for_correction_is_asked_again(desk: Desk, field: str) -> None:
    visitor = await desk.visitor()
    await told_hole(visitor)
    await visitor.says(FORM, "/deny", intent="deny")
    assert (await visitor.says(FORM, "/inform", change=field)).said == [f"utter_ask_report_{field}"]


async def test_the_place_of_a_suggestion_can_be_told_anew_too(desk: Desk) -> None:
    visitor = await desk.visitor()
    await visitor.says(FORM, "Please plant trees in this street", intent="make_suggestion", place="Strada Mare")
    await visitor.says(FORM, "/deny", intent="deny")
    assert (await visitor.says(FORM, "/inform", change="place")).said == ["utter_ask_report_place"]


async def test_a_position_and_a_photo_are_acknowledged_summed_up_and_filed(desk: Desk, settings: Settings) -> None:
    visitor, photo = await desk.visitor(), uuid4()
    async with desk.sessions() as session, session.begin():
        contact_id = (await conversation(session, visitor.conversation_id)).contact_id
        await store_photo(session, settings, contact_id, photo, jpeg())
    opening = await visitor.says(FORM, "/share_photo", intent="share_photo", photo=str(photo))
    assert opening.said == ["utter_photo_received", "utter_ask_report_description"]
    await visitor.says(FORM, "A deep hole", ranking=ROAD)
    told = await visitor.says(FORM, "/share_position", intent="share_position", latitude=45.7537, longitude=21.2257)
    assert told.said == ["utter_position_received", "utter_ask_report_confirm"]
    assert (told.responses[1]["photos"], told.responses[1]["position"]) == ("1", "45.75370, 21.22570")
    await filed(visitor)
    [ticket] = await tickets(desk, visitor)
    assert (ticket.latitude, ticket.longitude, ticket.place) == (45.7537, 21.2257, None)
    async with desk.sessions() as session:
        attachment = await session.get(Attachment, photo)
        assert attachment is not None
        assert attachment.ticket_id == ticket.id


async def test_the_same_turn_taken_twice_files_one_ticket_with_one_history(desk: Desk) -> None:
    visitor = await desk.visitor()
    await told_hole(visitor)
    await visitor.says(FORM, "/affirm", intent="affirm")
    slots = dict(visitor.slots)
    first = await visitor.runs(FILE)
    visitor.slots = slots
    second = await visitor.runs(FILE)
    assert first.responses[0]["reference"] == second.responses[0]["reference"]
    [ticket] = await tickets(desk, visitor)
    assert len(await events(desk, ticket)) == 1


async def test_a_second_report_of_the_same_visitor_is_a_second_ticket(desk: Desk) -> None:
    visitor = await desk.visitor()
    for _ in range(2):
        await told_hole(visitor)
        await filed(visitor)
    assert len(await tickets(desk, visitor)) == 2


@pytest.mark.parametrize(
    "slots",
    [
        {"photos": [str(uuid4()) for _ in range(11)]},
        {"description": "A deep hole. " * 800},
        {"category": "not_of_this_office"},
    ],
    ids=["more photos than a ticket takes", "more words than a ticket takes", "a category of another office"],
)
async def test_a_report_that_can_be_told_can_be_filed(desk: Desk, slots: dict[str, object]) -> None:
    visitor = await desk.visitor()
    await told_hole(visitor)
    visitor.slots["report"] = {**visitor.slots["report"], **slots}
    await visitor.says(FORM, "/affirm", intent="affirm")
    answer = await visitor.post(FILE)
    assert answer.status_code == 200
    assert len(await tickets(desk, visitor)) == 1


async def test_a_conversation_the_backend_does_not_know_files_nothing_and_fails_the_turn(desk: Desk) -> None:
    visitor = await desk.visitor()
    await told_hole(visitor)
    await visitor.says(FORM, "/affirm", intent="affirm")
    visitor.last["sender_id"] = str(uuid4())
    assert (await visitor.post(FILE)).status_code == 500
    assert await tickets(desk, visitor) == []


async def test_who_reports_what_somebody_reported_before_may_follow_it(desk: Desk) -> None:
    first, second = await desk.visitor(), await desk.visitor("ro")
    await first.says(FORM, "A deep hole in the road", intent="report", ranking=ROAD, place="Strada Mare 5")
    await filed(first)
    [main] = await tickets(desk, first)
    asked = await second.says(FORM, "Groapă mare pe stradă", intent="report", ranking=ROAD, place="Strada Mare 7")
    assert asked.said == ["utter_ask_report_same"]
    assert asked.responses[0]["place"] == "Strada Mare 5"
    assert "description" not in asked.responses[0]
    assert (await second.says(FORM, "da", intent="affirm")).said == ["utter_ask_report_confirm"]
    await second.says(FORM, "/affirm", intent="affirm")
    assert (await second.runs("action_file_report")).said == ["utter_report_followed"]
    [follower] = await tickets(desk, second)
    assert follower.duplicate_of == main.id


async def test_a_no_to_the_same_matter_files_a_ticket_of_its_own_and_is_asked_once(desk: Desk) -> None:
    first, second = await desk.visitor(), await desk.visitor()
    for visitor in (first, second):
        await visitor.says(FORM, "A deep hole in the road", intent="report", ranking=ROAD, place="Strada Mare 5")
        if visitor is first:
            await filed(visitor)
    assert (await second.says(FORM, "no", intent="deny")).said == ["utter_ask_report_confirm"]
    await filed(second)
    [own] = await tickets(desk, second)
    assert own.duplicate_of is None


@pytest.mark.parametrize("category", ["staff_conduct", "street_light"])
async def test_restricted_and_other_matters_are_never_named(desk: Desk, category: str) -> None:
    first, second = await desk.visitor(), await desk.visitor()
    details = {"unit_or_person": "counter 3", "date": "today"} if category == "staff_conduct" else {}
    async with desk.sessions() as session, session.begin():
        found = await conversation(session, UUID(first.conversation_id))
        author = Author(contact_id=found.contact_id, conversation_id=found.id, channel="web")
        new = NewTicket(
            request_key=str(uuid4()),
            category=category,
            description="x",
            place="Strada Mare 5",
            details=details,
            language="en",
        )
        await file_ticket(session, desk.settings, desk.office, author, new)
    told = await second.says(FORM, "A deep hole in the road", intent="report", ranking=ROAD, place="Strada Mare 5")
    assert told.said == ["utter_ask_report_confirm"]
    asked = {
        "category": "staff_conduct",
        "description": "x",
        "place": "Strada Mare 5",
        "position": None,
        "language": "en",
    }
    assert (await desk.http.post("/internal/tickets/same", json=asked)).json() is None


async def test_the_day_of_the_answer_is_told(desk: Desk) -> None:
    visitor = await desk.visitor("ro")
    await visitor.says(FORM, "Groapă mare pe stradă", intent="report", ranking=ROAD, place="Strada Mare 5")
    told = await filed(visitor)
    [ticket] = await tickets(desk, visitor)
    assert ticket.due_at is not None
    assert str(ticket.due_at.year) in told.responses[0]["due"]
