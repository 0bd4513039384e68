"""Every route by every scope: let in with the one it names, refused with each other."""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from fastapi.routing import APIRoute

from backend.api.calls import PREFIX, ScopedRoute
from backend.api.routes import ROUTERS
from backend.core.database import utcnow
from backend.core.settings import ROOT
from backend.integrations.schemas import SCOPES, Scope
from tests.backend.api.office import Api
from tests.factories import jpeg


@dataclass(frozen=True)
class Case:
    """One route, with what a right call of it holds."""

    scope: Scope | None
    method: str
    path: str
    status: int = 200
    json: Any = None
    content: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)


ANY = {"If_Match": "*"}
ARTICLE = {
    "title": "Hours",
    "body": "**Monday** to Friday, 8 to 16.",
    "owner": "helpdesk",
    "expires": str((utcnow() + timedelta(days=200)).date()),
}
VISIT = {"at": "2026-12-01T10:00:00+02:00", "who": "Crew 4"}
NEW = {"language": "en", "words": "A hole", "category": "pothole_road"}
CASES = [
    Case(None, "GET", "/me"),
    Case(None, "GET", "/me/office"),
    Case("chats:read", "GET", "/chats"),
    Case("chats:read", "GET", "/chats/{chat_id}"),
    Case("chats:write", "POST", "/chats/{chat_id}/take"),
    Case("chats:write", "POST", "/chats/{held}/replies", 201, {"text": "Good morning"}),
    Case("chats:write", "POST", "/chats/{chat_id}/notes", 201, {"text": "Calm"}),
    Case("chats:write", "POST", "/chats/{held}/hand-back"),
    Case("chats:write", "POST", "/chats/{held}/pass", json={"unit": "roads", "note": "Yours"}),
    Case("tickets:read", "GET", "/tickets"),
    Case("tickets:write", "POST", "/tickets", 201, NEW),
    Case("tickets:read", "GET", "/tickets/{ticket_id}"),
    Case("tickets:read", "GET", "/tickets/{ticket_id}/documents/{document_id}"),
    Case("tickets:read", "GET", "/tickets/{ticket_id}/photos/{photo_id}", 404),
    Case("tickets:read", "GET", "/tickets/{ticket_id}/papers/{photo_id}", 404),
    Case("tickets:write", "PATCH", "/tickets/{ticket_id}", json={"place": "Here"}, headers=ANY),
    Case("tickets:write", "POST", "/tickets/{ticket_id}/assign", json={"unit": "roads"}, headers=ANY),
    Case("tickets:write", "POST", "/tickets/{ticket_id}/take", headers=ANY),
    Case("tickets:write", "POST", "/tickets/{ticket_id}/move", json={"state": "in_progress"}, headers=ANY),
    Case("tickets:write", "POST", "/tickets/{ticket_id}/ask", json={"text": "Where?"}, headers=ANY),
    Case("tickets:write", "POST", "/tickets/{ticket_id}/close", json={"outcome": "solved"}, headers=ANY),
    Case("tickets:write", "POST", "/tickets/{closed_id}/reopen", json={"reason": "Not yet"}, headers=ANY),
    Case("tickets:write", "POST", "/tickets/{ticket_id}/follow", json={"reference": "{other}"}, headers=ANY),
    Case("tickets:write", "POST", "/tickets/{ticket_id}/unfollow", headers=ANY),
    Case("tickets:write", "POST", "/tickets/{ticket_id}/notes", 201, {"text": "Seen"}),
    Case("tickets:write", "POST", "/tickets/{ticket_id}/questions", 201, {"unit": "roads", "question": "Yours?"}),
    Case("tickets:write", "POST", "/tickets/questions/{question_id}/answer", json={"text": "Yes"}),
    Case("tickets:write", "POST", "/tickets/{ticket_id}/visits", 201, VISIT),
    Case("tickets:write", "POST", "/tickets/{ticket_id}/visits/{visit_id}/finish", json={"text": "Mended"}),
    Case("tickets:write", "POST", "/tickets/{ticket_id}/documents", 201, content=jpeg()),
    Case("articles:read", "GET", "/articles"),
    Case("articles:read", "GET", "/articles/{topic}/{language}"),
    Case("articles:write", "PUT", "/articles/{topic}/{language}", json=ARTICLE, headers=ANY),
    Case("audit:read", "GET", "/audit"),
]
ROUTES = sorted(
    (next(iter(route.methods)), route.path.removeprefix(PREFIX), route.scope)
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, ScopedRoute)
)


def shape(path: str) -> str:
    """A path whatever its parameters are called."""
    return re.sub(r"{\w+}", "{}", path)


def test_the_table_holds_every_route() -> None:
    table = sorted((case.method, shape(case.path), str(case.scope)) for case in CASES)
    assert table == sorted((method, shape(path), str(scope)) for method, path, scope in ROUTES)


def test_every_route_under_the_prefix_asks_for_a_token(api: Api) -> None:
    known = {(method, PREFIX + path) for method, path, _ in ROUTES}
    served = {
        (method.upper(), path)
        for path, methods in api.app.openapi()["paths"].items()
        for method in methods
        if path.startswith("/api")
    }
    assert served == known
    assert all(isinstance(route, APIRoute) and isinstance(route, ScopedRoute) for r in ROUTERS for route in r.routes)


@pytest.fixture
async def things(api: Api) -> dict[str, str]:
    """What paths name."""
    token = await api.token()
    ticket, closed, other = await api.ticket(), await api.ticket(), await api.ticket()
    await api.call(token, "POST", f"/tickets/{closed.id}/close", {"outcome": "solved"}, If_Match="*")
    made = {
        "document": await api.call(token, "POST", f"/tickets/{ticket.id}/documents?name=a.jpg", content=jpeg()),
        "question": await api.call(
            token, "POST", f"/tickets/{ticket.id}/questions", {"unit": "roads", "question": "Yours?"}
        ),
        "visit": await api.call(token, "POST", f"/tickets/{ticket.id}/visits", VISIT),
    }
    return {
        **{f"{name}_id": str(answer.json()["id"]) for name, answer in made.items()},
        "ticket_id": str(ticket.id),
        "closed_id": str(closed.id),
        "other": other.reference,
        "chat_id": str(await api.chat()),
        "held": str(await api.chat()),
        "photo_id": str(uuid4()),
        "topic": "opening_hours",
        "language": "en",
    }


def filled(value: Any, things: dict[str, str]) -> Any:
    """The names in braces as what they stand for."""
    if isinstance(value, dict):
        return {key: filled(one, things) for key, one in value.items()}
    return value.format(**things) if isinstance(value, str) and value.startswith(("/", "{")) else value


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.method} {case.path}")
async def test_a_route_is_open_to_its_scope_and_to_no_other(api: Api, things: dict[str, str], case: Case) -> None:
    path = filled(case.path, things) + ("?name=a.jpg" if case.content else "")
    for scope in SCOPES:
        token = await api.token(scope)
        if scope == case.scope and "{held}" in case.path:
            await api.call(token, "POST", f"/chats/{things['held']}/take")
        answer = await api.call(
            token, case.method, path, filled(case.json, things), content=case.content, **case.headers
        )
        if case.scope in (None, scope):
            assert answer.status_code == case.status, answer.text
        else:
            assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
            assert f'scope="{case.scope}"' in answer.headers["www-authenticate"]
            assert str(case.scope) in answer.json()["detail"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.method} {case.path}")
async def test_no_route_is_open_without_a_token(api: Api, case: Case) -> None:
    path = re.sub(r"{\w+}", str(uuid4()), case.path)
    answer = await api.call("", case.method, path, case.json, content=case.content, **case.headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "token_refused")
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_the_documents_table_is_the_routes_table() -> None:
    rows = re.findall(
        r"^\| `([A-Z]+) /api/v1(\S*)` \| (?:`(\S+)`|any) \|", (ROOT / "docs" / "api.md").read_text(), re.M
    )
    assert sorted((method, path, scope or None) for method, path, scope in rows) == [
        (method, path, scope) for method, path, scope in sorted(ROUTES, key=lambda one: (one[0], one[1]))
    ]
