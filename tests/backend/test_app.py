"""The two apps, whatever their routes do."""

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from backend.app import create_internal_app, create_public_app
from backend.core.settings import Settings
from backend.offices.schemas import Office

Make = Callable[[Settings, Office], FastAPI]


def routes_of(routes: list[Any]) -> Iterator[APIRoute]:
    """Every route, of routers within routers too."""
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        elif router := getattr(route, "original_router", None):
            yield from routes_of(router.routes)


def calls_of(needed: Dependant) -> Iterator[Any]:
    """What answers a route, and everything it depends on."""
    yield needed.call
    for one in needed.dependencies:
        yield from calls_of(one)


def waits_for_a_thread(call: Any) -> bool:
    """Whether FastAPI would run it in a thread of its own."""
    called = call if inspect.isroutine(call) else type(call).__call__
    return not (inspect.iscoroutinefunction(called) or inspect.isasyncgenfunction(called))


@pytest.mark.parametrize(("make", "fewest"), [(create_public_app, 100), (create_internal_app, 15)])
def test_no_request_waits_for_a_thread(settings: Settings, office: Office, make: Make, fewest: int) -> None:
    routes = list(routes_of(make(settings, office).routes))
    slow = {(route.path, call) for route in routes for call in calls_of(route.dependant) if waits_for_a_thread(call)}
    assert len(routes) > fewest
    assert slow == set()
