"""Between labels that are nearly as probable, the conversation decides: the open question, the last topic, a ticket.

A label further away is never preferred, whatever was said before; people change the subject.
"""

from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Tuple

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.events import ActionExecuted
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.components.classifier import set_labels
from bot.components.form_guard import WAYS_OUT, YES_NO_STEPS
from bot.components.matters import ABOUT_A_TICKET

FAVOUR = 2.0
"""So many times as probable may another label be, and the one that fits still wins."""
EVENTS_READ = 200
SHORT_FOLLOW_UP = 6
"""A follow-up to an answer is short: so many words at most."""
TOLD_A_TICKET = frozenset(("action_file_report", "utter_ticket_status"))
TELLING_STEPS = frozenset(("description", "category"))


class Context(NamedTuple):
    """What of a conversation bears upon its next message."""

    form: str = ""
    step: str = ""
    topic: str = ""
    """The label of the question answered last, when nothing came after."""
    has_ticket: bool = False


def context_of(tracker: DialogueStateTracker) -> Context:
    """Read from the last events of a tracker, before the message that is being understood."""
    actions = list(_actions(tracker))
    answered = bool(actions) and actions[0] == "action_answer_question"
    parsed = tracker.latest_message.parse_data if answered and tracker.latest_message else {}
    return Context(
        form=tracker.active_loop_name or "",
        step=str(tracker.get_slot("requested_slot") or ""),
        topic=_label(parsed),
        has_ticket=bool(TOLD_A_TICKET.intersection(actions)),
    )


def _actions(tracker: DialogueStateTracker) -> Iterator[str]:
    for _, event in zip(range(EVENTS_READ), reversed(tracker.events)):  # noqa: B905
        if isinstance(event, ActionExecuted) and event.action_name not in (None, ACTION_LISTEN_NAME):
            yield str(event.action_name)


def _label(parsed: Any) -> str:
    named = [entity["value"] for entity in parsed.get("entities", []) if entity.get("entity") == "topic"]
    if named:
        return f"faq/{named[0]}"
    ranking = parsed.get("intent_ranking") or [{"name": ""}]
    return str(ranking[0]["name"])


def fits(label: str, context: Context, words: int) -> bool:
    """Whether a label is what one expects to hear in a conversation."""
    if context.form == "report_form":
        telling = context.step in TELLING_STEPS and label.startswith("report/")
        return telling or (context.step in YES_NO_STEPS and label in ("affirm", "deny"))
    if context.form:
        return label == "check_status"
    follows = words <= SHORT_FOLLOW_UP and label == context.topic and label.startswith("faq/")
    return follows or (context.has_ticket and label in ABOUT_A_TICKET)


def reranked(ranking: List[Tuple[str, float]], context: Context, words: int) -> List[Tuple[str, float]]:
    """The ranking with the likeliest label that fits first, when it is near the top; chances are as they were."""
    (best, chance), *others = ranking
    if best == "emergency" or (context.form and best in WAYS_OUT) or fits(best, context, words):
        return ranking
    near = [one for one in others if fits(one[0], context, words) and one[1] * FAVOUR >= chance]
    if not near:
        return ranking
    chosen = near[0]
    rest = [(best, chosen[1]), *(one for one in others if one != chosen)]
    return [(chosen[0], chance), *sorted(rest, key=lambda one: -one[1])]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class ContextRanker(GraphComponent):
    """Sees the conversation because `process` names a tracker; stands between labels and fallback."""

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "ContextRanker":
        """Made by Rasa's graph."""
        return cls()

    def process(self, messages: List[Message], tracker: Optional[DialogueStateTracker] = None) -> List[Message]:
        """Prefer labels that fit the conversation."""
        if tracker is None:
            return messages
        context = context_of(tracker)
        for message in messages:
            text = message.get(TEXT) or ""
            ranking = [(entry["name"], entry["confidence"]) for entry in message.get("intent_ranking", [])]
            chosen = reranked(ranking, context, len(text.split())) if ranking and not text.startswith("/") else ranking
            if chosen != ranking:
                set_labels(message, chosen)
        return messages
