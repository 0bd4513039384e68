"""What we change in Rasa 3.6.21 at start. Each change has its reason, its measured gain and a test that fails when Rasa
changes underneath it (tests/bot/test_patches*.py)."""

import functools
from contextlib import contextmanager
from contextvars import ContextVar
from types import SimpleNamespace
from typing import Any, Dict, Iterator, List, Optional

import aiohttp
import jsonschema
from rasa.core import processor
from rasa.core.actions.action import ActionExecutionRejection, RemoteAction
from rasa.core.agent import Agent
from rasa.core.policies import rule_policy
from rasa.core.policies.rule_policy import RulePolicy
from rasa.core.tracker_store import InMemoryTrackerStore, TrackerStore
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.training.hooks import TrainingHook
from rasa.shared.core import events
from rasa.shared.core.domain import Domain
from rasa.shared.core.slots import Slot
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.utils.endpoints import EndpointConfig

from bot import rule_index

_failed: ContextVar[Optional[List[str]]] = ContextVar("failed", default=None)
_unreachable: ContextVar[bool] = ContextVar("unreachable", default=False)


def apply() -> None:
    """Apply all changes; twice does no harm."""
    RemoteAction._validate_action_result = _validate_with_one_validator
    events.Event.resolve_by_type = staticmethod(functools.lru_cache(maxsize=None)(_ORIGINAL_RESOLVE))
    Agent._create_tracker_store = staticmethod(_honest_tracker_store)
    RemoteAction.run = _run_and_remember_failure
    DaskGraphRunner.run = _run_without_scheduler
    EndpointConfig.session = _kept_session
    Message.__hash__ = _hash_of_text
    TrainingData.merge = _merged_without_copies
    TrainingHook.on_before_node = _remember_nothing
    TrainingHook.on_after_node = _remember_nothing
    RulePolicy._get_possible_keys = rule_index.possible_keys
    RulePolicy._find_action_from_rules = rule_index.find_action
    Slot.__copy__ = _copy_of_slot
    Domain.is_empty = _emptiness_known
    processor.copy = rule_policy.copy = _NO_COPIES


@functools.lru_cache(maxsize=1)
def _validator() -> Any:
    schema = RemoteAction.action_response_format_spec()
    return jsonschema.validators.validator_for(schema)(schema)


def _validate_with_one_validator(self: RemoteAction, result: Dict[str, Any]) -> bool:
    """Rasa checks the schema itself at every action call (40-60 ms of CPU); build the validator once (0.9 ms)."""
    error = next(iter(_validator().iter_errors(result)), None)
    if error is not None:
        raise error
    return True


_ORIGINAL_RESOLVE = events.Event.resolve_by_type
"""Rasa inspects every event class for each event it reads; remember the answer."""


def _honest_tracker_store(store: Optional[TrackerStore], domain: Domain) -> TrackerStore:
    """Rasa wraps the store so that a database error gives an empty conversation from memory; we want the error."""
    chosen = store or InMemoryTrackerStore(domain)
    chosen.domain = domain
    return chosen


_ORIGINAL_RUN = RemoteAction.run


async def _run_and_remember_failure(self: RemoteAction, *args: Any, **kwargs: Any) -> List[events.Event]:
    """Rasa logs a failed action and goes on as if it had said nothing; the turn must fail instead."""
    try:
        return await _ORIGINAL_RUN(self, *args, **kwargs)
    except ActionExecutionRejection:
        raise
    except Exception as error:
        names = _failed.get()
        if names is not None:
            names.append(self.name())
            _unreachable.set(isinstance(error.__context__, aiohttp.ClientConnectionError))
        raise


def _run_without_scheduler(
    self: DaskGraphRunner, inputs: Optional[Dict[str, Any]] = None, targets: Optional[List[str]] = None
) -> Dict[str, Any]:
    """Rasa plans its graph and starts dask's scheduler for every message and prediction; walk a kept plan instead.

    About a fifth of the CPU of a turn. Each node still runs once and gets what the nodes it needs gave.
    """
    wanted = tuple(targets or self._graph_schema.target_names)
    plans: Dict[Any, Any] = self.__dict__.setdefault("_kept_plans", {})
    if wanted not in plans:
        plans[wanted] = self._build_dask_graph(self._graph_schema.minimal_graph_schema(list(wanted)))
    plan, done = plans[wanted], {name: (name, value) for name, value in (inputs or {}).items()}

    def given(name: str) -> Any:
        if name not in done:
            node, *needs = plan[name]
            done[name] = node(*[given(need) for need in needs])
        return done[name]

    return {name: given(name)[1] for name in wanted}


_ORIGINAL_HASH = Message.__hash__


def _hash_of_text(self: Message) -> int:
    """Rasa hashes an example by a digest of all it holds, several times in a training; its text tells it as well.

    Equal examples have equal texts, so sets stay right. An eighth of the time of a training with 40,000 examples.
    """
    return hash(self.get(TEXT))


_ORIGINAL_MERGE = TrainingData.merge


def _merged_without_copies(self: TrainingData, *others: Optional[TrainingData]) -> TrainingData:
    """Rasa copies every example to its depth at each of the eleven merges of a training; nothing needs the copies.

    A fifth of the time of a training with 40,000 examples.
    """
    parts = [self, *(other for other in others if other)]
    return TrainingData(
        [example for part in parts for example in part.training_examples],
        {said: meant for part in parts for said, meant in part.entity_synonyms.items()},
        [feature for part in parts for feature in part.regex_features],
        [table for part in parts for table in part.lookup_tables],
        {name: said for part in parts for name, said in part.responses.items()},
    )


_ORIGINAL_HOOKS = TrainingHook.on_before_node, TrainingHook.on_after_node


def _remember_nothing(self: TrainingHook, *args: Any, **kwargs: Any) -> Dict[str, Any]:
    """Rasa takes a digest of all examples around each component, for a cache that a full training never reads.

    A sixth of the time of a training with 40,000 examples.
    """
    return {}


class _Kept:
    """A client session that is entered but not closed: its connection to the actions stays open."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def __aenter__(self) -> aiohttp.ClientSession:
        return self._session

    async def __aexit__(self, *_: object) -> None:
        pass


_ORIGINAL_SESSION = EndpointConfig.session


def _kept_session(self: EndpointConfig) -> _Kept:
    """Rasa opens a connection for every action call; keep one."""
    kept: Optional[aiohttp.ClientSession] = self.__dict__.get("_kept")
    if kept is None or kept.closed:
        kept = self.__dict__["_kept"] = _ORIGINAL_SESSION(self)
    return _Kept(kept)


def _copy_of_slot(self: Slot) -> Slot:
    """Rasa copies all slots several times a turn, by the slow general way of `copy`."""
    twin: Slot = object.__new__(type(self))
    twin.__dict__.update(self.__dict__)
    return twin


_ORIGINAL_EMPTY = Domain.is_empty


def _emptiness_known(self: Domain) -> bool:
    """Rasa writes the whole domain out for each message to see whether there is one; ask once."""
    if "_kept_emptiness" not in self.__dict__:
        self.__dict__["_kept_emptiness"] = _ORIGINAL_EMPTY(self)
    known: bool = self.__dict__["_kept_emptiness"]
    return known


_NO_COPIES = SimpleNamespace(deepcopy=lambda value: value)
"""Rasa copies events to their depth for debug lines, in modules that copy nothing else, even when none is written."""


@contextmanager
def watch_actions() -> Iterator[None]:
    """Within, `failed_action` tells whether a custom action failed."""
    token, away = _failed.set([]), _unreachable.set(False)
    try:
        yield
    finally:
        _failed.reset(token)
        _unreachable.reset(away)


def failed_action() -> Optional[str]:
    """The name of the first custom action that failed in this turn, or None."""
    names = _failed.get()
    return names[0] if names else None


def actions_away() -> bool:
    """Whether the failed action of this turn could not be reached at all: then the message is not at fault."""
    return _unreachable.get()
