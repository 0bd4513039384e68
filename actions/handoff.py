"""Call a person, and say when one will be there."""

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.base import BackendAction, Event
from actions.client import Promise
from actions.heard import heard


class RequestPerson(BackendAction):
    """Queues the chat."""

    action_name = "action_request_person"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[Event]:
        """Queue it and say the promise."""
        message = heard(tracker)
        promise = await self.backend.request_person(tracker.sender_id, message.language)
        dispatcher.utter_message(response=promise_sentence(promise), **promise.model_dump())
        if message.intent == "call_me_back":
            dispatcher.utter_message(response="utter_leave_number")
        return []


def promise_sentence(promise: Promise) -> str:
    """Which sentence tells a promise."""
    if promise.open_now:
        return "utter_person_soon"
    return "utter_person_later" if promise.when else "utter_person_unknown"
