"""Machines learnt in shares are the machines learnt at once, in the order of their names."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from bot.components.heads import TEMPERATURES, fitted_heads, fitted_temperature, softmax

NAMES = ["a", "b", "c", "d", "e"]


def clusters(names: list, each: int = 30) -> tuple:
    dice = np.random.default_rng(3)
    labels = [name for name in names for _ in range(each)]
    rows = np.eye(len(names))[[names.index(label) for label in labels]]
    return csr_matrix(np.abs(rows + dice.normal(0, 0.1, rows.shape))), labels


@pytest.mark.parametrize("processes", [1, 2, 4])
@pytest.mark.parametrize("names", [NAMES, NAMES[:2], NAMES[:3]], ids=len)
def test_every_label_has_its_own_machine(processes: int, names: list) -> None:
    features, labels = clusters(names)
    weights, biases, found = fitted_heads(features, labels, processes)
    assert found == sorted(names)
    chosen = np.argmax(features @ weights.T + biases, axis=1)
    assert [found[column] for column in chosen] == labels


def test_the_number_of_processes_changes_nothing_that_matters() -> None:
    features, labels = clusters(NAMES)
    one, many = fitted_heads(features, labels, 1), fitted_heads(features, labels, 3)
    assert np.allclose(one[0], many[0], atol=0.1)


SCORES = np.array([[1.0, 0.0], [0.0, 1.0], [0.4, 0.0], [0.0, 0.4]])


@pytest.mark.parametrize(
    ("right", "expected"), [([0, 1, 0, 1], TEMPERATURES[-1]), ([1, 0, 1, 0], TEMPERATURES[0])], ids=["right", "wrong"]
)
def test_scores_that_are_right_are_made_surer_and_wrong_ones_are_not(right: list, expected: float) -> None:
    assert fitted_temperature(SCORES, np.array(right)) == expected


def test_chances_sum_up_to_one_however_large_the_scores() -> None:
    assert np.allclose(softmax(np.array([[1e5, 0.0, -1e5], [0.0, 0.0, 0.0]])).sum(axis=1), 1.0)
