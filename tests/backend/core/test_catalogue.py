"""Sentences for people, in five languages."""

from string import Formatter
from typing import get_args

import pytest
from hypothesis import given, strategies as st

import backend.app  # noqa: F401 - brings every error class
from backend.core.catalogue import FOLDER, Catalogue, backend_catalogue, best_language
from backend.core.errors import all_errors
from backend.core.languages import LANGUAGES
from backend.offices.schemas import TicketKind

TEXTS = backend_catalogue()
TICKET_STATES = ("received", "assigned", "in_progress", "waiting", "closed")


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_sentences(language: str) -> None:
    assert TEXTS.keys(language) == TEXTS.keys("en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_asks_for_the_same_values_in_every_language(language: str) -> None:
    asked, expected = (
        {key: placeholders(TEXTS.text(key, spoken)) for key in TEXTS.keys("en")} for spoken in (language, "en")
    )
    assert asked == expected


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_error_has_a_sentence_in_every_language(language: str) -> None:
    assert {f"error.{error.code}" for error in all_errors()} <= TEXTS.keys(language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_and_state_of_a_ticket_has_a_word(language: str) -> None:
    needed = {f"ticket.kind.{kind}" for kind in get_args(TicketKind)} | {f"ticket.state.{s}" for s in TICKET_STATES}
    assert needed <= TEXTS.keys(language)


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
def test_sentences_are_translated(language: str) -> None:
    same = {key for key in TEXTS.keys("en") if TEXTS.text(key, language) == TEXTS.text(key, "en")}
    assert len(same) <= len(TEXTS.keys("en")) // 10


def test_there_is_a_folder_for_each_language_and_no_other() -> None:
    assert {path.name for path in FOLDER.iterdir() if path.is_dir()} == set(LANGUAGES)


def test_a_missing_sentence_falls_back_to_english_then_to_its_key() -> None:
    texts = Catalogue({"en": {"a": "A", "b": "B {n}"}, "tr": {"a": "Ç", "b": ""}})
    assert texts.text("a", "tr") == "Ç"
    assert texts.text("b", "tr", n=1) == "B 1"
    assert texts.text("a", "xx") == "A"
    assert texts.text("c", "tr") == "c"


def test_a_section_holds_the_sentences_of_one_prefix() -> None:
    texts = Catalogue({"en": {"widget.a": "A", "widget.b": "B", "error.x": "X"}, "tr": {"widget.a": "Ç"}})
    assert texts.section("widget.", "tr") == {"widget.a": "Ç", "widget.b": "B"}


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("ro-RO,ro;q=0.9,en;q=0.8", "ro"),
        ("de-DE,de;q=0.9,tr;q=0.8", "tr"),
        ("sr-Latn-RS, mk", "mk"),
        ("AF", "af"),
        ("en_GB", "mk"),
        ("*", "mk"),
        ("", "mk"),
        ("de", "mk"),
        (";;,,-", "mk"),
    ],
)
def test_the_first_language_of_the_browser_that_is_spoken_counts(header: str, language: str) -> None:
    assert best_language(header, "mk") == language


@given(st.text() | st.text("enrotk-_;,.=q0123456789* "))
def test_whatever_the_browser_sends_gives_a_spoken_language(header: str) -> None:
    assert best_language(header) in LANGUAGES
