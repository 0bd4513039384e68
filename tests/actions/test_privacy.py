"""Asking for one's data, or for its erasure, in the chat."""

import pytest

from tests.actions.conftest import Desk

ACTION = "action_request_privacy"


async def test_a_copy_is_asked_for_once(desk: Desk) -> None:
    visitor = await desk.visitor()
    said = [(await visitor.says(ACTION, "my data", intent="export_my_data")).said for _ in range(2)]
    assert said == [["utter_export_asked"], ["utter_privacy_asked_before"]]


@pytest.mark.parametrize("sure", [None, "no"])
async def test_an_erasure_needs_a_second_word(desk: Desk, sure: str | None) -> None:
    visitor = await desk.visitor()
    entities = {"sure": sure} if sure else {}
    ran = await visitor.says(ACTION, "erase me", intent="delete_my_data", **entities)
    assert ran.said == ["utter_erasure_sure"]
    ran = await visitor.says(ACTION, "", intent="delete_my_data", sure="yes")
    assert ran.said == ["utter_erasure_asked"]
    assert (await visitor.says(ACTION, "", intent="delete_my_data", sure="yes")).said == ["utter_privacy_asked_before"]
