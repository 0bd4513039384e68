"""Messages independent of who carries them."""

from typing import Any

import pytest
from pydantic import ValidationError

from channels.message import ArticleSource, Button, Inbound, Link, Position, Reply


@pytest.mark.parametrize(
    ("message", "stored"),
    [
        (Inbound(external_id="1", text="Bună"), {"text": "Bună"}),
        (Inbound(external_id="1", payload="/help"), {"text": "", "payload": "/help"}),
        (Inbound(external_id="1", photo="p"), {"text": "", "photo": "p"}),
        (
            Inbound(external_id="1", position=Position(latitude=45.7, longitude=-21.2)),
            {"text": "", "position": {"latitude": 45.7, "longitude": -21.2}},
        ),
    ],
)
def test_what_came_in_is_stored_without_its_id_and_without_what_is_absent(
    message: Inbound, stored: dict[str, Any]
) -> None:
    assert message.content() == stored


def test_an_answer_is_stored_without_its_language_and_without_what_is_absent() -> None:
    assert Reply(text="Да", language="mk").content() == {"text": "Да", "buttons": ()}


def test_an_answer_is_stored_with_all_its_parts() -> None:
    reply = Reply(
        text="Open",
        buttons=(Button(title="Help", payload="/help"),),
        link=Link(title="Hours", url="https://example.org"),
        article=ArticleSource(topic="opening_hours", title="Hours"),
    )
    assert reply.content() == {
        "text": "Open",
        "buttons": ({"title": "Help", "payload": "/help"},),
        "link": {"title": "Hours", "url": "https://example.org"},
        "article": {"topic": "opening_hours", "title": "Hours"},
    }


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [(90.1, 0), (-90.1, 0), (0, 180.1), (0, -180.1), (float("nan"), 0), (0, float("inf")), ("north", 0)],
)
def test_a_position_off_the_earth_is_refused(latitude: Any, longitude: Any) -> None:
    with pytest.raises(ValidationError):
        Position(latitude=latitude, longitude=longitude)


@pytest.mark.parametrize(("latitude", "longitude"), [(90, 180), (-90, -180), (0, 0)])
def test_the_edges_of_the_earth_are_positions(latitude: float, longitude: float) -> None:
    assert Position(latitude=latitude, longitude=longitude).latitude == latitude


@pytest.mark.parametrize(
    ("part", "content"),
    [
        (Inbound, {"external_id": "1", "sender": "x"}),
        (Reply, {"text": "x", "html": "<b>"}),
        (Button, {"title": "x"}),
        (Link, {"title": "x"}),
    ],
)
def test_unknown_and_missing_keys_are_refused(part: type[Inbound], content: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        part.model_validate(content)


def test_a_message_does_not_change() -> None:
    message = Inbound(external_id="1", text="x")
    with pytest.raises(ValidationError):
        message.text = "y"
