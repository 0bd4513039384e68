"""Whatever is answered fits into Telegram's messages, and nothing of it is lost."""

import re
from html import unescape
from typing import Any

import pytest
from hypothesis import example, given, settings, strategies as st

from channels.splitting import shortened, units
from channels.telegram.html import MARKUP_LENGTH, PART_UNITS, keyboard, rendered, split
from channels.text import VISIBLE, cleaned
from tests.peers.telegram_checks import visible

FAMILY = "👩\u200d👩\u200d👧\u200d👦"
PIECES = st.sampled_from(
    [
        "a",
        " ",
        "\n",
        "\n\n",
        ". ",
        "<b>",
        "&amp;",
        "&",
        '"',
        "ş",
        "e\u0301",
        "Ж",
        "😀",
        FAMILY,
        "👍🏽",
        "🇹🇷",
        "1\ufe0f\u20e3",
        "\u200d",
    ]
)
TEXTS = st.one_of(
    st.text(max_size=200),
    st.tuples(st.lists(PIECES, min_size=1, max_size=40), st.integers(1, 600)).map(
        lambda drawn: ("".join(drawn[0]) * drawn[1])[:20_000]
    ),
)


def seen(text: str) -> str:
    """What can be seen of a text."""
    return "".join(VISIBLE.findall(cleaned(text)))


@given(TEXTS)
@settings(max_examples=150, deadline=None)
@example("&" * 20_000)
@example("😀" * 10_000)
@example("a" + "\u0301" * 19_999)
@example(FAMILY * 2_000)
@example("\u200d" * 9_000)
@example("x " * 10_000)
@example("")
def test_the_parts_of_a_text_are_the_text(text: str) -> None:
    parts = rendered({"text": text}, 1)
    read = [visible(part["text"], "HTML") for part in parts]
    assert all(units(told) <= PART_UNITS for told in read)
    assert all(len(part["text"]) <= MARKUP_LENGTH for part in parts)
    assert "".join(seen(told) for told in read) == seen(text)


@given(TEXTS, st.text(max_size=3000), st.text(max_size=100))
@settings(max_examples=100, deadline=None)
def test_a_link_and_buttons_never_make_a_part_too_long(text: str, title: str, button: str) -> None:
    link = {"title": title, "url": "https://example.org/?a=1&b=<2>"}
    content = {"text": text, "link": link, "buttons": [{"title": button, "payload": "/x"}]}
    parts = rendered(content, 1)
    for part in parts:
        assert units(visible(part["text"], "HTML")) <= PART_UNITS
    assert sum(part["text"].count('<a href="https://example.org/?a=1&amp;b=&lt;2&gt;">') for part in parts) == 1
    assert all("buttons" not in part for part in parts[:-1])


@pytest.mark.parametrize("sign", [FAMILY, "👍🏽", "🇹🇷", "e\u0301\u0323", "1\ufe0f\u20e3", "😀", "नि"])
@pytest.mark.parametrize("shift", range(5))
def test_what_is_seen_as_one_character_is_not_cut(sign: str, shift: int) -> None:
    text = "x" * shift + sign * (5000 // len(sign))
    parts = list(split(text))
    assert len(parts) > 1
    assert "".join(parts) == text
    assert all(
        part.removeprefix("x" * shift if not index else "").replace(sign, "") == "" for index, part in enumerate(parts)
    )


PARAGRAPHS = ("a" * 3000, "b" * 3000)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("\n\n".join(PARAGRAPHS), list(PARAGRAPHS)),
        ("\n".join(PARAGRAPHS), list(PARAGRAPHS)),
        (". ".join(PARAGRAPHS), [PARAGRAPHS[0] + ".", PARAGRAPHS[1]]),
        (" ".join(PARAGRAPHS), list(PARAGRAPHS)),
        (f"{'a' * 2500}. {'b' * 500} {'c' * 3000}", ["a" * 2500 + ".", f"{'b' * 500} {'c' * 3000}"]),
        (f"{'a' * 2500}\n\n{'b' * 500}. {'c' * 3000}", ["a" * 2500, f"{'b' * 500}. {'c' * 3000}"]),
        (f"hi {'a' * 4096}", ["hi", "a" * 4096]),
        ("a" * 5000, ["a" * 4096, "a" * 904]),
        ("a" * 4096, ["a" * 4096]),
        (f"{'a' * 4096} b", ["a" * 4096, "b"]),
        ("😀" * 2049, ["😀" * 2048, "😀"]),
    ],
)
def test_where_a_text_is_cut(text: str, parts: list[str]) -> None:
    assert list(split(text)) == parts


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ({"text": "a < b & c > d \"e\" 'f'"}, "a &lt; b &amp; c &gt; d \"e\" 'f'"),
        ({"text": "**not** _bold_ `here`"}, "**not** _bold_ `here`"),
        ({"text": "<b>x</b>"}, "&lt;b&gt;x&lt;/b&gt;"),
        ({"text": "&amp;"}, "&amp;amp;"),
        ({"text": "one\r\ntwo\u202e"}, "one\ntwo"),
        (
            {"text": "see", "link": {"title": "A & B", "url": 'https://x.y/?a="'}},
            'see\n<a href="https://x.y/?a=&quot;">A &amp; B</a>',
        ),
        ({"text": "", "link": {"title": "", "url": "https://x.y"}}, '<a href="https://x.y">https://x.y</a>'),
        ({"text": "x", "link": {"title": "a", "url": ""}}, "x"),
        ({"text": "x", "link": None, "article": {"topic": "a", "title": "b"}, "position": {"latitude": 1}}, "x"),
    ],
)
def test_how_a_message_is_written(content: dict[str, Any], text: str) -> None:
    assert rendered(content, 1) == ({"text": text},)


@pytest.mark.parametrize(
    "content", [{}, {"text": ""}, {"text": " \n"}, {"text": "\u200b"}, {"buttons": [{"title": "a"}]}]
)
def test_an_empty_message_has_no_part(content: dict[str, Any]) -> None:
    assert rendered(content, 1) == ()


def test_buttons_know_their_place() -> None:
    (part,) = rendered({"text": "?", "buttons": [{"title": title} for title in ("a", " ", "ş" * 65)]}, 12)
    assert part["buttons"] == [["a", "12:0"], ["ş" * 63 + "…", "12:2"]]


@pytest.mark.parametrize(
    ("titles", "rows"),
    [
        (["a"], [1]),
        (["a", "b", "c"], [2, 1]),
        (["a" * 20, "b"], [2]),
        (["a" * 21, "b", "c"], [1, 1, 1]),
        (["😀" * 11, "b"], [1, 1]),
    ],
)
def test_buttons_stand_side_by_side_when_they_are_short(titles: list[str], rows: list[int]) -> None:
    shown = keyboard([[title, f"1:{index}"] for index, title in enumerate(titles)])
    assert shown is not None
    assert [len(row) for row in shown.inline_keyboard] == rows


def test_no_buttons_are_no_keyboard() -> None:
    assert keyboard([]) is None


@given(st.text(max_size=80), st.integers(1, 64))
@settings(deadline=None)
def test_a_shortened_text_is_short(text: str, limit: int) -> None:
    short = shortened(text, limit)
    assert units(short) <= limit
    assert short == text or (short.endswith("…") and text.startswith(short[:-1]))


def test_escaped_text_is_never_cut_in_an_entity() -> None:
    parts = rendered({"text": "a&<>" * 3000}, 1)
    assert all(not re.search(r"&(?!(amp|lt|gt);)|^[a-z]*;", part["text"]) for part in parts)
    assert "".join(unescape(part["text"]) for part in parts) == "a&<>" * 3000
