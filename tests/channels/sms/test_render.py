"""Stored messages as SMS."""

from typing import Any

import pytest

from channels.sms.adapter import LIMIT
from tests.channels.sms.factories import adapter

YES_NO = [{"title": "Da", "payload": "/da"}, {"title": "Nu\nacum", "payload": "/nu"}]
LINK = {"title": "Citiți", "url": "https://komshu.example/ș"}
LONG = "O propoziție despre gropi. " * 100

RENDERED: list[tuple[dict[str, Any], list[tuple[str, int, str]]]] = [
    ({"text": "Hello"}, [("Hello", 1, "GSM-7")]),
    ({"text": ""}, []),
    ({}, []),
    ({"text": "Ce doriți?", "buttons": YES_NO}, [("Ce doriți?\n1 Da\n2 Nu acum", 1, "UCS-2")]),
    ({"text": "", "buttons": YES_NO}, [("1 Da\n2 Nu acum", 1, "GSM-7")]),
    (
        {"text": "Citiți", "link": LINK, "buttons": YES_NO},
        [("Citiți\nhttps://komshu.example/ș\n1 Da\n2 Nu acum", 1, "UCS-2")],
    ),
    ({"text": "ă" * 71, "language": "ro"}, [("a" * 71, 1, "GSM-7")]),
    ({"text": "ă" * 71, "language": "mk"}, [("ă" * 71, 2, "UCS-2")]),
    ({"text": "ă" * 71}, [("ă" * 71, 2, "UCS-2")]),
    ({"text": "ж" * 71, "language": "mk", "buttons": None, "link": None}, [("ж" * 71, 2, "UCS-2")]),
]


@pytest.mark.parametrize(("content", "expected"), RENDERED)
def test_rendered(content: dict[str, Any], expected: list[tuple[str, int, str]]) -> None:
    parts = adapter().render(content, 3)
    assert [(part["body"], part["segments"], part["encoding"]) for part in parts] == expected


@pytest.mark.parametrize("language", ["ro", "tr", None])
def test_a_long_text_is_several_and_ends_with_all_options(language: str | None) -> None:
    parts = adapter().render({"text": LONG, "buttons": YES_NO, "link": LINK, "language": language}, 1)
    assert len(parts) == 2
    assert all(len(part["body"]) <= LIMIT for part in parts)
    assert parts[0]["body"].endswith("gropi.")
    assert parts[-1]["body"].endswith("\nhttps://komshu.example/ș\n1 Da\n2 Nu acum")


def test_options_that_do_not_fit_come_by_themselves() -> None:
    parts = adapter().render({"text": "a" * (LIMIT - 3), "buttons": YES_NO}, 1)
    assert [part["body"][-12:] for part in parts] == ["a" * 12, "da\n2 Nu acum".replace("da", "Da")]
    assert parts[1]["body"] == "1 Da\n2 Nu acum"


def test_pace() -> None:
    assert adapter().pace.per_second == 1.0
    assert adapter().pace.per_address_seconds == 1.0
