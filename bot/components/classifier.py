"""One linear model decides every label at once: intents, question topics and complaint categories.

Words, word pairs and character n-grams of folded text, TF-IDF weighted, into linear support vector machines whose
scores become probabilities by a temperature fitted on held-out examples. docs/nlu.md says what else was tried.
"""

import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any, Dict, List, Optional, Sequence, Tuple

import joblib
import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.constants import TOKENS_NAMES
from rasa.shared.nlu.constants import INTENT, INTENT_RESPONSE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import LinearSVC

from bot.components.folding import fold
from bot.components.ngrams import Ngrams

FILE = "labels.joblib"
BUTTON = ("button", 1.0)
"""Stands in for a payload until Rasa reads its intent, after all components."""
RANKING = 6
FITTED_SHARES = 4
OTHERS = ""
UNKNOWN_WORDS_DISCOUNT = 0.4
TEMPERATURES = np.linspace(1.0, 12.0, 45)


class LabelModel:
    """Text to probabilities of labels."""

    def __init__(self) -> None:
        words = TfidfVectorizer(token_pattern=r"[^\s]+", sublinear_tf=True, dtype=np.float32)
        pairs = TfidfVectorizer(
            token_pattern=r"[^\s]+", ngram_range=(2, 2), min_df=2, sublinear_tf=True, dtype=np.float32
        )
        signs = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 5), min_df=3, sublinear_tf=True, dtype=np.float32)
        self.parts = ((words, 0.8), (pairs, 0.6), (signs, 1.3))
        self.ngrams: List[Ngrams] = []
        self.labels: List[str] = []
        self.weights = np.zeros((0, 0), np.float16)
        """A row for each feature, a column for each label: the few rows of a message lie together in memory."""
        self.biases = np.zeros(0, np.float32)
        self.temperature = 4.0

    def fit(self, texts: Sequence[str], labels: Sequence[str]) -> "LabelModel":
        """Learn from folded texts."""
        self.temperature = self._fitted_temperature(texts, labels)
        weights, self.biases, self.labels = _fitted_heads(self._learnt_features(texts), labels)
        self.ngrams = [Ngrams(vectorizer) for vectorizer, _ in self.parts]
        self.weights = np.ascontiguousarray(weights.T, dtype=np.float16)
        return self

    def _learnt_features(self, texts: Sequence[str]) -> csr_matrix:
        return hstack([vectorizer.fit_transform(texts) * weight for vectorizer, weight in self.parts]).tocsr()

    def _features(self, texts: Sequence[str]) -> csr_matrix:
        return hstack([vectorizer.transform(texts) * weight for vectorizer, weight in self.parts]).tocsr()

    def _fitted_temperature(self, texts: Sequence[str], labels: Sequence[str]) -> float:
        """The temperature under which held-out labels are most probable; told by a share of the examples."""
        shares = StratifiedKFold(FITTED_SHARES, shuffle=True, random_state=7)
        (_, learn), (_, check) = list(shares.split(texts, labels))[:2]
        known = self._learnt_features([texts[row] for row in learn])
        weights, biases, names = _fitted_heads(known, [labels[row] for row in learn])
        scores = self._features([texts[row] for row in check]) @ weights.T + biases
        place = {label: column for column, label in enumerate(names)}
        right = np.array([place[labels[row]] for row in check])
        return float(min(TEMPERATURES, key=lambda value: _surprise(value * scores, right)))

    def scores(self, text: str) -> np.ndarray:
        """The margin of each label: only the rows of features the text has are read."""
        total, first = self.biases.copy(), 0
        for ngrams, (_, weight) in zip(self.ngrams, self.parts):  # noqa: B905
            rows, weights = ngrams.found(text)
            total += weight * (weights @ self.weights[rows + first].astype(np.float32))
            first += len(ngrams)
        return total

    def ranked(self, text: str) -> List[Tuple[str, float]]:
        """The most probable labels of a folded text, best first."""
        chances = _softmax(self.temperature * self.scores(text)[np.newaxis])[0]
        chances = chances * (1.0 if self.knows_a_word(text) else UNKNOWN_WORDS_DISCOUNT)
        best = np.argsort(-chances)[:RANKING]
        return [(self.labels[column], float(chances[column])) for column in best]

    def knows_a_word(self, text: str) -> bool:
        """Whether any word of a folded text was seen in training; letters alone always look like something."""
        vocabulary = self.parts[0][0].vocabulary_
        return any(word in vocabulary for word in text.split() if len(word) > 1)


def _fitted_heads(features: csr_matrix, labels: Sequence[str]) -> Tuple[np.ndarray, np.ndarray, List[str]]:
    """(weights by label, biases, labels): one machine a label against all others, learnt on all processors."""
    names = np.array(sorted(set(labels)))
    examples = features.astype(np.float64)
    examples.sum_duplicates()
    count = os.cpu_count() or 1
    # Forked, not threads: they read the examples where they lie, and liblinear has one dice for all threads.
    with ProcessPoolExecutor(
        count, get_context("fork"), initializer=_Task.begin, initargs=(examples, np.asarray(labels))
    ) as processes:
        shares = list(processes.map(_Task.learn, np.array_split(names, count)))
    weights, biases = np.vstack([weights for weights, _ in shares]), np.concatenate([biases for _, biases in shares])
    return weights, biases, [str(name) for name in names]


class _Task:
    """What a forked process learns from."""

    examples: csr_matrix
    truth: np.ndarray

    @classmethod
    def begin(cls, examples: csr_matrix, truth: np.ndarray) -> None:
        """In a new process: keep what it has inherited."""
        cls.examples, cls.truth = examples, truth

    @classmethod
    def learn(cls, names: np.ndarray) -> Tuple[np.ndarray, np.ndarray]:
        """The machines of some labels; a label more stands for all that are not among them."""
        truth = np.where(np.isin(cls.truth, names), cls.truth, OTHERS)
        head = LinearSVC(C=1.0, tol=0.1, dual=True, random_state=7).fit(cls.examples, truth)
        rows = [list(head.classes_).index(name) for name in names]
        return head.coef_[rows].astype(np.float32), head.intercept_[rows].astype(np.float32)


def _softmax(scores: np.ndarray) -> np.ndarray:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


def _surprise(scores: np.ndarray, right: np.ndarray) -> float:
    return float(-np.log(_softmax(scores)[np.arange(len(right)), right] + 1e-12).mean())


def folded_text(message: Message) -> str:
    """The message's folded words, in order; from the tokenizer where it ran."""
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
        self._model = LabelModel().fit([folded_text(message) for message in examples], labels)
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
                set_labels(message, self._model.ranked(folded_text(message)))
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
