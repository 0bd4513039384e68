"""Whole conversations, each in a town where nothing is reported yet."""

import pytest


@pytest.fixture(autouse=True)
def nothing_reported(request: pytest.FixtureRequest) -> None:
    """A town where nothing is open: a new report of the same place would be offered to follow the older one."""
    if "stack" in request.fixturenames:
        request.getfixturevalue("stack").close_tickets()
