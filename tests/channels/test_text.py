"""What people type is kept as they typed it, and nothing else."""

import pytest
from hypothesis import given, settings, strategies as st

from channels.text import CONTROL, VISIBLE, cleaned


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("  x \n", "x"),
        ("a\u0000b\u0007c\u001bd\u007f", "abcd"),
        ("\u202eevil\u202c \u2066x\u2069", "evil x"),
        ("one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"),
        ("👩\u200d👧", "👩\u200d👧"),
        ("half a sign \ud83d", "half a sign"),
        ("Има дупка на патот", "Има дупка на патот"),
    ],
)
def test_text_is_cleaned(text: str, clean: str) -> None:
    assert cleaned(text) == clean


@given(st.text(alphabet=st.characters(exclude_categories=[])))
@settings(deadline=None)
def test_what_is_clean_is_storable_and_stays(text: str) -> None:
    clean = cleaned(text)
    assert not CONTROL.search(clean)
    assert (clean.encode() and cleaned(clean) == clean) or not clean


@pytest.mark.parametrize("text", ["", " \n", "\u200b\u200d", "\ufeff"])
def test_what_cannot_be_seen_says_nothing(text: str) -> None:
    assert not VISIBLE.search(text)
