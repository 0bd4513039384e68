"""Call a person, and say when one will be there."""

from dataclasses import replace
from textwrap import shorten
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import ActiveLoop, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.base import BackendAction, Event
from actions.client import Promise
from actions.heard import Heard, heard
from actions.report_draft import Draft

SHOWN_CHARACTERS = 160


class RequestPerson(BackendAction):
    """Queues the chat."""

    action_name = "action_request_person"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[Event]:
        """Queue it and say the promise."""
        message = heard(tracker)
        callback = message.intent == "call_me_back"
        promise = await self.backend.request_person(tracker.sender_id, message.language, callback=callback)
        sentences = callback_sentences(promise) if callback else []
        for sentence in (promise_sentence(promise), *sentences):
            dispatcher.utter_message(response=sentence, **promise.model_dump())
        return []


class TakeBack(BackendAction):
    """A person gives the chat back: what was filed is told, what was told is kept and offered as a report."""

    action_name = "action_handed_back"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[Event]:
        """Say what is known now."""
        message = heard(tracker)
        tickets = await self.backend.handed_back(tracker.sender_id, message.language)
        told = told_meanwhile(message, Draft.from_slot(tracker.get_slot("report")))
        if tickets:
            dispatcher.utter_message(response="utter_back_ticket", **tickets[0].model_dump())
        elif told:
            said = shortened(told.description)
            dispatcher.utter_message(response="utter_back_report", description=said)
        else:
            dispatcher.utter_message(response="utter_back")
        kept = told.as_slot() if told and not tickets else None
        over = [SlotSet(slot, None) for slot in ("requested_slot", "report", "lookup", "care", "subscription")]
        return [ActiveLoop(None), *over, SlotSet("handed", kept)]


def told_meanwhile(message: Heard, begun: Draft) -> Draft | None:
    """What the citizen told bot and person as the beginning of a report; None when it is none."""
    words, category = str(message.entities.get("words") or ""), message.entities.get("category")
    if not category and not begun.description:
        return None
    description = " ".join(part for part in (begun.description, words) if part)
    place = begun.place or str(message.entities.get("place") or "")
    named = begun.category or (str(category) if category and begun.kind == "complaint" else None)
    return replace(begun, description=description, place=place, category=named)


def shortened(text: str) -> str:
    """The beginning of a text, cut between words."""
    return shorten(text, SHOWN_CHARACTERS, placeholder=" …")


def callback_sentences(promise: Promise) -> list[str]:
    """What is said about calling back: which number, and the hour where the citizen is."""
    hours = ["utter_callback_hours"] if promise.local else []
    return ["utter_callback_known" if promise.ending else "utter_leave_number", *hours]


def promise_sentence(promise: Promise) -> str:
    """Which sentence tells a promise."""
    if promise.open_now:
        return "utter_person_soon"
    return "utter_person_later" if promise.when else "utter_person_unknown"
