"""The internal app: for holders of the token only."""

from collections.abc import AsyncIterator
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from backend.app import create_internal_app
from backend.core.settings import Settings
from backend.offices.schemas import Office

TOKEN = "t" * 40


@pytest.fixture(scope="module")
async def app(settings: Settings, office: Office) -> AsyncIterator[FastAPI]:
    app = create_internal_app(settings, office)
    yield app
    await app.state.sessions.kw["bind"].dispose()


@pytest.fixture(scope="module")
async def http(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        yield client


@pytest.mark.parametrize("sent", [None, "", "Bearer", "Bearer ", "Bearer wrong", TOKEN, f"Bearer {TOKEN}x", "Bearer ț"])
async def test_every_route_refuses_whoever_has_not_the_token(
    app: FastAPI, http: httpx.AsyncClient, sent: str | None
) -> None:
    headers = {} if sent is None else {"Authorization": sent.encode()}
    paths = app.openapi()["paths"]
    assert {"/internal/actions", "/internal/office", "/internal/knowledge/answer"} <= set(paths)
    for path, methods in paths.items():
        for method in methods:
            answer = await http.request(method, path.format(conversation_id=UUID(int=1)), headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


async def test_the_internal_app_describes_itself_to_nobody(http: httpx.AsyncClient) -> None:
    for path in ("/docs", "/redoc", "/openapi.json"):
        assert (await http.get(path, headers={"Authorization": f"Bearer {TOKEN}"})).status_code == 404


async def test_a_call_without_an_action_does_nothing(http: httpx.AsyncClient) -> None:
    answer = await http.post("/internal/actions", json={}, headers={"Authorization": f"Bearer {TOKEN}"})
    assert (answer.status_code, answer.json()) == (200, {"events": [], "responses": []})


@pytest.mark.parametrize(
    "call", [{"next_action": "action_unknown", "tracker": {}}, {"next_action": "action_cancel_task"}]
)
async def test_a_call_that_cannot_be_run_is_an_error_and_no_empty_answer(
    http: httpx.AsyncClient, call: dict[str, object]
) -> None:
    answer = await http.post("/internal/actions", json=call, headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code >= 400
