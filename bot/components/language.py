"""In which language is this written? Learnt from the training examples, with memory of the conversation."""

import re
from typing import Any, Dict, FrozenSet, List, Optional, Set, Tuple

import joblib
import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from bot.components import augment, ngrams
from bot.components.augment import without_diacritics
from bot.components.kept import kept
from bot.components.ngrams import Ngrams

FILE = "language.joblib"
SOURCES = (__file__, str(augment.__file__), str(ngrams.__file__))
LETTERS_TO_SWITCH = 4
ENOUGH = 27_000
"""So many examples tell a language as well as three times as many do."""
SURE = 0.75


def language_of_example(message: Message) -> Optional[str]:
    """The language a training example is marked with."""
    marked = (message.get("metadata") or {}).get("intent") or {}
    return marked.get("language") if isinstance(marked, dict) else None


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class LanguageIdentifier(GraphComponent):
    """Emits the turn's language as the entity `language`."""

    def __init__(
        self,
        storage: ModelStorage,
        resource: Resource,
        model: Optional[Tuple[Ngrams, LogisticRegression]] = None,
        words: Optional[Dict[str, FrozenSet[str]]] = None,
    ) -> None:
        self._storage = storage
        self._resource = resource
        self._model = model
        self._words = words or {}

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "LanguageIdentifier":
        """Made by Rasa's graph, for training."""
        return cls(model_storage, resource)

    @classmethod
    def load(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "LanguageIdentifier":
        """Made by Rasa's graph, for use."""
        with model_storage.read_from(resource) as folder:
            return cls(model_storage, resource, *joblib.load(folder / FILE))

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from every example whose language is marked, as written and without diacritics."""
        marked = [(message.get(TEXT), language_of_example(message)) for message in training_data.intent_examples]
        texts = [text for text, language in marked if language]
        languages = [language for _, language in marked if language]
        texts, languages = texts + [without_diacritics(text) for text in texts], languages + languages
        self._model, self._words = kept("language", SOURCES, [*texts, *languages], lambda: _learnt(texts, languages))
        with self._storage.write_to(self._resource) as folder:
            joblib.dump((self._model, self._words), folder / FILE, compress=3)
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Examples need no language entity."""
        return training_data

    def process(self, messages: List[Message], tracker: Optional[DialogueStateTracker] = None) -> List[Message]:
        """Add the turn's language to each message's entities."""
        for message in messages:
            language = self.turn_language(message, tracker)
            entity = {"entity": "language", "value": language, "start": 0, "end": 0, "extractor": "LanguageIdentifier"}
            message.set(ENTITIES, [*message.get(ENTITIES, []), entity], add_to_output=True)
        return messages

    def turn_language(self, message: Message, tracker: Optional[DialogueStateTracker]) -> str:
        """The citizen's choice, else what the text shows clearly, else the conversation's language so far."""
        chosen = tracker and tracker.get_slot("language_choice")
        before = (tracker and tracker.get_slot("language")) or "en"
        if chosen:
            return str(chosen)
        text = own_words(message)
        if sum(letter.isalpha() for letter in text) < LETTERS_TO_SWITCH:
            return str(before)
        scores = self.scores(text)
        best = max(scores, key=lambda language: scores[language])
        clear = scores[best] >= SURE or scores[best] > 3 * scores.get(str(before), 0.0)
        return best if clear and self.knows_a_word(text, best) else str(before)

    def knows_a_word(self, text: str, language: str) -> bool:
        """Whether a language's examples hold any word of a text; letters alone always look like some language."""
        return any(word in self._words.get(language, ()) for word in words(text))

    def scores(self, text: str) -> Dict[str, float]:
        """Probability of each language."""
        assert self._model is not None
        ngrams, head = self._model
        columns, weights = ngrams.found(text.lower())
        raised = np.exp(weights @ head.coef_.T[columns] + head.intercept_)
        return {str(name): float(chance) for name, chance in zip(head.classes_, raised / raised.sum())}  # noqa: B905


def _learnt(
    texts: List[str], languages: List[str]
) -> Tuple[Tuple[Ngrams, LogisticRegression], Dict[str, FrozenSet[str]]]:
    step = max(1, len(texts) // ENOUGH)
    vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4), sublinear_tf=True, min_df=8, dtype=np.float32)
    features = vectorizer.fit_transform(texts[::step])
    head = LogisticRegression(C=10, max_iter=40, tol=1e-2).fit(features, languages[::step])
    seen: Dict[str, Set[str]] = {}
    for text, language in zip(texts, languages):  # noqa: B905
        seen.setdefault(language, set()).update(words(text))
    return (Ngrams(vectorizer), head), {language: frozenset(found) for language, found in seen.items()}


def words(text: str) -> List[str]:
    """The words of a text in lower case, single letters left out."""
    return [word for word in re.findall(r"[^\W\d_]+", text.lower()) if len(word) > 1]


def own_words(message: Message) -> str:
    """The text without place names, which keep their language in every other one."""
    text = message.get(TEXT) or ""
    if text.startswith("/"):
        return ""
    places = [entity for entity in message.get(ENTITIES, []) if entity.get("entity") == "place"]
    for place in sorted(places, key=lambda entity: -int(entity["start"])):
        text = text[: place["start"]] + " " + text[place["end"] :]
    return str(text)
