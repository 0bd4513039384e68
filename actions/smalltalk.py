"""Stop what was begun."""

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import ActiveLoop, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.base import BackendAction, Event


class CancelTask(BackendAction):
    """Leaves the form and forgets what was told in it."""

    action_name = "action_cancel_task"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[Event]:
        """Forget and say so."""
        dispatcher.utter_message(response="utter_cancelled")
        return [
            ActiveLoop(None),
            *(SlotSet(slot, None) for slot in ("requested_slot", "report", "lookup", "care", "subscription")),
        ]
