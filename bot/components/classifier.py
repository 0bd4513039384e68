"""One linear model decides every label at once: intents, question topics and complaint categories."""

from typing import Any, Dict, List, Optional, Tuple

import joblib
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.constants import TOKENS_NAMES
from rasa.shared.nlu.constants import INTENT, INTENT_RESPONSE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components import heads, label_model, ngrams
from bot.components.folding import fold
from bot.components.kept import kept
from bot.components.label_model import LabelModel
from bot.components.matters import matters
from bot.components.tokenizer import FOLDED

FILE = "labels.joblib"
SOURCES = (str(label_model.__file__), str(heads.__file__), str(ngrams.__file__))
ALSO = "also"
"""Message property: labels of the other matters in a message."""
BUTTON = ("button", 1.0)
"""Stands in for a payload until Rasa reads its intent, after all components."""


def folded_text(message: Message) -> str:
    """The message's folded words, in order; from the tokenizer where it ran."""
    if folded := message.get(FOLDED):
        return str(folded)
    tokens = message.get(TOKENS_NAMES[TEXT])
    if tokens:
        return " ".join(token.lemma for token in tokens)
    return fold(message.get(TEXT) or "")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LabelClassifier(GraphComponent, IntentClassifier):
    """Sets the base intent, the response selector's output for `faq/…` and `report/…`, and the ranking of labels."""

    def __init__(self, storage: ModelStorage, resource: Resource, model: Optional[LabelModel] = None) -> None:
        self._storage = storage
        self._resource = resource
        self._model = model

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "LabelClassifier":
        """Made by Rasa's graph, for training."""
        return cls(model_storage, resource)

    @classmethod
    def load(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "LabelClassifier":
        """Made by Rasa's graph, for use."""
        with model_storage.read_from(resource) as folder:
            return cls(model_storage, resource, joblib.load(folder / FILE))

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from every labelled example."""
        examples = [message for message in training_data.intent_examples if message.get(TEXT)]
        labels = [message.get(INTENT_RESPONSE_KEY) or message.get(INTENT) for message in examples]
        texts = [folded_text(message) for message in examples]
        self._model = kept("labels", SOURCES, [*texts, *labels], lambda: LabelModel().fit(texts, labels))
        with self._storage.write_to(self._resource) as folder:
            joblib.dump(self._model, folder / FILE, compress=3)
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        """Label each message that is not a button's payload."""
        assert self._model is not None
        for message in messages:
            if (message.get(TEXT) or "").startswith("/"):
                set_labels(message, [BUTTON])
            else:
                found = matters(folded_text(message).split(), self._model.ranked)
                set_labels(message, found.ranking)
                message.set(ALSO, list(found.also), add_to_output=True)
        return messages


def set_labels(message: Message, ranking: List[Tuple[str, float]]) -> None:
    """Write a ranking of labels into a message the way Rasa's own components do."""
    label, confidence = ranking[0]
    base = label.split("/")[0]
    message.set("intent", {"name": base, "confidence": confidence}, add_to_output=True)
    ranked = [{"name": name, "confidence": chance} for name, chance in ranking]
    message.set("intent_ranking", ranked, add_to_output=True)
    if base != label:
        chosen = {"intent_response_key": label, "confidence": confidence}
        message.set("response_selector", {base: {"response": chosen, "ranking": []}}, add_to_output=True)
