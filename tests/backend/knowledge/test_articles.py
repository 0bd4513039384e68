"""Article files."""

from datetime import date
from pathlib import Path

import pytest

from backend.knowledge.articles import plain_text, read_article
from backend.offices.errors import OfficeDataError

HEAD = 'title: "Program"\nowner: "desk"\nexpires: "2027-12-31"\n'


def article(folder: Path, content: str | bytes) -> Path:
    path = folder / "opening_hours.md"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_the_head_and_the_body_are_read(tmp_path: Path) -> None:
    path = article(tmp_path, f"---\n{HEAD}link: https://example.org/x\nsample: true\n---\nLuni, **08:00**.\n")
    head, body = read_article(path)
    assert (head.title, head.owner, head.expires, head.sample) == ("Program", "desk", date(2027, 12, 31), True)
    assert str(head.link) == "https://example.org/x"
    assert body == "Luni, 08:00."


def test_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    head, body = read_article(article(tmp_path, f"---\n{HEAD}---\none\n\ntwo\n".replace("\n", "\r\n")))
    assert (head.title, body) == ("Program", "one\ntwo")


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    assert read_article(article(tmp_path, b"\xef\xbb\xbf" + f"---\n{HEAD}---\nx".encode()))[1] == "x"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "head"),
        ("Just text", "head"),
        (f"---\n{HEAD}no end", "head"),
        (f"\n---\n{HEAD}---\nx", "head"),
        ("---\n\n---\nx", "head"),
        ("---\n- a\n- list\n---\nx", "head"),
        ("---\ntitle: 'open\n---\nx", "head"),
        (f"---\n{HEAD.replace('title', 'name')}---\nx", "title"),
        (f"---\n{HEAD}author: me\n---\nx", "author"),
        (f"---\n{HEAD.replace('2027-12-31', 'soon')}---\nx", "expires"),
        ("---\ntitle: t\nowner: o\nexpires: 2027-02-30\n---\nx", "head"),
        (f"---\n{HEAD}link: timpark\n---\nx", "link"),
        (f"---\n{HEAD}link: javascript:alert(1)\n---\nx", "link"),
        (f"---\n{HEAD}---\nPrimăria".encode("cp1250"), "UTF-8"),
    ],
)
def test_a_wrong_head_is_told_with_the_file_and_the_place(tmp_path: Path, content: str | bytes, said: str) -> None:
    path = article(tmp_path, content)
    with pytest.raises(OfficeDataError) as error:
        read_article(path)
    assert str(error.value).startswith(f"{path}:")
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("one\n\ntwo", "one\ntwo"),
        ("one\ntwo", "one\ntwo"),
        ("one  \ntwo", "one\ntwo"),
        ("# Title\n\ntext", "Title\ntext"),
        ("**bold** and *slanted* and `code`", "bold and slanted and code"),
        ("- a\n- b", "• a\n• b"),
        ("Bring:\n\n- a\n\n- b\n\nThen go.", "Bring:\n• a\n• b\nThen go."),
        ("1. a\n2. b", "1. a\n2. b"),
        ("- a\n  - b", "• a\n• b"),
        ("- a\n\n  more of a\n- b", "• a\nmore of a\n• b"),
        ("-\n\ntext", "text"),
        ("> said", "said"),
        ("    four spaces before", "four spaces before"),
        ("```\nfenced\n```", "fenced"),
        ("Bună ziua, „salut” — да, Ѓорче", "Bună ziua, „salut” — да, Ѓорче"),
        ("5 < 7 & 8 > 2", "5 < 7 & 8 > 2"),
        ("Fish &amp; chips \\* star", "Fish & chips * star"),
        ("<https://example.org/a>", "https://example.org/a"),
        ("[the page](https://example.org/a)", "the page (https://example.org/a)"),
        ("", ""),
    ],
)
def test_markdown_becomes_text_with_a_line_for_each_paragraph_and_item(markdown: str, text: str) -> None:
    assert plain_text(markdown) == text
