"""The pages of the tickets: what they show to whom, and what each form does."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from backend.attachments.service import attach_photos, store_photo
from backend.contacts.service import remember_name
from backend.core.catalogue import backend_catalogue
from backend.core.database import utcnow
from backend.core.languages import LANGUAGES
from backend.tickets.models import Ticket
from tests.backend.console.tickets.conftest import Console, Desk, words
from tests.backend.tickets.factories import Town
from tests.factories import jpeg

UNTOLD = re.compile(r"\b(?:desk|ticket|console|error|audit)\.[a-z_]+(?:\.[a-z_]+)*\b")
"""A key that has no sentence is shown as it is."""


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_page_is_in_the_language_of_the_agent(console: Console, language: str) -> None:
    desk = await console.desk(language=language)
    ticket = await console.ticket(due_at=utcnow() - timedelta(days=1), latitude=45.7, longitude=21.2, place="Aici")
    await everything(console, desk, ticket)
    pages = ("", "?view=mine&text=zzzz", "/questions", "/new", f"/{ticket.id}", f"/{ticket.id}/live", "/list?view=all")
    for path in pages:
        answer = await desk.get(path)
        assert answer.status_code == 200, path
        assert UNTOLD.findall(words(answer)) == [], path
        assert f'<html lang="{language}">' in answer.text or path.split("?")[0].endswith(("live", "list"))
    closed = await desk.post(f"/{ticket.id}/close", htmx=True, seen=await console.seen(ticket), outcome="solved")
    assert UNTOLD.findall(words(closed)) == []
    assert UNTOLD.findall(await desk.text(f"/{ticket.id}")) == []


async def everything(console: Console, desk: Desk, ticket: Ticket) -> None:
    """Let a ticket's page have something of each kind."""
    other = await console.ticket()
    acts: list[tuple[str, dict[str, Any]]] = [
        ("take", {}),
        ("note", {"text": "Neighbours quarrel."}),
        ("question", {"unit": "roads", "text": "Is it your lorry?"}),
        ("visit", {"at": "2030-05-01T10:30", "person": "Team 4", "note": "ladder"}),
        ("document", {"files": {"file": ("plan.png", jpeg())}}),
        ("change", {"category": "noise", "place": "Colo", "description": "Loud", "priority": "high"}),
        ("assign", {"unit": "enforcement", "to": str(desk.agent.id)}),
        ("ask", {"text": "Which house?"}),
        ("move", {"state": "in_progress"}),
        ("close", {"outcome": "partly", "reason": "Half of it.", "ground": "Law 1"}),
        ("reopen", {"text": "The other half."}),
        ("follow", {"main": other.reference}),
        ("follow", {"main": ""}),
    ]  # fmt: skip
    for act, fields in acts:
        answer = await desk.post(f"/{ticket.id}/{act}", seen=await console.seen(ticket), **fields)
        assert (answer.status_code, answer.headers.get("location")) == (303, f"/console/tickets/{ticket.id}"), act


async def test_a_page_tells_all_that_happened_by_whom(console: Console) -> None:
    desk, ticket = await console.desk(name="Ana Pop"), await console.ticket(description="Music <b>each</b> night")
    await everything(console, desk, ticket)
    answer = await desk.get(f"/{ticket.id}")
    told = words(answer)
    for expected in (
        "Music &lt;b&gt;each",
        "Ticket received. Came by: Web chat. Unit:",
        "Ana Pop",
        "Took the ticket on",
        "Neighbours quarrel.",
        "Is it your lorry?",
        "Not answered yet",
        "1 May 2030, 10:30:00",
        "Team 4",
        "Added a document: plan.jpg",
        "Place: – → Colo",
        "Priority: Normal → High",
        "Description: Music",
        "Asked the citizen",
        "State: being worked on",
        "Closed: partly solved",
        "Law 1",
        "The other half.",
        "No longer a duplicate",
    ):
        assert expected in told, expected
    assert "<b>each" not in answer.text


@pytest.mark.parametrize(
    ("role", "units", "sees", "person", "acts"),
    [
        ("agent", ("enforcement",), True, True, True),
        ("supervisor", ("roads",), True, True, True),
        ("reader", (), True, False, False),
        ("administrator", (), True, False, False),
        ("agent", ("roads",), False, False, False),
    ],
)
async def test_each_role_sees_as_much_of_the_citizen_as_it_needs(
    console: Console, role: Any, units: tuple[str, ...], sees: bool, person: bool, acts: bool
) -> None:
    ticket, desk = await console.ticket(details={"name": "Maria Pop"}), await console.desk(role, *units)
    await console.within(lambda town: remember_name(town.session, ticket.contact_id, "Maria Pop"))
    answer = await desk.get(f"/{ticket.id}")
    assert answer.status_code == (200 if sees else 404)
    assert ("Loud music" in answer.text) is sees
    assert ("Maria Pop" in answer.text) is person
    assert (f"/console/tickets/{ticket.id}/close" in answer.text) is acts
    found = await desk.get(f"?view=all&text={ticket.reference}")
    assert (f"<strong>{ticket.reference}</strong>" in found.text) is sees


async def test_a_stranger_is_sent_to_sign_in_and_a_form_of_another_page_does_nothing(console: Console) -> None:
    ticket, desk = await console.ticket(), await console.desk()
    nobody = console.client()
    for path in ("", "/new", f"/{ticket.id}", "/questions"):
        answer = await nobody.get(f"/console/tickets{path}")
        assert answer.headers["location"].startswith("/console/sign-in")
    desk.csrf = "x" * 43
    for act in ("take", "note", "close", "document"):
        answer = await desk.post(f"/{ticket.id}/{act}", seen=10**9, text="x", outcome="solved")
        assert answer.status_code == 403, act
    assert (await console.now(ticket)).state == "received"


async def test_htmx_gets_the_ticket_as_it_is_now_and_the_forms_with_it(console: Console) -> None:
    desk, ticket = await console.desk(), await console.ticket()
    answer = await desk.post(f"/{ticket.id}/take", htmx=True, seen=await console.seen(ticket))
    assert "<html" not in answer.text
    assert 'id="acts"' in answer.text
    assert f'name="seen" value="{await console.seen(ticket)}"' in answer.text
    assert "Done: Took the ticket on" in words(answer)


async def test_what_is_stale_is_refused_beside_the_form_with_what_changed(console: Console) -> None:
    desk, other, ticket = await console.desk(), await console.desk(name="Ion"), await console.ticket()
    seen = await console.seen(ticket)
    await other.post(f"/{ticket.id}/take", seen=seen)
    answer = await desk.post(f"/{ticket.id}/close", htmx=True, seen=seen, outcome="solved")
    assert (answer.status_code, answer.headers["hx-retarget"]) == (409, "#notice")
    assert "taken on by an agent (Ion)" in words(answer)
    assert (await console.now(ticket)).state == "in_progress"


async def test_what_moves_out_of_sight_leads_back_to_the_list(console: Console) -> None:
    desk, ticket = await console.desk("agent", "enforcement"), await console.ticket()
    answer = await desk.post(f"/{ticket.id}/assign", seen=await console.seen(ticket), unit="water")
    assert answer.headers["location"] == "/console/tickets"
    assert (await console.now(ticket)).unit == "water"


@pytest.mark.parametrize(
    ("act", "fields", "status"),
    [
        ("ask", {"text": " "}, 422),
        ("close", {"outcome": "refused"}, 422),
        ("close", {"outcome": "duplicate"}, 422),
        ("close", {"outcome": "magic"}, 422),
        ("assign", {"unit": "circus"}, 422),
        ("assign", {"to": str(uuid4())}, 422),
        ("assign", {"to": "me"}, 422),
        ("change", {"category": "ufo", "description": "x"}, 422),
        ("change", {"kind": "gossip", "description": "x"}, 422),
        ("move", {"state": "closed"}, 422),
        ("follow", {"main": "TM-000-000"}, 404),
        ("question", {"unit": "roads"}, 422),
        ("visit", {"at": "soon", "person": "x"}, 422),
        ("visit", {"at": "2030-01-01T10:00"}, 422),
        ("visit/999999", {"text": "x"}, 404),
        ("document", {"files": {"file": ("x.pdf", b"<html>")}}, 415),
        ("document", {}, 422),
        ("chat", {"address": "nowhere"}, 422),
        ("chat", {"address": f"/console/chats/{uuid4()}"}, 404),
        ("reopen", {"text": "x"}, 409),
        ("dance", {}, 404),
    ],
)
async def test_what_cannot_be_done_is_said_on_a_page_and_changes_nothing(
    console: Console, act: str, fields: dict[str, Any], status: int
) -> None:
    desk, ticket = await console.desk(), await console.ticket()
    before = await console.seen(ticket)
    answer = await desk.post(f"/{ticket.id}/{act}", seen=before, **fields)
    assert answer.status_code == status
    assert UNTOLD.findall(words(answer)) == []
    assert await console.seen(ticket) == before


async def test_files_leave_only_as_what_they_are_and_the_audit_knows(console: Console) -> None:
    desk, blind, ticket = await console.desk(), await console.desk("agent", "water"), await console.ticket()
    pdf = b"%PDF-1.7\n%%EOF\n"
    await desk.post(f"/{ticket.id}/document", files={"file": ("Raport ț.pdf", pdf)}, seen=1)
    [path] = re.findall(r"/documents/[0-9a-f-]{36}", (await desk.get(f"/{ticket.id}")).text)
    answer = await desk.get(f"/{ticket.id}{path}")
    assert answer.content == pdf
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "private, no-store"
    assert (await blind.get(f"/{ticket.id}{path}")).status_code == 404
    assert (await desk.get(f"/{(await console.ticket()).id}{path}")).status_code == 404
    assert await console.within(lambda town: town.audited(ticket)) == ["ticket.document", "ticket.document_read"]


async def test_photos_of_the_citizen_are_shown_to_who_sees_the_ticket(console: Console) -> None:
    desk, blind, ticket = await console.desk("reader"), await console.desk("agent", "water"), await console.ticket()
    photo, loose = uuid4(), uuid4()

    async def send(town: Town) -> None:
        for number in (photo, loose):
            await store_photo(town.session, town.settings, ticket.contact_id, number, jpeg())
        await attach_photos(town.session, ticket.contact_id, [photo], ticket.id)

    await console.within(send)
    assert f'src="/console/tickets/{ticket.id}/photos/{photo}"' in (await desk.get(f"/{ticket.id}")).text
    answer = await desk.get(f"/{ticket.id}/photos/{photo}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
    assert (await blind.get(f"/{ticket.id}/photos/{photo}")).status_code == 404
    assert (await desk.get(f"/{ticket.id}/photos/{loose}")).status_code == 404


async def test_a_kept_filter_leads_nowhere_else(console: Console) -> None:
    desk = await console.desk()
    for query in ("view=all\r\nSet-Cookie: a=b", "view=all&next=//evil.example", "x" * 9000, "text=ș\0"):
        for htmx in (True, False):
            answer = await desk.post("/filters", htmx=htmx, name="x", query=query)
            target = answer.headers.get("location") or answer.headers["hx-redirect"]
            assert re.fullmatch(r"/console/tickets\?[\w=&%+-]*", target), query
            assert "evil" not in target


async def test_the_sign_postgresql_does_not_keep_is_left_out(console: Console) -> None:
    desk, ticket = await console.desk(), await console.ticket()
    assert (await desk.post(f"/{ticket.id}/note", text="a\0b", seen=1)).status_code == 303
    assert "ab" in await desk.text(f"/{ticket.id}")


async def test_opening_a_restricted_ticket_is_written_down(console: Console) -> None:
    ticket = await console.ticket(category="staff_conduct")
    named, blind = await console.desk("agent", "ethics"), await console.desk("supervisor")
    assert (await named.get(f"/{ticket.id}")).status_code == 200
    assert (await blind.get(f"/{ticket.id}")).status_code == 404
    assert await console.within(lambda town: town.audited(ticket)) == ["ticket.opened"]


async def test_a_filter_is_its_address_and_can_be_kept_and_forgotten(console: Console) -> None:
    desk, ticket = await console.desk(), await console.ticket(category="pothole_road", language="mk")
    other = await console.ticket()
    query = "view=all&category=pothole_road&language=mk"
    listed = (await desk.get(f"?{query}")).text
    assert (ticket.reference in listed, other.reference in listed) == (True, False)
    answer = await desk.post("/filters", name="Holes & more", query=query)
    assert answer.headers["location"] == f"/console/tickets?{query}"
    page = (await desk.get("")).text
    assert "Holes &amp; more" in page
    [number] = re.findall(r"/filters/(\d+)/delete", page)
    await desk.post(f"/filters/{number}/delete")
    assert "Holes" not in (await desk.get("")).text


@pytest.mark.parametrize(
    "query",
    ["view=hidden&sort=luck", "due_within=-1", "created_from=soon", "after=x", "text=%00", "unit=%00&state=%00"],
)
async def test_a_filter_that_makes_no_sense_is_left_out(console: Console, query: str) -> None:
    desk = await console.desk()
    assert (await desk.get(f"?{query}")).status_code == 200


async def test_a_changed_filter_changes_the_address_and_a_refresh_does_not(console: Console) -> None:
    desk = await console.desk()
    changed = await desk.get("/list?view=all&unit=roads", headers={"HX-Request": "true", "HX-Trigger": "x"})
    assert changed.headers["hx-replace-url"] == "/console/tickets?view=all&unit=roads"
    refreshed = await desk.get("/list?view=all", headers={"HX-Request": "true", "HX-Trigger": "tickets"})
    assert "hx-replace-url" not in refreshed.headers


async def test_questions_to_a_unit_are_answered_without_seeing_the_ticket(console: Console) -> None:
    asking, roads = await console.desk("agent", "enforcement"), await console.desk("agent", "roads")
    ticket = await console.ticket(description="Secret words")
    question = f"Is it your lorry {uuid4()}?"
    await asking.post(f"/{ticket.id}/question", unit="roads", text=question, seen=1)
    page = (await roads.get("/questions")).text
    assert question in page
    assert "Secret words" not in page
    number = re.findall(r"/questions/(\d+)", page)[-1]
    assert (await roads.post(f"/questions/{number}", text="No, the water works'.")).status_code == 303
    assert "No, the water works" in await asking.text(f"/{ticket.id}")
    assert question not in (await roads.get("/questions")).text


async def registered(desk: Desk, **fields: str) -> httpx.Response:
    form = {"key": uuid4().hex, "source": "counter", "language": "tr", "kind": "complaint", "words": "Muzică tare"}
    return await desk.post("/new", **{**form, **fields})


@pytest.mark.parametrize("typed", ["noise", "Noise", "ZGOMOT", "gurultu", "Бучава", " nois "])
async def test_a_category_is_chosen_by_typing_its_name_in_any_language(console: Console, typed: str) -> None:
    desk = await console.desk()
    answer = await registered(desk, category=typed, name="Maria", phone="0721 555 921", place="Piața Unirii")
    assert answer.status_code == 201
    told = words(answer)
    reference, pin = re.findall(r"TM-\w{3}-\w{3}", told)[0], re.findall(r"\b\d{6}\b", told)
    assert len(pin) == 1
    ticket = await console.within(lambda town: town.named(reference))
    assert (ticket.category, ticket.source, ticket.language, ticket.unit) == ("noise", "counter", "tr", "enforcement")
    assert answer.headers["cache-control"] == "no-store"
    assert 'href="/console/tickets/new?source=counter"' in answer.text


@pytest.mark.parametrize(
    ("wrong", "field", "status"),
    [
        ({"phone": "12"}, "phone", 422),
        ({"category": "ufo"}, "category", 422),
        ({"category": "a"}, "category", 422),
        ({"words": "  "}, "words", 422),
        ({"kind": "gossip"}, None, 422),
        ({"source": "dream"}, None, 422),
        ({"source": "chat"}, None, 422),
        ({"source": "cimer"}, None, 422),
        ({"key": ""}, None, 422),
    ],
)
async def test_a_form_that_cannot_be_filed_comes_back_as_it_was_typed(
    console: Console, wrong: dict[str, str], field: str | None, status: int
) -> None:
    desk = await console.desk()
    answer = await registered(desk, **{"name": 'Maria "M" Pop', "place": "Piața Unirii", **wrong})
    assert answer.status_code == status
    assert 'value="Maria &#34;M&#34; Pop"' in answer.text
    assert 'value="Piața Unirii"' in answer.text
    assert 'id="problem"' in answer.text
    marked = re.findall(r'name="(\w+)"[^>]*aria-invalid', answer.text)
    assert marked == ([field] if field else [])


async def test_who_only_reads_registers_nothing(console: Console) -> None:
    reader = await console.desk("reader")
    assert (await reader.get("/new")).status_code == 403
    assert (await registered(reader)).status_code == 403
    assert "/console/tickets/new" not in (await reader.get("")).text


def test_every_sentence_of_the_pages_is_used_and_exists() -> None:
    console = Path(__file__).parents[4] / "backend" / "console"
    files = [path for room in ("tickets", "disputes") for path in (console / room).iterdir()]
    source = "".join(path.read_text(encoding="utf-8") for path in files if path.suffix in (".py", ".html"))
    named = set(re.findall(r'"(desk\.[a-z_.]*[a-z_])"(?! ~)', source))
    stems = set(re.findall(r"""["'](desk\.[a-z_.]*\.)(?:["']|\{)""", source))
    known = {key for key in backend_catalogue().keys("en") if key.startswith("desk.")}
    assert named <= known
    assert [key for key in known - named if not any(key.startswith(stem) for stem in stems)] == []
