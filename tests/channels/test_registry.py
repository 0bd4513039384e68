"""The channels there are."""

import inspect

import pytest

from channels.adapter import Adapter
from channels.registry import ADAPTERS


@pytest.mark.parametrize(("name", "adapter"), ADAPTERS.items())
def test_every_adapter_is_known_by_its_name_and_can_do_what_is_asked_of_it(name: str, adapter: Adapter) -> None:
    assert adapter.name == name
    assert isinstance(adapter.pull, bool)
    for method in ("parse", "render"):
        asked, able = (inspect.signature(getattr(of, method)) for of in (Adapter, type(adapter)))
        assert list(asked.parameters) == list(able.parameters)


def test_the_web_chat_is_there() -> None:
    assert ADAPTERS["web"].pull
