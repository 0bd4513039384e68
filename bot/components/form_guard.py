"""While a form waits for an answer, keep what people type for the form unless they clearly mean something else."""

import re
from typing import Any, Dict, List, Optional

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.events import ActionExecuted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.components.folding import fold

ANSWER, SURVEY = "inform", "answer_survey"
ASKED_BY = ("action_answer_survey", "action_go_on")
SCORE = re.compile(r"\W*[1-5]\W*|\s*[★⭐]{1,5}\s*")
WAYS_OUT = frozenset({"cancel", "talk_to_human", "call_me_back", "emergency", "change_language", "handed_back"})
SMALL_TALK = frozenset({"help", "bot_challenge", "thank", "greet", "goodbye", "abuse"})
QUESTIONS = frozenset({"faq", "check_status"})
TELLING_STEPS = frozenset({"dispute_role", "dispute_topic", "other_party", "other_contact"})
"""Their answers are the very words of articles ("I am the tenant"): only a question mark makes one a question."""
YES_NO_STEPS = frozenset({"confirm", "correction", "same"})
QUESTION_MARKS = ("?", ";", "？")
ACTING = "acting"
"""How the steps about acting for somebody else begin."""
LATER = frozenset({"later", "sonra", "tarziu", "ulterior", "podocna", "kasno", "dopolnitelno", "agterna"})
SHORT = 6
"""Words of a message that only puts something off."""
SURE_CANCEL = 0.9
"""At those steps: "it's for myself" looks like a cancel, too."""
SURE_WAY_OUT = 0.5
SURE_QUESTION = 0.35
SURE_WITHOUT_MARK = 0.6
SURE_SMALL_TALK = 0.7


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class FormGuard(GraphComponent):
    """Sees the conversation because `process` names a tracker."""

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "FormGuard":
        """Made by Rasa's graph."""
        return cls()

    def process(self, messages: List[Message], tracker: Optional[DialogueStateTracker] = None) -> List[Message]:
        """Turn what a form asked for into the intent `inform`."""
        if tracker is None:
            return messages
        step = str(tracker.get_slot("requested_slot")) if tracker.active_loop_name else survey_step(tracker)
        answers = answers_survey if not tracker.active_loop_name else answers_form
        for message in messages:
            if step and not (message.get(TEXT) or "").startswith("/") and answers(message, step):
                name = ANSWER if tracker.active_loop_name else SURVEY
                message.set("intent", {"name": name, "confidence": 1.0}, add_to_output=True)
        return messages


def survey_step(tracker: DialogueStateTracker) -> str:
    """What the last turn asked about a closed ticket: "score", "words", or nothing."""
    for event in reversed(tracker.events):
        if isinstance(event, UserUttered):
            break
        if isinstance(event, ActionExecuted) and event.action_name in ASKED_BY:
            return str((tracker.get_slot("survey") or {}).get("step") or "")
    return ""


def answers_survey(message: Message, step: str) -> bool:
    """Whether a message answers what was asked about a closed ticket; people may as well talk of something else."""
    if step == "score":
        return SCORE.fullmatch(message.get(TEXT) or "") is not None
    return answers_form(message, step)


def answers_form(message: Message, step: str) -> bool:
    """Whether a message is for the form's step."""
    return not leaves_form(message, step)


def leaves_form(message: Message, step: str) -> bool:
    """Whether a message is clearly no answer to the form's step."""
    ranking = message.get("intent_ranking") or [{"name": "", "confidence": 0.0}]
    base, confidence = str(ranking[0]["name"]).split("/")[0], float(ranking[0]["confidence"])
    if step.startswith(ACTING):
        return leaves_acting(message, base, confidence)
    if step in YES_NO_STEPS and base in ("affirm", "deny"):
        return not names_place(message)
    if base in WAYS_OUT:
        return confidence >= SURE_WAY_OUT
    if base in QUESTIONS:
        told = step in TELLING_STEPS and not asks(message)
        return is_question(message, confidence) and not names_place(message) and not told
    return base in SMALL_TALK and confidence >= SURE_SMALL_TALK


def leaves_acting(message: Message, base: str, confidence: float) -> bool:
    """For whom, who, as what: answers of a word or two that look like anything. Only ways out and questions leave."""
    if base == "cancel":
        return confidence >= SURE_CANCEL and not puts_off(message)
    if base in WAYS_OUT:
        return confidence >= SURE_WAY_OUT
    asked = (message.get(TEXT) or "").rstrip().endswith(QUESTION_MARKS)
    return base in QUESTIONS and asked and confidence >= SURE_QUESTION


def puts_off(message: Message) -> bool:
    """Whether a short message says "later": asked for a paper, nobody gives the whole report up with it."""
    words = re.findall(r"[a-z]+", fold(message.get(TEXT) or ""))
    return len(words) <= SHORT and not LATER.isdisjoint(words)


def is_question(message: Message, confidence: float) -> bool:
    """A question mark makes a less certain label count."""
    return confidence >= (SURE_QUESTION if asks(message) else SURE_WITHOUT_MARK)


def asks(message: Message) -> bool:
    """Whether a message ends with a question mark."""
    return bool((message.get(TEXT) or "").rstrip().endswith(QUESTION_MARKS))


def names_place(message: Message) -> bool:
    """Whether a place of the gazetteer was recognised."""
    return any(entity.get("entity") == "place" for entity in message.get(ENTITIES, []))
