"""What Rasa remembers of a conversation: constant in size, the last turn whole."""

import json
from typing import List

import pytest
from bot_factories import answered_turn, domain, tracker_of, user
from hypothesis import given, strategies as st
from rasa.shared.core.events import ActionExecuted, ActiveLoop, BotUttered, Event, SessionStarted, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker

from bot.session import compacted, turn_events

DRAFT = {"kind": "complaint", "description": "groapă, дупка", "photos": ["a"], "position": None}
START = [ActionExecuted("action_session_start"), SessionStarted(), ActionExecuted("action_listen")]


def stored(events: List[Event]) -> str:
    return json.dumps([event.as_dict() for event in events], ensure_ascii=False)


def reloaded(tracker: DialogueStateTracker) -> DialogueStateTracker:
    """The tracker as it comes back from the store."""
    rows = json.loads(stored(compacted(tracker)))
    return DialogueStateTracker.from_dict(tracker.sender_id, rows, domain().slots)


def sizes_of(turns: int, *between: Event) -> List[int]:
    tracker, sizes = tracker_of(*START), []
    for number in range(turns):
        for event in answered_turn(number, *between):
            tracker.update(event, domain())
        kept = compacted(tracker)
        stamps = [{**event.as_dict(), "timestamp": 0} for event in kept]
        sizes.append(len(json.dumps(stamps)))
        tracker = reloaded(tracker)
    return sizes


def test_a_hundred_turns_need_no_more_room_than_three() -> None:
    sizes = sizes_of(100, SlotSet("language", "mk"))
    assert set(sizes[2:]) == {sizes[2]}


def test_a_hundred_turns_inside_a_form_need_no_more_room_than_three() -> None:
    sizes = sizes_of(100, ActiveLoop("report_form"), SlotSet("report", DRAFT), SlotSet("requested_slot", "place"))
    assert set(sizes[2:]) == {sizes[2]}


def test_slots_form_and_question_survive() -> None:
    tracker = tracker_of(
        *answered_turn(1, SlotSet("language", "ro"), SlotSet("language_choice", "ro")),
        *answered_turn(2, ActiveLoop("report_form"), SlotSet("report", DRAFT), SlotSet("requested_slot", "place")),
        *answered_turn(3),
        *answered_turn(4),
    )
    after = reloaded(tracker)
    assert after.active_loop_name == "report_form"
    known = ("language", "language_choice", "report", "requested_slot", "lookup")
    assert {name: after.get_slot(name) for name in known} == {
        "language": "ro",
        "language_choice": "ro",
        "report": DRAFT,
        "requested_slot": "place",
        "lookup": None,
    }


def test_what_was_forgotten_stays_forgotten() -> None:
    tracker = tracker_of(
        *answered_turn(1, ActiveLoop("report_form"), SlotSet("report", DRAFT), SlotSet("requested_slot", "place")),
        *answered_turn(2, ActiveLoop(None), SlotSet("report", None), SlotSet("requested_slot", None)),
        *answered_turn(3),
    )
    after = reloaded(tracker)
    assert after.active_loop_name is None
    assert (after.get_slot("report"), after.get_slot("requested_slot")) == (None, None)
    assert not any(isinstance(event, SlotSet) for event in compacted(tracker))


def test_the_last_turn_is_kept_whole() -> None:
    last = answered_turn(3, SlotSet("language", "tr"), BotUttered("and one more", {"buttons": [{"title": "x"}]}))
    tracker = tracker_of(*answered_turn(1), *answered_turn(2), *last)
    assert stored(compacted(tracker)[-len(last) :]) == stored(last)
    assert stored(turn_events(reloaded(tracker))) == stored(last)


def test_earlier_words_are_gone() -> None:
    tracker = tracker_of(*answered_turn(1), *answered_turn(2), *answered_turn(3))
    kept = stored(compacted(tracker))
    assert "0001" not in kept
    assert "0002" not in kept
    assert "message 0003" in kept


@pytest.mark.parametrize("events", [[], START, [*START, *answered_turn(1)]], ids=["empty", "started", "one turn"])
def test_a_conversation_of_one_turn_is_kept_as_it_is(events: List[Event]) -> None:
    assert compacted(tracker_of(*events)) == events


def test_the_session_does_not_seem_new_or_expired_afterwards() -> None:
    tracker = tracker_of(*START, *answered_turn(1), *answered_turn(2))
    after = reloaded(tracker)
    assert after.applied_events()
    assert after.latest_action_name == "action_listen"
    assert after.latest_message.timestamp == tracker.latest_message.timestamp


CHANGES = st.one_of(
    st.builds(SlotSet, st.sampled_from(["language", "language_choice"]), st.sampled_from(["en", "tr", "mk", None])),
    st.builds(SlotSet, st.sampled_from(["report", "lookup"]), st.sampled_from([None, DRAFT, {}])),
    st.builds(SlotSet, st.just("requested_slot"), st.sampled_from([None, "place", "confirm", "pin"])),
    st.builds(ActiveLoop, st.sampled_from([None, "report_form", "status_form"])),
    st.builds(BotUttered, st.text(max_size=5)),
)


@given(st.lists(st.lists(CHANGES, max_size=4), max_size=6))
def test_any_conversation_goes_on_from_the_same_state(turns: List[List[Event]]) -> None:
    tracker = tracker_of(*(event for number, turn in enumerate(turns) for event in answered_turn(number, *turn)))
    after = reloaded(tracker)
    assert after.current_slot_values() == tracker.current_slot_values()
    assert after.active_loop_name == tracker.active_loop_name
    assert after.latest_action_name == tracker.latest_action_name
    assert stored(turn_events(after)) == stored(turn_events(tracker))
    assert stored(compacted(after)) == stored(compacted(reloaded(after)))


@pytest.mark.parametrize(
    ("events", "texts"),
    [
        ([], []),
        (START, []),
        ([user("a"), BotUttered("b")], ["a", "b"]),
        ([user("a"), BotUttered("b"), user("c")], ["c"]),
    ],
    ids=["empty", "started", "one", "two"],
)
def test_turn_events_begin_with_the_last_message(events: List[Event], texts: List[str]) -> None:
    assert [event.text for event in turn_events(tracker_of(*events))] == texts
