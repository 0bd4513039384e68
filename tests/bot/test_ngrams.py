"""Weights by hand are the vectorizer's own."""

import numpy as np
import pytest
from hypothesis import given, strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.components.ngrams import Ngrams

TEXTS = ["deep hole in the road", "a hole in front of my house", "cop toplanmadi", "the road is dark", "dupka na patot"]
WORDS = TfidfVectorizer(token_pattern=r"[^\s]+", ngram_range=(1, 2), sublinear_tf=True, dtype=np.float32).fit(TEXTS)
SIGNS = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 5), sublinear_tf=True, dtype=np.float32).fit(TEXTS)


@pytest.mark.parametrize("vectorizer", [WORDS, SIGNS], ids=["words", "signs"])
@given(text=st.lists(st.sampled_from([*" ".join(TEXTS).split(), "unseen", "", "hole hole"])).map(" ".join))
def test_the_same_columns_with_the_same_weights(vectorizer: TfidfVectorizer, text: str) -> None:
    expected = vectorizer.transform([text]).toarray()[0]
    columns, weights = Ngrams(vectorizer).found(text)
    found = np.zeros(len(expected))
    found[columns] = weights
    assert np.allclose(found, expected, atol=1e-5)
