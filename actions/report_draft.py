"""A report while it is being told: what is known, what is still missing, what a message adds. No input or output."""

import re
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from actions import authority, dispute
from actions.client import OfficeFacts
from actions.heard import Heard
from actions.time_words import names_time

KINDS = {
    "request_service": "service_request",
    "make_suggestion": "suggestion",
    "give_praise": "praise",
    "request_information": "information_request",
    "press_enquiry": "press_enquiry",
    "housing_dispute": "housing_dispute",
}
"""Kind of ticket by the intent that opens the form; anything else is a complaint."""
NEEDS_BY_KIND = {"service_request": ("place",)}
COMPLAINT_NEEDS = ("place",)
DETAILS = ("date", "time", "account_number", "line", "unit_or_person")
CONFIRM, CORRECTION, SAME = "confirm", "correction", "same"
WORDS_THAT_SAY_SOMETHING = 5
LONGEST_PLACE = 300
MOST_PHOTOS = 10
LONGEST_DESCRIPTION = 8000
HOUSE_NUMBER = re.compile(r"\b\d{1,3}(?:\s?[a-zA-Zа-шА-Ш])?\b")
NUMBER_OF_PLACE = re.compile(HOUSE_NUMBER.pattern + r"(?=$|,|\s+(?:bl|sc|et|ap)\w*\b)")


@dataclass(frozen=True)
class Draft:
    """What has been told so far."""

    kind: str = "complaint"
    description: str = ""
    category: str | None = None
    category_asked: bool = False
    place: str = ""
    position: dict[str, float] | None = None
    photos: tuple[str, ...] = ()
    details: dict[str, str] = field(default_factory=dict)
    same_as: str | None = None
    """The open ticket of somebody else this one follows."""
    same_asked: bool = False
    acting: dict[str, str] = field(default_factory=dict)
    """For whom it is filed, as actions/authority.py tells it."""

    @classmethod
    def from_slot(cls, value: Any) -> "Draft":
        """The draft as the tracker keeps it; an empty one for None."""
        if not value:
            return cls()
        return cls(**{**value, "photos": tuple(value["photos"])})

    def as_slot(self) -> dict[str, Any]:
        """What the tracker keeps."""
        return {**asdict(self), "photos": list(self.photos)}


def opened(message: Heard) -> Draft:
    """The draft a message begins: what it already tells is not asked again."""
    kind = KINDS.get(message.intent, "complaint")
    named = message.entities.get("category")
    category = str(named) if named else (message.best("report") if message.intent == "report" else None)
    draft = Draft(kind=kind, category=category if kind == "complaint" else None)
    told = message.intent == "report" or len(message.text.split()) >= WORDS_THAT_SAY_SOMETHING
    if message.text and told:
        draft = replace(draft, description=message.text, place=str(message.entities.get("place") or ""))
        draft = replace(draft, **dispute.described(kind, message.text, draft.place, draft.details))
    return with_enclosures(draft, message)


def with_enclosures(draft: Draft, message: Heard) -> Draft:
    """The draft with the photo, document or position a message carries."""
    enclosed, latitude = message.enclosed, message.entities.get("latitude")
    if enclosed and enclosed not in draft.photos and len(draft.photos) < MOST_PHOTOS:
        draft = replace(draft, photos=(*draft.photos, enclosed))
    if latitude is not None:
        position = {"latitude": float(latitude), "longitude": float(message.entities["longitude"])}
        draft = replace(draft, position=position)
    return draft


def next_step(draft: Draft, office: OfficeFacts) -> str:
    """What to ask next: the first thing missing, else whether all is right."""
    if not draft.description:
        return "description"
    if draft.kind == "complaint" and draft.category is None and not draft.category_asked:
        return "category"
    missing = [need for need in needs(draft, office) if not has(draft, need)]
    if missing:
        return missing[0]
    asked = dispute.next_step(draft.kind, draft.details, office)
    return asked or authority.next_step(draft.kind, draft.acting) or CONFIRM


def needs(draft: Draft, office: OfficeFacts) -> tuple[str, ...]:
    """What the office must know for this kind of ticket and category."""
    if draft.category in office.categories:
        return office.categories[draft.category].needs
    if draft.kind == dispute.KIND and office.disputes:
        return ("place",)
    return COMPLAINT_NEEDS if draft.kind == "complaint" else NEEDS_BY_KIND.get(draft.kind, ())


def has(draft: Draft, need: str) -> bool:
    """Whether a need is met, in its own field or by what the description says."""
    if need == "place":
        return bool(draft.place or draft.position)
    if need in draft.details:
        return True
    if need in ("date", "time"):
        return names_time(draft.description)
    return need in ("line", "account_number") and bool(re.search(r"\d", draft.description))


def answered(draft: Draft, step: str, message: Heard) -> Draft:
    """The draft after a message that answers a step."""
    if authority.takes(step, message):
        return replace(draft, acting=authority.answered(draft.acting, step, message))
    if dispute.takes(step, message):
        return replace(draft, details=dispute.answered(draft.details, step, message))
    return _answered(draft, step, message)


def _answered(draft: Draft, step: str, message: Heard) -> Draft:
    enclosed = with_enclosures(draft, message)
    if enclosed != draft:
        return enclosed
    if step == "description":
        return _described(draft, message)
    if step == "category":
        category = message.entities.get("category") or message.best("report")
        return replace(draft, category=str(category) if category else None, category_asked=True)
    if step == "place":
        place = message.text[:LONGEST_PLACE] if draft.kind == dispute.KIND else place_told(message)
        return replace(draft, place=place or draft.place)
    if step in DETAILS:
        return replace(draft, details={**draft.details, step: message.text}) if message.text else draft
    return _corrected(draft, message)


def _described(draft: Draft, message: Heard) -> Draft:
    category = draft.category or (message.best("report") if draft.kind == "complaint" else None)
    place = str(message.entities.get("place") or draft.place)
    told = dispute.described(draft.kind, message.text, place, draft.details)
    return replace(draft, description=message.text, category=category, **told)


def place_told(message: Heard) -> str:
    """The place in an answer to "where": the office's spelling, or the citizen's words when they say more."""
    named = str(message.entities.get("place") or "")
    text = message.text[:LONGEST_PLACE]
    if named and message.place_share >= 0.5:
        return named
    return text if sum(sign.isalnum() for sign in text) >= 3 else named


def _corrected(draft: Draft, message: Heard) -> Draft:
    """A correction at the summary: a field to tell again, another place or number, or something to add."""
    if change := message.entities.get("change"):
        return cleared(draft, str(change))
    if place := message.entities.get("place"):
        return replace(draft, place=str(place))
    number = HOUSE_NUMBER.search(message.text)
    if number and draft.place and len(message.text.split()) <= WORDS_THAT_SAY_SOMETHING:
        return replace(draft, place=with_number(draft.place, number[0]))
    if message.intent in ("affirm", "deny") or not message.text:
        return draft
    return replace(draft, description=f"{draft.description}\n{message.text}")


def with_number(place: str, number: str) -> str:
    """A place with another house number, or with one where it had none."""
    number = number.replace(" ", "")
    return NUMBER_OF_PLACE.sub(number, place, count=1) if NUMBER_OF_PLACE.search(place) else f"{place} {number}"


def cleared(draft: Draft, name: str) -> Draft:
    """The draft without one field, so that it is asked again."""
    if name == "place":
        return replace(draft, place="", position=None)
    if name == authority.WHOM:
        return replace(draft, acting=authority.ASKED)
    if name == "category":
        return replace(draft, category=None, category_asked=False)
    return replace(draft, description="")
