"""Domain, rules and actions agree: nothing is named that is not there."""

import ast
import json
import re
from pathlib import Path
from typing import Any, Dict, Iterator, List, Set

import pytest
from bot_factories import LANGUAGES, ROOT, domain, labelled_examples, read_yaml

RULES = sorted((ROOT / "bot" / "rules").glob("*.yml"))
DOMAINS = sorted((ROOT / "bot" / "domain").glob("*.yml"))
ACTIONS = sorted((ROOT / "actions").glob("*.py"))
PAYLOAD = re.compile(r"^/(?P<intent>[a-z_]+)(?P<entities>\{.*\})?$")


def rules() -> List[Dict[str, Any]]:
    return [rule for path in RULES for rule in read_yaml(path)["rules"]]


def steps(kind: str) -> Set[str]:
    named = [step.get(kind) for rule in rules() for step in [*rule["steps"], *rule.get("condition", [])]]
    return {name for name in named if isinstance(name, str)}


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def registered_actions() -> Set[str]:
    """Names of the classes in ACTIONS of actions/registry.py."""
    registry = parsed(ROOT / "actions" / "registry.py")
    listed = {
        item.id
        for node in registry.body
        if isinstance(node, ast.AnnAssign) and getattr(node.target, "id", "") == "ACTIONS"
        for item in ast.walk(node.value or node)
        if isinstance(item, ast.Name)
    }
    names = {}
    for path in ACTIONS:
        for node in parsed(path).body:
            if isinstance(node, ast.ClassDef):
                for line in node.body:
                    if isinstance(line, ast.Assign) and getattr(line.targets[0], "id", "") == "action_name":
                        names[node.name] = ast.literal_eval(line.value)
    assert listed <= set(names)
    return {names[name] for name in listed}


def strings(path: Path) -> Iterator[str]:
    """Every string of a file; what an f-string fills in is `{}`."""
    inside = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.JoinedStr):
            inside |= {id(part) for part in node.values}
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
            yield node.value


def said_by_actions() -> Set[str]:
    return {text for path in ACTIONS for text in strings(path) if re.fullmatch(r"utter_[a-z_{}]+", text)}


def needs_of_offices() -> Set[str]:
    """What categories of any office ask for."""
    paths = sorted((ROOT / "data" / "offices").glob("*/categories.yml"))
    assert paths
    return {need for path in paths for category in read_yaml(path)["categories"].values() for need in category["needs"]}


def test_the_actions_of_the_domain_are_those_of_the_registry() -> None:
    assert {name for path in DOMAINS for name in read_yaml(path).get("actions", [])} == registered_actions()


def test_the_actions_of_the_rules_exist() -> None:
    known = registered_actions() | set(domain().responses) | set(domain().form_names) | {"action_listen"}
    assert steps("action") - known == set()


def test_every_form_is_validated_by_an_action() -> None:
    assert {f"validate_{name}" for name in domain().form_names} <= registered_actions()


def test_every_action_is_called_by_a_rule_or_a_form() -> None:
    called = steps("action") | {f"validate_{name}" for name in domain().form_names}
    assert registered_actions() - called == set()


def test_every_sentence_actions_say_is_a_response_of_the_domain() -> None:
    plain = {name for name in said_by_actions() if "{}" not in name}
    assert len(plain) > 15
    assert plain - set(domain().responses) == set()


@pytest.mark.parametrize(
    ("pattern", "filled"),
    [
        ("utter_ask_report_{}", {"description", "category", "place", "confirm", "correction"} | needs_of_offices()),
        ("utter_ask_status_{}", {"reference", "pin"}),
    ],
)
def test_every_question_actions_put_together_is_a_response_of_the_domain(pattern: str, filled: Set[str]) -> None:
    assert pattern in said_by_actions()
    assert {pattern.replace("{}", step) for step in filled} - set(domain().responses) == set()


def test_no_other_sentence_is_put_together() -> None:
    assert {name for name in said_by_actions() if "{}" in name} == {"utter_ask_report_{}", "utter_ask_status_{}"}


def test_every_detail_the_actions_ask_for_has_a_question() -> None:
    (details,) = [
        ast.literal_eval(node.value)
        for node in parsed(ROOT / "actions" / "report_draft.py").body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "DETAILS"
    ]
    assert {f"utter_ask_report_{name}" for name in details} - set(domain().responses) == set()


def test_every_response_is_said_by_somebody() -> None:
    patterns = [name.replace("{}", "[a-z_]+") for name in said_by_actions()]
    said = steps("action") | {"utter_default"}  # Rasa itself says this one
    silent = {key for key in domain().responses if key not in said and not any(re.fullmatch(p, key) for p in patterns)}
    assert silent == set()


def test_every_intent_of_the_domain_has_a_rule_outside_forms() -> None:
    outside = {
        step["intent"] for rule in rules() if "condition" not in rule for step in rule["steps"] if "intent" in step
    }
    ours = {name for path in DOMAINS for name in read_yaml(path).get("intents", [])}
    assert ours - outside == set()
    assert steps("intent") - ours == set()


@pytest.mark.parametrize("form", ["report_form", "status_form", "ticket_form", "subscription_form"])
def test_every_interruption_of_the_forms_has_a_rule_inside(form: str) -> None:
    source = (ROOT / "actions" / "report.py").read_text(encoding="utf-8")
    interruptions = set(re.findall(r'"([a-z_]+)"', source.split("INTERRUPTIONS = ")[1].split(")")[0]))
    inside = {
        step["intent"]
        for rule in rules()
        if {"active_loop": form} in rule.get("condition", [])
        for step in rule["steps"]
        if "intent" in step
    }
    news = {"answer_survey", "unsubscribe_updates", "answer_appointment"}
    assert interruptions - {"check_status"} == inside - news
    assert news <= inside, "buttons under news come in the middle of anything"


def test_the_guard_of_the_forms_and_the_actions_know_the_same_interruptions() -> None:
    from bot.components.form_guard import QUESTIONS, SMALL_TALK, WAYS_OUT

    source = (ROOT / "actions" / "report.py").read_text(encoding="utf-8")
    interruptions = set(re.findall(r'"([a-z_]+)"', source.split("INTERRUPTIONS = ")[1].split(")")[0]))
    assert interruptions == WAYS_OUT | SMALL_TALK | QUESTIONS


def payloads() -> List[str]:
    buttons = [b for texts in domain().responses.values() for text in texts for b in text.get("buttons", [])]
    made = {text for path in ACTIONS for text in strings(path) if re.match(r"/[a-z_]+\{", text)}
    return sorted({button["payload"] for button in buttons} | {text.replace("{}", "x") for text in made})


@pytest.mark.parametrize("payload", payloads())
def test_every_payload_is_understood(payload: str) -> None:
    match = PAYLOAD.match(payload)
    assert match
    assert match["intent"] in domain().intents
    assert set(json.loads(match["entities"] or "{}")) <= set(domain().entities)


def test_every_label_of_the_examples_is_an_intent() -> None:
    labels = {label.split("/")[0] for code in LANGUAGES for label, _ in labelled_examples(ROOT / "data" / "nlu" / code)}
    assert labels - set(domain().intents) == set()


def test_every_kind_of_ticket_begins_with_an_intent_of_the_domain() -> None:
    (kinds,) = [
        ast.literal_eval(node.value)
        for node in parsed(ROOT / "actions" / "report_draft.py").body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "KINDS"
    ]
    opening = {
        step["intent"]
        for rule in rules()
        if {"action": "report_form"} in rule["steps"] and "condition" not in rule
        for step in rule["steps"]
        if "intent" in step
    }
    assert set(kinds) <= opening


def test_what_actions_read_and_write_are_slots_of_the_domain() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in ACTIONS)
    named = set(re.findall(r'(?:SlotSet|get_slot)\("([a-z_]+)"', source))
    assert {"report", "lookup", "language"} <= named
    assert named - {slot.name for slot in domain().slots} == set()
