"""Acting for somebody else: asked where the law wants to know who asks, and told by whoever wants to.

What was told is a dictionary inside the report's draft: `for` (self or other), `name`, `relation`, `paper`.
"""

from rasa_sdk.executor import CollectingDispatcher

from actions.acting_words import for_whom, relation_in, says_later
from actions.client import Acting
from actions.heard import Heard

FORMAL_KINDS = frozenset({"information_request", "housing_dispute"})
"""Kinds of ticket whose author must say for whom they ask."""
WHOM, NAME, RELATION, PAPER = "acting", "acting_name", "acting_relation", "acting_paper"
STEPS = (WHOM, NAME, RELATION, PAPER)
LATER = "later"
LONGEST_NAME = 120
ASKED = {"asked": "yes"}
"""Nothing told yet, and to be asked whatever the kind of the ticket is."""


def next_step(kind: str, told: dict[str, str]) -> str | None:
    """What to ask next; None when all is told, or nobody wants to know."""
    if not told and kind not in FORMAL_KINDS:
        return None
    if "for" not in told:
        return WHOM
    steps = {"name": NAME, "relation": RELATION, "paper": PAPER} if told["for"] == "other" else {}
    return next((step for name, step in steps.items() if name not in told), None)


def takes(step: str | None, message: Heard) -> bool:
    """Whether a message at a step is about this; a photo is, only where the paper is asked for."""
    return step in STEPS and (step == PAPER or not message.enclosed)


def answered(told: dict[str, str], step: str, message: Heard) -> dict[str, str]:
    """What is told after an answer; the same when it was none."""
    readers = {WHOM: _whom, NAME: _name, RELATION: _relation, PAPER: _paper}
    return {**told, **readers[step](message)}


def _whom(message: Heard) -> dict[str, str]:
    whom = message.entities.get("acting") or for_whom(message.text)
    relation = relation_in(message.text) if whom == "other" else None
    return ({"for": str(whom)} if whom else {}) | ({"relation": relation} if relation else {})


def _name(message: Heard) -> dict[str, str]:
    name = " ".join(message.text.split())[:LONGEST_NAME]
    return {"name": name} if sum(sign.isalpha() for sign in name) >= 2 else {}


def _relation(message: Heard) -> dict[str, str]:
    relation = message.entities.get("relation") or relation_in(message.text) or ("other" if message.text else None)
    return {"relation": str(relation)} if relation else {}


def _paper(message: Heard) -> dict[str, str]:
    if message.enclosed:
        return {"paper": message.enclosed}
    put_off = message.entities.get("paper") == LATER or message.intent == "deny" or says_later(message.text)
    return {"paper": LATER} if put_off else {}


def represented(told: dict[str, str]) -> str:
    """Who is represented, for the summary; empty for oneself."""
    return told.get("name", "") if told.get("for") == "other" else ""


def as_sent(told: dict[str, str]) -> Acting | None:
    """The same as the backend takes it."""
    if not represented(told):
        return None
    paper = told.get("paper", LATER)
    return Acting(name=told["name"], relation=told.get("relation", "other"), paper=None if paper == LATER else paper)


def said_after(dispatcher: CollectingDispatcher, told: dict[str, str], reference: str) -> None:
    """Say what becomes of the paper, or how to send it later."""
    if sent := as_sent(told):
        sentence = "utter_authority_shown" if sent.paper else "utter_authority_later"
        dispatcher.utter_message(response=sentence, reference=reference, represented=sent.name)
