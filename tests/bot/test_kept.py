"""Learnt once, kept for the same examples and the same code, and learnt again for any other."""

from pathlib import Path
from typing import Any, Callable, List

import pytest

from bot.components.kept import KEPT, digest, kept


@pytest.fixture
def learn(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """`kept` in a folder of its own; says what was learnt so far."""
    monkeypatch.setenv("RASA_CACHE_DIRECTORY", str(tmp_path / "cache"))
    source = tmp_path / "code.py"
    source.write_text("one")
    learnt: List[str] = []

    def learning(examples: str, name: str = "labels", code: str = "one") -> List[str]:
        source.write_text(code)

        def learn_now() -> str:
            learnt.append(examples)
            return examples.upper()

        assert kept(name, [str(source)], examples.split(), learn_now) == examples.upper()
        return learnt

    return learning


def test_the_same_examples_are_learnt_once(learn: Callable[..., List[str]]) -> None:
    learn("a b")
    assert learn("a b") == ["a b"]


@pytest.mark.parametrize("other", [{"examples": "a c"}, {"name": "language"}, {"code": "two"}], ids=str)
def test_other_examples_another_part_and_other_code_are_learnt(learn: Callable[..., List[str]], other: Any) -> None:
    learn("a b")
    assert len(learn(**{"examples": "a b", **other})) == 2


@pytest.mark.parametrize("content", [b"", b"broken", b"\x80\x04N"], ids=["empty", "broken", "cut"])
def test_a_file_that_cannot_be_read_is_learnt_again(
    learn: Callable[..., List[str]], tmp_path: Path, content: bytes
) -> None:
    learn("a b")
    (path,) = (tmp_path / "cache" / "learnt").glob("*.joblib")
    path.write_bytes(content)
    assert learn("a b") == ["a b", "a b"]
    assert learn("a b") == ["a b", "a b"]


def test_only_the_newest_are_kept_and_nothing_half_written(learn: Callable[..., List[str]], tmp_path: Path) -> None:
    for number in range(KEPT + 2):
        learn(f"a {number}")
    learn("x", name="language")
    names = sorted(path.name.split("-")[0] for path in (tmp_path / "cache" / "learnt").iterdir())
    assert names == ["labels"] * KEPT + ["language"]


def test_examples_are_told_apart_by_where_they_end() -> None:
    assert digest([], ["ab", "c"]) != digest([], ["a", "bc"])
