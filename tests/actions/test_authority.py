"""Acting for somebody else in the report form; sending the paper; a document out of the blue."""

from uuid import uuid4

import pytest
from sqlalchemy import text

from actions import authority
from actions.acting_words import for_whom, relation_in, says_later
from actions.report_draft import CONFIRM, Draft, answered, next_step
from backend.attachments.models import Attachment
from backend.authority.models import Authority
from backend.core.database import utcnow
from backend.tickets.models import Ticket
from tests.actions.conftest import Desk, Ran, Visitor
from tests.actions.factories import LANGUAGES, draft, facts, message
from tests.actions.test_report import FILE, FORM, filed, tickets

CARE = "validate_ticket_form"
SELF = {
    "en": ["for myself", "it's for myself"],
    "tr": ["kendim için", "kendi adıma", "kendi adima"],
    "ro": ["pentru mine"],
    "mk": ["за мене", "za mene", "za sebe"],
    "af": ["vir myself"],
}
OTHER = {
    "en": ["for my mother", "on behalf of a friend", "somebody else"],
    "tr": ["annem için", "annemin adına", "baskasi adina"],
    "ro": ["pentru mama mea", "în numele unui vecin", "pt altcineva"],
    "mk": ["за мајка ми", "za majka mi", "za nekoj drug"],
    "af": ["vir my ouma", "namens iemand anders"],
}
NOT_YET = ["I don't have it yet", "henüz yok", "nu îl am acum", "немам сега", "nemam sega", "ek het dit nog nie"]
LATER = {"en": "later", "tr": "sonra", "ro": "mai târziu", "mk": "подоцна", "af": "later"}


async def document_of(desk: Desk, visitor: Visitor) -> str:
    """A PDF the visitor sent."""
    document, query = uuid4(), text("SELECT contact_id FROM conversation WHERE id = :id")
    async with desk.sessions() as session, session.begin():
        contact_id = await session.scalar(query, {"id": visitor.conversation_id})
        facts = {"width": 0, "height": 0, "size_bytes": 900, "created_at": utcnow(), "pages": 1, "name": "a.pdf"}
        session.add(Attachment(id=document, contact_id=contact_id, media_type="application/pdf", **facts))
    return str(document)


async def authority_of(desk: Desk, ticket: Ticket) -> Authority | None:
    async with desk.sessions() as session:
        return await session.get(Authority, ticket.id)


async def request(desk: Desk, language: str = "en") -> tuple[Visitor, Ran]:
    """Somebody asks for information; the form stands at the question for whom."""
    visitor = await desk.visitor(language)
    return visitor, await visitor.says(FORM, "Send me the plans of the new park", intent="request_information")


async def for_mother(visitor: Visitor) -> Ran:
    """Up to the question for the paper."""
    await visitor.says(FORM, "/inform", acting="other")
    await visitor.says(FORM, "Ana Popescu")
    return await visitor.says(FORM, "/inform", relation="family")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("said", "whom"), [(SELF, "self"), (OTHER, "other")])
def test_for_whom_is_understood_in_words(language: str, said: dict[str, list[str]], whom: str) -> None:
    assert {one: for_whom(one) for one in said[language]} == dict.fromkeys(said[language], whom)


@pytest.mark.parametrize("said", ["", "what do you mean", "not for me but for my mother, for myself too", "12"])
def test_what_says_neither_or_both_is_asked_again(said: str) -> None:
    assert for_whom(said) is None


@pytest.mark.parametrize(
    ("said", "relation"),
    [("I am her lawyer", "lawyer"), ("avukatıyım", "lawyer"), ("адвокат", "lawyer"), ("мајка", "family"),
     ("dernek adına", "association"), ("Здружение", "association"), ("my landlord", None)],
)  # fmt: skip
def test_the_relation_is_understood_in_words(said: str, relation: str | None) -> None:
    assert relation_in(said) == relation


@pytest.mark.parametrize("language", LANGUAGES)
def test_later_is_understood_in_words(language: str) -> None:
    assert says_later(LATER[language])


@pytest.mark.parametrize("said", NOT_YET)
def test_who_does_not_have_it_yet_sends_it_later(said: str) -> None:
    assert says_later(said)


@pytest.mark.parametrize(
    ("kind", "told", "step"),
    [
        ("complaint", {}, None),
        ("complaint", authority.ASKED, "acting"),
        ("information_request", {}, "acting"),
        ("housing_dispute", {}, "acting"),
        ("information_request", {"for": "self"}, None),
        ("information_request", {"for": "other"}, "acting_name"),
        ("information_request", {"for": "other", "name": "A"}, "acting_relation"),
        ("information_request", {"for": "other", "name": "A", "relation": "family"}, "acting_paper"),
        ("information_request", {"for": "other", "name": "A", "relation": "family", "paper": "later"}, None),
    ],
)
def test_each_step_follows_from_what_is_told(kind: str, told: dict[str, str], step: str | None) -> None:
    known = Draft(kind=kind, description="Plans", category="pothole_road", place="here", acting=dict(told))
    assert next_step(known, facts()) == (step or CONFIRM)


@pytest.mark.parametrize(
    ("step", "said", "entities", "told"),
    [
        ("acting", "", {"acting": "other"}, {"for": "other"}),
        ("acting", "for my mother", {}, {"for": "other", "relation": "family"}),
        ("acting", "hm?", {}, {}),
        ("acting_name", "  Ana   Popescu ", {}, {"name": "Ana Popescu"}),
        ("acting_name", "7", {}, {}),
        ("acting_relation", "", {"relation": "lawyer"}, {"relation": "lawyer"}),
        ("acting_relation", "her cleaner", {}, {"relation": "other"}),
        ("acting_relation", "", {}, {}),
        ("acting_paper", "", {"document": "d"}, {"paper": "d"}),
        ("acting_paper", "", {"photo": "p"}, {"paper": "p"}),
        ("acting_paper", "", {"paper": "later"}, {"paper": "later"}),
        ("acting_paper", "here it is", {}, {}),
    ],
)
def test_an_answer_to_each_step(step: str, said: str, entities: dict[str, str], told: dict[str, str]) -> None:
    assert answered(Draft(), step, message(said, **entities)).acting == told


def test_a_photo_at_another_question_is_one_of_the_report() -> None:
    told = answered(Draft(), "acting", message("", photo="p"))
    assert (told.photos, told.acting) == (("p",), {})


async def test_a_formal_request_for_oneself_keeps_nobody(desk: Desk) -> None:
    visitor, asked = await request(desk)
    assert asked.said == ["utter_formalities", "utter_ask_report_acting"]
    assert (await visitor.says(FORM, "what?")).said == ["utter_ask_report_acting"]
    assert (await visitor.says(FORM, "for myself")).said == ["utter_ask_report_confirm"]
    assert (await filed(visitor)).said == ["utter_report_filed"]
    [ticket] = await tickets(desk, visitor)
    assert await authority_of(desk, ticket) is None


async def test_a_request_for_the_mother_with_the_paper(desk: Desk) -> None:
    visitor, _ = await request(desk)
    assert (await visitor.says(FORM, "/inform", acting="other")).said == ["utter_ask_report_acting_name"]
    assert (await visitor.says(FORM, "Ana Popescu")).said == ["utter_ask_report_acting_relation"]
    assert (await visitor.says(FORM, "/inform", relation="family")).said == ["utter_ask_report_acting_paper"]
    document = await document_of(desk, visitor)
    sent = await visitor.says(FORM, "/share_document", intent="share_document", document=document)
    assert sent.said == ["utter_document_received", "utter_ask_report_confirm"]
    assert (sent.responses[-1]["represented"], sent.responses[-1]["photos"]) == ("Ana Popescu", "")
    told = await filed(visitor)
    assert told.said == ["utter_report_filed", "utter_authority_shown"]
    [ticket] = await tickets(desk, visitor)
    found = await authority_of(desk, ticket)
    assert found is not None
    assert (found.name, found.relation, found.state) == ("Ana Popescu", "family", "shown")
    assert str(found.attachment_id) == document


async def test_the_paper_can_come_later_by_the_button_or_out_of_the_blue(desk: Desk) -> None:
    visitor, _ = await request(desk)
    await for_mother(visitor)
    assert (await visitor.says(FORM, "/inform", paper="later")).said == ["utter_ask_report_confirm"]
    told = await filed(visitor)
    assert told.said == ["utter_report_filed", "utter_authority_later"]
    reference = told.responses[0]["reference"]
    [ticket] = await tickets(desk, visitor)
    asked = await visitor.says(CARE, "/authorise_ticket", intent="authorise_ticket", reference=reference)
    assert asked.said == ["utter_ask_ticket_authorise"]
    assert (await visitor.says(CARE, "I have it at home")).said == ["utter_ask_ticket_authorise"]
    photo = await document_of(desk, visitor)
    done = await visitor.says(CARE, "/share_document", intent="share_document", document=photo)
    assert done.said == ["utter_ticket_authorised"]
    document = await document_of(desk, visitor)
    offer = await visitor.says("action_ask_what_for", "/share_document", intent="share_document", document=document)
    first = offer.responses[0]["buttons"][0]["payload"]
    assert first == f'/authorise_ticket{{"reference": "{reference}", "document": "{document}"}}'
    visitor.slots.update({"requested_slot": None})
    sent = await visitor.says(
        CARE, "/authorise_ticket", intent="authorise_ticket", reference=reference, document=document
    )
    assert sent.said == ["utter_ticket_authorised"]
    found = await authority_of(desk, ticket)
    assert found is not None
    assert (found.state, str(found.attachment_id)) == ("shown", document)


async def test_a_photo_out_of_the_blue_may_be_the_paper_that_is_waited_for(desk: Desk) -> None:
    visitor, _ = await request(desk)
    await for_mother(visitor)
    await visitor.says(FORM, "/inform", paper="later")
    reference = (await filed(visitor)).responses[0]["reference"]
    visitor.slots["requested_slot"] = None
    photo = await document_of(desk, visitor)
    offer = await visitor.says(FORM, "/share_photo", intent="share_photo", photo=photo)
    assert (offer.said, offer.slots["requested_slot"]) == (["utter_ask_document"], "description")
    [button] = offer.responses[0]["buttons"]
    assert button["payload"] == f'/authorise_ticket{{"reference": "{reference}", "document": "{photo}"}}'
    pressed = await visitor.says(FORM, "/authorise_ticket", intent="authorise_ticket", document=photo)
    assert pressed.events == [], "a rule takes it"
    told = await visitor.says(FORM, "It is about the lamp on Strada Mare 5", place="Strada Mare 5")
    assert told.said == ["utter_ask_report_category"], "or it is a report with a photo after all"
    assert visitor.slots["report"]["photos"] == [photo]


async def test_the_status_of_a_request_for_somebody_names_the_missing_paper(desk: Desk) -> None:
    visitor, _ = await request(desk)
    await for_mother(visitor)
    await visitor.says(FORM, "/inform", paper="later")
    reference = (await filed(visitor)).responses[0]["reference"]
    visitor.slots["requested_slot"] = None
    told = await visitor.says("validate_status_form", f"what became of {reference}", intent="check_status")
    assert told.said == ["utter_ticket_status", "utter_authority_missing"]
    assert "Ana Popescu" in told.responses[1]["missing"]


async def test_a_complaint_can_be_for_somebody_too_by_a_correction(desk: Desk) -> None:
    visitor = await desk.visitor()
    ranking = [("report/pothole_road", 0.8)]
    await visitor.says(FORM, "A deep hole in the road", intent="report", ranking=ranking, place="Strada Mare 5")
    assert (await visitor.says(FORM, "/deny", intent="deny")).said == ["utter_ask_report_correction"]
    assert (await visitor.says(FORM, "/inform", change="acting")).said == ["utter_ask_report_acting"]
    await for_mother(visitor)
    assert (await visitor.says(FORM, "later")).said == ["utter_ask_report_confirm"]
    await filed(visitor)
    [ticket] = await tickets(desk, visitor)
    assert await authority_of(desk, ticket) is not None


async def test_a_document_in_the_report_form_is_enclosed(desk: Desk) -> None:
    visitor = await desk.visitor()
    document = await document_of(desk, visitor)
    begun = await visitor.says(FORM, "/report_problem", intent="report_problem", document=document)
    assert begun.said == ["utter_document_received", "utter_ask_report_description"]
    ranking = [("report/pothole_road", 0.8)]
    await visitor.says(FORM, "A hole before Strada Mare 5", ranking=ranking, place="Strada Mare 5")
    await visitor.says(FORM, "/affirm", intent="affirm")
    await visitor.runs(FILE)
    [ticket] = await tickets(desk, visitor)
    async with desk.sessions() as session:
        found = await session.scalar(text("SELECT ticket_id FROM attachment WHERE id = :id"), {"id": document})
    assert found == ticket.id


async def test_a_document_without_any_ticket_is_asked_about_too(desk: Desk) -> None:
    visitor = await desk.visitor()
    offer = await visitor.says("action_ask_what_for", "/share_document", intent="share_document", document="d")
    assert (offer.said, offer.responses[0]["buttons"]) == (["utter_ask_document"], [])
    assert offer.responses[0]["document"] == "d"


async def test_a_document_goes_to_the_open_ticket_that_was_chosen(desk: Desk) -> None:
    visitor = await desk.visitor()
    ranking = [("report/pothole_road", 0.8)]
    await visitor.says(FORM, "A deep hole in the road", intent="report", ranking=ranking, place="Strada Mare 5")
    reference = (await filed(visitor)).responses[0]["reference"]
    document = await document_of(desk, visitor)
    offer = await visitor.says("action_ask_what_for", "/share_document", intent="share_document", document=document)
    [button] = offer.responses[0]["buttons"]
    assert button["payload"] == f'/add_to_ticket{{"reference": "{reference}", "document": "{document}"}}'
    visitor.slots["requested_slot"] = None
    done = await visitor.says(CARE, "/add_to_ticket", intent="add_to_ticket", reference=reference, document=document)
    assert done.said == ["utter_ticket_added"]


async def test_nothing_is_missing_where_nobody_acts_for_somebody(desk: Desk) -> None:
    visitor = await desk.visitor()
    ranking = [("report/pothole_road", 0.8)]
    await visitor.says(FORM, "A deep hole in the road", intent="report", ranking=ranking, place="Strada Mare 5")
    reference = (await filed(visitor)).responses[0]["reference"]
    visitor.slots["requested_slot"] = None
    told = await visitor.says(CARE, "/authorise_ticket", intent="authorise_ticket", reference=reference)
    assert told.said == ["utter_ticket_is_authorised"]


async def test_a_document_is_no_reference(desk: Desk) -> None:
    visitor = await desk.visitor(slots={"requested_slot": "reference"})
    told = await visitor.says("validate_status_form", "/share_document", intent="share_document", document="d")
    assert (told.said, told.events) == ([], [])


def test_a_draft_for_somebody_survives_the_tracker() -> None:
    told = draft(acting={"for": "other", "name": "Ana"})
    assert Draft.from_slot(told.as_slot()) == told
