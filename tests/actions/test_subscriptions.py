"""Subscribing to announcements in the chat, seeing what one has, and ending it."""

import json
from typing import Any

import pytest
from sqlalchemy import text

from actions.subscriptions import lines, wants_out
from tests.actions.conftest import Desk, Ran, Visitor
from tests.actions.factories import LANGUAGES, message

FORM, LIST = "validate_subscription_form", "action_subscriptions"
SUBSCRIBE, UNSUBSCRIBE = "subscribe_updates", "unsubscribe_updates"
OVER = {"subscription": None, "requested_slot": None}


async def wants(visitor: Visitor, said: str = "", **entities: Any) -> Ran:
    return await visitor.says(FORM, said, intent=SUBSCRIBE, **entities)


async def kept(desk: Desk, visitor: Visitor) -> list[tuple[str, str | None]]:
    query = text(
        "SELECT topic, area FROM subscription JOIN conversation USING (contact_id) "
        "WHERE conversation.id = :id AND ended_at IS NULL ORDER BY asked_at, area"
    )
    async with desk.sessions() as session:
        return [tuple(row) for row in await session.execute(query, {"id": visitor.conversation_id})]


async def subscribed(visitor: Visitor, topic: str = "water_cuts", area: str = "Fabric") -> None:
    await wants(visitor, topic=topic)
    if visitor.slots["requested_slot"] == "area":
        await visitor.says(FORM, area, place=area)
    assert (await visitor.says(FORM, "", intent="affirm")).slots == OVER


def payloads(ran: Ran) -> list[str]:
    return [button["payload"] for button in ran.responses[0]["buttons"]]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_asked_for_topic_and_district_then_a_yes(desk: Desk, language: str) -> None:
    visitor = await desk.visitor(language)
    asked = await wants(visitor, "subscribe me")
    assert (asked.said, asked.slots["requested_slot"]) == (["utter_subscription_topic"], "topic")
    assert payloads(asked) == [f'/inform{{"topic": "{key}"}}' for key in desk.office.announcement_topics]
    where = await visitor.says(FORM, "", topic="water_cuts")
    assert (where.said, where.slots["requested_slot"]) == (["utter_subscription_area"], "area")
    assert where.responses[0]["title"] == desk.office.announcement_topics["water_cuts"][language]
    sure = await visitor.says(FORM, "fabric")
    assert (sure.said, sure.slots["requested_slot"]) == (["utter_subscription_confirm"], "confirm")
    assert "Fabric" in sure.responses[0]["summary"]
    assert await kept(desk, visitor) == [], "nothing is kept before the yes"
    done = await visitor.says(FORM, "", intent="affirm")
    assert (done.said, done.slots) == (["utter_subscription_noted_area"], OVER)
    assert (done.responses[0]["area"], done.responses[0]["topic"]) == ("Fabric", "water_cuts")
    assert await kept(desk, visitor) == [("water_cuts", "Fabric")]


async def test_a_whole_wish_is_only_confirmed(desk: Desk) -> None:
    visitor = await desk.visitor()
    sure = await wants(visitor, "tell me when water is cut in Fabric", place="Fabric")
    assert sure.said == ["utter_subscription_confirm"]


async def test_a_repeated_yes_is_kept_once(desk: Desk) -> None:
    visitor = await desk.visitor()
    await wants(visitor, "water in Fabric", place="Fabric")
    slots = dict(visitor.slots)
    for _ in range(2):
        visitor.slots = dict(slots)
        done = await visitor.says(FORM, "yes", intent="affirm")
        assert done.said == ["utter_subscription_noted_area"]
    assert await kept(desk, visitor) == [("water_cuts", "Fabric")]


@pytest.mark.parametrize(("said", "entities"), [("", {"area": "everywhere"}), ("in the whole city", {}), ("all", {})])
async def test_everywhere(desk: Desk, said: str, entities: dict[str, str]) -> None:
    visitor = await desk.visitor()
    await wants(visitor, "water cuts")
    assert (await visitor.says(FORM, said, **entities)).said == ["utter_subscription_confirm"]
    assert (await visitor.says(FORM, "", intent="affirm")).said == ["utter_subscription_noted"]
    assert await kept(desk, visitor) == [("water_cuts", None)]


async def test_a_topic_without_districts_asks_for_none(desk: Desk) -> None:
    visitor = await desk.visitor()
    assert (await wants(visitor, "news about council meetings")).said == ["utter_subscription_confirm"]
    assert (await visitor.says(FORM, "", intent="affirm")).said == ["utter_subscription_noted"]


async def test_one_district_after_the_other(desk: Desk) -> None:
    visitor = await desk.visitor()
    await subscribed(visitor)
    where = await wants(visitor, topic="water_cuts")
    assert where.said == ["utter_subscription_area"]
    await visitor.says(FORM, "Iosefin", place="Iosefin")
    await visitor.says(FORM, "", intent="affirm")
    assert await kept(desk, visitor) == [("water_cuts", "Fabric"), ("water_cuts", "Iosefin")]


async def test_what_one_has_already_is_said(desk: Desk) -> None:
    visitor = await desk.visitor()
    await subscribed(visitor)
    again = await wants(visitor, "water cuts in Fabric", place="Fabric")
    assert (again.said, again.slots) == (["utter_subscription_there"], OVER)
    assert again.responses[0]["area"] == "Fabric"


async def test_a_no_keeps_nothing(desk: Desk) -> None:
    visitor = await desk.visitor()
    await wants(visitor, "water in Fabric", place="Fabric")
    done = await visitor.says(FORM, "no", intent="deny")
    assert (done.said, done.slots) == (["utter_subscription_not"], OVER)
    assert await kept(desk, visitor) == []


async def test_the_district_is_changed_before_the_yes(desk: Desk) -> None:
    visitor = await desk.visitor()
    await wants(visitor, "water in Fabric", place="Fabric")
    again = await visitor.says(FORM, "no, Iosefin", place="Iosefin")
    assert "Iosefin" in again.responses[0]["summary"]
    assert "Fabric" not in again.responses[0]["summary"]


@pytest.mark.parametrize(
    ("begin", "again", "step"),
    [
        ("subscribe me", "utter_subscription_topic_again", "topic"),
        ("water cuts", "utter_subscription_area_again", "area"),
        ("council meetings", "utter_subscription_confirm", "confirm"),
    ],
)
async def test_what_is_not_understood_is_asked_twice_more(desk: Desk, begin: str, again: str, step: str) -> None:
    visitor = await desk.visitor()
    await wants(visitor, begin)
    for _ in range(2):
        ran = await visitor.says(FORM, "hmm, dragons")
        assert (ran.said, ran.slots["requested_slot"]) == ([again], step)
    left = await visitor.says(FORM, "dragons!")
    assert (left.said, left.slots) == (["utter_subscription_left"], OVER)


async def test_an_answer_counts_the_misses_anew(desk: Desk) -> None:
    visitor = await desk.visitor()
    await wants(visitor, "subscribe me")
    for said in ("dragons", "dragons", "water", "dragons", "dragons"):
        ran = await visitor.says(FORM, said)
    assert ran.said == ["utter_subscription_area_again"]


@pytest.mark.parametrize("intent", ["faq", "cancel", "talk_to_human", "change_language"])
async def test_something_else_is_left_to_a_rule(desk: Desk, intent: str) -> None:
    visitor = await desk.visitor()
    await wants(visitor, "water cuts")
    assert (await visitor.says(FORM, "how late is it", intent=intent)).events == []


@pytest.mark.parametrize("intent", ["answer_survey", "reopen_ticket", "unsubscribe_updates"])
async def test_so_is_a_button_under_news(desk: Desk, intent: str) -> None:
    visitor = await desk.visitor()
    await wants(visitor, "water cuts")
    assert (await visitor.says(FORM, "", intent=intent)).events == []


async def test_after_an_interruption_it_is_asked_again_in_the_language_of_now(desk: Desk) -> None:
    visitor = await desk.visitor()
    await wants(visitor, "water in Fabric", place="Fabric")
    visitor.slots["language"] = "ro"
    ran = await visitor.says(FORM, "cand deschideti?", intent="faq", since=("action_answer_question",))
    assert ran.said == ["utter_subscription_confirm"]
    assert desk.office.announcement_topics["water_cuts"]["ro"] in ran.responses[0]["summary"]


async def test_who_wants_no_news_after_all_is_shown_what_they_have(desk: Desk) -> None:
    visitor = await desk.visitor()
    await wants(visitor, "subscribe me")
    ran = await visitor.says(FORM, "stop all these messages", ranking=[(UNSUBSCRIBE, 0.9)])
    assert (ran.said, ran.slots) == (["utter_subscriptions_none"], OVER)
    assert not wants_out(message("stop", ranking=[(UNSUBSCRIBE, 0.3)]))
    assert not wants_out(message("", ranking=[(UNSUBSCRIBE, 0.9)]))
    assert not wants_out(message("hm"))


async def test_who_stopped_everything_is_told(desk: Desk) -> None:
    visitor = await desk.visitor()
    statement = text(
        "UPDATE identity SET stopped_at = now() FROM conversation AS c "
        "WHERE c.contact_id = identity.contact_id AND c.id = :id"
    )
    async with desk.sessions() as session, session.begin():
        await session.execute(statement, {"id": visitor.conversation_id})
    await wants(visitor, "council meetings")
    done = await visitor.says(FORM, "", intent="affirm")
    assert done.said == ["utter_subscription_noted", "utter_subscription_stopped"]


async def test_an_office_without_announcements_says_so(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = await desk.visitor()
    monkeypatch.setitem(desk.office.__dict__, "announcements", type(desk.office.announcements)())
    done = await wants(visitor, "water cuts")
    assert (done.said, done.slots) == (["utter_subscription_no_topics"], OVER)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_list_has_a_button_for_each_and_one_for_all(desk: Desk, language: str) -> None:
    visitor = await desk.visitor(language)
    await subscribed(visitor)
    await subscribed(visitor, "council")
    ran = await visitor.says(LIST, "what am i subscribed to?", intent=UNSUBSCRIBE)
    assert ran.said == ["utter_subscriptions"]
    names = [desk.office.announcement_topics[key][language] for key in ("water_cuts", "council")]
    assert [line[2:].split(" · ")[0] for line in ran.responses[0]["list"].split("\n")] == names
    first, _, every = payloads(ran)
    assert json.loads(every.removeprefix(f"/{UNSUBSCRIBE}")) == {"which": "all"}
    which = json.loads(first.removeprefix(f"/{UNSUBSCRIBE}"))
    ended = await visitor.says(LIST, "", intent=UNSUBSCRIBE, **which)
    assert (ended.said, ended.responses[0]["list"]) == (["utter_subscription_ended"], lines([f"{names[0]} · Fabric"]))
    assert await kept(desk, visitor) == [("council", None)]
    again = await visitor.says(LIST, "", intent=UNSUBSCRIBE, **which)
    assert (again.said, len(again.responses[0]["buttons"])) == (["utter_subscriptions"], 1), "one needs no 'all'"
    await visitor.says(LIST, "", intent=UNSUBSCRIBE, which="all")
    assert await kept(desk, visitor) == []
    assert (await visitor.says(LIST, "", intent=UNSUBSCRIBE)).said == ["utter_subscriptions_none"]


async def test_a_button_of_somebody_elses_list_ends_nothing(desk: Desk) -> None:
    one, other = await desk.visitor(), await desk.visitor()
    await subscribed(one)
    theirs = json.loads(payloads(await one.says(LIST, "", intent=UNSUBSCRIBE))[0].removeprefix(f"/{UNSUBSCRIBE}"))
    assert (await other.says(LIST, "", intent=UNSUBSCRIBE, **theirs)).said == ["utter_subscriptions_none"]
    assert await kept(desk, one) == [("water_cuts", "Fabric")]


async def test_a_forged_button_is_an_honest_failure(desk: Desk) -> None:
    visitor = await desk.visitor()
    await visitor.says(LIST, "", intent=UNSUBSCRIBE)
    visitor.last["latest_message"]["entities"] = [{"entity": "which", "value": "not-an-id"}]
    assert (await visitor.post(LIST)).status_code >= 500
