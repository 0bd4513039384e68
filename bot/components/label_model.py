"""Text to probabilities of labels: words, word pairs and character n-grams of folded text into linear machines.

docs/nlu.md says what else was tried.
"""

from typing import List, Sequence, Tuple

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import StratifiedKFold

from bot.components.heads import fitted_heads, fitted_temperature, forked, processors, softmax
from bot.components.ngrams import Ngrams

RANKING = 6
FITTED_SHARES = 4
UNKNOWN_WORDS_DISCOUNT = 0.4
WEIGHTS = (0.8, 0.6, 1.3)
"""Of words, pairs and characters."""


class LabelModel:
    """The machines, and the n-grams they know."""

    def __init__(self) -> None:
        self.ngrams: List[Ngrams] = []
        self.labels: List[str] = []
        self.weights = np.zeros((0, 0), np.float16)
        """A row for each feature, a column for each label: the few rows of a message lie together in memory."""
        self.biases = np.zeros(0, np.float32)
        self.temperature = 4.0

    def fit(self, texts: Sequence[str], labels: Sequence[str]) -> "LabelModel":
        """Learn from folded texts."""
        with forked(1) as aside:
            temperature = aside.submit(_temperature, list(texts), list(labels))
            parts = vectorizers()
            weights, self.biases, self.labels = fitted_heads(_learnt_features(parts, texts), labels, processors())
            self.temperature = temperature.result()
        self.ngrams = [Ngrams(part) for part in parts]
        self.weights = np.ascontiguousarray(weights.T, dtype=np.float16)
        return self

    def scores(self, text: str) -> np.ndarray:
        """The margin of each label: only the rows of features the text has are read."""
        total, first = self.biases.copy(), 0
        for ngrams, weight in zip(self.ngrams, WEIGHTS):  # noqa: B905
            rows, weights = ngrams.found(text)
            total += weight * (weights @ self.weights[rows + first].astype(np.float32))
            first += len(ngrams)
        return total

    def ranked(self, text: str) -> List[Tuple[str, float]]:
        """The most probable labels of a folded text, best first."""
        chances = softmax(self.temperature * self.scores(text)[np.newaxis])[0]
        chances = chances * (1.0 if self.knows_a_word(text) else UNKNOWN_WORDS_DISCOUNT)
        best = np.argsort(-chances)[:RANKING]
        return [(self.labels[column], float(chances[column])) for column in best]

    def knows_a_word(self, text: str) -> bool:
        """Whether any word of a folded text was seen in training; letters alone always look like something."""
        vocabulary = self.ngrams[0].vocabulary
        return any(word in vocabulary for word in text.split() if len(word) > 1)


def vectorizers() -> List[TfidfVectorizer]:
    """Not fitted yet."""
    return [
        TfidfVectorizer(token_pattern=r"[^\s]+", sublinear_tf=True, dtype=np.float32),
        TfidfVectorizer(token_pattern=r"[^\s]+", ngram_range=(2, 2), min_df=2, sublinear_tf=True, dtype=np.float32),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 5), min_df=3, sublinear_tf=True, dtype=np.float32),
    ]


def _learnt_features(parts: List[TfidfVectorizer], texts: Sequence[str]) -> csr_matrix:
    found = [part.fit_transform(texts) * weight for part, weight in zip(parts, WEIGHTS)]  # noqa: B905
    return hstack(found).tocsr()


def _temperature(texts: Sequence[str], labels: Sequence[str]) -> float:
    """Told by what a share of the examples makes of another."""
    shares = StratifiedKFold(FITTED_SHARES, shuffle=True, random_state=7)
    (_, learn), (_, check) = list(shares.split(texts, labels))[:2]
    parts = vectorizers()
    known = _learnt_features(parts, [texts[row] for row in learn])
    weights, biases, names = fitted_heads(known, [labels[row] for row in learn], 1)
    asked = [part.transform([texts[row] for row in check]) * weight for part, weight in zip(parts, WEIGHTS)]  # noqa: B905
    place = {label: column for column, label in enumerate(names)}
    return fitted_temperature(
        hstack(asked).tocsr() @ weights.T + biases, np.array([place[labels[row]] for row in check])
    )
