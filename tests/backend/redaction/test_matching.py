"""Words are found however they are spelled, and nothing else is."""

import pytest
from hypothesis import given, strategies as st

from backend.core.blocks import MARK
from backend.redaction.matching import find, hidden, usable, without
from backend.redaction.suggestions import suggested

WORDS = st.text(st.characters(categories=["L", "N"]), min_size=3, max_size=12)


@pytest.mark.parametrize(
    ("text", "words", "left"),
    [
        ("Bay Ahmet'in evi, AHMET", "ahmet", f"Bay {MARK}'in evi, {MARK}"),
        ("Марашешти ул", "Mărășești", f"{MARK} ул"),
        ("ul. Marashesti 3", "Марашешти", f"ul. {MARK} 3"),
        ("İIıi", "iiii", MARK),
        ("a\u0306lt", "alt", MARK),
        ("Ana\n  Pop", "ana pop", MARK),
        ("tel +40 (0)722 123 456 x", "0722123456", f"tel {MARK} x"),
        ("tel 0722-123-456.", "+40722123456", f"tel {MARK}."),
        ("TC 100 000 00146", "10000000146", f"TC {MARK}"),
        ("nothing here", "Ana", "nothing here"),
        ("", "Ana", ""),
    ],
)
def test_words_are_hidden(text: str, words: str, left: str) -> None:
    assert without(text, [words]) == left


@pytest.mark.parametrize(
    ("text", "words", "whole"),
    [("quality", "ali", False), ("Ali!", "ali", True), ("12345678", "34567", False), ("no 34567.", "34567", True)],
)
def test_a_part_of_a_longer_word_is_told_from_a_whole_one(text: str, words: str, whole: bool) -> None:
    assert [span.whole for span in find(text, words)] == [whole]


def test_places_that_overlap_become_one_block() -> None:
    assert hidden("abcdef", [*find("abcdef", "abcd"), *find("abcdef", "cdef")]) == MARK
    assert hidden("ab cd", [*find("ab cd", "ab"), *find("ab cd", "cd")]) == f"{MARK} {MARK}"


@pytest.mark.parametrize(("words", "fits"), [("", False), (" ", False), ("x", False), ("ab", True), ("李明", True)])
def test_a_single_sign_is_too_little_to_look_for(words: str, fits: bool) -> None:
    assert usable(words) is fits


@given(before=WORDS, words=WORDS, after=WORDS)
def test_what_was_hidden_is_not_found_again(before: str, words: str, after: str) -> None:
    text = f"{before} {words} {after} {words.upper()}"
    assert not usable(words) or not find(without(text, [words]).replace(MARK, "\n.\n"), words)


@given(text=st.text(max_size=80), words=st.text(max_size=12))
def test_places_lie_within_the_text_in_order(text: str, words: str) -> None:
    spans = find(text, words)
    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    assert spans == sorted(spans)


@pytest.mark.parametrize(
    ("text", "country", "found"),
    [
        ("sun la 0722 123 456 azi", "RO", [("phone", "0722 123 456")]),
        ("a.b@c.ro.", "RO", [("email", "a.b@c.ro")]),
        ("IBAN RO49 AAAA 1B31 0075 9384 0000 acum", "RO", [("iban", "RO49 AAAA 1B31 0075 9384 0000")]),
        ("TR330006100519786457841326", "TR", [("iban", "TR330006100519786457841326")]),
        ("card 4111 1111 1111 1111", "ZA", [("card", "4111 1111 1111 1111")]),
        ("TC 10000000146", "TR", [("identity", "10000000146")]),
        ("CNP 1800101221144", "RO", [("identity", "1800101221144")]),
        ("ЕМБГ 0101006500006", "MK", [("identity", "0101006500006")]),
        ("ID 8001015009087", "ZA", [("identity", "8001015009087")]),
        ("ticket 1234567890 of 2026", "RO", []),
        ("TC 10000000147", "TR", []),
        ("twice a@b.ro and a@b.ro", "RO", [("email", "a@b.ro")]),
    ],
)
def test_what_is_likely_somebodys_is_offered(text: str, country: str, found: list[tuple[str, str]]) -> None:
    assert [(one.kind, one.words) for one in suggested(text, country)] == found
