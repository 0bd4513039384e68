"""Run the bot's custom actions inside the backend's internal app."""

import hmac
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import httpx
from fastapi import APIRouter, Body, FastAPI, Request
from rasa_sdk.executor import ActionExecutor

from actions.client import BackendClient
from actions.registry import all_actions
from backend.core.errors import NotAllowedError
from backend.core.settings import Settings

internal = APIRouter(prefix="/internal", tags=["actions"])


@internal.post("/actions")
async def run_action(request: Request, call: Annotated[dict[str, Any], Body()]) -> dict[str, Any]:
    """Run one action for Rasa: its events and responses."""
    executor: ActionExecutor = request.app.state.actions
    result = await executor.run({"domain": {}, **call})
    return result.model_dump() if result else {"events": [], "responses": []}


def mount_actions(app: FastAPI, settings: Settings) -> None:
    """Give the app an executor whose actions call the same app back in process, without a socket."""
    token = settings.internal_token.get_secret_value()
    http = httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://backend", headers={"Authorization": f"Bearer {token}"}
    )
    executor = ActionExecutor()
    for action in all_actions(BackendClient(http)):
        executor.register_action(action)
    app.state.actions = executor
    app.include_router(internal)


def token_guard(settings: Settings) -> Callable[[Request], Awaitable[None]]:
    """A dependency that lets only holders of the internal token in. Raises NotAllowedError."""
    expected = f"Bearer {settings.internal_token.get_secret_value()}".encode()

    async def guard(request: Request) -> None:
        if not hmac.compare_digest(request.headers.get("authorization", "").encode(), expected):
            raise NotAllowedError

    return guard
