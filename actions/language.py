"""Go on in another language."""

import re
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.base import BackendAction, Event
from actions.heard import heard

NAMES = {
    "en": r"engl|ingil|englez|англис|anglis|engels",
    "tr": r"turk|türk|turc|турск|tursk",
    "ro": r"roman|rumen|romen|româ|романск|roemeen",
    "mk": r"maced|makedon|македон|masedon",
    "af": r"afrika|африканс",
}
"""How a language's name begins, in any of the five languages, with and without diacritics."""


class ChangeLanguage(BackendAction):
    """Takes the language a button or the text names, else offers all."""

    action_name = "action_change_language"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[Event]:
        """Switch and say so in the new language."""
        message = heard(tracker)
        language = message.entities.get("language_choice") or named_language(message.text)
        if language is None:
            dispatcher.utter_message(response="utter_choose_language")
            return []
        dispatcher.utter_message(response="utter_language_changed", language=language)
        return [SlotSet("language_choice", language), SlotSet("language", language)]


def named_language(text: str) -> str | None:
    """The first language a text names, or None."""
    found = {code: re.search(rf"\b({names})", text.replace("İ", "i").lower()) for code, names in NAMES.items()}
    places = {code: match.start() for code, match in found.items() if match}
    return min(places, key=lambda code: places[code]) if places else None
