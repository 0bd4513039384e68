"""A desk whose office has subscribers on every channel."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from starlette.datastructures import State

from backend.core.database import make_sessions
from tests.backend.announcements.factories import ADAPTERS, Town
from tests.backend.console.people import Desk


@contextmanager
def instead(state: State, name: str, value: Any) -> Iterator[None]:
    """Something else in an app's state for a while; it keeps no attributes of its own, as monkeypatch would have it."""
    before = getattr(state, name)
    setattr(state, name, value)
    yield
    setattr(state, name, before)


@pytest.fixture
def town(desk: Desk) -> Iterator[Town]:
    with instead(desk.shared.state, "adapters", ADAPTERS):
        yield Town(make_sessions(desk.engine), desk.settings, desk.office)
