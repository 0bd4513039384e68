"""Between nearly equal labels the conversation decides, and never between others."""

from typing import Any, List

import pytest
from bot_factories import message, tracker_of, user
from rasa.shared.core.events import ActionExecuted, ActiveLoop, SlotSet, UserUttered

from bot.components.context import FAVOUR, Context, ContextRanker, context_of, reranked

NONE = Context()
TICKET = Context(has_ticket=True)
TELLING = Context(form="report_form", step="description")
CATEGORY = Context(form="report_form", step="category")
PLACE = Context(form="report_form", step="place")
CONFIRM = Context(form="report_form", step="confirm")
LOOKUP = Context(form="status_form", step="reference")
PARKING = Context(topic="faq/resident_parking")

CASES = [
    (NONE, [("talk_to_human", 0.4), ("check_status", 0.39)], 4, "talk_to_human"),
    (TICKET, [("talk_to_human", 0.4), ("check_status", 0.39)], 4, "check_status"),
    (TICKET, [("report_problem", 0.4), ("faq/fines", 0.3), ("reopen_ticket", 0.19)], 4, "report_problem"),
    (TICKET, [("report_problem", 0.4), ("add_to_ticket", 0.21)], 4, "add_to_ticket"),
    (TICKET, [("report_problem", 0.4), ("add_to_ticket", 0.19)], 4, "report_problem"),
    (TICKET, [("check_status", 0.4), ("add_to_ticket", 0.39)], 4, "check_status"),
    (TICKET, [("emergency", 0.4), ("add_to_ticket", 0.39)], 4, "emergency"),
    (TELLING, [("faq/noise", 0.4), ("report/noise", 0.3)], 9, "report/noise"),
    (TELLING, [("faq/noise", 0.4), ("report/noise", 0.1)], 9, "faq/noise"),
    (TELLING, [("talk_to_human", 0.4), ("report/noise", 0.39)], 9, "talk_to_human"),
    (CATEGORY, [("request_service", 0.4), ("report/trees_green", 0.3)], 2, "report/trees_green"),
    (PLACE, [("faq/noise", 0.4), ("report/noise", 0.3)], 9, "faq/noise"),
    (CONFIRM, [("thank", 0.4), ("affirm", 0.3)], 1, "affirm"),
    (CONFIRM, [("cancel", 0.4), ("deny", 0.3)], 1, "cancel"),
    (LOOKUP, [("reopen_ticket", 0.4), ("check_status", 0.3)], 3, "check_status"),
    (PARKING, [("faq/fines", 0.3), ("faq/resident_parking", 0.2)], 5, "faq/resident_parking"),
    (PARKING, [("faq/fines", 0.3), ("faq/resident_parking", 0.2)], 7, "faq/fines"),
    (PARKING, [("faq/fines", 0.3), ("faq/marriage", 0.2)], 5, "faq/fines"),
    (Context(topic="report/noise"), [("faq/fines", 0.3), ("report/noise", 0.2)], 5, "faq/fines"),
]


@pytest.mark.parametrize(("context", "ranking", "words", "label"), CASES)
def test_the_label_that_fits_is_preferred_when_it_is_near(context: Any, ranking: Any, words: int, label: str) -> None:
    found = reranked(ranking, context, words)
    assert found[0][0] == label
    assert sorted(name for name, _ in found) == sorted(name for name, _ in ranking)
    assert [chance for _, chance in found] == sorted((chance for _, chance in found), reverse=True)
    assert found[0][1] == ranking[0][1]


def told(label: str, *actions: str) -> List[Any]:
    heard = user("text", label.split("/", maxsplit=1)[0])
    parse = {**heard.parse_data, "intent_ranking": [{"name": label, "confidence": 0.9}]}
    spoken = UserUttered("text", heard.intent, [], parse)
    return [spoken, *(ActionExecuted(name) for name in actions), ActionExecuted("action_listen")]


def test_the_context_is_read_from_the_conversation() -> None:
    asked = tracker_of(*told("faq/resident_parking", "action_answer_question"))
    assert context_of(asked) == Context(topic="faq/resident_parking")
    filed = tracker_of(*told("report/noise", "action_file_report"), *told("thank", "utter_welcome"))
    assert context_of(filed) == Context(has_ticket=True)
    form = tracker_of(
        *told("report/noise", "report_form"), ActiveLoop("report_form"), SlotSet("requested_slot", "place")
    )
    assert context_of(form) == Context(form="report_form", step="place")
    assert context_of(tracker_of()) == Context()


def test_a_topic_asked_by_a_button_is_the_last_topic() -> None:
    parse = {"entities": [{"entity": "topic", "value": "marriage"}], "intent": {"name": "faq", "confidence": 1.0}}
    pressed = UserUttered("/faq", parse["intent"], parse["entities"], parse)
    tracker = tracker_of(pressed, ActionExecuted("action_answer_question"), ActionExecuted("action_listen"))
    assert context_of(tracker).topic == "faq/marriage"


def test_the_component_writes_the_chosen_label_into_the_message() -> None:
    entries = [{"name": "talk_to_human", "confidence": 0.3}, {"name": "check_status", "confidence": 0.3 / FAVOUR}]
    filed = tracker_of(*told("report/noise", "action_file_report"))
    heard = message("any news", intent=entries[0], intent_ranking=entries)
    assert ContextRanker().process([heard], filed)[0].get("intent")["name"] == "check_status"
    alone = message("any news", intent=entries[0], intent_ranking=entries)
    assert ContextRanker().process([alone])[0].get("intent")["name"] == "talk_to_human"
    pressed = message("/affirm", intent=entries[0], intent_ranking=entries)
    assert ContextRanker().process([pressed], filed)[0].get("intent")["name"] == "talk_to_human"
