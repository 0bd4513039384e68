"""Folding: what people mean alike looks alike."""

import unicodedata

import pytest
from hypothesis import given, strategies as st

from backend.core.folding import WORD, fold, folded_words

LETTERS = (
    "abcçdefgğhıiİjklmnoöprsşștţțuüvyzăâîûéêëôïqwx"
    "абвгдѓежзѕијклљмнњопрстќуфхцчџшАБВГДЃЕЖЗЅИЈКЛЉМНЊОПРСТЌУФХЦЧЏШ ABCÇĞIÖŞÜȘȚĂÂÎ'-0123456789"
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Mărășești", "marasesti"),
        ("Мерашешти", "merasesti"),
        ("Timişoara", "Timișoara"),
        ("ȚEAVĂ", "teava"),
        ("Întreținere", "intretinere"),
        ("ÇÖP", "çöp"),
        ("ığdır", "IGDIR"),
        ("İstanbul", "istanbul"),
        ("şikâyet", "sikayet"),
        ("ѓубре", "gjubre"),
        ("ѓубре", "djubre"),
        ("ѓубре", "gubre"),
        ("шахта", "sahta"),
        ("шахта", "shahta"),
        ("џамија", "dzamija"),
        ("џамија", "džamija"),
        ("ќош", "kjosh"),
        ("ќош", "kos"),
        ("чешма", "cesma"),
        ("чешма", "česma"),
        ("жица", "zhica"),
        ("улица", "ulica"),
        ("цевка", "cevka"),
        ("хигиена", "higiena"),
        ("вода", "VODA"),
        ("reën", "reen"),
        ("môre", "more"),
        ("sê", "SE"),
        ("ﬁle", "file"),
        ("Ｎｏ５", "no5"),
    ],
)
def test_spellings_of_one_word_look_alike(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"), [("groapă", "grupă"), ("лампа", "лапа"), ("su", "şu ve"), ("pad", "paal"), ("13", "31")]
)
def test_different_words_stay_different(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@given(st.text(LETTERS, max_size=20))
def test_how_marks_are_encoded_does_not_matter(text: str) -> None:
    assert fold(unicodedata.normalize("NFC", text)) == fold(unicodedata.normalize("NFD", text))


@given(st.text(LETTERS, max_size=20))
def test_letter_case_does_not_matter(text: str) -> None:
    assert fold(text.upper()) == fold(text.lower()) == fold(text)


@given(st.text(max_size=30))
def test_folded_words_are_plain_letters_and_digits(text: str) -> None:
    assert all(WORD.fullmatch(word) for word in folded_words(text))


def test_words_come_in_order() -> None:
    assert folded_words("Str. Mărășești, nr. 5-7 (Тимишоара)") == ["str", "marasesti", "nr", "5", "7", "timisoara"]
