"""The part of a conversation Rasa has to remember: what it knows by now, and the last turn."""

from typing import List

from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker


def compacted(tracker: DialogueStateTracker) -> List[Event]:
    """The tracker's events with everything before the last turn folded into slots and the active form.

    Policies read the whole tracker at every step, so a long one makes each turn dearer; the last turn is kept whole
    because a repeated request for it is answered from here.
    """
    events = list(tracker.events)
    turns = [place for place, event in enumerate(events) if isinstance(event, UserUttered)]
    if len(turns) < 2:
        return events
    return [*_known_by(tracker, events[: turns[-1]]), *events[turns[-1] :]]


def _known_by(tracker: DialogueStateTracker, earlier: List[Event]) -> List[Event]:
    fresh = tracker.init_copy()
    initial = {name: slot.value for name, slot in fresh.slots.items()}
    for event in earlier:
        fresh.update(event)
    known: List[Event] = [
        SlotSet(name, slot.value) for name, slot in fresh.slots.items() if slot.value != initial[name]
    ]
    if fresh.active_loop_name:
        known.append(ActiveLoop(fresh.active_loop_name))
    return [*known, ActionExecuted(ACTION_LISTEN_NAME)]


def turn_events(tracker: DialogueStateTracker) -> List[Event]:
    """The events since the last message, that message first; empty before the first."""
    events = list(tracker.events)
    for place in range(len(events) - 1, -1, -1):
        if isinstance(events[place], UserUttered):
            return events[place:]
    return []
