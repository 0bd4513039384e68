"""Linear machines, one a label against all others, and the temperature that makes their scores probabilities."""

import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import List, Sequence, Tuple

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.svm import LinearSVC

OTHERS = ""
SHARES_A_PROCESSOR = 2
TEMPERATURES = np.linspace(1.0, 12.0, 45)
Heads = Tuple[np.ndarray, np.ndarray, List[str]]
"""(weights by label, biases, labels)."""


def fitted_heads(features: csr_matrix, labels: Sequence[str], processes: int) -> Heads:
    """Learn the machines of all labels, on so many processors."""
    names = np.array(sorted(set(labels)))
    examples = features.astype(np.float64)
    examples.sum_duplicates()
    count = min(SHARES_A_PROCESSOR * processes, len(names))
    shares = [names[place::count] for place in range(count)]
    # Forked, not threads: they read the examples where they lie, and liblinear has one dice for all threads.
    with forked(processes, _Task.begin, examples, np.asarray(labels)) as pool:
        learnt = list(pool.map(_Task.learn, shares))
    order = np.argsort(np.concatenate(shares))
    weights, biases = np.vstack([weights for weights, _ in learnt]), np.concatenate([biases for _, biases in learnt])
    return weights[order], biases[order], [str(name) for name in names]


def processors() -> int:
    """How many this machine has."""
    return os.cpu_count() or 1


def forked(count: int, begin: object = None, *given: object) -> ProcessPoolExecutor:
    """A pool of processes that inherit what is in memory now."""
    return ProcessPoolExecutor(count, get_context("fork"), initializer=begin, initargs=given)  # type: ignore[arg-type]


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
        if len(head.classes_) == 2:  # one machine for both: its positive side is the second
            return _of_two(head, names)
        rows = [list(head.classes_).index(name) for name in names]
        return head.coef_[rows].astype(np.float32), head.intercept_[rows].astype(np.float32)


def _of_two(head: LinearSVC, names: np.ndarray) -> Tuple[np.ndarray, np.ndarray]:
    signs = np.array([1.0 if name == head.classes_[1] else -1.0 for name in names], np.float32)
    return signs[:, np.newaxis] * head.coef_.astype(np.float32), signs * head.intercept_.astype(np.float32)


def fitted_temperature(scores: np.ndarray, right: np.ndarray) -> float:
    """The temperature under which the right columns of scores are most probable."""
    return float(min(TEMPERATURES, key=lambda value: _surprise(value * scores, right)))


def softmax(scores: np.ndarray) -> np.ndarray:
    """Rows of scores to rows of probabilities."""
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def _surprise(scores: np.ndarray, right: np.ndarray) -> float:
    return float(-np.log(softmax(scores)[np.arange(len(right)), right] + 1e-12).mean())
