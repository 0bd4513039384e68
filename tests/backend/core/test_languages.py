"""The languages that are spoken."""

import pytest

from backend.core.languages import FALLBACK, LANGUAGES, known_language


@pytest.mark.parametrize(
    ("code", "known"),
    [
        ("ro", "ro"),
        ("RO", "ro"),
        ("ro-RO", "ro"),
        ("ro_RO", "ro"),
        (" tr ", "tr"),
        ("mk-Cyrl-MK", "mk"),
        ("af", "af"),
        ("en-GB", "en"),
        ("de", None),
        ("english", None),
        ("", None),
        (None, None),
        ("-", None),
    ],
)
def test_a_code_is_known_by_its_first_part(code: str | None, known: str | None) -> None:
    assert known_language(code) == known


def test_the_five_languages_are_named_in_themselves() -> None:
    assert list(LANGUAGES) == ["en", "tr", "ro", "mk", "af"]
    assert LANGUAGES["mk"] == "Македонски"
    assert FALLBACK in LANGUAGES
