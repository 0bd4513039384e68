"""The stream of changes ends with the sign-in, at a busy desk too."""

from collections.abc import AsyncIterator
from types import SimpleNamespace

import pytest

from backend.console.shell import routes
from backend.console.shell.pages import COOKIE
from tests.backend.console.people import Desk

ENOUGH = 5


async def busy(*_: object) -> AsyncIterator[list[str]]:
    """Something changes all the time."""
    for number in range(ENOUGH):
        yield [f"ticket:{number}"]


@pytest.mark.parametrize(("ended", "told"), [(False, ["changed"] * (1 + ENOUGH)), (True, ["changed", "signed-out"])])
async def test_who_is_signed_out_hears_no_more(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, ended: bool, told: list[str]
) -> None:
    monkeypatch.setattr(routes, "beats", busy)
    monkeypatch.setattr(routes, "BEAT_SECONDS", 0.0)
    mine = await desk.account()
    person = await desk.signed_in(mine)
    if ended:
        await desk.run("DELETE FROM sign_in WHERE account_id = :id", id=mine.id)
    request = SimpleNamespace(app=desk.app(), cookies={COOKIE: person.client.cookies[COOKIE]})
    events = [event.event async for event in routes._events(request)]  # type: ignore[arg-type]
    assert events == told
