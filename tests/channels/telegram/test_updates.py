"""No update of whatever form makes the reader fail."""

import json
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from channels.errors import PayloadError
from channels.message import Arrival
from channels.telegram.commands import MEANINGS, commanded
from channels.telegram.contents import SERVICE
from channels.telegram.updates import parsed
from tests.channels.cases import cases
from tests.peers.telegram_updates import Updates

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
OUTCOMES = {"read", "invalid_request"}
REAL = [case.told["json"] for case in cases("telegram") if "parsed" in case.told]


def read(body: bytes) -> str:
    """What became of an update; any other exception than PayloadError is a mistake."""
    try:
        parsed(body)
    except PayloadError as refused:
        return refused.code
    return "read"


@given(st.binary(max_size=60) | VALUES.map(lambda value: json.dumps(value).encode()))
@settings(deadline=None)
def test_any_body_is_read_or_refused(body: bytes) -> None:
    assert read(body) in OUTCOMES


@given(st.sampled_from(REAL), st.data())
@settings(deadline=None)
def test_a_real_update_with_something_else_in_it_is_read_or_refused(
    update: dict[str, Any], data: st.DataObject
) -> None:
    changed = json.loads(json.dumps(update))
    held = changed
    while isinstance(held, dict) and held:
        key = data.draw(st.sampled_from(sorted(held)))
        if not isinstance(held[key], dict) or data.draw(st.booleans()):
            held[key] = data.draw(VALUES)
            break
        held = held[key]
    assert read(json.dumps(changed).encode()) in OUTCOMES


def test_a_body_that_is_too_deep_is_refused() -> None:
    with pytest.raises(PayloadError):
        parsed(b'{"update_id": 1, "message": ' + b"[" * 200_000)


@pytest.mark.parametrize("name", sorted(SERVICE))
@pytest.mark.parametrize("value", [True, {}, [{}]], ids=str)
def test_service_messages_of_any_form_are_passed_over(name: str, value: Any) -> None:
    assert parsed(json.dumps(Updates().message(1, **{name: value})).encode()).ignored == "service"


@given(st.text(max_size=40).map(lambda text: f"/{text}"))
@settings(deadline=None)
def test_what_begins_with_a_slash_never_reaches_the_engine_as_a_command(text: str) -> None:
    read_as = commanded(text)
    assert read_as in MEANINGS.values() or not read_as["text"].startswith("/")


def test_a_person_who_blocks_hears_nothing_of_it() -> None:
    (event,) = parsed(json.dumps(Updates().block(7)).encode()).events
    assert isinstance(event, Arrival)
    assert (event.inbound.wish, event.inbound.silent) == ("stop", True)
