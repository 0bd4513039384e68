"""A report while it is being told."""

from typing import Any

import pytest
from hypothesis import given, strategies as st

from actions.heard import Heard
from actions.report_draft import (
    CONFIRM,
    CORRECTION,
    DETAILS,
    LONGEST_PLACE,
    Draft,
    answered,
    cleared,
    has,
    next_step,
    opened,
    place_told,
    with_enclosures,
    with_number,
)
from tests.actions.factories import draft, facts, message

ROAD = [("report/pothole_road", 0.8), ("report/pavement", 0.1)]
POSITION = {"latitude": 45.75, "longitude": 21.22}
NEEDS = ("place", *DETAILS)
drafts = st.builds(
    Draft,
    kind=st.sampled_from(["complaint", "suggestion", "service_request"]),
    description=st.text(max_size=30),
    category=st.sampled_from([None, "pothole_road", "everything", "gone"]),
    category_asked=st.booleans(),
    place=st.text(max_size=20),
    position=st.none() | st.just(POSITION),
    photos=st.lists(st.text(min_size=1), max_size=3).map(tuple),
    details=st.dictionaries(st.sampled_from(DETAILS), st.text(min_size=1), max_size=3),
)
EVERYTHING = facts(pothole_road=("place",), everything=NEEDS)


@given(drafts)
def test_a_draft_comes_back_from_the_tracker_as_it_went(told: Draft) -> None:
    assert Draft.from_slot(told.as_slot()) == told


@pytest.mark.parametrize("slot", [None, {}, ""])
def test_an_empty_slot_is_an_empty_draft(slot: Any) -> None:
    assert Draft.from_slot(slot) == Draft()


OPENING_SENTENCES = [
    ("There is a deep hole in the road", "Strada Mare 5"),
    ("Yolda derin bir çukur var", "Strada Mare 5"),
    ("E o groapă adâncă în carosabil", "Strada Mare 5"),
    ("Има дупка на патот", "Улица Гоце Делчев 5"),
    ("Ima dupka na patot", "Улица Гоце Делчев 5"),
    ("Daar is 'n diep slaggat in die pad", "Strada Mare 5"),
]


@pytest.mark.parametrize(("text", "place"), OPENING_SENTENCES)
def test_what_the_first_message_tells_is_taken_over(text: str, place: str) -> None:
    told = opened(message(text, intent="report", ranking=ROAD, place=place))
    assert told == Draft(description=text, category="pothole_road", place=place)


@pytest.mark.parametrize(
    ("intent", "kind"),
    [
        ("report", "complaint"),
        ("report_problem", "complaint"),
        ("share_photo", "complaint"),
        ("request_service", "service_request"),
        ("make_suggestion", "suggestion"),
        ("give_praise", "praise"),
        ("request_information", "information_request"),
        ("press_enquiry", "press_enquiry"),
        ("housing_dispute", "housing_dispute"),
    ],
)
def test_the_intent_that_opens_the_form_names_the_kind_of_ticket(intent: str, kind: str) -> None:
    assert opened(message("Please plant more trees here", intent=intent)).kind == kind


def test_a_pressed_category_opens_a_report_that_still_needs_words() -> None:
    told = opened(message(intent="report", category="noise"))
    assert (told.category, told.description) == ("noise", "")


def test_only_a_complaint_takes_a_category_from_its_words() -> None:
    assert opened(message("Please plant more trees here", intent="make_suggestion", ranking=ROAD)).category is None


def test_an_unsure_label_is_no_category() -> None:
    told = opened(message("something is wrong", intent="report", ranking=[("report/noise", 0.2)]))
    assert told.category is None


@pytest.mark.parametrize("text", ["I have a suggestion", "o sugestie", "имам предлог", "bir önerim var"])
def test_the_wish_to_tell_something_is_not_yet_the_description(text: str) -> None:
    assert opened(message(text, intent="make_suggestion")).description == ""


def test_a_photo_opens_a_report_that_holds_it() -> None:
    assert opened(message(intent="share_photo", photo="p1")).photos == ("p1",)


def test_a_position_opens_a_report_that_holds_it() -> None:
    assert opened(message(intent="share_position", **POSITION)).position == POSITION


@pytest.mark.parametrize(
    ("told", "step"),
    [
        (Draft(), "description"),
        (Draft(photos=("p",)), "description"),
        (Draft(description="hole"), "category"),
        (Draft(description="hole", category_asked=True), "place"),
        (Draft(description="hole", category_asked=True, place="Strada Mare"), CONFIRM),
        (Draft(description="hole", category="pothole_road"), "place"),
        (Draft(description="hole", category="pothole_road", position=POSITION), CONFIRM),
        (Draft(description="not collected", category="missed_collection", place="x"), "date"),
        (Draft(description="not collected since Monday", category="missed_collection", place="x"), CONFIRM),
        (Draft(description="not collected", category="missed_collection", place="x", details={"date": "5"}), CONFIRM),
        (Draft(kind="service_request", description="old sofa"), "place"),
        (Draft(kind="suggestion", description="more trees"), CONFIRM),
        (Draft(kind="praise", description="well done"), CONFIRM),
        (Draft(description="hole", category="not of this office"), "place"),
    ],
)
def test_the_first_thing_missing_is_asked_next(told: Draft, step: str) -> None:
    assert next_step(told, facts()) == step


@pytest.mark.parametrize(
    ("description", "need", "met"),
    [
        ("the bus 33 was late", "line", True),
        ("the bus was late", "line", False),
        ("my account is 123 456", "account_number", True),
        ("the bill is wrong", "account_number", False),
        ("gürültü her gece", "time", True),
        ("zgomot", "time", False),
        ("the clerk at counter 4", "unit_or_person", False),
        ("hole at Strada Mare", "place", False),
    ],
)
def test_a_need_is_met_by_what_the_description_says(description: str, need: str, met: bool) -> None:
    assert has(Draft(description=description), need) is met


@given(drafts)
def test_answering_whatever_is_asked_leads_to_the_summary(told: Draft) -> None:
    answers = {
        "description": message("a deep hole"),
        "category": message("I do not know"),
        "place": message("behind the school"),
        **{detail: message("yesterday, line 33") for detail in DETAILS},
    }
    for _ in range(2 + len(NEEDS)):
        step = next_step(told, EVERYTHING)
        if step == CONFIRM:
            break
        told = answered(told, step, answers[step])
    assert next_step(told, EVERYTHING) == CONFIRM


@pytest.mark.parametrize(
    ("said", "category"),
    [
        (message(category="noise"), "noise"),
        (message("the music", ranking=[("report/noise", 0.7)]), "noise"),
        (message("no idea"), None),
    ],
)
def test_the_category_is_pressed_or_understood_and_asked_once(said: Heard, category: str | None) -> None:
    told = answered(Draft(description="loud"), "category", said)
    assert (told.category, told.category_asked) == (category, True)


@pytest.mark.parametrize("step", ["description", "category", "place", "date", CONFIRM, CORRECTION])
def test_a_photo_is_added_at_every_step_and_answers_none(step: str) -> None:
    before = Draft(description="hole")
    assert answered(before, step, message(photo="p1")) == Draft(description="hole", photos=("p1",))


def test_the_same_photo_is_kept_once_and_another_added() -> None:
    told = with_enclosures(with_enclosures(draft(photos=("p1",)), message(photo="p1")), message(photo="p2"))
    assert told.photos == ("p1", "p2")


def test_a_position_answers_where() -> None:
    assert next_step(answered(draft(place=""), "place", message(**POSITION)), facts()) == CONFIRM


@pytest.mark.parametrize(
    ("said", "place"),
    [
        (message("Strada Mare 5", place="Strada Mare 5", share=1.0), "Strada Mare 5"),
        (message("str mare 5", place="Strada Mare 5", share=1.0), "Strada Mare 5"),
        (message("cadde 5", place="Strada Mare 5", share=0.5), "Strada Mare 5"),
        (
            message("behind the school, near Strada Mare", place="Strada Mare", share=0.3),
            "behind the school, near Strada Mare",
        ),
        (message("зад училиштето"), "зад училиштето"),
        (message("okulun arkasında"), "okulun arkasında"),
        (message("agter die skool"), "agter die skool"),
        (message("?"), ""),
        (message("12"), ""),
        (message(""), ""),
        (message("-- Strada", place="Strada Mare", share=0.2), "-- Strada"),
    ],
)
def test_the_place_is_the_offices_spelling_or_the_citizens_words_when_they_say_more(said: Heard, place: str) -> None:
    assert place_told(said) == place


def test_a_long_answer_to_where_is_cut() -> None:
    assert len(place_told(message("far " * 500))) == LONGEST_PLACE


def test_an_answer_that_is_no_place_keeps_the_place_told_before() -> None:
    assert answered(draft(place="Strada Mare"), "place", message("?")).place == "Strada Mare"


@pytest.mark.parametrize("detail", DETAILS)
def test_a_detail_is_kept_in_the_citizens_words(detail: str) -> None:
    told = answered(draft(), detail, message("33, alaltăieri"))
    assert told.details == {detail: "33, alaltăieri"}
    assert answered(told, detail, message("")) == told


NUMBER_CORRECTIONS = [
    ("no, number 14", "14"),
    ("hayır, no 14", "14"),
    ("nu, numărul 14", "14"),
    ("не, број 14", "14"),
    ("ne, broj 14", "14"),
    ("nee, nommer 14", "14"),
    ("14", "14"),
    ("it is 14B", "14B"),
    ("14 b", "14b"),
    ("не, 14а", "14а"),
    ("не, 14А", "14А"),
]


@pytest.mark.parametrize(("text", "number"), NUMBER_CORRECTIONS)
@pytest.mark.parametrize("intent", ["deny", "inform"])
def test_a_number_at_the_summary_corrects_the_house_number(text: str, number: str, intent: str) -> None:
    told = answered(draft(place="Strada Mare 5"), CONFIRM, message(text, intent=intent))
    assert told == draft(place=f"Strada Mare {number}")


@pytest.mark.parametrize(
    ("place", "number", "corrected"),
    [
        ("Strada Mare", "14", "Strada Mare 14"),
        ("Strada Mare 5", "14", "Strada Mare 14"),
        ("Strada Mare 5A", "14 B", "Strada Mare 14B"),
        ("Strada Mare nr. 5", "14", "Strada Mare nr. 14"),
        ("Улица Гоце Делчев 5а", "14б", "Улица Гоце Делчев 14б"),
        ("Улица Гоце Делчев 5А", "14", "Улица Гоце Делчев 14"),
        ("Strada Lungă 12 bloc C", "14", "Strada Lungă 14 bloc C"),
        ("Bulevardul 3 August 1919", "14", "Bulevardul 3 August 1919 14"),
        ("Bulevardul 3 August 1919 7", "14", "Bulevardul 3 August 1919 14"),
    ],
)
def test_only_the_house_number_of_a_place_changes(place: str, number: str, corrected: str) -> None:
    assert with_number(place, number) == corrected


def test_another_place_at_the_summary_replaces_the_place() -> None:
    said = message("no, at Calea Aradului 7", intent="deny", place="Calea Aradului 7")
    assert answered(draft(), CONFIRM, said) == draft(place="Calea Aradului 7")


@pytest.mark.parametrize(
    ("text", "intent"),
    [("It has been there for weeks and a car was damaged", "inform"), ("Ayrıca kapak da kırık", "inform")],
)
def test_anything_else_said_at_the_summary_is_added_to_the_description(text: str, intent: str) -> None:
    assert answered(draft(), CONFIRM, message(text, intent=intent)) == draft(
        description=f"A deep hole in the road\n{text}"
    )


@pytest.mark.parametrize("said", [message("no", intent="deny"), message("da", intent="affirm"), message("")])
@pytest.mark.parametrize("step", [CONFIRM, CORRECTION])
def test_a_bare_yes_or_no_changes_nothing(said: Heard, step: str) -> None:
    assert answered(draft(), step, said) == draft()


@pytest.mark.parametrize(
    ("field", "step"), [("place", "place"), ("category", "category"), ("description", "description")]
)
def test_a_field_to_correct_is_cleared_and_asked_again(field: str, step: str) -> None:
    told = answered(draft(category_asked=True, position=POSITION), CORRECTION, message(change=field))
    assert told == cleared(draft(category_asked=True, position=POSITION), field)
    assert next_step(told, facts()) == step


def test_a_description_told_anew_keeps_category_and_place() -> None:
    told = answered(draft(description=""), "description", message("two holes", ranking=[("report/noise", 0.9)]))
    assert told == draft(description="two holes")
