"""Rules found by their ending: the same ones as Rasa finds among all, and fewer looked at."""

import inspect
import json
from typing import Any, Dict, List

import pytest
import rasa.core.policies.rule_policy
from bot_factories import domain, tracker_of, user
from hypothesis import given, strategies as st
from rasa.core.policies.rule_policy import RULES, RULES_FOR_LOOP_UNHAPPY_PATH, RulePolicy
from rasa.shared.core.events import ActionExecuted, ActiveLoop
from test_patches import stock

from bot import rule_index
from bot.rule_index import RuleIndex, ending_of, index_of

ACTIONS = st.sampled_from(["action_listen", "utter_greet", "report_form"])
INTENTS = st.sampled_from(["greet", "faq", "should_not_be_set"])
LOOPS = st.sampled_from(["report_form", "should_not_be_set"])


def part(key: str, values: st.SearchStrategy[str]) -> st.SearchStrategy[Dict[str, str]]:
    return st.fixed_dictionaries({}, optional={key: values})


STATES = st.fixed_dictionaries(
    {},
    optional={
        "prev_action": part("action_name", ACTIONS),
        "user": part("intent", INTENTS),
        "active_loop": part("name", LOOPS),
        "slots": part("language", st.sampled_from(["en", "should_not_be_set"])),
    },
)
RULE = st.lists(STATES, min_size=1, max_size=3)


def policy_of(agent: Any) -> RulePolicy:
    """The policy of a trained model."""
    nodes = agent.processor.graph_runner._instantiated_nodes.values()
    [policy] = [node._component for node in nodes if isinstance(node._component, RulePolicy)]
    return policy


def stock_policy() -> Any:
    return stock(rasa.core.policies.rule_policy).RulePolicy


@given(st.lists(RULE, max_size=12), st.lists(STATES, max_size=4))
def test_the_same_rules_match_as_rasa_finds(rules: List[Any], states: List[Any]) -> None:
    policy = RulePolicy.__new__(RulePolicy)
    lookup = {json.dumps(rule, sort_keys=True): "action_listen" for rule in rules}
    assert policy._get_possible_keys(lookup, states) == stock_policy()._get_possible_keys(policy, lookup, states)


IN_A_FORM = [
    user("a", "report"),
    ActionExecuted("report_form"),
    ActiveLoop("report_form"),
    ActionExecuted("action_listen"),
]
CONVERSATIONS = [
    [user()],
    [user(intent="faq")],
    [user("a", "faq"), ActionExecuted("action_answer_question")],
    IN_A_FORM,
    [*IN_A_FORM, user("b", "faq")],
    [user("a", "no such intent")],
]


@pytest.mark.parametrize("events", CONVERSATIONS, ids=str)
@pytest.mark.parametrize("from_text", [True, False])
def test_our_rules_lead_where_rasa_lets_them_lead(agent: Any, events: List[Any], from_text: bool) -> None:
    policy = policy_of(agent)
    tracker = tracker_of(ActionExecuted("action_listen"), *events)
    ours = policy._find_action_from_rules(tracker, domain(), from_text)
    action, source, unhappy = stock_policy()._find_action_from_rules(policy, tracker, domain(), from_text)
    assert (ours[0], ours[2]) == (action, unhappy)
    assert ours[1] == source or (from_text and action is None)


def test_of_our_rules_a_handful_is_looked_at_and_none_is_about_a_text(agent: Any) -> None:
    lookup = policy_of(agent).lookup
    index = RuleIndex(lookup[RULES])
    asked = {"prev_action": {"action_name": "action_listen"}, "user": {"intent": "faq"}}
    assert 0 < len(index.candidates(asked)) < len(lookup[RULES]) / 10
    assert not index.needs_text
    assert not RuleIndex(lookup[RULES_FOR_LOOP_UNHAPPY_PATH]).needs_text


def test_a_rule_about_a_text_is_looked_for() -> None:
    said = {"prev_action": {"action_name": "action_listen"}, "user": {"text": "hello"}}
    assert RuleIndex([json.dumps([said])]).needs_text
    assert ending_of(said) == ("action_listen", None)


def test_a_lookup_that_training_changed_is_read_again() -> None:
    policy = RulePolicy.__new__(RulePolicy)
    lookup = {json.dumps([{"prev_action": {"action_name": name}}]): name for name in ("a", "b")}
    first = index_of(policy, lookup)
    assert index_of(policy, lookup) is first
    lookup.popitem()
    assert index_of(policy, lookup) is not first
    assert index_of(policy, dict(lookup)) is not index_of(policy, lookup)


def test_rasa_asks_by_the_methods_we_replace() -> None:
    theirs = inspect.getsource(stock_policy()._find_action_from_rules)
    assert theirs.count("self._get_possible_keys(") == 2
    assert inspect.getsource(stock_policy()._predict).count("self._find_action_from_rules(") == 2
    assert RulePolicy._get_possible_keys is rule_index.possible_keys
    assert RulePolicy._find_action_from_rules is rule_index.find_action
    assert rule_index._ORIGINAL_KEYS.__module__ == "rasa.core.policies.rule_policy"
