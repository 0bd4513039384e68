"""Tokens: text and offsets as typed, only the lemma folded."""

from typing import List

import pytest
from bot_factories import message
from hypothesis import given, strategies as st
from rasa.nlu.tokenizers.tokenizer import Token

from bot.components.folding import fold
from bot.components.tokenizer import DOC, FoldingTokenizer, base_pipeline


def tokens(text: str) -> List[Token]:
    return FoldingTokenizer(FoldingTokenizer.get_default_config()).tokenize(message(text), "text")


@given(st.text(max_size=80))
def test_every_token_is_a_slice_of_the_text_and_none_is_lost(text: str) -> None:
    found = tokens(text)
    assert [text[token.start : token.end] for token in found] == [token.text for token in found]
    assert "".join(token.text for token in found).split() == "".join(text.split()).split()


@given(st.text(max_size=80))
def test_the_lemma_is_the_folded_token(text: str) -> None:
    assert all(token.lemma == (fold(token.text) or token.text) for token in tokens(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mărășești'nde", [("Mărășești", "marasesti", 0), ("'", "'", 9), ("nde", "nde", 10)]),
        ("Loga’da", [("Loga", "loga", 0), ("’", "'", 4), ("da", "da", 5)]),
        ("Логаʼда", [("Лога", "loga", 0), ("ʼ", "'", 4), ("да", "da", 5)]),
        ("на улицата", [("на", "na", 0), ("улицата", "ulicata", 3)]),
        ("  IŞIK yok", [("IŞIK", "isik", 2), ("yok", "jok", 7)]),
        ("lig!", [("lig", "lig", 0), ("!", "!", 3)]),
        ("", []),
        ("   ", []),
    ],
)
def test_tokens_of(text: str, expected: List[tuple]) -> None:
    assert [(token.text, token.lemma, token.start) for token in tokens(text)] == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("str.marasesti", ["str", "marasesti"]),
        ("ul.goce delcev", ["ul", "goce", "delcev"]),
        ("ул.Гоце Делчев", ["ул", "Гоце", "Делчев"]),
        ("bd.loga", ["bd", "loga"]),
        ("cad.no 5", ["cad", "no", "5"]),
    ],
)
def test_a_full_stop_without_a_space_parts_words(text: str, words: List[str]) -> None:
    assert [token.text for token in tokens(text) if token.text != "."] == words


def test_the_document_is_kept_for_the_components_after() -> None:
    heard = message("дупка на патот")
    FoldingTokenizer(FoldingTokenizer.get_default_config()).process([heard])
    assert heard.get(DOC).text == "дупка на патот"
    assert [token.lemma for token in heard.get("text_tokens")] == ["dupka", "na", "patot"]
    assert heard.get(DOC).vocab is base_pipeline().vocab
