"""What the citizen's last message says, read from the tracker."""

from dataclasses import dataclass, field
from typing import Any

from rasa_sdk import Tracker

FALLBACK_LANGUAGE = "en"
SURE_CATEGORY = 0.3
LISTEN = "action_listen"


@dataclass(frozen=True)
class Heard:
    """One message, understood."""

    text: str
    """Free text; empty for a pressed button, a photo or a position."""
    intent: str
    labels: tuple[tuple[str, float], ...]
    """Labels and their probabilities, best first."""
    entities: dict[str, Any] = field(default_factory=dict)
    """The last value of each entity."""
    place_share: float = 0.0
    """Which part of the text the recognised place takes up, 0 to 1."""
    also: tuple[str, ...] = ()
    """Labels of other matters the message speaks of."""
    language: str = FALLBACK_LANGUAGE
    message_id: str = ""

    @property
    def enclosed(self) -> str | None:
        """The photo or document that came with it."""
        found = self.entities.get("photo") or self.entities.get("document")
        return str(found) if found else None

    def best(self, base: str) -> str | None:
        """The likeliest `<base>/<id>`'s id, if it is likely at all."""
        for label, confidence in self.labels:
            if label.startswith(f"{base}/") and confidence >= SURE_CATEGORY:
                return label.split("/", 1)[1]
        return None


def heard(tracker: Tracker) -> Heard:
    """The last message of a tracker."""
    message = tracker.latest_message
    text = str(message.get("text") or "")
    typed = "" if text.startswith("/") else text
    entities = [entity for entity in message.get("entities", []) if "entity" in entity]
    places = [entity for entity in entities if entity["entity"] == "place" and "start" in entity]
    return Heard(
        text=typed,
        intent=str((message.get("intent") or {}).get("name") or ""),
        labels=tuple((entry["name"], entry["confidence"]) for entry in message.get("intent_ranking", [])),
        entities={entity["entity"]: entity["value"] for entity in entities},
        place_share=sum(place["end"] - place["start"] for place in places) / max(len(typed), 1),
        also=tuple(message.get("also") or ()),
        language=language_of(tracker),
        message_id=str(message.get("message_id") or ""),
    )


def language_of(tracker: Tracker) -> str:
    """The language of the turn."""
    chosen = tracker.get_slot("language_choice") or tracker.get_slot("language")
    return str(chosen or FALLBACK_LANGUAGE)


def actions_since(tracker: Tracker, turns_back: int = 0) -> list[str]:
    """Names of the actions that ran since the last message, or in the turn so many turns back."""
    names: list[str] = []
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            if turns_back == 0:
                return names
            turns_back, names = turns_back - 1, []
        elif event.get("event") == "action" and event.get("name") != LISTEN:
            names.append(str(event["name"]))
    return names if turns_back == 0 else []
