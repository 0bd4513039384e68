"""Errors as people and programs meet them."""

from collections.abc import AsyncIterator
from string import Formatter
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

import backend.app  # noqa: F401 - brings every error class
from backend.core.catalogue import backend_catalogue
from backend.core.errors import KomshuError, TooManyRequestsError, all_errors, install_error_handlers
from backend.core.languages import LANGUAGES
from backend.core.settings import ROOT

BY_CODE = {error.code: error for error in all_errors()}
SENTENCES = "".join(backend_catalogue().section("error.", "en").values())
VALUES = {name: 7 for _, name, _, _ in Formatter().parse(SENTENCES) if name}


def failing_app() -> FastAPI:
    app = FastAPI()
    install_error_handlers(app)

    @app.get("/fails/{code}")
    async def fails(code: str) -> None:
        raise BY_CODE[code](**VALUES)

    @app.get("/slow")
    async def slow() -> None:
        raise TooManyRequestsError(headers={"Retry-After": "7"}, seconds=7)

    @app.get("/number/{number}")
    async def number(number: int) -> int:
        return 1 // number

    return app


@pytest.fixture(scope="module")
async def http() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(failing_app(), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        yield client


def shape(answer: httpx.Response) -> dict[str, Any]:
    """The problem an answer tells, after checking that it has the documented form."""
    body: dict[str, Any] = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert set(body) == {"type", "title", "status", "code", "detail"}
    assert body["status"] == answer.status_code
    assert body["type"] == f"/docs/errors#{body['code']}"
    assert body["title"]
    assert body["detail"]
    assert "{" not in body["detail"]
    return body


@pytest.mark.parametrize("code", sorted(BY_CODE))
async def test_every_error_is_told_in_the_language_of_the_person(http: httpx.AsyncClient, code: str) -> None:
    for language in LANGUAGES:
        answer = await http.get(f"/fails/{code}", headers={"Accept-Language": language})
        assert shape(answer)["code"] == code
        assert answer.status_code == BY_CODE[code].status
        assert answer.headers["content-language"] == language


def test_no_two_errors_share_a_code() -> None:
    assert len(BY_CODE) == len(all_errors())
    assert all(issubclass(error, KomshuError) for error in all_errors())


@pytest.mark.parametrize(
    ("path", "method", "status", "code"),
    [
        ("/nowhere", "GET", 404, "unknown_path"),
        ("/number/seven", "GET", 422, "invalid_request"),
        ("/number/0", "GET", 500, "internal_error"),
    ],
)
async def test_errors_of_the_framework_and_our_own_faults_have_the_same_form(
    http: httpx.AsyncClient, path: str, method: str, status: int, code: str
) -> None:
    answer = await http.request(method, path)
    assert answer.status_code == status
    assert shape(answer)["code"] == code


async def test_a_wrong_method_is_a_problem_that_says_what_is_allowed(http: httpx.AsyncClient) -> None:
    answer = await http.post("/slow")
    assert answer.status_code == 405
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["allow"] == "GET"


async def test_retry_after_and_its_sentence_say_the_same(http: httpx.AsyncClient) -> None:
    answer = await http.get("/slow")
    assert answer.headers["retry-after"] == "7"
    assert "7" in shape(answer)["detail"]


def test_the_documentation_describes_every_code() -> None:
    text = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    assert [code for code in BY_CODE if code not in text] == []
