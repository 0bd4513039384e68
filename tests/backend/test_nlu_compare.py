"""Stock Rasa and ours on one sample: what is drawn, what is asked, what is printed."""

import io
import json
import subprocess
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from backend.cli import cli
from backend.core.languages import LANGUAGES
from backend.nlu import Judged
from benchmarks.stock.parse import label_ranking
from benchmarks.understanding import Outcome, count, held_back, rows, sample, show, title_of

LABELS = 114


@pytest.mark.parametrize("per_label", [1, 3])
def test_a_sample_has_so_many_examples_of_each_label_and_language(per_label: int) -> None:
    drawn = sample(per_label)
    assert count(drawn) == per_label * LABELS * len(LANGUAGES)
    pairs = [(block["intent"], block["metadata"]["language"]) for block in drawn["nlu"]]
    assert len(pairs) == len(set(pairs)) == LABELS * len(LANGUAGES)
    assert all(line.startswith("- ") for block in drawn["nlu"] for line in block["examples"].splitlines())


def test_the_same_number_draws_the_same_sample_and_more_than_there_are_draws_all() -> None:
    assert sample(2) == sample(2)
    assert count(sample(10_000)) > 35_000


def test_held_back_messages_of_every_language_are_asked() -> None:
    every = held_back(0)
    assert {code for code, _ in every} == set(LANGUAGES)
    assert len(held_back(70)) == len(every) // 8


@pytest.mark.parametrize("per_language", [0, 70, 140, 280])
def test_half_of_what_is_asked_is_typed_on_a_phone(per_language: int) -> None:
    styles = [message["style"] for _, message in held_back(per_language)]
    assert styles.count("phone") == styles.count("clean") == len(styles) // 2


STOCK_ANSWERS: list[tuple[dict[str, Any], list[tuple[str, float]]]] = [
    (
        {
            "intent_ranking": [{"name": "faq", "confidence": 0.8}, {"name": "greet", "confidence": 0.1}],
            "response_selector": {
                "default": {
                    "ranking": [
                        {"intent_response_key": "faq/fines", "confidence": 0.5},
                        {"intent_response_key": "report/noise", "confidence": 0.3},
                        {"intent_response_key": "faq/privacy", "confidence": 0.1},
                    ]
                }
            },
        },
        [("faq/fines", 0.4), ("greet", 0.1), ("faq/privacy", 0.08)],
    ),
    ({"intent_ranking": [{"name": "greet", "confidence": 0.9}]}, [("greet", 0.9)]),
    ({}, []),
]


@pytest.mark.parametrize(("answer", "expected"), STOCK_ANSWERS)
def test_stocks_two_rankings_become_one(answer: dict[str, Any], expected: list[tuple[str, float]]) -> None:
    assert [(name, pytest.approx(chance)) for name, chance in expected] == label_ranking(answer)


def outcome(found: str, seconds: float) -> Outcome:
    asked = [("ro", Judged("x", "clean", "greet", found, (found,), None, 2.0))]
    return Outcome(seconds, 2 * seconds, 1.5, 250.0, asked)


def test_both_sides_stand_side_by_side_with_what_was_sampled() -> None:
    outcomes = {"stock": outcome("thank", 600), "ours": outcome("greet", 9)}
    table = {name: cells for name, *cells in rows(outcomes)}
    assert table["training, seconds"] == ["600", "9"]
    assert table["accuracy"] == table["accuracy, ro, clean"] == ["0.000", "1.000"]
    assert len(table) == 11 + 2 * len(LANGUAGES)
    page = io.StringIO()
    show(outcomes, title_of(5, 30, 2850, 40880, 2800), Console(file=page, width=200))
    for said in ("seed 7", "2850 of 40880", "30 epochs", "stock", "ours"):
        assert said in page.getvalue()


def test_the_command_runs_the_comparison_with_its_options(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[list[str]] = []

    def run(command: list[str], **_: Any) -> "subprocess.CompletedProcess[bytes]":
        ran.append(command)
        return subprocess.CompletedProcess(command, 3)

    monkeypatch.setattr("backend.nlu_cli.subprocess.run", run)
    result = CliRunner().invoke(cli, ["nlu", "compare", "--per-label", "4", "--epochs", "7", "--messages", "9"])
    assert result.exit_code == 3
    [command] = ran
    assert command[1:] == ["-m", "benchmarks.understanding", "--per-label", "4", "--epochs", "7", "--messages", "9"]


def test_a_sample_of_nothing_is_refused() -> None:
    assert CliRunner().invoke(cli, ["nlu", "compare", "--per-label", "0"]).exit_code == 2
    assert json.dumps(sample(1))
