"""What the API answers: errors with documented codes, once for each key, nothing that is not this token's to see."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest
from sqlalchemy import text

from backend.core.database import utcnow
from backend.integrations.service import revoke, tokens
from tests.backend.api.office import NAME, PHONE, Api, key
from tests.factories import jpeg

NOBODY = UUID(int=404)
LONG = {"text": "x" * 8001}
VISIT = {"at": "2026-12-01T10:00:00+02:00", "who": "Crew 4"}


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status", "code"),
    [
        ("GET", "/tickets?limit=0", None, {}, 422, "invalid_request"),
        ("GET", "/tickets?state=gone", None, {}, 422, "invalid_request"),
        ("GET", "/chats?after=nonsense", None, {}, 422, "invalid_request"),
        ("GET", "/tickets/nonsense", None, {}, 422, "invalid_request"),
        ("GET", f"/tickets/{NOBODY}", None, {}, 404, "ticket_not_found"),
        ("GET", f"/chats/{NOBODY}", None, {}, 404, "chat_unknown"),
        ("GET", "/nothing", None, {}, 404, "unknown_path"),
        ("GET", "/articles/no_such_topic/en", None, {}, 404, "article_unknown"),
        ("POST", "/tickets", {"language": "en"}, {}, 422, "invalid_request"),
        ("POST", "/tickets", {"language": "xx", "words": "A"}, {}, 422, "invalid_request"),
        ("POST", "/tickets", {"language": "en", "words": "A", "source": "chat"}, {}, 422, "invalid_request"),
        ("POST", "/tickets", {"language": "en", "words": "A", "category": "no"}, {}, 422, "unknown_category"),
        ("POST", "/tickets", {"language": "en", "words": "A", "phone": "12"}, {}, 422, "phone_unreadable"),
        ("POST", "/tickets", {"language": "en", "words": "x" * 1_000_001}, {}, 413, "body_too_large"),
        ("POST", "/tickets", {"language": "en", "words": "A"}, {"Idempotency_Key": "k" * 201}, 422, "invalid_request"),
        ("PATCH", "/tickets/{ticket}", {"place": "A"}, {}, 428, "precondition_missing"),
        ("PATCH", "/tickets/{ticket}", {"place": "A"}, {"If_Match": "soon"}, 422, "invalid_request"),
        ("PATCH", "/tickets/{ticket}", {"place": "A"}, {"If_Match": '"1"'}, 409, "ticket_changed"),
        ("POST", "/tickets/{ticket}/assign", {"unit": "no"}, {"If_Match": "*"}, 422, "unit_unknown"),
        ("POST", "/tickets/{ticket}/assign", {"to": str(NOBODY)}, {"If_Match": "*"}, 422, "assignee_unfit"),
        ("POST", "/tickets/{ticket}/move", {"state": "closed"}, {"If_Match": "*"}, 422, "state_unknown"),
        ("POST", "/tickets/{ticket}/close", {"outcome": "refused"}, {"If_Match": "*"}, 422, "reason_missing"),
        ("POST", "/tickets/{ticket}/reopen", {"reason": "A"}, {"If_Match": "*"}, 409, "ticket_not_closed"),
        ("POST", "/tickets/{closed}/take", None, {"If_Match": "*"}, 409, "ticket_closed"),
        ("POST", "/tickets/{held}/take", None, {"If_Match": "*"}, 409, "ticket_held"),
        ("POST", "/tickets/{ticket}/follow", {"reference": "{reference}"}, {"If_Match": "*"}, 422, "duplicate_unfit"),
        ("POST", "/tickets/{ticket}/notes", {"text": " "}, {}, 422, "reason_missing"),
        ("POST", "/tickets/questions/999999/answer", {"text": "A"}, {}, 404, "question_not_found"),
        ("POST", "/tickets/{ticket}/visits/999999/finish", {"text": "A"}, {}, 404, "visit_not_found"),
        ("POST", "/tickets/{ticket}/documents?name=a", b"no picture", {}, 415, "document_type_unsupported"),
        ("POST", "/tickets/{ticket}/documents?name=a", b"%PDF-" + b"x" * 10_485_761, {}, 413, "document_too_large"),
        ("POST", "/tickets/{ticket}/documents?name=a", b"x" * 11_600_000, {}, 413, "body_too_large"),
        ("GET", f"/tickets/{{ticket}}/documents/{NOBODY}", None, {}, 404, "document_not_found"),
        ("GET", f"/tickets/{{ticket}}/photos/{NOBODY}", None, {}, 404, "photo_not_found"),
        ("GET", f"/tickets/{{ticket}}/papers/{NOBODY}", None, {}, 404, "document_not_found"),
        ("POST", "/chats/{chat}/replies", {"text": "A"}, {}, 409, "chat_not_held"),
        ("POST", "/chats/{chat}/notes", {"text": ""}, {}, 422, "reply_empty"),
        ("POST", "/chats/{chat}/notes", {"text": "x" * 4001}, {}, 422, "reply_too_long"),
        ("POST", "/chats/{chat}/notes", LONG, {}, 422, "invalid_request"),
        ("POST", "/chats/{taken}/take", None, {}, 409, "chat_taken"),
        ("POST", "/chats/{chat}/pass", {}, {}, 422, "invalid_request"),
        ("PUT", "/articles/marriage/en", {"title": "A"}, {"If_Match": "*"}, 422, "invalid_request"),
        ("PUT", "/articles/marriage/en", {"expires": "2026-01-01"}, {"If_Match": "*"}, 422, "article_unfit"),
        ("PUT", "/articles/marriage/en", {}, {}, 428, "precondition_missing"),
    ],
)
async def test_a_refusal_has_its_documented_code(
    api: Api, method: str, path: str, body: Any, headers: dict[str, str], status: int, code: str
) -> None:
    mine, other = await api.token(), await api.token(name="Another")
    ticket = await api.ticket()
    values = {"ticket": str(ticket.id), "reference": ticket.reference}
    if "{closed}" in path:
        values["closed"] = str((await api.ticket(state="closed", closed_at=utcnow())).id)
    if "{held}" in path:
        values["held"] = str((await api.ticket(assignee_id=NOBODY)).id)
    if "{chat}" in path:
        values["chat"] = str(await api.chat())
    if "{taken}" in path:
        values["taken"] = str(await api.chat())
        await api.call(other, "POST", f"/chats/{values['taken']}/take")
    if path.startswith("/articles/marriage") and body is not None and "title" not in body:
        usual = {"title": "A", "body": "A", "owner": "helpdesk", "expires": str(utcnow().date() + timedelta(days=99))}
        body = usual | body
    content, sent = (body, None) if isinstance(body, bytes) else (None, _filled(body, values))
    answer = await api.call(mine, method, path.format(**values), sent, content=content, **headers)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["type"] == f"/docs/errors#{code}"
    if code == "chat_taken":
        assert "Another" in problem["detail"]


def _filled(body: Any, values: dict[str, str]) -> Any:
    return {**body, "reference": values["reference"]} if isinstance(body, dict) and "reference" in body else body


async def test_a_stale_change_says_who_was_faster_and_a_fresh_one_goes_through(api: Api) -> None:
    ana, ion = await api.token(name="Ana's system"), await api.token(name="Ion's system")
    path = f"/tickets/{(await api.ticket()).id}"
    seen = (await api.call(ana, "GET", path)).headers["etag"]
    moved = await api.call(ion, "PATCH", path, {"place": "Here"}, If_Match=seen)
    stale = await api.call(ana, "PATCH", path, {"place": "There"}, If_Match=seen)
    assert (moved.status_code, stale.status_code) == (200, 409)
    assert "Ion's system" in stale.json()["detail"]
    fresh = await api.call(ana, "PATCH", path, {"place": "There"}, If_Match=moved.headers["etag"])
    assert fresh.status_code == 200
    assert moved.headers["etag"] == f'"{moved.json()["event"]}"'


async def test_the_same_key_answers_the_same_and_does_it_once(api: Api) -> None:
    token, once = await api.token("tickets:write"), key()
    body = {"language": "ro", "words": "A hole"}
    first = await api.call(token, "POST", "/tickets", body, Idempotency_Key=once)
    again = await api.call(token, "POST", "/tickets", body, Idempotency_Key=once)
    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    other = await api.call(token, "POST", "/tickets", {**body, "words": "Another"}, Idempotency_Key=once)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")
    elsewhere = await api.call(await api.token("tickets:write"), "POST", "/tickets", body, Idempotency_Key=once)
    assert elsewhere.json()["reference"] != first.json()["reference"]


async def test_a_kept_answer_gives_no_pin_away_to_who_reads_the_table(api: Api) -> None:
    token = await api.token("tickets:write")
    filed = await api.call(token, "POST", "/tickets", {"language": "ro", "words": "A"}, Idempotency_Key=key())
    kept = await api.scalar("SELECT body FROM api_answer ORDER BY at DESC LIMIT 1")
    assert filed.json()["pin"] not in kept
    assert filed.json()["reference"] not in kept


async def test_a_refused_write_may_be_tried_again_with_its_key(api: Api) -> None:
    token, once, chat = await api.token(), key(), await api.chat()
    said = f"/chats/{chat}/replies"
    refused = await api.call(token, "POST", said, {"text": "Hello"}, Idempotency_Key=once)
    await api.call(token, "POST", f"/chats/{chat}/take")
    assert refused.status_code == 409
    first = await api.call(token, "POST", said, {"text": "Hello"}, Idempotency_Key=once)
    again = await api.call(token, "POST", said, {"text": "Hello"}, Idempotency_Key=once)
    assert (first.status_code, first.json()) == (201, again.json())
    spoken = "SELECT count(*) FROM message WHERE conversation_id = :id AND author = 'agent'"
    assert await api.scalar(spoken, id=chat) == 1


async def test_an_act_repeated_with_its_key_is_not_stale(api: Api) -> None:
    token, once, path = await api.token(), key(), f"/tickets/{(await api.ticket()).id}"
    seen = (await api.call(token, "GET", path)).headers["etag"]
    first = await api.call(token, "POST", f"{path}/take", If_Match=seen, Idempotency_Key=once)
    again = await api.call(token, "POST", f"{path}/take", If_Match=seen, Idempotency_Key=once)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.headers["etag"] == again.headers["etag"]


VISIBLE = [
    ("noise", (), True),
    ("noise", ("enforcement",), True),
    ("noise", ("roads",), False),
    ("staff_conduct", (), False),
    ("staff_conduct", ("roads",), False),
    ("staff_conduct", ("ethics",), True),
]


@pytest.mark.parametrize(("category", "units", "seen"), VISIBLE)
async def test_a_ticket_is_there_for_its_unit_and_a_restricted_one_only_when_named(
    api: Api, category: str, units: tuple[str, ...], seen: bool
) -> None:
    ticket = await api.ticket(category=category)
    token, path = await api.token(units=units), f"/tickets/{ticket.id}"
    listed = await api.call(token, "GET", f"/tickets?q={ticket.reference}")
    assert bool(listed.json()["items"]) is seen
    expected = 200 if seen else 404
    assert (await api.call(token, "GET", path)).status_code == expected
    assert (await api.call(token, "PATCH", path, {"place": "A"}, If_Match="*")).status_code == expected
    for act, body in (("take", None), ("ask", {"text": "A"}), ("close", {"outcome": "solved"})):
        assert (await api.call(token, "POST", f"{path}/{act}", body, If_Match="*")).status_code == expected
    for added, body in (("notes", {"text": "A"}), ("questions", {"unit": "roads", "question": "A"}), ("visits", VISIT)):
        status = (await api.call(token, "POST", f"{path}/{added}", body)).status_code
        assert status == (201 if seen else 404)
    document = await api.call(token, "POST", f"{path}/documents?name=a.jpg", content=jpeg())
    assert document.status_code == (201 if seen else 404)
    audit = (await api.call(token, "GET", "/audit")).json()["items"]
    assert any(entry["object_id"] == str(ticket.id) for entry in audit) is seen


async def test_the_audit_log_of_another_unit_is_closed(api: Api) -> None:
    everything, roads = await api.token(), await api.token(units=["roads"])
    restricted = await api.ticket(category="staff_conduct")
    ethics = await api.token(units=["ethics"])
    await api.call(ethics, "GET", f"/tickets/{restricted.id}")
    assert (await api.call(roads, "GET", "/audit?action=token.")).json()["items"] == []
    assert (await api.call(everything, "GET", "/audit?action=token.")).json()["items"] != []
    opened = "/audit?action=ticket.opened"
    assert (await api.call(everything, "GET", opened)).json()["items"] == []
    newest = (await api.call(ethics, "GET", opened)).json()["items"][0]
    assert newest["object_id"] == str(restricted.id)


@pytest.mark.parametrize(("unit", "units", "seen"), [(None, ("roads",), True), ("water", ("roads",), False)])
async def test_a_chat_is_there_for_its_unit(api: Api, unit: str | None, units: tuple[str, ...], seen: bool) -> None:
    chat, token = await api.chat(unit=unit), await api.token(units=units)
    assert (await api.call(token, "GET", f"/chats/{chat}")).status_code == (200 if seen else 404)
    assert (await api.call(token, "POST", f"/chats/{chat}/take")).status_code == (200 if seen else 404)
    listed = (await api.call(token, "GET", "/chats?limit=200")).json()["items"]
    assert any(one["id"] == str(chat) for one in listed) is seen


async def test_who_somebody_is_stands_only_in_what_may_be_read(api: Api) -> None:
    ticket, chat = await api.ticket(), await api.chat()
    reader, writer = await api.token("tickets:read", "chats:read"), await api.token("tickets:write", "chats:write")
    whole = (await api.call(reader, "GET", f"/tickets/{ticket.id}")).json()
    assert whole["citizen"] == {"name": NAME, "phone": PHONE}
    assert (await api.call(reader, "GET", f"/chats/{chat}")).json()["citizen"] == {"name": NAME, "phone": PHONE}
    quiet = [
        await api.call(reader, "GET", "/tickets"),
        await api.call(reader, "GET", "/chats"),
        await api.call(writer, "PATCH", f"/tickets/{ticket.id}", {"place": "A"}, If_Match="*"),
        await api.call(writer, "POST", f"/tickets/{ticket.id}/notes", {"text": "A"}),
        await api.call(writer, "POST", f"/chats/{chat}/take"),
        await api.call(writer, "POST", f"/chats/{chat}/notes", {"text": "A"}),
    ]
    for answer in quiet:
        assert answer.status_code in (200, 201)
        assert PHONE not in answer.text
        assert NAME not in answer.text


async def test_pages_hold_everything_once(api: Api) -> None:
    token = await api.token()
    tickets = {str((await api.ticket(category="trees_green")).id) for _ in range(5)}
    chats = {str(await api.chat(unit="vet")) for _ in range(5)}
    for path, expected in (("/tickets?category=trees_green", tickets), ("/chats?unit=vet", chats)):
        found: list[str] = []
        after = ""
        while True:
            answer = await api.http.get(
                f"/api/v1{path}&limit=2&after={quote(after)}", headers={"Authorization": f"Bearer {token}"}
            )
            page = answer.json()
            found += [one["id"] for one in page["items"]]
            if not page["next"]:
                break
            after = page["next"]
        assert sorted(found) == sorted(expected)


async def test_what_a_token_does_stands_in_the_audit_log_under_its_name(api: Api) -> None:
    token, ticket, chat = await api.token(name="Registry 7"), await api.ticket(), await api.chat()
    await api.call(token, "POST", f"/tickets/{ticket.id}/take", If_Match="*")
    await api.call(token, "POST", f"/chats/{chat}/take")
    mine = (await api.call(token, "GET", "/audit?actor=Registry 7")).json()["items"]
    assert [one["action"] for one in mine] == ["chat.taken", "ticket.taken"]
    assert {one["account_id"] for one in mine} == {(await api.call(token, "GET", "/me")).json()["id"]}


async def test_a_revoked_or_expired_token_is_let_in_no_more(api: Api) -> None:
    revoked, expired = await api.token(name="Old one"), await api.token(name="Short one")
    async with api.sessions() as session, session.begin():
        known = {token.name: token for token in await tokens(session, api.office)}
        await revoke(session, api.office, None, known["Old one"].id)
        known["Short one"].expires_at = utcnow() - timedelta(seconds=1)
    for token in (revoked, expired, "komshu_", "komshu_unknown", "nonsense", "x" * 5000):
        answer = await api.call(token, "GET", "/me")
        assert (answer.status_code, answer.json()["code"]) == (401, "token_refused")


async def test_a_token_of_another_office_is_a_stranger(api: Api) -> None:
    token = await api.token(name="Moved")
    async with api.sessions() as session, session.begin():
        await session.execute(text("UPDATE api_token SET office_id = 'elsewhere' WHERE name = 'Moved'"))
    assert (await api.call(token, "GET", "/me")).status_code == 401


async def test_a_token_that_asks_too_often_is_told_when_to_come_back(api: Api) -> None:
    often, other = await api.token(), await api.token()
    settings = api.app.state.settings
    api.app.state.settings = settings.model_copy(update={"api_requests_per_minute": 2})
    try:
        answers = [await api.call(often, "GET", "/me") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert answers[-1].json()["code"] == "too_many_requests"
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
        assert (await api.call(other, "GET", "/me")).status_code == 200
    finally:
        api.app.state.settings = settings


async def test_an_article_is_published_read_and_listed(api: Api) -> None:
    token, path = await api.token(), "/articles/opening_hours/ro"
    body = {
        "title": "Program",
        "body": "**Luni**",
        "owner": "helpdesk",
        "expires": str(utcnow().date() + timedelta(99)),
    }
    unwritten = await api.call(token, "GET", path)
    assert (unwritten.json()["state"], unwritten.headers["etag"]) == ("missing", '"0"')
    published = await api.call(token, "PUT", path, body, If_Match='"0"')
    assert (published.json()["state"], published.json()["body"]) == ("published", "**Luni**")
    stale = await api.call(token, "PUT", path, body, If_Match='"0"')
    assert (stale.status_code, stale.json()["code"]) == (409, "article_changed")
    listed = (await api.call(token, "GET", "/articles?language=ro")).json()["items"]
    assert [(one["topic"], one["language"], one["title"]) for one in listed] == [("opening_hours", "ro", "Program")]
    foreign = await api.call(await api.token(units=["roads"]), "PUT", path, body, If_Match="*")
    assert (foreign.status_code, foreign.json()["code"]) == (403, "not_allowed")


async def test_a_program_that_holds_a_chat_keeps_it_and_answers(api: Api) -> None:
    token, chat = await api.token(name="Registry"), await api.chat()
    assert (await api.call(token, "POST", f"/chats/{chat}/take")).json()["holder"] == "agent"
    number = (await api.call(token, "POST", f"/chats/{chat}/replies", {"text": "Good morning"})).json()["number"]
    messages = (await api.call(token, "GET", f"/chats/{chat}")).json()["messages"]
    assert [(one["number"], one["author"], one["by"], one["text"]) for one in messages if one["author"] == "agent"] == [
        (number, "agent", "Registry", "Good morning")
    ]
