"""What we change in Rasa only so that a turn or a training costs less: it gives what Rasa gives."""

import ast
import copy
import inspect
from types import ModuleType
from typing import Any, List

import pytest
import rasa.core.policies.rule_policy
import rasa.core.processor
import rasa.shared.nlu.training_data.training_data
from bot_factories import ROOT, domain
from rasa.engine.training.graph_trainer import GraphTrainer
from rasa.engine.training.hooks import TrainingHook
from rasa.shared.core.domain import Domain
from rasa.shared.core.slots import Slot
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from test_patches import stock

from bot import patches


def test_equal_examples_have_equal_hashes_and_rasa_drops_repeated_ones() -> None:
    one, same, other = (Message.build(text, "greet") for text in ("hello", "hello", "goodbye"))
    assert hash(one) == hash(same)
    assert one == same != other
    assert len(TrainingData([one, same, other]).training_examples) == 2
    assert "fingerprint" in inspect.getsource(patches._ORIGINAL_HASH)


def merged(cls: Any, **parts: Any) -> TrainingData:
    """The same parts, merged by a class's own method."""
    made = [TrainingData([Message.build(text, "greet")], *rest) for text, *rest in parts["all"]]
    return cls.merge(made[0], *made[1:], None)


PARTS: List[Any] = [
    (
        "hello",
        {"hi": "hello"},
        [{"name": "a", "pattern": "b"}],
        [{"name": "t", "elements": ["x"]}],
        {"r": [{"text": "1"}]},
    ),
    ("bye", {"ciao": "bye"}, [], [], {"s": [{"text": "2"}]}),
    ("hello", {}, [{"name": "c", "pattern": "d"}], [], {}),
]


def test_data_is_merged_as_rasa_merges_it_but_for_the_copies() -> None:
    theirs = stock(rasa.shared.nlu.training_data.training_data).TrainingData
    ours, stocks = merged(TrainingData, all=PARTS), merged(theirs, all=PARTS)
    assert ours.fingerprint() == stocks.fingerprint()
    one = TrainingData([Message.build("hello", "greet")])
    assert one.merge().training_examples[0] is one.training_examples[0]
    assert theirs.merge(one).training_examples[0] is not one.training_examples[0]


def test_a_training_takes_no_digests_and_rasas_own_would() -> None:
    assert TrainingHook.on_before_node is patches._remember_nothing
    assert TrainingHook.on_after_node is patches._remember_nothing
    before, after = patches._ORIGINAL_HOOKS
    assert "calculate_fingerprint_key" in inspect.getsource(before)
    assert "deep_container_fingerprint(output)" in inspect.getsource(after)
    assert before.__module__ == after.__module__ == "rasa.engine.training.hooks"


def test_what_the_hooks_remember_is_read_by_trainings_that_are_not_forced_only() -> None:
    training = inspect.getsource(GraphTrainer.train)
    assert "if force_retraining:" in training
    assert training.index("pruned_training_schema = model_configuration.train_schema") < training.index(
        "self.fingerprint("
    )
    assert "force_training=True" in (ROOT / "bot" / "launcher.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("slot", domain().slots, ids=lambda slot: slot.name)
def test_a_slot_is_copied_as_rasa_copies_it(slot: Slot) -> None:
    twin = copy.copy(slot)
    assert type(twin) is type(slot)
    assert twin.__dict__ == slot.__dict__
    twin.value = "changed"
    assert slot.value != "changed"


def test_whether_there_is_a_domain_is_found_as_rasa_finds_it_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    known, empty = Domain.load(str(ROOT / "bot" / "domain")), Domain.empty()
    assert [one.is_empty() for one in (known, empty)] == [patches._ORIGINAL_EMPTY(one) for one in (known, empty)]
    monkeypatch.setattr(Domain, "as_dict", None)
    assert [one.is_empty() for one in (known, empty)] == [False, True]


@pytest.mark.parametrize("module", [rasa.core.processor, rasa.core.policies.rule_policy])
def test_rasa_copies_to_debug_and_for_nothing_else(module: ModuleType) -> None:
    tree = ast.parse(inspect.getsource(module))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    debugged = [call for call in calls if ast.unparse(call.func) == "structlogger.debug"]
    inside = {id(node) for call in debugged for node in ast.walk(call)}
    copies = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == "copy"]
    assert copies
    assert all(id(node) in inside for node in copies)
    assert module.copy is patches._NO_COPIES
