"""How well the bot understands, in numbers worked out by hand."""

from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from backend.nlu import Judged, judged_answer, macro_f1, measures, read_messages, report

LABELS = st.sampled_from(["a", "b", "c"])


def judged(label: str, found: str, *others: str, style: str = "") -> Judged:
    return Judged("x", style, label, found, (found, *others))


@pytest.mark.parametrize(
    ("pairs", "score"),
    [
        ([], 0.0),
        ([("a", "a")], 1.0),
        ([("a", "b")], 0.0),
        # a: precision 1/1, recall 1/2 -> 2/3; b: precision 1/2, recall 1/1 -> 2/3
        ([("a", "a"), ("a", "b"), ("b", "b")], 2 / 3),
        # a: precision 2/3, recall 2/2 -> 4/5; b: 0, for it was never found
        ([("a", "a"), ("a", "a"), ("b", "a")], (4 / 5 + 0) / 2),
        # c is no true label: it costs a recall, and has no score of its own
        ([("a", "a"), ("a", "c"), ("b", "b")], (2 / 3 + 1) / 2),
    ],
)
def test_macro_f1_is_the_mean_of_each_true_labels_f1(pairs: list[tuple[str, str]], score: float) -> None:
    assert macro_f1(pairs) == pytest.approx(score)


@given(st.lists(st.tuples(LABELS, LABELS)))
def test_macro_f1_is_a_share_and_whole_only_when_all_are_right(pairs: list[tuple[str, str]]) -> None:
    score = macro_f1(pairs)
    assert 0 <= score <= 1
    assert (score == 1) is (bool(pairs) and all(label == found for label, found in pairs))


def test_measures_are_shares_of_all_messages() -> None:
    messages = [judged("a", "a"), judged("a", "b", "a"), judged("b", "b"), judged("b", "c", "d", "e")]
    told = measures(messages)
    assert told["n"] == 4
    assert told["accuracy"] == 0.5
    assert told["top3"] == 0.75
    # a: precision 1/1, recall 1/2 -> 2/3; b: precision 1/2, recall 1/2 -> 1/2
    assert told["macro_f1"] == pytest.approx((2 / 3 + 1 / 2) / 2)


def test_measures_of_nothing_are_nothing() -> None:
    assert measures([]) == {"n": 0, "accuracy": 0, "macro_f1": 0, "top3": 0}


def test_a_report_tells_styles_and_families_apart_and_the_worst_confusions_first() -> None:
    told = report(
        [
            judged("faq/a", "faq/a", style="clean"),
            judged("faq/a", "report/b", style="phone"),
            judged("faq/a", "report/b", style="phone"),
            judged("greet", "faq/a"),
        ]
    )
    assert told["accuracy"] == 0.25
    assert {style: values["accuracy"] for style, values in told["styles"].items()} == {"clean": 1.0, "phone": 0.0}
    assert {name: values["n"] for name, values in told["families"].items()} == {"faq": 3, "intent": 1}
    assert told["confusions"] == [
        {"label": "faq/a", "found": "report/b", "count": 2},
        {"label": "greet", "found": "faq/a", "count": 1},
    ]
    assert "language" not in told


def test_what_is_turned_away_counts_as_out_of_scope() -> None:
    def away(label: str) -> Judged:
        answer = {"intent": "nlu_fallback", "ranking": [["nlu_fallback", 0.7], ["a", 0.2]], "language": None}
        return judged_answer({"text": "x", "style": "", "label": label}, {**answer, "cpu_ms": 2.0})

    told = report([away("out_of_scope"), judged("out_of_scope", "a"), away("a"), judged("a", "a"), judged("a", "a")])
    assert told["oos"] == {"recall": 0.5, "precision": 0.5, "false_rate": pytest.approx(1 / 3)}
    assert away("a").first_three == ("a",)


def test_processor_time_is_told_at_the_median_and_near_the_worst() -> None:
    times = [Judged("x", "", "a", "a", ("a",), "ro", float(time)) for time in range(1, 102)]
    assert report(times)["cpu_ms"] == {"p50": 51.0, "p99": 100.0}


def test_the_language_is_judged_when_it_is_known() -> None:
    found = [Judged("x", "", "a", "a", ("a",), language) for language in ("ro", "ro", "mk", None)]
    assert report(found, "ro")["language"] == {"accuracy": 0.5}


def test_messages_are_read_with_and_without_a_style(tmp_path: Path) -> None:
    path = tmp_path / "ro.jsonl"
    path.write_text('{"text": "groapă", "label": "report/noise", "style": "short"}\n{"text": "x", "label": "y"}\n')
    assert [(one["text"], one["label"], one["style"]) for one in read_messages(path)] == [
        ("groapă", "report/noise", "short"),
        ("x", "y", ""),
    ]


@pytest.mark.parametrize("line", ["", "groapă", '{"text": "x"}', '{"label": "x"}', "[]", '"x"', "{'text': 1}"])
def test_a_line_that_is_no_message_is_told_by_its_number(tmp_path: Path, line: str) -> None:
    path = tmp_path / "ro.jsonl"
    path.write_text(f'{{"text": "x", "label": "y"}}\n{line}\n')
    with pytest.raises(ValueError, match="line 2"):
        read_messages(path)
