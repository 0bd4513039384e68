"""The rules of RulePolicy by what they end with, so that a prediction looks at a handful of them instead of at all.

Rasa compares every rule with every state, and does so twice after each message: once for rules about its very text, of
which we have none. Both together were a quarter of the CPU of a turn with 271 rules. `possible_keys` and `find_action`
take the place of the policy's own methods (bot/patches.py) and give the same answers.
"""

import json
from collections import defaultdict
from typing import Any, Dict, FrozenSet, Iterable, List, Optional, Set, Tuple

from rasa.core.policies.rule_policy import RULES, RULES_FOR_LOOP_UNHAPPY_PATH, RulePolicy
from rasa.shared.core.constants import ACTION_LISTEN_NAME, PREVIOUS_ACTION, SHOULD_NOT_BE_SET, USER
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ACTION_NAME, INTENT

State = Dict[str, Any]
Lookup = Dict[str, str]
"""From rule keys, a rule's states as JSON with the oldest first, to what follows."""
Ending = Tuple[Optional[str], Optional[str]]
"""The action before, and the intent; None where a rule names none."""
Found = Tuple[Optional[str], Optional[str], bool]

_ORIGINAL_KEYS = RulePolicy._get_possible_keys
_ORIGINAL_FIND = RulePolicy._find_action_from_rules


def ending_of(state: State) -> Ending:
    """What a state says of the action before it and of the last message's intent."""
    intent = state.get(USER, {}).get(INTENT)
    return state.get(PREVIOUS_ACTION, {}).get(ACTION_NAME), None if intent == SHOULD_NOT_BE_SET else intent


class RuleIndex:
    """Made of rule keys."""

    def __init__(self, keys: Iterable[str]) -> None:
        endings: Dict[Ending, Set[str]] = defaultdict(set)
        for key in keys:
            endings[ending_of(json.loads(key)[-1])].add(key)
        self._endings = {ending: frozenset(found) for ending, found in endings.items()}

    @property
    def needs_text(self) -> bool:
        """Whether a rule could follow a message of which the text is known and the intent is not."""
        return (ACTION_LISTEN_NAME, None) in self._endings

    def candidates(self, state: State) -> FrozenSet[str]:
        """The rules whose end does not rule out a conversation in this state: all that match, and some that do not."""
        action, intent = ending_of(state)
        if action is None:  # where a conversation begins, Rasa compares nothing else
            return frozenset().union(*(keys for (before, _), keys in self._endings.items() if before is None))
        nothing: FrozenSet[str] = frozenset()
        return self._endings.get((action, intent), nothing) | self._endings.get((action, None), nothing)


def index_of(policy: RulePolicy, lookup: Lookup) -> RuleIndex:
    """The index of a policy's lookup, made once; training replaces and fills lookups, so it is checked to fit."""
    kept: Dict[int, Tuple[Lookup, int, RuleIndex]] = policy.__dict__.setdefault("_kept_indexes", {})
    known = kept.get(id(lookup))
    if known is None or known[0] is not lookup or known[1] != len(lookup):
        known = kept[id(lookup)] = (lookup, len(lookup), RuleIndex(lookup))
    return known[2]


def possible_keys(self: RulePolicy, lookup: Lookup, states: List[State]) -> Set[str]:
    """The rules that match a conversation: Rasa's own comparison, of those left that could."""
    if states:
        lookup = dict.fromkeys(index_of(self, lookup).candidates(states[-1]), "")
    possible: Set[str] = _ORIGINAL_KEYS(self, lookup, states)
    return possible


def needs_text(policy: RulePolicy) -> bool:
    """Whether any rule of a policy could be about a message's text."""
    lookups = (policy.lookup[name] for name in (RULES, RULES_FOR_LOOP_UNHAPPY_PATH) if name in policy.lookup)
    return any(index_of(policy, lookup).needs_text for lookup in lookups)


def find_action(
    self: RulePolicy, tracker: DialogueStateTracker, domain: Domain, use_text_for_last_user_input: bool
) -> Found:
    """The action the rules want next; nothing from a message's text when no rule could be about one."""
    if use_text_for_last_user_input and not needs_text(self):
        return None, None, False
    found: Found = _ORIGINAL_FIND(self, tracker, domain, use_text_for_last_user_input)
    return found
