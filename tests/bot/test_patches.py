"""What we change in Rasa, and that the Rasa underneath is still the one we change."""

import asyncio
import importlib.util
import inspect
import re
import sys
from types import ModuleType
from typing import Any, Dict, Iterator, List

import jsonschema
import pytest
import rasa
import rasa.core.actions.action
import rasa.core.agent
import rasa.core.policies.rule_policy
import rasa.core.processor
import rasa.shared.core.events
import rasa.shared.nlu.training_data.training_data
from bot_factories import ROOT, ActionServer, domain, read_yaml, tracker_of, user
from rasa.core.actions.action import ActionExecutionRejection, RemoteAction
from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.core.processor import MessageProcessor
from rasa.core.tracker_store import FailSafeTrackerStore, InMemoryTrackerStore, TrackerStore
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.core import events
from rasa.shared.core.domain import Domain
from rasa.shared.core.slots import Slot
from rasa.shared.utils.common import all_subclasses
from rasa.utils.endpoints import EndpointConfig

from bot import patches
from bot.channel import Silent


def stock(module: ModuleType) -> ModuleType:
    """A second copy of a module of Rasa, as it was installed: without our changes."""
    name = f"stock_{module.__name__.replace('.', '_')}"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, str(module.__file__))
        assert spec
        assert spec.loader
        sys.modules[name] = importlib.util.module_from_spec(spec)
        registered = dict(DefaultV1Recipe._registered_components)  # a module with a component would take its place
        spec.loader.exec_module(sys.modules[name])
        DefaultV1Recipe._registered_components = registered
    return sys.modules[name]


@pytest.fixture(scope="module", autouse=True)
def _no_stock_left() -> Iterator[None]:
    yield
    for name in [name for name in sys.modules if name.startswith("stock_rasa")]:
        del sys.modules[name]


def stock_remote_action() -> Any:
    return stock(rasa.core.actions.action).RemoteAction


def stock_agent() -> Any:
    return stock(rasa.core.agent).Agent


def stock_event() -> Any:
    return stock(rasa.shared.core.events).Event


def test_it_is_the_release_we_measured() -> None:
    assert rasa.__version__ == "3.6.21"


def test_every_patch_is_applied() -> None:
    assert RemoteAction._validate_action_result is patches._validate_with_one_validator
    assert RemoteAction.run is patches._run_and_remember_failure
    assert Agent._create_tracker_store is patches._honest_tracker_store
    assert events.Event.resolve_by_type.__wrapped__ is patches._ORIGINAL_RESOLVE
    assert Slot.__copy__ is patches._copy_of_slot
    assert Domain.is_empty is patches._emptiness_known


def test_the_originals_are_rasas_own_even_after_applying_again() -> None:
    patches.apply()
    assert patches._ORIGINAL_RUN.__module__ == "rasa.core.actions.action"
    assert patches._ORIGINAL_RESOLVE.__module__ == "rasa.shared.core.events"
    test_every_patch_is_applied()


SHAPES = [
    (stock_remote_action, "_validate_action_result", "self result", "function"),
    (stock_remote_action, "action_response_format_spec", "", "static"),
    (stock_remote_action, "run", "self output_channel nlg tracker domain", "coroutine"),
    (stock_event, "resolve_by_type", "type_name default", "static"),
    (stock_agent, "_create_tracker_store", "store domain", "static"),
    (lambda: MessageProcessor, "_update_tracker_session", "self tracker output_channel metadata", "coroutine"),
    (lambda: MessageProcessor, "_handle_message_with_tracker", "self message tracker", "coroutine"),
    (lambda: MessageProcessor, "run_action_extract_slots", "self output_channel tracker", "coroutine"),
    (lambda: MessageProcessor, "_run_prediction_loop", "self output_channel tracker", "coroutine"),
    (
        lambda: TrackerStore,
        "get_or_create_tracker",
        "self sender_id max_event_history append_action_listen",
        "coroutine",
    ),
    (lambda: TrackerStore, "save", "self tracker", "coroutine"),
    (lambda: TrackerStore, "retrieve", "self sender_id", "coroutine"),
    (lambda: TrackerStore, "keys", "self", "coroutine"),
]


@pytest.mark.parametrize(("owner", "name", "parameters", "kind"), SHAPES, ids=[name for _, name, _, _ in SHAPES])
def test_what_we_replace_or_call_has_the_shape_we_know(owner: Any, name: str, parameters: str, kind: str) -> None:
    found = inspect.getattr_static(owner(), name)
    function = found.__func__ if isinstance(found, staticmethod) else found
    assert isinstance(found, staticmethod) is (kind == "static")
    assert inspect.iscoroutinefunction(function) is (kind == "coroutine")
    assert list(inspect.signature(function).parameters) == parameters.split()


def test_a_turn_is_taken_in_rasas_own_order() -> None:
    ours = [
        "_update_tracker_session",
        "_handle_message_with_tracker",
        "run_action_extract_slots",
        "_run_prediction_loop",
    ]
    taken = inspect.getsource(MessageProcessor.handle_message)
    logged = inspect.getsource(MessageProcessor.log_message)
    fetched = inspect.getsource(MessageProcessor.fetch_tracker_and_update_session)
    steps = fetched + logged + taken
    assert re.findall(r"self\.(\w+)\(", fetched) == ["get_tracker", "_update_tracker_session"]
    assert sorted(ours, key=lambda name: steps.index(f"self.{name}(")) == ours
    assert "self.run_anonymization_pipeline(" in taken
    assert taken.rindex("self.save_tracker(") > taken.index("self._run_prediction_loop(")


RESULTS: List[Any] = [
    {},
    {"events": [], "responses": []},
    {"events": [{"event": "slot", "name": "language", "value": "mk"}], "responses": [{"text": "a", "buttons": []}]},
    {"events": [{"event": "slot", "name": "report", "value": {"place": "x"}, "timestamp": None}]},
    {"events": [{"event": "active_loop", "name": None}]},
    {"events": [{"event": "followup", "name": "action_listen"}]},
    {"more": 1},
    {"events": None},
    {"events": "none"},
    {"events": [7]},
    {"events": [{"event": "no such event"}]},
    {"events": [{"event": "slot"}]},
    {"events": [{"name": "language"}]},
    {"responses": {}},
    {"responses": [7]},
    [],
    None,
    "text",
]


def verdict(action: Any, result: Any) -> bool:
    try:
        return bool(action._validate_action_result(result))
    except jsonschema.ValidationError:
        return False


@pytest.mark.parametrize("result", RESULTS, ids=str)
def test_answers_of_actions_are_judged_as_rasa_judges_them(result: Any) -> None:
    assert verdict(RemoteAction("a", None), result) is verdict(stock_remote_action()("a", None), result)


def test_both_verdicts_are_among_those_tried() -> None:
    assert {verdict(RemoteAction("a", None), result) for result in RESULTS} == {True, False}


def test_the_validator_is_made_once_of_a_schema_that_does_not_change() -> None:
    assert patches._validator() is patches._validator()
    assert patches._validator().schema == stock_remote_action().action_response_format_spec()


async def test_rasa_judges_answers_by_the_method_we_replace(actions: ActionServer) -> None:
    judged: List[Any] = []

    class Judging(stock_remote_action()):  # type: ignore[misc]
        def _validate_action_result(self, result: Dict[str, Any]) -> bool:
            judged.append(result)
            return True

    actions.answers["action_x"] = {"events": []}
    await Judging("action_x", EndpointConfig(actions.url)).run(Silent(), None, tracker_of(user()), domain())
    assert judged == [{"events": []}]


EVENT_TYPES = sorted(
    {cls.type_name for cls in all_subclasses(events.Event) if cls.type_name and cls.__module__ == events.__name__}
)


@pytest.mark.parametrize("name", EVENT_TYPES)
def test_events_are_resolved_as_rasa_resolves_them(name: str) -> None:
    found = events.Event.resolve_by_type(name)
    assert found is patches._ORIGINAL_RESOLVE(name)
    assert found.__name__ == stock_event().resolve_by_type(name).__name__


def test_an_unknown_event_is_an_error_every_time_and_a_default_counts() -> None:
    for _ in range(2):
        with pytest.raises(ValueError, match="Unknown event name 'nothing'"):
            events.Event.resolve_by_type("nothing")
    assert events.Event.resolve_by_type("nothing", events.SlotSet) is events.SlotSet
    assert events.Event.resolve_by_type("topic") is None


def test_rasa_reads_events_by_the_method_we_replace() -> None:
    before = events.Event.resolve_by_type.cache_info()
    read = events.deserialise_events([{"event": "slot", "name": "language", "value": "mk"}] * 5)
    after = events.Event.resolve_by_type.cache_info()
    assert read == [events.SlotSet("language", "mk")] * 5
    assert (after.hits + after.misses) - (before.hits + before.misses) == 5
    assert after.misses - before.misses <= 1


def test_rasa_still_hides_a_failing_store_and_we_do_not() -> None:
    store = InMemoryTrackerStore(domain())
    assert isinstance(stock_agent()._create_tracker_store(store, domain()), FailSafeTrackerStore)
    assert Agent(domain(), tracker_store=store).tracker_store is store
    assert isinstance(Agent(domain()).tracker_store, InMemoryTrackerStore)


def test_the_store_is_given_the_domain_as_rasa_gives_it() -> None:
    ours, theirs = InMemoryTrackerStore(None), InMemoryTrackerStore(None)
    Agent._create_tracker_store(ours, domain())
    stock_agent()._create_tracker_store(theirs, domain())
    assert ours.domain is theirs.domain is domain()


async def run(actions: ActionServer) -> List[Any]:
    action = RemoteAction("action_x", EndpointConfig(actions.url))
    return list(await action.run(Silent(), None, tracker_of(user()), domain()))


@pytest.mark.parametrize("failure", [500, 404, {"events": "none"}, {"events": [{"event": "no such event"}]}], ids=str)
async def test_a_failed_action_is_remembered_within_a_watch_only(actions: ActionServer, failure: Any) -> None:
    actions.answers["action_x"] = failure
    with patches.watch_actions():
        assert patches.failed_action() is None
        with pytest.raises(Exception, match=r"action_x|none|no such event"):
            await run(actions)
        assert patches.failed_action() == "action_x"
        assert not patches.actions_away()
    assert patches.failed_action() is None
    with pytest.raises(Exception, match=r"action_x|none|no such event"):
        await run(actions)
    assert patches.failed_action() is None


async def test_an_action_server_that_is_away_is_a_failure() -> None:
    action = RemoteAction("action_x", EndpointConfig("http://127.0.0.1:1/webhook"))
    with patches.watch_actions():
        with pytest.raises(rasa.shared.exceptions.RasaException):
            await action.run(Silent(), None, tracker_of(user()), domain())
        assert patches.failed_action() == "action_x"
        assert patches.actions_away()
    assert not patches.actions_away()


async def test_an_action_that_refuses_has_not_failed(actions: ActionServer) -> None:
    actions.answers["action_x"] = 400
    with patches.watch_actions():
        with pytest.raises(ActionExecutionRejection):
            await run(actions)
        assert patches.failed_action() is None


async def test_an_action_that_works_is_passed_through(actions: ActionServer) -> None:
    actions.answers["action_x"] = {
        "events": [{"event": "slot", "name": "language", "value": "mk"}],
        "responses": [{"text": "done"}],
    }
    with patches.watch_actions():
        reply, change = await run(actions)
        assert (reply.text, change) == ("done", events.SlotSet("language", "mk"))
        assert patches.failed_action() is None


async def test_turns_at_the_same_time_do_not_see_each_others_failures(actions: ActionServer) -> None:
    actions.answers["action_x"] = 500
    watching, failed = asyncio.Event(), asyncio.Event()

    async def failing() -> Any:
        with patches.watch_actions():
            await watching.wait()
            with pytest.raises(rasa.shared.exceptions.RasaException):
                await run(actions)
            failed.set()
            return patches.failed_action()

    async def working() -> Any:
        with patches.watch_actions():
            watching.set()
            await failed.wait()
            return patches.failed_action()

    assert await asyncio.gather(failing(), working()) == ["action_x", None]


async def test_rasa_itself_still_goes_on_after_a_failed_action(agent: Any, actions: ActionServer) -> None:
    actions.answers["action_request_person"] = 500
    message = UserMessage("/talk_to_human", Silent(), "rasa goes on", input_channel="komshu", message_id="m1")
    await agent.processor.handle_message(message)
    kept = await agent.tracker_store.retrieve("rasa goes on")
    names = [event.action_name for event in kept.events if isinstance(event, events.ActionExecuted)]
    assert names[-2:] == ["action_request_person", "action_listen"]


@pytest.mark.parametrize("component", ["language.LanguageIdentifier", "form_guard.FormGuard"])
def test_rasa_gives_the_conversation_to_components_that_name_a_tracker(agent: Any, component: str) -> None:
    nodes = agent.processor.model_metadata.predict_schema.nodes
    (node,) = [node for name, node in nodes.items() if name.startswith(f"run_bot.components.{component}")]
    assert node.needs["tracker"] == "__tracker__"


async def test_an_action_is_sent_the_conversation_and_not_the_domain(actions: ActionServer) -> None:
    endpoints = read_yaml(ROOT / "bot" / "endpoints.yml")["action_endpoint"]
    actions.answers["action_x"] = {"events": []}
    endpoint = EndpointConfig.from_dict({**endpoints, "url": actions.url, "headers": {}})
    await RemoteAction("action_x", endpoint).run(Silent(), None, tracker_of(user()), domain())
    [call] = actions.bodies
    assert "domain" not in call
    assert call["tracker"]["latest_message"]["text"] == "hello"
