"""What is said about a text while it is written, and the file it becomes."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from backend.knowledge.articles import article_file, plain_text, read_content, uncarried
from backend.knowledge.schemas import Content
from backend.knowledge.writing import findings, tidy
from tests.backend.knowledge.factories import CONTENT, TODAY

UNITS = ("desk", "taxes")
FOUND: list[tuple[dict[str, Any], list[tuple[str, bool]]]] = [
    ({}, []),
    ({"link": None}, []),
    ({"title": ""}, [("title_missing", True)]),
    ({"title": "x" * 61}, [("title_long", False)]),
    ({"body": ""}, [("text_missing", True)]),
    ({"body": "**\n"}, []),
    ({"body": "x" * 901}, [("text_long", False)]),
    ({"body": "x" * 3001}, [("text_too_long", True)]),
    ({"body": "# a\n\n> b"}, [("uncarried", True), ("uncarried", True)]),
    ({"link": "http://example.org"}, [("link_insecure", True)]),
    ({"link": "https://example"}, [("link_insecure", True)]),
    ({"link": "https://[broken"}, [("link_insecure", True)]),
    ({"link": "javascript:alert(1)"}, [("link_insecure", True)]),
    ({"owner": "gone"}, [("owner_unknown", True)]),
    ({"expires": TODAY - timedelta(days=1)}, [("expired", True)]),
    ({"expires": TODAY}, [("expires_soon", False)]),
    ({"expires": TODAY + timedelta(days=60)}, []),
    ({"title": "x" * 61, "owner": "gone"}, [("owner_unknown", True), ("title_long", False)]),
]


@pytest.mark.parametrize(("changes", "expected"), FOUND, ids=lambda value: str(value)[:40])
def test_faults_come_first_and_advice_after_them(changes: dict[str, Any], expected: list[tuple[str, bool]]) -> None:
    found = findings(replace(CONTENT, **changes), UNITS, TODAY)
    assert [(finding.code, finding.fault) for finding in found] == expected


@pytest.mark.parametrize(
    ("markdown", "kinds"),
    [
        ("**bold**, [a link](https://a.example) and <https://b.example>\n\n- one\n- two\n\n1. first\n2. second", []),
        ("line\nline  \nline \\* &amp;", []),
        ("- one\n  - below", []),
        ("# a", ["heading"]),
        ("a\n===", ["heading"]),
        ("*a*", ["em"]),
        ("`a`", ["code"]),
        ("    a", ["code"]),
        ("```\na\n```", ["fence"]),
        ("> a", ["blockquote"]),
        ("a\n\n---\n\nb", ["hr"]),
        ("![a](https://a.example/a.png)", ["image"]),
        ("a <b>b</b>", ["html"]),
        ("<div>", ["html"]),
        ("| a | b |\n|---|---|\n| `c` | *d* |", ["table"]),
    ],
)
def test_what_not_every_channel_carries_is_named(markdown: str, kinds: list[str]) -> None:
    assert uncarried(markdown) == kinds


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" a\r\n\r\nb \t\rc ", "a\n\nb\nc"),
        ("a\x00b\x1bc\u0085d", "abcd"),
        ("Ѓорче\u00a0Петров, ’n", "Ѓорче\u00a0Петров, ’n"),
        ("- a\n  - b", "- a\n  - b"),
    ],
)
def test_what_is_typed_is_tidied(typed: str, kept: str) -> None:
    assert tidy(typed) == kept


TEXTS = st.text().map(tidy)
TITLES = TEXTS.map(lambda text: " ".join(text.split())).filter(bool)
LINKS = st.none() | st.sampled_from(
    ["https://example.org/a?b=c#d", "https://example.org/", "https://xn--e1afmkfd.example/"]
)


@given(st.builds(Content, TITLES, TEXTS, LINKS, TITLES, st.dates(min_value=date(1000, 1, 1)), st.booleans()))
def test_every_article_is_the_same_after_a_way_over_its_file(tmp_path_factory: Any, content: Content) -> None:
    path: Path = tmp_path_factory.mktemp("article") / "article.md"
    path.write_text(article_file(content), encoding="utf-8")
    assert read_content(path) == content
    assert read_content(path).digest == content.digest


@given(st.text())
def test_any_text_can_be_shown_and_looked_at(text: str) -> None:
    assert isinstance(plain_text(text), str)
    assert uncarried(text) == sorted(set(uncarried(text)))


def test_every_part_of_the_content_is_in_its_digest() -> None:
    changes: list[dict[str, Any]] = [
        {"title": "x"},
        {"body": "x"},
        {"link": None},
        {"owner": "x"},
        {"expires": date(2028, 1, 1)},
        {"sample": True},
    ]
    assert len({replace(CONTENT, **change).digest for change in [{}, *changes]}) == 7
