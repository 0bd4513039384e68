"""The backend's way in: what is taken for a message, what comes back, and what is refused."""

import json
import re
from typing import Any, Dict, List, Optional
from uuid import uuid4

import pytest
from bot_factories import LANGUAGES, ROOT, TOKEN, ActionServer, answered_turn, tracker_of, user
from hypothesis import given, strategies as st
from rasa.core.channels.channel import UserMessage
from rasa.shared.constants import INTENT_MESSAGE_PREFIX
from rasa.shared.core.events import ActionExecuted, BotUttered, Event, SlotSet

from bot.channel import TurnFailedError, TurnRequest, already_answered, handed_back_payload, replies, take_turn
from bot.nlg.catalogue import catalogues

SPACES = [" ", "\t", "\r\n", "\v", "\f", "\x1c", "\x85", "\u00a0", "\u2003", "\u2028", "\u3000"]


def turn(**given_values: Optional[str]) -> TurnRequest:
    values = {
        "conversation_id": uuid4().hex,
        "message_id": "m1",
        "text": "",
        "payload": None,
        "language_hint": "en",
        "language_choice": None,
    }
    return TurnRequest(**{**values, **given_values})


async def kept_events(agent: Any, request: TurnRequest) -> List[Dict[str, Any]]:
    """What the store holds of a conversation."""
    kept = await agent.tracker_store.retrieve(request.conversation_id)
    return [event.as_dict() for event in kept.events] if kept else []


def asks(step: str) -> Dict[str, Any]:
    """What validate_report_form answers when it asks for a step."""
    events = [
        {"event": "slot", "name": "report", "value": {"step": step}},
        {"event": "slot", "name": "requested_slot", "value": step},
    ]
    return {"events": events, "responses": [{"response": f"utter_ask_report_{step}"}]}


def read_by_rasa(request: TurnRequest) -> str:
    return str(UserMessage(request.said()).text)


@pytest.mark.parametrize("before", ["", *SPACES], ids=repr)
@pytest.mark.parametrize("slashes", ["/", "/ //"])
def test_typed_text_is_never_taken_for_a_payload(before: str, slashes: str) -> None:
    assert read_by_rasa(turn(text=f"{before}{slashes}talk_to_human")) == "talk_to_human"


@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from(["/", *"".join(SPACES)])), max_size=20))
def test_no_text_at_all_is_taken_for_a_payload_or_for_nothing(text: str) -> None:
    read = read_by_rasa(turn(text=text))
    assert read
    assert not read.startswith(INTENT_MESSAGE_PREFIX)


@pytest.mark.parametrize("text", ["", " ", "/", " // ", "\u00a0", "\n"])
def test_empty_text_is_an_ellipsis(text: str) -> None:
    assert read_by_rasa(turn(text=text)) == "…"


@pytest.mark.parametrize("text", ["Mărășești 12/3", "и/или", "and/or /help", "ışık yok", "'n gat"])
def test_other_text_is_read_as_typed(text: str) -> None:
    assert read_by_rasa(turn(text=text)) == text


@pytest.mark.parametrize("payload", ["/greet", '/faq{"topic": "marriage"}'])
def test_a_payload_of_ours_is_read_as_it_is(payload: str) -> None:
    assert turn(payload=payload, text="typed").said() == payload


def test_a_request_is_read_from_json_and_what_is_not_said_is_empty() -> None:
    assert TurnRequest.from_json({"conversation_id": "c", "message_id": "m", "more": 1}) == TurnRequest(
        conversation_id="c", message_id="m", text="", payload=None, language_hint=None, language_choice=None
    )


WRONG = [
    (None, "expected an object"),
    ([], "expected an object"),
    ("text", "expected an object"),
    ({}, "conversation_id, message_id"),
    ({"conversation_id": "c"}, "message_id"),
    ({"conversation_id": "", "message_id": "m"}, "conversation_id"),
    ({"conversation_id": "c", "message_id": 7}, "message_id"),
    ({"conversation_id": "c", "message_id": "m", "text": ["a"]}, "text"),
    ({"conversation_id": "c", "message_id": "m", "payload": {"a": 1}}, "payload"),
    ({"conversation_id": "c", "message_id": "m", "language_choice": False}, "language_choice"),
]


@pytest.mark.parametrize(("body", "named"), WRONG)
def test_a_wrong_request_names_what_is_wrong(body: Any, named: str) -> None:
    with pytest.raises(ValueError, match=f"^{named}$"):
        TurnRequest.from_json(body)


@pytest.mark.parametrize(
    ("events", "answered"),
    [
        ([], False),
        ([ActionExecuted("action_listen")], False),
        (answered_turn(1), True),
        ([*answered_turn(0), *answered_turn(1)], True),
        ([*answered_turn(1), *answered_turn(2)], False),
        (answered_turn(1)[:-1], False),
        ([user("text", message_id="m0001")], False),
        ([*answered_turn(0), user("text", message_id="m0001")], False),
    ],
    ids=["empty", "started", "answered", "second", "a later one", "no end", "no answer", "no answer yet"],
)
def test_only_the_last_whole_turn_counts_as_answered(events: List[Event], answered: bool) -> None:
    assert already_answered(tracker_of(*events), "m0001") is answered


def test_replies_are_those_of_the_last_turn() -> None:
    custom = {"language": "tr", "link": {"url": "u", "title": "t"}, "article": {"topic": "x"}, "other": 1}
    buttons = [{"title": "Da", "payload": "/affirm", "type": "postback"}]
    tracker = tracker_of(
        *answered_turn(1, SlotSet("language", "ro")),
        user("text"),
        BotUttered("plain"),
        BotUttered("rich", {"buttons": buttons, "custom": custom}),
        BotUttered(None, {"buttons": None, "custom": None}),
    )
    assert replies(tracker) == [
        {"text": "plain", "buttons": [], "language": "ro"},
        {
            "text": "rich",
            "buttons": [{"title": "Da", "payload": "/affirm"}],
            "language": "tr",
            "link": custom["link"],
            "article": custom["article"],
        },
        {"text": "", "buttons": [], "language": "ro"},
    ]


@pytest.mark.parametrize(
    ("slots", "code"), [({}, "en"), ({"language": "mk"}, "mk"), ({"language": "mk", "language_choice": "af"}, "af")]
)
def test_replies_carry_the_language_they_are_in(slots: Dict[str, str], code: str) -> None:
    tracker = tracker_of(user("text"), *(SlotSet(name, value) for name, value in slots.items()), BotUttered("reply"))
    assert [reply["language"] for reply in replies(tracker)] == [code]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_button_is_answered_in_the_language_of_the_page(agent: Any, language: str) -> None:
    answer = await take_turn(agent, turn(payload="/greet", language_hint=language))
    ours = catalogues()[language]
    assert [reply["text"][:5] for reply in answer["replies"]] == [ours["utter_greet"][:5]]
    assert [button["title"] for button in answer["replies"][0]["buttons"]] == [
        ours[f"button.{name}"] for name in ("report_problem", "check_status", "talk_to_human")
    ]
    assert (answer["language"], answer["language_choice"], answer["recovered"]) == (language, None, False)


@pytest.mark.parametrize("text", ["Sokağımızdaki lamba üç gündür yanmıyor, merhaba", "/talk_to_human"])
async def test_a_choice_made_outside_the_dialogue_holds(agent: Any, text: str) -> None:
    first = turn(payload="/greet", language_choice="af")
    await take_turn(agent, first)
    answer = await take_turn(
        agent, turn(conversation_id=first.conversation_id, message_id="m2", payload="/thank", language_choice="af")
    )
    assert answer["replies"][0]["text"] == catalogues()["af"]["utter_welcome"]
    assert (answer["language"], answer["language_choice"]) == ("af", "af")


async def test_a_message_asked_again_is_answered_again_without_doing_it_again(
    agent: Any, actions: ActionServer
) -> None:
    actions.answers["action_request_person"] = {"responses": [{"response": "utter_person_soon", "minutes": 10}]}
    asked = turn(payload="/talk_to_human")
    first, second = await take_turn(agent, asked), await take_turn(agent, asked)
    assert first["replies"]
    assert second == {**first, "recovered": True}
    assert actions.calls == ["action_request_person"]


FAILURES = [500, 503, 404, {"events": "none"}, {"events": [{"event": "no such event"}]}, {"responses": [7]}]


@pytest.mark.parametrize("failure", FAILURES, ids=str)
async def test_a_failed_action_fails_the_turn_and_nothing_is_kept(
    agent: Any, actions: ActionServer, failure: Any
) -> None:
    asked = turn(payload="/talk_to_human")
    actions.answers["action_request_person"] = failure
    with pytest.raises(TurnFailedError, match="action_request_person"):
        await take_turn(agent, asked)
    assert await kept_events(agent, asked) == []
    actions.answers["action_request_person"] = {"responses": [{"text": "at last"}]}
    answer = await take_turn(agent, asked)
    assert [reply["text"] for reply in answer["replies"]] == ["at last"]
    assert answer["recovered"] is False


async def test_a_failed_turn_leaves_the_conversation_as_it_was(agent: Any, actions: ActionServer) -> None:
    first = turn(payload="/greet", language_hint="mk")
    await take_turn(agent, first)
    before = await kept_events(agent, first)
    actions.answers["action_request_person"] = 500
    with pytest.raises(TurnFailedError):
        await take_turn(agent, turn(conversation_id=first.conversation_id, message_id="m2", payload="/talk_to_human"))
    assert before
    assert await kept_events(agent, first) == before


async def test_a_turn_without_a_reply_fails_and_nothing_is_kept(agent: Any) -> None:
    asked = turn(payload="/talk_to_human")
    with pytest.raises(TurnFailedError, match="no reply"):
        await take_turn(agent, asked)
    assert await kept_events(agent, asked) == []


async def test_a_form_asks_what_its_action_says_and_survives_the_next_turns(agent: Any, actions: ActionServer) -> None:
    conversation = uuid4().hex
    for number, step in enumerate(("description", "category", "place", "date")):
        actions.answers["validate_report_form"] = asks(step)
        payload = "/report_problem" if number == 0 else "/inform"
        request = turn(conversation_id=conversation, message_id=f"m{number}", payload=payload, language_hint="ro")
        answer = await take_turn(agent, request)
        assert [reply["text"] for reply in answer["replies"]] == [catalogues()["ro"][f"utter_ask_report_{step}"]]
        kept = await agent.tracker_store.retrieve(conversation)
        assert kept.active_loop_name == "report_form"
        assert (kept.get_slot("requested_slot"), kept.get_slot("report")) == (step, {"step": step})


@pytest.mark.parametrize("language", ["en", "mk"])
async def test_where_no_rule_fits_a_sentence_is_said_and_not_its_key(agent: Any, language: str) -> None:
    answer = await take_turn(agent, turn(payload="/no_such_intent", language_hint=language))
    assert answer["replies"]
    assert [reply["text"] for reply in answer["replies"] if reply["text"].startswith("utter_")] == []


INTERRUPTIONS = (
    ("faq", "action_answer_question"),
    ("greet", "utter_greet"),
    ("goodbye", "utter_goodbye"),
    ("thank", "utter_welcome"),
    ("help", "utter_help"),
    ("bot_challenge", "utter_bot_challenge"),
    ("abuse", "utter_abuse"),
    ("emergency", "utter_emergency"),
    ("cancel", "action_cancel_task"),
    ("talk_to_human", "action_request_person"),
    ("call_me_back", "action_request_person"),
    ("change_language", "action_change_language"),
)
"""Intents that actions/report.py leaves to a rule, and what the rule does first."""


def test_every_interruption_of_the_actions_is_tried_here() -> None:
    source = (ROOT / "actions" / "report.py").read_text(encoding="utf-8")
    named = re.findall(r'"([a-z_]+)"', source.split("INTERRUPTIONS = ")[1].split(")")[0])
    assert set(named) == {intent for intent, _ in INTERRUPTIONS} | {"check_status", "handed_back"}


def as_the_form_does(tracker: Dict[str, Any]) -> Dict[str, Any]:
    """No events for a message a rule shall take; the question again after the rule."""
    since: List[str] = []
    for event in reversed(tracker["events"]):
        if event["event"] == "user":
            break
        if event["event"] == "action":
            since.append(event["name"])
    asked_before = tracker["slots"]["requested_slot"] is not None
    interrupted = [name for name in since if not name.endswith("_form")]
    return {} if asked_before and not interrupted else asks("place")


@pytest.mark.parametrize(("intent", "action"), INTERRUPTIONS)
async def test_a_rule_answers_what_a_form_leaves_to_it(
    agent: Any, actions: ActionServer, intent: str, action: str
) -> None:
    opened = turn(payload="/report_problem")
    actions.answers["validate_report_form"] = as_the_form_does
    left = [{"event": "active_loop", "name": None}, {"event": "slot", "name": "requested_slot", "value": None}]
    actions.answers[action] = {"responses": [{"text": "by the rule"}], "events": left if intent == "cancel" else []}
    await take_turn(agent, opened)
    asked = turn(conversation_id=opened.conversation_id, message_id="m2", payload=f"/{intent}")
    answer = await take_turn(agent, asked)
    names = [event["name"] for event in await kept_events(agent, asked) if event["event"] == "action"][1:]
    again = [] if intent == "cancel" else ["report_form"]
    assert names == [action, *again, "action_listen"]
    assert len(answer["replies"]) == len(names) - 1


async def test_asking_for_a_reports_state_inside_the_report_form_is_answered(agent: Any, actions: ActionServer) -> None:
    opened = turn(payload="/report_problem")
    actions.answers["validate_report_form"] = as_the_form_does
    actions.answers["validate_status_form"] = {
        "events": [
            {"event": "slot", "name": "lookup", "value": {}},
            {"event": "slot", "name": "requested_slot", "value": "reference"},
        ],
        "responses": [{"response": "utter_ask_status_reference", "example": "TM-4F7-KPX"}],
    }
    await take_turn(agent, opened)
    asked = turn(conversation_id=opened.conversation_id, message_id="m2", payload="/check_status")
    answer = await take_turn(agent, asked)
    kept = await agent.tracker_store.retrieve(opened.conversation_id)
    assert [reply["text"][:12] for reply in answer["replies"]] == [
        catalogues()["en"]["utter_ask_status_reference"][:12]
    ]
    assert kept.active_loop_name == "status_form"


async def test_typed_text_inside_a_form_is_given_to_the_form(agent: Any, actions: ActionServer) -> None:
    opened = turn(payload="/report_problem")
    actions.answers["validate_report_form"] = asks("place")
    await take_turn(agent, opened)
    typed = turn(conversation_id=opened.conversation_id, message_id="m2", text="sokak lambası yanmıyor")
    answer = await take_turn(agent, typed)
    kept = await agent.tracker_store.retrieve(opened.conversation_id)
    assert [reply["text"] for reply in answer["replies"]] == [catalogues()["tr"]["utter_ask_report_place"]]
    assert kept.latest_message.intent["name"] == "inform"
    assert answer["language"] == "tr"


async def test_actions_are_called_with_the_token(agent: Any, actions: ActionServer) -> None:
    actions.answers["action_request_person"] = {"responses": [{"text": "yes"}]}
    await take_turn(agent, turn(payload="/talk_to_human"))
    assert actions.tokens == [f"Bearer {TOKEN}"]


def test_what_was_told_to_a_person_is_understood_for_the_bot() -> None:
    parsed = {
        "intent_ranking": [{"name": "report/street_light", "confidence": 0.8}],
        "entities": [{"entity": "place", "value": "Strada Mare 5"}],
    }
    assert json.loads(handed_back_payload("the lamp is dark", parsed)[len("/handed_back") :]) == {
        "words": "the lamp is dark",
        "category": "street_light",
        "place": "Strada Mare 5",
    }
    unsure = {"intent_ranking": [{"name": "report/street_light", "confidence": 0.1}], "entities": []}
    assert json.loads(handed_back_payload("hm", unsure)[len("/handed_back") :]) == {"words": "hm"}
    assert handed_back_payload("  ", {}) == "/handed_back"
