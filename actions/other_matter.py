"""The second matter of a message: noted at once, offered after the first, begun without asking for its words again."""

from dataclasses import replace
from typing import Any

from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.base import Event
from actions.client import OfficeFacts
from actions.heard import Heard
from actions.report_draft import Draft
from actions.topic_buttons import label_button

SLOT = "other_matter"


def noted(dispatcher: CollectingDispatcher, message: Heard, office: OfficeFacts, before: Any) -> list[Event]:
    """Say that a second matter was seen, and keep it; one of an earlier message is forgotten."""
    kept = kept_matter(message, office)
    button = label_button(kept["label"], office, message.language) if kept else None
    if button:
        dispatcher.utter_message(response="utter_noted_both", other=button["title"])
    return [SlotSet(SLOT, kept)] if kept or before else []


def offered(dispatcher: CollectingDispatcher, kept: Any, office: OfficeFacts, language: str) -> None:
    """Offer to go on with the second matter, if one was kept."""
    button = label_button(kept["label"], office, language) if kept else None
    if button:
        dispatcher.utter_message(response="utter_other_matter", other=button["title"], buttons=[button])


def kept_matter(message: Heard, office: OfficeFacts) -> dict[str, str] | None:
    """The first other matter this office has a name for, with what was written; None when there is none."""
    named = [label for label in message.also if label_button(label, office, message.language)]
    place = str(message.entities.get("place") or "")
    return {"label": named[0], "description": message.text, "place": place} if named else None


def begun(draft: Draft, kept: Any) -> Draft:
    """A draft that a button has begun, with the words in which its matter was told."""
    if not kept or draft.description or kept["label"] != f"report/{draft.category}":
        return draft
    return replace(draft, description=str(kept["description"]), place=str(kept["place"]))
