"""Messages, drafts, trackers and offices as the actions meet them."""

from collections.abc import Mapping, Sequence
from typing import Any

from actions.client import CategoryFacts, OfficeFacts
from actions.heard import Heard
from actions.report_draft import Draft

LANGUAGES = ("en", "tr", "ro", "mk", "af")
Ranking = Sequence[tuple[str, float]]


def message(
    text: str = "",
    *,
    intent: str = "inform",
    ranking: Ranking = (),
    share: float = 0.0,
    also: Sequence[str] = (),
    language: str = "en",
    **found: Any,
) -> Heard:
    """What a message says; `found` are its entities."""
    return Heard(
        text=text,
        intent=intent,
        labels=tuple(ranking),
        entities=found,
        place_share=share,
        also=tuple(also),
        language=language,
        message_id="c:1",
    )


def draft(**fields: Any) -> Draft:
    """A complaint about a pothole that lacks nothing."""
    known = {"description": "A deep hole in the road", "category": "pothole_road", "place": "Strada Mare 5"}
    return Draft(**{**known, **fields})


def facts(**needs: tuple[str, ...]) -> OfficeFacts:
    """An office with these categories and what each must be asked."""
    categories = needs or {"pothole_road": ("place",), "missed_collection": ("place", "date")}
    return OfficeFacts(
        reference_prefix="TM",
        emergency_number="112",
        phone="+40 256 408 300",
        categories={name: CategoryFacts(needs=need, name=names(name)) for name, need in categories.items()},
        topics={"opening_hours": names("opening hours"), "marriage": names("marriage")},
    )


def names(name: str) -> dict[str, str]:
    """A name in each language, told apart by the language's code."""
    return {language: f"{name} ({language})" for language in LANGUAGES}


def tracker(
    conversation_id: str = "c",
    text: str = "",
    *,
    intent: str = "inform",
    ranking: Ranking = (),
    entities: Mapping[str, Any] | Sequence[Mapping[str, Any]] = (),
    slots: Mapping[str, Any] | None = None,
    earlier: Sequence[str] = (),
    since: Sequence[str] = (),
    also: Sequence[str] = (),
    message_id: str = "c:1",
) -> dict[str, Any]:
    """A tracker as Rasa sends it: `earlier` ran in the turn before the last message, `since` after it."""
    if isinstance(entities, Mapping):
        entities = [{"entity": name, "value": value} for name, value in entities.items()]
    latest = {
        "text": text,
        "intent": {"name": intent, "confidence": 0.9},
        "intent_ranking": [{"name": name, "confidence": confidence} for name, confidence in ranking],
        "entities": list(entities),
        "also": list(also),
        "message_id": message_id,
        "metadata": {},
    }
    events = [
        {"event": "user", "text": "before"},
        *({"event": "action", "name": name} for name in (*earlier, "action_listen")),
        {"event": "user", "text": text, "parse_data": latest},
        *({"event": "action", "name": name} for name in since),
    ]
    return {
        "sender_id": conversation_id,
        "slots": {"language": "en", "language_choice": None, **(slots or {})},
        "latest_message": latest,
        "events": events,
        "paused": False,
        "followup_action": None,
        "active_loop": {},
        "latest_action_name": "action_listen",
    }
