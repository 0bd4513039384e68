"""Every page of the console: who may come in, from where, and with which headers."""

import re
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import UUID

import pytest

from backend.accounts.schemas import PERMISSIONS, ROLES
from backend.app import create_public_app
from backend.console.shell.guard import inside
from backend.console.shell.pages import COOKIE
from backend.core.settings import ROOT, Settings
from backend.offices.service import read_office
from tests.backend.console.people import STREAM, Desk, Person, routes

NOBODY = UUID(int=404)
APP = create_public_app(
    Settings(_env_file=None, database_url="postgresql+psycopg://nobody@127.0.0.1:1/none", secret_key="s" * 40),
    read_office(ROOT / "data" / "offices", "timisoara"),
)
GETS, POSTS = routes(APP, "GET"), routes(APP, "POST")
OPEN = ("/console/sign-in", "/console/provider", "/console/provider/callback")
"""What has no sign-in behind it."""
FIRST = ("/console/password", "/console/sign-out")
"""What somebody can do who must change their password first."""
BEHIND = [(method, path) for method, paths in (("GET", GETS), ("POST", POSTS)) for path in paths if path not in OPEN]
FORMS = [path for path in POSTS if path not in OPEN]


def test_the_tables_hold_the_console() -> None:
    assert {"/console/chats", "/console/profile", "/console/office/audit", STREAM} <= set(GETS)
    assert {"/console/presence", "/console/profile", "/console/office/accounts/new"} <= set(FORMS)
    assert len(BEHIND) > 40


def test_nothing_of_the_console_takes_other_methods() -> None:
    for method in ("PUT", "PATCH", "DELETE"):
        assert routes(APP, method) == []


async def sent(person: Person, method: str, path: str, **options: Any) -> Any:
    return await person.client.request(method, path, **options)


@pytest.mark.parametrize("token", ["", "forged"])
@pytest.mark.parametrize(("method", "path"), BEHIND)
async def test_nobody_sees_or_does_anything_signed_out(desk: Desk, method: str, path: str, token: str) -> None:
    person = desk.stranger()
    person.client.cookies.set(COOKIE, token)
    answer = await sent(person, method, path)
    assert answer.status_code == 303
    assert urlsplit(answer.headers["location"]).path == "/console/sign-in"
    assert answer.text == ""
    part = await sent(person, method, path, headers={"HX-Request": "true"})
    assert (part.status_code, part.headers["hx-redirect"], part.text) == (204, "/console/sign-in", "")


@pytest.mark.parametrize(("method", "path"), [one for one in BEHIND if one[1] not in FIRST])
async def test_a_first_password_is_changed_before_anything_else(desk: Desk, method: str, path: str) -> None:
    person = await desk.somebody("supervisor", must_change=True)
    answer = await sent(person, method, path, headers={"X-CSRF-Token": person.csrf})
    assert answer.status_code == 303, answer.text
    way = answer.headers["location"]
    assert way == "/console/password" or (await person.get(way)).headers["location"] in (
        "/console/password",
        "/console/chats",
    )
    assert answer.text == ""


@pytest.mark.parametrize("path", FORMS)
async def test_forms_count_only_from_a_page_of_this_sign_in(desk: Desk, path: str) -> None:
    person, other = await desk.somebody("supervisor"), await desk.somebody("supervisor")
    for options in (
        {},
        {"data": {"csrf": ""}},
        {"data": {"csrf": other.csrf}},
        {"headers": {"X-CSRF-Token": other.csrf}},
        {"data": {"csrf": other.csrf}, "headers": {"HX-Request": "true"}},
        {"files": {"csrf": ("csrf", b"x")}},
    ):
        answer = await sent(person, "POST", path, **options)
        assert answer.status_code == 403, options
        assert "out of date" in answer.text
    assert [one for one in await desk.acts() if one.action != "account.sign_in"] == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://desk.evil.example"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
    ],
)
@pytest.mark.parametrize("path", [*FORMS, "/console/sign-in"])
async def test_forms_of_other_sites_are_refused(desk: Desk, path: str, headers: dict[str, str]) -> None:
    person = await desk.somebody("supervisor")
    answer = await person.post(path, headers={**headers, "X-CSRF-Token": person.csrf})
    assert answer.status_code == 403


EVIL = [
    "//evil.example",
    "https://evil.example",
    "https:evil.example",
    "https:/evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/console\\@evil.example",
    "/console/\\evil.example",
    "/console//evil.example",
    "/console.evil.example",
    "/consoleevil",
    "/\t/evil.example",
    "\t//evil.example",
    " //evil.example",
    "/console\r\nSet-Cookie: a=b",
    "/console/\u2028",
    "javascript:alert(1)",
    "/chat",
    "",
]


@pytest.mark.parametrize("next", EVIL)
async def test_signing_in_leads_nowhere_else(desk: Desk, next: str) -> None:
    assert inside(next) == "/console"
    shown = await desk.stranger().get("/console/sign-in", params={"next": next})
    assert 'name="next" value="/console"' in shown.text
    await desk.account(login="ana")
    for headers in ({}, {"HX-Request": "true"}):
        answer = await desk.stranger(headers).sign_in("ana", next=next)
        assert answer.headers.get("location", answer.headers.get("hx-redirect")) == "/console"


@pytest.mark.parametrize("next", ["/console", "/console/chats?view=mine&q=a%20b", "/console/tickets/1", "/console?a=b"])
def test_pages_of_the_console_are_kept(next: str) -> None:
    assert inside(next) == next


async def test_who_was_signed_out_comes_back_to_the_page(desk: Desk) -> None:
    path = "/console/chats?view=mine&q=a%20b"
    answer = await desk.stranger().get(path)
    assert answer.headers["location"] == f"/console/sign-in?next={quote(path)}"


SHOWN = ["/console/sign-in", "/console/profile", "/console/password", "/console/chats", "/console/office/audit"]
SHOWN += ["/console/office/accounts", "/console/office/canned/new", "/console/nothing", f"/console/chats/{NOBODY}"]


@pytest.mark.parametrize("path", SHOWN)
async def test_pages_are_kept_nowhere_and_run_nothing_of_others(desk: Desk, path: str) -> None:
    person = await desk.somebody("administrator")
    answer = await person.get(path)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    policy = dict(part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; "))
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert (policy["default-src"], policy["script-src"], policy["style-src"]) == ("'none'", "'self'", "'self'")
    assert (policy["frame-ancestors"], policy["base-uri"], policy["form-action"]) == ("'none'", "'none'", "'self'")
    assert not re.search(r"<script(?![^>]*src=)|\son\w+=|style=|<style", answer.text)


ROOMS = {
    "/console/profile": "read",
    "/console/chats": "read",
    "/console/office": "publish",
    "/console/office/accounts": "administer",
    "/console/office/accounts/new": "administer",
    "/console/office/audit": "direct",
    "/console/office/canned": "publish",
    "/console/office/canned/new": "publish",
}


@pytest.mark.parametrize("path", ROOMS)
@pytest.mark.parametrize("role", ROLES)
async def test_a_role_sees_its_rooms(desk: Desk, role: Any, path: str) -> None:
    answer = await (await desk.somebody(role)).get(path)
    assert answer.status_code == (200 if ROOMS[path] in PERMISSIONS[role] else 403)


ACTS = {
    "/console/presence": ("read", 204),
    "/console/profile": ("read", 303),
    "/console/office/accounts/new": ("administer", 422),
    f"/console/office/accounts/{NOBODY}": ("administer", 404),
    f"/console/office/accounts/{NOBODY}/disable": ("administer", 404),
    f"/console/office/accounts/{NOBODY}/enable": ("administer", 404),
    f"/console/office/accounts/{NOBODY}/reset": ("administer", 404),
    f"/console/office/accounts/{NOBODY}/absences": ("administer", 404),
    f"/console/office/accounts/{NOBODY}/absences/{NOBODY}/end": ("administer", 303),
    "/console/office/canned/new": ("publish", 422),
    f"/console/office/canned/{NOBODY}": ("publish", 404),
    f"/console/office/canned/{NOBODY}/remove": ("publish", 303),
    f"/console/chats/{NOBODY}/take": ("chat", 404),
    f"/console/chats/{NOBODY}/reply": ("chat", 422),
    f"/console/chats/{NOBODY}/note": ("chat", 422),
    f"/console/chats/{NOBODY}/hand-back": ("chat", 404),
    f"/console/chats/{NOBODY}/retry/1": ("chat", 404),
    f"/console/chats/{NOBODY}/ticket": ("ticket", 404),
}


@pytest.mark.parametrize("path", ACTS)
@pytest.mark.parametrize("role", ROLES)
async def test_a_role_does_its_acts(desk: Desk, role: Any, path: str) -> None:
    permission, status = ACTS[path]
    answer = await (await desk.somebody(role)).post(path)
    assert answer.status_code == (status if permission in PERMISSIONS[role] else 403)


def test_every_form_of_accounts_and_ready_sentences_is_in_the_table() -> None:
    ids = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
    listed = {ids.sub("id", path) for path in ACTS}
    forms = {ids.sub("id", path) for path in FORMS if path.startswith(("/console/office/acc", "/console/office/can"))}
    assert len(forms) == 10
    assert forms <= listed
