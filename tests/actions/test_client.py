"""The client and the app it calls understand each other."""

import asyncio
from typing import get_args
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from pydantic import BaseModel

from actions import client
from actions.client import BackendClient, NewTicket, OfficeFacts
from backend.knowledge import routes as knowledge_routes, schemas as knowledge
from backend.offices import schemas as offices
from backend.tickets import schemas as tickets
from tests.actions.conftest import Desk

ANSWERS: list[tuple[type[BaseModel], type[BaseModel]]] = [
    (client.Answer, knowledge.Answer),
    (client.Found, knowledge.Found),
    (client.SearchResult, knowledge_routes.SearchResult),
    (client.CategoryFacts, offices.CategoryFacts),
    (client.OfficeFacts, offices.OfficeFacts),
    (client.Promise, offices.Promise),
    (client.Filed, tickets.Filed),
    (client.Status, tickets.Status),
    (client.Lookup, tickets.Lookup),
]


@pytest.mark.parametrize(("expected", "answered"), ANSWERS, ids=lambda model: model.__module__)
def test_every_field_the_client_needs_is_answered(expected: type[BaseModel], answered: type[BaseModel]) -> None:
    assert set(expected.model_fields) <= set(answered.model_fields)


def test_the_client_knows_every_result_of_a_look_up() -> None:
    told, known = (model.model_fields["result"].annotation for model in (tickets.Lookup, client.Lookup))
    assert set(get_args(told)) == set(get_args(known))


@pytest.mark.parametrize(
    ("sent", "taken"), [(client.NewTicket, tickets.NewTicket), (client.Position, tickets.Position)]
)
def test_everything_the_client_sends_is_taken(sent: type[BaseModel], taken: type[BaseModel]) -> None:
    assert set(sent.model_fields) <= set(taken.model_fields)
    assert {name for name, field in taken.model_fields.items() if field.is_required()} <= set(sent.model_fields)


async def test_every_method_reads_the_real_answer(desk: Desk) -> None:
    visitor = (await desk.visitor()).conversation_id
    facts = await desk.client.office()
    assert facts.reference_prefix == "TM"
    assert set(facts.categories) == set(desk.office.categories.categories)
    assert set(facts.topics) == set(desk.office.topics)
    answer = await desk.client.answer("marriage", "af")
    assert answer is not None
    assert (answer.topic, answer.language) == ("marriage", "af")
    assert await desk.client.answer("no_such_topic", "af") is None
    found = await desk.client.search("casatorie civila", "ro")
    assert "marriage" in [article.topic for article in found]
    filed = await desk.client.file_ticket(visitor, new_ticket())
    look_up = await desk.client.look_up(visitor, filed.reference, None, "tr")
    assert [ticket.reference for ticket in look_up.tickets] == [filed.reference]
    assert (await desk.client.request_person(visitor, "mk")).phone == desk.office.profile.phone


async def test_a_very_long_message_can_be_searched_for(desk: Desk) -> None:
    found = await desk.client.search("unde este parcarea rezidențială? " * 120, "ro")
    assert "resident_parking" in [article.topic for article in found]


async def test_the_office_is_asked_for_once(desk: Desk, internal_app: FastAPI) -> None:
    asked: list[httpx.Request] = []

    async def count(request: httpx.Request) -> None:
        asked.append(request)

    transport, headers = httpx.ASGITransport(internal_app), desk.http.headers
    hooks = {"request": [count]}
    async with httpx.AsyncClient(transport=transport, base_url="http://x", headers=headers, event_hooks=hooks) as http:
        backend = BackendClient(http)
        first, second = await backend.office(), await backend.office()
    assert first is second
    assert isinstance(first, OfficeFacts)
    assert len(asked) == 1


async def test_a_refusal_is_raised(desk: Desk) -> None:
    with pytest.raises(httpx.HTTPStatusError, match="404"):
        await desk.client.request_person(str(uuid4()), "en")
    with pytest.raises(httpx.HTTPStatusError, match="422"):
        await desk.client.file_ticket((await desk.visitor()).conversation_id, new_ticket(category="no_such"))


async def test_a_client_without_the_token_is_refused(internal_app: FastAPI) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(internal_app), base_url="http://x") as http:
        with pytest.raises(httpx.HTTPStatusError, match="403"):
            await BackendClient(http).office()


async def test_an_answer_that_does_not_come_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    app = FastAPI()

    @app.get("/internal/office")
    async def never() -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(client, "TIMEOUT_SECONDS", 0.01)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as http:
        with pytest.raises(httpx.TimeoutException):
            async with asyncio.timeout(0.5):
                await BackendClient(http).office()


def new_ticket(category: str | None = "noise") -> NewTicket:
    return NewTicket(
        request_key=str(uuid4()),
        kind="complaint",
        category=category,
        description="loud",
        place=None,
        position=client.Position(latitude=45.7, longitude=21.2),
        photos=[],
        details={"time": "every night"},
        language="en",
    )
