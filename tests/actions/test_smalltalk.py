"""Stopping what was begun."""

from tests.actions.conftest import Desk


async def test_cancelling_leaves_the_form_and_forgets_what_was_told(desk: Desk) -> None:
    visitor = await desk.visitor(slots={"report": {"x": 1}, "lookup": {"text": "TM"}, "requested_slot": "place"})
    ran = await visitor.says("action_cancel_task", "stop", intent="cancel")
    assert ran.said == ["utter_cancelled"]
    cleared = ("requested_slot", "report", "lookup", "care", "subscription")
    assert ran.slots == dict.fromkeys(cleared)
    assert [event["name"] for event in ran.events if event["event"] == "active_loop"] == [None]
