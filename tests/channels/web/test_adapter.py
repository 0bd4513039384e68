"""The web chat's payloads."""

import json
import unicodedata
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given, strategies as st

from channels.adapter import Call
from channels.errors import PayloadError
from channels.message import Arrival, Inbound, Position
from channels.text import cleaned
from channels.web.adapter import WebAdapter

ID = "0b1f6a1e-0000-4000-8000-000000000001"
ADAPTER = WebAdapter()


def parse(payload: Any, sender: str = "scope") -> Inbound:
    call = Call("http://test/chat/messages", {}, json.dumps(payload).encode(), sender)
    [arrival] = ADAPTER.parse(call).events
    assert isinstance(arrival, Arrival)
    return arrival.inbound


def parsed(**payload: Any) -> Inbound:
    return parse({"id": ID, **payload})


def refused(payload: Any) -> str:
    with pytest.raises(PayloadError) as refusal:
        parse(payload)
    return refusal.value.code


SENTENCES = [
    "There is a hole in the road",
    "Yolda çukur var, İstiklal Caddesi'nde",
    "E o groapă în șosea — „urgent”",
    "Има дупка на патот, ѓубре и џамлија",
    "Ima dupka na patot",
    "Daar's 'n slaggat, dankie 👍🏽",
]


@pytest.mark.parametrize("text", SENTENCES)
def test_text_arrives_as_it_was_written(text: str) -> None:
    assert parsed(text=text) == Inbound(external_id=ID, text=text)


def test_html_stays_text() -> None:
    text = "<script>alert(1)</script> <b>bold</b> &amp; {{x}}"
    assert parsed(text=text).text == text


def test_a_button_and_a_position_arrive() -> None:
    assert parsed(button="/help").payload == "/help"
    assert parsed(position={"latitude": 45.7, "longitude": 21.2}).position == Position(latitude=45.7, longitude=21.2)


@pytest.mark.parametrize("button", ["/help\u0000", "/he\ud800lp", " /help\n"])
def test_a_button_holds_nothing_the_database_cannot_keep(button: str) -> None:
    assert parsed(button=button).payload == "/help"


def test_the_id_is_the_widgets_in_one_spelling() -> None:
    assert parsed(text="x").external_id == ID
    assert parse({"id": ID.upper(), "text": "x"}).external_id == ID


def test_keys_the_api_does_not_know_are_passed_over() -> None:
    assert parsed(text="x", colour="red").text == "x"
    told = parsed(position={"latitude": 45.7, "longitude": 21.2, "accuracy": 12.5, "altitude": None})
    assert told.position == Position(latitude=45.7, longitude=21.2)


@pytest.mark.parametrize(
    "payload",
    [
        {"text": ""},
        {"text": "   \n\t "},
        {"text": "\u0000\u0007\u202e"},
        {"text": "\u200b\u200d\ufeff"},
        {"text": "\ud800"},
        {"button": ""},
        {"button": "\u0000"},
        {"text": "", "button": None, "position": None},
        {},
    ],
)
def test_a_message_that_says_nothing_is_refused_as_empty(payload: dict[str, Any]) -> None:
    assert refused({"id": ID, **payload}) == "message_empty"


@pytest.mark.parametrize(
    "payload",
    [
        {"text": "x"},
        {"id": "not a uuid", "text": "x"},
        {"id": 7, "text": "x"},
        {"id": None, "text": "x"},
        {"id": ID, "text": 5},
        {"id": ID, "text": None},
        {"id": ID, "text": ["x"]},
        {"id": ID, "text": {"html": "x"}},
        {"id": ID, "button": 5},
        {"id": ID, "button": {"payload": "/help"}},
        {"id": ID, "position": "here"},
        {"id": ID, "position": {"latitude": 45}},
        {"id": ID, "position": {"latitude": 91, "longitude": 0}},
        {"id": ID, "position": {"latitude": float("nan"), "longitude": 0}},
        {"id": ID, "position": {"latitude": None, "longitude": 2}},
        [],
        None,
        "text",
    ],
)
def test_a_payload_of_another_form_is_refused(payload: Any) -> None:
    assert refused(payload) == "invalid_request"


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("  x \n", "x"),
        ("a\u0000b\u0007c\u001bd\u007f", "abcd"),
        ("a\u0085b\u009bc", "abc"),
        ("\u202eevil\u202c \u2066x\u2069", "evil x"),
        ("one\ntwo\tthree", "one\ntwo\tthree"),
        ("one\r\ntwo", "one\ntwo"),
        ("one\rtwo", "one\ntwo"),
        ("one\u2028two\u2029three", "one\ntwo\nthree"),
        ("👩\u200d👧", "👩\u200d👧"),
        ("half a sign \ud83d", "half a sign"),
    ],
)
def test_control_and_direction_characters_are_left_out_and_lines_end_alike(text: str, clean: str) -> None:
    assert cleaned(text) == clean


@given(st.text())
def test_cleaned_text_is_clean_and_stays_as_it_is(text: str) -> None:
    clean = cleaned(text)
    assert cleaned(clean) == clean
    assert not [sign for sign in clean if unicodedata.category(sign) in ("Cc", "Zl", "Zp") and sign not in "\n\t"]


@given(st.dictionaries(st.sampled_from(["id", "text", "button", "position"]), st.recursive(
    st.none() | st.booleans() | st.floats() | st.text() | st.just(ID),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=9), inner, max_size=2),
    max_leaves=4,
)))  # fmt: skip
def test_whatever_is_posted_is_a_message_or_refused(payload: dict[str, Any]) -> None:
    try:
        message = parse(payload)
    except PayloadError as error:
        code = error.code
    else:
        code = "" if message.text or message.payload or message.position else "says nothing"
    assert code in ("", "invalid_request", "message_empty")


def test_the_widget_is_shown_every_part_it_knows_and_nothing_else() -> None:
    content = {
        "text": "Open",
        "buttons": [{"title": "Help", "payload": "/help"}],
        "link": {"title": "t", "url": "https://example.org"},
        "article": {"topic": "t", "title": "t"},
        "photo": str(UUID(int=1)),
        "document": {"id": str(UUID(int=2)), "name": "a.pdf", "pages": 1, "size": 900},
        "position": {"latitude": 1.0, "longitude": 2.0},
        "by": "Ana Pop",
        "payload": "/secret",
    }
    assert ADAPTER.render(content, 1)[0] == {key: value for key, value in content.items() if key != "payload"}


def test_what_a_message_lacks_is_shown_as_absent() -> None:
    assert ADAPTER.render({}, 1)[0] == {
        "text": "",
        "buttons": [],
        "link": None,
        "article": None,
        "photo": None,
        "document": None,
        "position": None,
        "by": None,
    }


@given(st.text(min_size=1).filter(lambda text: cleaned(text) == text))
def test_what_was_parsed_is_shown_again(text: str) -> None:
    message = parse({"id": str(uuid4()), "text": text})
    assert ADAPTER.render(message.content(), 1)[0]["text"] == text
