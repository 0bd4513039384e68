"""A copy of one's data, or its erasure: asked for here, checked and carried out by people of the office."""

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.base import BackendAction, Event
from actions.heard import heard


class RequestPrivacy(BackendAction):
    """Notes the request; an erasure is asked for twice, because it cannot be taken back."""

    action_name = "action_request_privacy"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[Event]:
        """Note it and say what happens next."""
        message = heard(tracker)
        erases = message.intent == "delete_my_data"
        if erases and message.entities.get("sure") != "yes":
            dispatcher.utter_message(response="utter_erasure_sure")
            return []
        kind = "erasure" if erases else "export"
        new = await self.backend.request_privacy(tracker.sender_id, kind, message.language)  # type: ignore[arg-type]
        asked = "utter_erasure_asked" if erases else "utter_export_asked"
        dispatcher.utter_message(response=asked if new else "utter_privacy_asked_before")
        return []
