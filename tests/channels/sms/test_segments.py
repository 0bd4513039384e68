"""Segments: known values, and a slow way to count the same."""

import pytest
from hypothesis import given, strategies as st

from channels.sms.segments import GSM_BASIC, GSM_EXTENSION, Segments, counted

KNOWN = [
    ("", Segments("GSM-7", 0, 0)),
    ("a", Segments("GSM-7", 1, 1)),
    ("a" * 160, Segments("GSM-7", 160, 1)),
    ("a" * 161, Segments("GSM-7", 161, 2)),
    ("a" * 306, Segments("GSM-7", 306, 2)),
    ("a" * 307, Segments("GSM-7", 307, 3)),
    ("€" * 80, Segments("GSM-7", 160, 1)),
    ("€" * 81, Segments("GSM-7", 162, 2)),
    ("a" * 152 + "€" + "a" * 152, Segments("GSM-7", 306, 3)),  # the escape pair moves on, one septet stays empty
    ("àéèùìòÇØøÅåÆæßÉÄÖÑÜäöñü", Segments("GSM-7", 23, 1)),
    ("ç", Segments("UCS-2", 1, 1)),
    ("â", Segments("UCS-2", 1, 1)),
    ("`", Segments("UCS-2", 1, 1)),
    ("ж" * 70, Segments("UCS-2", 70, 1)),
    ("ж" * 71, Segments("UCS-2", 71, 2)),
    ("ж" * 134, Segments("UCS-2", 134, 2)),
    ("ж" * 135, Segments("UCS-2", 135, 3)),
    ("😀" * 35, Segments("UCS-2", 70, 1)),
    ("😀" * 36, Segments("UCS-2", 72, 2)),
    ("😀" * 67, Segments("UCS-2", 134, 3)),  # 67 is odd: a pair is not split, one unit stays empty
    ("ж" * 66 + "😀" + "ж" * 66, Segments("UCS-2", 134, 3)),
]


@pytest.mark.parametrize(("text", "expected"), KNOWN)
def test_known_values(text: str, expected: Segments) -> None:
    assert counted(text) == expected


def test_the_alphabet_has_its_size() -> None:
    assert len(GSM_BASIC) == 127  # 128 places, one of them the escape
    assert len(GSM_EXTENSION) == 10
    assert not GSM_BASIC & GSM_EXTENSION


def slowly(text: str) -> Segments:
    """Count by cutting the encoded message, septet by septet or unit by unit."""
    plain = not set(text) - GSM_BASIC - GSM_EXTENSION
    if plain:
        stream = [["esc", sign] if sign in GSM_EXTENSION else [sign] for sign in text]
    else:
        stream = [
            [sign.encode("utf-16-be")[at : at + 2] for at in range(0, len(sign.encode("utf-16-be")), 2)]
            for sign in text
        ]
    units = sum(map(len, stream))
    single, joined = (160, 153) if plain else (70, 67)
    if units <= single:
        return Segments("GSM-7" if plain else "UCS-2", units, min(units, 1))
    sent: list[list[object]] = [[]]
    while stream:
        if len(sent[-1]) + len(stream[0]) > joined:
            sent.append([])
        sent[-1] += stream.pop(0)
    return Segments("GSM-7" if plain else "UCS-2", units, len(sent))


ALPHABET = st.sampled_from("aZ5 @\n€{~ășжçâ😀👍🏽é")


@given(st.text(ALPHABET, max_size=500) | st.text(st.sampled_from("ab€|"), max_size=500) | st.text(max_size=300))
def test_it_counts_like_the_slow_way(text: str) -> None:
    assert counted(text) == slowly(text)


@given(st.text(ALPHABET, max_size=200), st.text(ALPHABET, max_size=200))
def test_a_longer_text_is_never_cheaper(text: str, more: str) -> None:
    assert counted(text + more).segments >= counted(text).segments
