"""The addresses of the backend's way in, over a real Sanic server."""

import gc
import json
from typing import Any, AsyncIterator, Optional
from uuid import uuid4

import aiohttp
import pytest
from bot_factories import TOKEN, ActionServer, served

from bot.channel import KomshuInput
from bot.nlg.catalogue import catalogues

SPACES = [" ", "\t", "\r\n", "\v", "\f", "\x1c", "\x85", "\u00a0", "\u2003", "\u2028", "\u3000"]

from test_channel import WRONG


class Http:
    """The channel over HTTP, as Rasa mounts it."""

    def __init__(self, session: aiohttp.ClientSession, app: Any, url: str) -> None:
        self.session, self.app, self.url = session, app, url

    async def __call__(
        self, method: str, path: str, body: Any = None, token: Optional[str] = TOKEN, raw: Optional[bytes] = None
    ) -> Any:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        data = raw if raw is not None else (None if method == "GET" else json.dumps(body))
        async with self.session.request(method, self.url + path, data=data, headers=headers) as response:
            said = await response.text()
            return response.status, json.loads(said) if said.startswith("{") else said


@pytest.fixture(scope="module")
async def http(agent: Any) -> AsyncIterator[Http]:
    async with served([KomshuInput(TOKEN)], agent) as (app, url), aiohttp.ClientSession() as session:
        yield Http(session, app, f"{url}/webhooks/komshu")
    gc.unfreeze()


@pytest.mark.parametrize("token", [None, "", "wrong", TOKEN[:-1], TOKEN + "t", "тајна", "x" * 5000])
@pytest.mark.parametrize(("method", "path"), [("GET", "/ready"), ("POST", "/turns")])
async def test_without_the_token_nothing_is_answered(http: Http, token: Optional[str], method: str, path: str) -> None:
    asked = {"conversation_id": uuid4().hex, "message_id": "m1", "payload": "/greet"}
    assert await http(method, path, asked, token=token) == (401, {"error": "token"})


@pytest.mark.parametrize(("body", "named"), WRONG)
async def test_a_wrong_request_is_answered_422(http: Http, body: Any, named: str) -> None:
    assert await http("POST", "/turns", body) == (422, {"error": named})


@pytest.mark.parametrize("raw", [b"{", b"\xff\xfe", b"conversation_id=c"])
async def test_what_is_no_json_is_the_callers_fault(http: Http, raw: bytes) -> None:
    status, _ = await http("POST", "/turns", raw=raw)
    assert 400 <= status < 500


async def test_the_garbage_collector_leaves_the_model_alone_once_it_serves(http: Http) -> None:
    assert gc.get_freeze_count() > 0


async def test_a_turn_is_answered_200(http: Http) -> None:
    asked = {"conversation_id": uuid4().hex, "message_id": "m1", "payload": "/thank", "language_hint": "mk"}
    status, answer = await http("POST", "/turns", asked)
    assert status == 200
    assert answer == {
        "replies": [{"text": catalogues()["mk"]["utter_welcome"], "buttons": [], "language": "mk"}],
        "language": "mk",
        "language_choice": None,
        "recovered": False,
    }


async def test_a_failed_turn_is_answered_500_and_says_why(http: Http, actions: ActionServer) -> None:
    actions.answers["action_request_person"] = 500
    asked = {"conversation_id": uuid4().hex, "message_id": "m1", "payload": "/talk_to_human"}
    assert await http("POST", "/turns", asked) == (500, {"error": "action action_request_person"})


async def test_ready_says_whether_a_model_is_loaded(http: Http) -> None:
    assert await http("GET", "/ready") == (200, {"ready": True})
    loaded, http.app.ctx.agent = http.app.ctx.agent, None
    try:
        assert await http("GET", "/ready") == (503, {"ready": False})
    finally:
        http.app.ctx.agent = loaded


def test_the_token_comes_from_the_environment_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTERNAL_TOKEN", "from the environment")
    made = KomshuInput.from_credentials({"token": "from the file"})
    assert made._expected == b"Bearer from the environment"
    monkeypatch.delenv("INTERNAL_TOKEN")
    with pytest.raises(KeyError):
        KomshuInput.from_credentials(None)
