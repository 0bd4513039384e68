"""What is an answer to a form's question, and what clearly is something else."""

from typing import Any, List, Optional

import pytest
from bot_factories import answered_turn, message, tracker_of, user
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SlotSet
from rasa.shared.nlu.training_data.message import Message

from bot.components.form_guard import FormGuard, leaves_form

PLACE = [{"entity": "place", "value": "Strada Mărășești 12"}]


def labelled(label: str, confidence: float, text: str = "text", entities: Optional[List[Any]] = None) -> Message:
    ranking = [{"name": label, "confidence": confidence}, {"name": "thank", "confidence": 0.01}]
    intent = {"name": label.split("/", maxsplit=1)[0], "confidence": confidence}
    return message(text, intent=intent, intent_ranking=ranking, entities=entities or [])


@pytest.mark.parametrize(
    ("leaves", "step", "label", "confidence", "text", "entities"),
    [
        (True, "place", "cancel", 0.5, "stop", None),
        (False, "place", "cancel", 0.49, "stop street", None),
        (True, "description", "talk_to_human", 0.9, "insan", None),
        (True, "description", "call_me_back", 0.6, "sunați-mă", None),
        (True, "description", "emergency", 0.5, "пожар", None),
        (False, "description", "emergency", 0.49, "brand", None),
        (True, "pin", "change_language", 0.8, "english please", None),
        (True, "place", "faq/opening_hours", 0.35, "când e deschis?", None),
        (True, "place", "faq/opening_hours", 0.36, "când e deschis?  ", None),
        (False, "place", "faq/opening_hours", 0.34, "când e deschis?", None),
        (False, "place", "faq/opening_hours", 0.59, "când e deschis", None),
        (True, "place", "faq/opening_hours", 0.6, "când e deschis", None),
        (True, "place", "faq/opening_hours", 0.4, "何時？", None),
        (False, "place", "faq/opening_hours", 0.9, "Mărășești 12?", PLACE),
        (True, "reference", "check_status", 0.7, "what became of it", None),
        (False, "reference", "check_status", 0.5, "what became of it", None),
        (True, "place", "greet", 0.7, "здраво", None),
        (False, "place", "greet", 0.69, "здраво", None),
        (True, "place", "thank", 0.95, "dankie", None),
        (True, "place", "abuse", 0.8, "…", None),
        (True, "place", "help", 0.7, "yardım", None),
        (True, "place", "bot_challenge", 0.7, "ești robot", None),
        (True, "confirm", "affirm", 0.1, "evet", None),
        (True, "confirm", "deny", 0.1, "nu", None),
        (True, "correction", "deny", 0.1, "не", None),
        (False, "confirm", "affirm", 0.99, "evet, Mărășești 12", PLACE),
        (False, "confirm", "deny", 0.99, "nu, Mărășești 12", PLACE),
        (False, "place", "affirm", 0.99, "da", None),
        (False, "description", "deny", 0.99, "nee", None),
        (False, "place", "report/street_light", 0.99, "the lamp at the school", None),
        (False, "description", "report_problem", 0.99, "a problem", None),
        (False, "description", "make_suggestion", 0.99, "you should", None),
        (False, "place", "out_of_scope", 0.99, "pizza", None),
        (False, "place", "nlu_fallback", 0.7, "asdf", None),
        (False, "acting_paper", "cancel", 0.9, "mai târziu", None),
        (False, "acting_paper", "cancel", 0.9, "ќе го пратам подоцна", None),
        (True, "acting_paper", "cancel", 0.9, "renunț", None),
        (True, "acting_paper", "cancel", 0.9, "stop it, i would rather do all of this later", None),
        (True, "place", "cancel", 0.9, "mai târziu", None),
        (False, "acting", "cancel", 0.83, "it's for myself", None),
        (False, "acting", "thank", 0.81, "pentru mine", None),
        (False, "acting", "faq/authorise_someone", 0.99, "annemin adına", None),
        (True, "acting", "faq/authorise_someone", 0.99, "ce înseamnă împuternicire?", None),
        (True, "acting", "talk_to_human", 0.5, "un om", None),
        (False, "acting_paper", "goodbye", 0.99, "later", None),
        (False, "acting_paper", "cancel", 0.77, "I don't have it yet", None),
        (False, "acting_name", "greet", 0.9, "Vera Zdravkova", None),
        (False, "dispute_role", "faq/rental_housing_dispute", 0.9, "ek is die huurder", None),
        (True, "dispute_role", "faq/rental_housing_dispute", 0.9, "wat doen die tribunaal?", None),
        (True, "other_party", "cancel", 0.9, "los dit", None),
        (False, "None", "inform", 0.9, "x", None),
    ],
)
def test_leaves_form(
    leaves: bool, step: str, label: str, confidence: float, text: str, entities: Optional[List[Any]]
) -> None:
    assert leaves_form(labelled(label, confidence, text, entities), step) is leaves


def test_a_message_without_labels_is_an_answer() -> None:
    assert leaves_form(message("text"), "place") is False


def in_form(*more: Event) -> Any:
    return tracker_of(ActiveLoop("report_form"), SlotSet("requested_slot", "place"), *more)


@pytest.mark.parametrize(
    ("tracker", "heard", "intent"),
    [
        (in_form(), labelled("report/street_light", 0.9), "inform"),
        (in_form(), labelled("faq/marriage", 0.9), "faq"),
        (in_form(), labelled("cancel", 0.9), "cancel"),
        (in_form(), labelled("affirm", 0.9, "/affirm"), "affirm"),
        (in_form(ActiveLoop(None)), labelled("report/street_light", 0.9), "report"),
        (tracker_of(), labelled("report/street_light", 0.9), "report"),
        (None, labelled("report/street_light", 0.9), "report"),
    ],
)
def test_only_answers_inside_a_form_become_inform(tracker: Any, heard: Message, intent: str) -> None:
    (guarded,) = FormGuard().process([heard], tracker)
    assert guarded.get("intent")["name"] == intent
    assert guarded.get("intent_ranking")[0]["confidence"] == 0.9


def surveyed(step: str, *later: Event, by: str = "action_answer_survey") -> Any:
    """A conversation whose last turn asked about a closed ticket, and what came after."""
    asked = SlotSet("survey", {"reference": "TM-4F7-KPX", "step": step})
    turn = [user("yes"), ActionExecuted(by), asked, ActionExecuted("action_listen")]
    return tracker_of(*turn, *later)


@pytest.mark.parametrize(
    ("step", "text", "label", "confidence", "answers"),
    [
        ("score", "4", "inform", 0.5, True),
        ("score", " 5! ", "thank", 0.9, True),
        ("score", "⭐⭐⭐⭐", "nlu_fallback", 0.9, True),
        ("score", "14", "inform", 0.9, False),
        ("score", "there is a hole in my street", "report/pothole_road", 0.9, False),
        ("score", "4 men came", "report/noise", 0.3, False),
        ("words", "The hole was filled quickly", "report/pothole_road", 0.9, True),
        ("words", "no", "deny", 0.9, True),
        ("words", "I want a person", "talk_to_human", 0.9, False),
        ("words", "when are you open?", "faq/opening_hours", 0.8, False),
        ("words", "thanks", "thank", 0.9, False),
    ],
)
def test_what_is_typed_after_a_question_about_a_closed_ticket_answers_it(
    step: str, text: str, label: str, confidence: float, answers: bool
) -> None:
    heard = labelled(label, confidence, text)
    [guarded] = FormGuard().process([heard], surveyed(step))
    assert (guarded.get("intent")["name"] == "answer_survey") is answers


def test_a_typed_yes_asks_as_the_button_does() -> None:
    [guarded] = FormGuard().process([labelled("inform", 0.9, "4")], surveyed("score", by="action_go_on"))
    assert guarded.get("intent")["name"] == "answer_survey"


@pytest.mark.parametrize("text", ["4", "The hole was filled quickly"])
def test_a_turn_later_it_answers_nothing_any_more(text: str) -> None:
    for step in ("score", "words"):
        [guarded] = FormGuard().process([labelled("inform", 0.9, text)], surveyed(step, *answered_turn(1)))
        assert guarded.get("intent")["name"] == "inform"


def test_a_pressed_button_is_what_it_says() -> None:
    [guarded] = FormGuard().process([labelled("greet", 1.0, "/greet")], surveyed("words"))
    assert guarded.get("intent")["name"] == "greet"


def test_inside_a_form_the_form_comes_first() -> None:
    tracker = surveyed("words", ActiveLoop("report_form"), SlotSet("requested_slot", "place"))
    [guarded] = FormGuard().process([labelled("report/noise", 0.9, "Strada Mare")], tracker)
    assert guarded.get("intent")["name"] == "inform"
