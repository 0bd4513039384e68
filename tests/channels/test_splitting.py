"""Long texts are cut where a reader would cut them."""

import pytest
from hypothesis import given, strategies as st

from channels.splitting import ADDRESS, pieces, units

FAMILY = "👩‍👩‍👧"
FLAG = "🇷🇴"
CUTS = [
    ("", 10, []),
    ("  \n", 10, []),
    ("short", 10, ["short"]),
    ("one two three", 8, ["one two", "three"]),
    ("first bit.\n\nsecond. third", 20, ["first bit.", "second. third"]),
    ("A one. A two. A three", 15, ["A one. A two.", "A three"]),
    ("line one\nline two", 12, ["line one", "line two"]),
    ("A. bbbb cccc dddd", 12, ["A. bbbb cccc", "dddd"]),  # a sentence in the first half would waste the rest
    ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
    ("see https://x.ro/abc now", 12, ["see", "https://x.ro", "/abc now"]),  # only an address longer than a piece
    ("see https://x.ro/abc now", 17, ["see", "https://x.ro/abc", "now"]),
    ("(((((https://x.ro/abc", 17, ["(((((", "https://x.ro/abc"]),
    (FAMILY + FAMILY, 10, [FAMILY, FAMILY]),
    (FLAG * 3, 9, [FLAG * 2, FLAG]),
    ("aae\u0301", 3, ["aa", "e\u0301"]),
    ("👍🏽👍🏽", 6, ["👍🏽", "👍🏽"]),
]


@pytest.mark.parametrize(("text", "limit", "expected"), CUTS)
def test_cuts(text: str, limit: int, expected: list[str]) -> None:
    assert pieces(text, (units, limit)) == expected


TEXT = st.text(
    st.sampled_from("ab .!?\n\né\u0301👍🏽\u200d👩🇷🇴") | st.characters(exclude_categories=["Cs"]), max_size=400
)


@given(TEXT, st.integers(10, 60))
def test_pieces_fit_and_lose_only_blanks(text: str, limit: int) -> None:
    found = pieces(text, (units, limit))
    assert all(0 < len(piece.encode("utf-16-le")) // 2 <= limit for piece in found)
    assert "".join("".join(found).split()) == "".join(text.split())


@given(st.lists(st.text(st.sampled_from("abc."), min_size=1, max_size=12), max_size=30), st.integers(0, 29))
def test_an_address_stays_whole(words: list[str], place: int) -> None:
    words.insert(place, "https://komshu.example/r?n=TM-4F7-KPX")
    assert any(
        "https://komshu.example/r?n=TM-4F7-KPX" in ADDRESS.findall(piece)
        for piece in pieces(" ".join(words), (units, 45))
    )
