"""Mistyped training examples."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.components.augment import mistyped, without_diacritics

TEXTS = st.text(alphabet="abcçdeșîшќ 0123456789,.!?'-", max_size=80)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Groapă în stradă, știți?", "groapa in strada, stiti?"),
        ("IŞIK yanmıyor, çöp öğle", "isik yanmiyor, cop ogle"),
        ("İSTASYON", "istasyon"),
        ("Môre, die brûe by wêreld", "more, die brue by wereld"),
        ("Street light 12b", "street light 12b"),
        ("дупка на патот", "дупка на патот"),
        ("куќа и ѓубре, ѝ", "куќа и ѓубре, ѝ"),
    ],
)
def test_latin_letters_lose_their_marks_and_other_scripts_stay(text: str, plain: str) -> None:
    assert without_diacritics(text) == plain


@given(TEXTS, st.integers())
def test_the_same_dice_give_the_same_slips(text: str, seed: int) -> None:
    assert mistyped(text, random.Random(seed)) == mistyped(text, random.Random(seed))


@given(TEXTS, st.integers())
def test_rate_zero_changes_nothing(text: str, seed: int) -> None:
    assert mistyped(text, random.Random(seed), rate=0.0) == text


@given(TEXTS, st.integers(), st.floats(0, 1))
def test_only_letters_are_lost_or_doubled(text: str, seed: int, rate: float) -> None:
    slipped = mistyped(text, random.Random(seed), rate)
    assert sorted(sign for sign in slipped if not sign.isalpha()) == sorted(s for s in text if not s.isalpha())
    assert set(slipped) <= set(text)


def test_about_a_tenth_of_the_letters_slip() -> None:
    text = "abcdefghij" * 300
    dropped_doubled_or_swapped = sum(
        text[place : place + 2] != slipped[:2]
        for place in range(0, len(text), 2)
        if (slipped := mistyped(text[place : place + 2], random.Random(place)))
    )
    assert 0.07 < dropped_doubled_or_swapped / (len(text) / 2) < 0.13
