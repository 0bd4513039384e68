"""What the actions read from a tracker."""

from typing import Any

import pytest
from rasa_sdk import Tracker

from actions.heard import Heard, actions_since, heard, language_of
from tests.actions.factories import message, tracker


def read(**fields: Any) -> Heard:
    return heard(Tracker.from_dict(tracker(**fields)))


def test_free_text_is_heard_with_its_labels_entities_and_id() -> None:
    found = read(
        text="Groapă pe Strada Mare 5",
        intent="report",
        ranking=[("report/pothole_road", 0.8), ("faq/marriage", 0.1)],
        entities={"place": "Strada Mare 5"},
        message_id="abc:7",
    )
    assert found.text == "Groapă pe Strada Mare 5"
    assert found.intent == "report"
    assert found.labels == (("report/pothole_road", 0.8), ("faq/marriage", 0.1))
    assert found.entities == {"place": "Strada Mare 5"}
    assert found.message_id == "abc:7"


@pytest.mark.parametrize("payload", ["/affirm", '/report{"category": "noise"}', '/share_photo{"photo": "1"}'])
def test_a_pressed_button_says_no_free_text(payload: str) -> None:
    assert read(text=payload).text == ""


def test_the_last_value_of_an_entity_counts() -> None:
    entities = [{"entity": "place", "value": "Strada Mare"}, {"entity": "place", "value": "Calea Aradului"}]
    assert read(text="x", entities=entities).entities["place"] == "Calea Aradului"


@pytest.mark.parametrize(
    ("text", "start", "end", "share"),
    [("Strada Mare", 0, 11, 1.0), ("pe Strada Mare, la colț", 3, 14, 11 / 23), ("Улица Гоце", 0, 10, 1.0)],
)
def test_the_share_of_the_place_is_the_part_of_the_text_it_takes_up(
    text: str, start: int, end: int, share: float
) -> None:
    entities = [{"entity": "place", "value": "x", "start": start, "end": end}]
    assert read(text=text, entities=entities).place_share == pytest.approx(share)


def test_a_place_from_a_button_has_no_share() -> None:
    assert read(text="/inform", entities={"place": "Strada Mare"}).place_share == 0


def test_an_empty_tracker_is_heard_as_nothing_said() -> None:
    assert heard(Tracker.from_dict({"sender_id": "c", "latest_message": None})) == Heard("", "", ())


@pytest.mark.parametrize(
    ("slots", "language"),
    [
        ({"language": "ro", "language_choice": None}, "ro"),
        ({"language": "ro", "language_choice": "tr"}, "tr"),
        ({"language": None, "language_choice": None}, "en"),
        ({}, "en"),
    ],
)
def test_the_chosen_language_comes_before_the_detected_one_and_english_last(
    slots: dict[str, Any], language: str
) -> None:
    assert language_of(Tracker.from_dict({"sender_id": "c", "slots": slots})) == language


@pytest.mark.parametrize(
    ("ranking", "base", "best"),
    [
        ([("report/noise", 0.6), ("report/pests", 0.3)], "report", "noise"),
        ([("faq/marriage", 0.6), ("report/pests", 0.3)], "report", "pests"),
        ([("report/noise", 0.29)], "report", None),
        ([("reporting/noise", 0.9)], "report", None),
        ([], "report", None),
    ],
)
def test_the_best_label_of_a_kind_is_the_first_that_is_sure_enough(
    ranking: list[tuple[str, float]], base: str, best: str | None
) -> None:
    assert message(ranking=ranking).best(base) == best


@pytest.mark.parametrize(
    ("turns_back", "names"),
    [(0, ["utter_greet", "report_form"]), (1, ["action_suggest_topics"]), (2, [])],
)
def test_actions_are_told_apart_by_turn_and_listening_is_none(turns_back: int, names: list[str]) -> None:
    state = tracker(earlier=["action_suggest_topics"], since=["utter_greet", "report_form"])
    assert sorted(actions_since(Tracker.from_dict(state), turns_back)) == sorted(names)


def test_a_tracker_without_messages_has_no_actions_in_the_turn_before() -> None:
    events = [{"event": "action", "name": "action_session_start"}]
    state = Tracker.from_dict({"sender_id": "c", "events": events})
    assert actions_since(state) == ["action_session_start"]
    assert actions_since(state, 1) == []
