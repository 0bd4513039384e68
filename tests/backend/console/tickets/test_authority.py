"""Acting for somebody else on a ticket's page, and the papers citizens sent: shown clearly, and safe to open."""

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from backend.attachments.papers import keep_paper, note_paper, told
from backend.attachments.service import attach_photos, store_photo
from backend.authority import service as authorities
from backend.authority.models import Authority
from backend.authority.schemas import Claim
from backend.conversations.service import open_web_session, receive, web_conversation
from backend.core.languages import LANGUAGES
from backend.tickets.aftercare import care
from backend.tickets.models import Ticket
from backend.tickets.schemas import Author, CareRequest
from channels.message import Inbound
from tests.backend.attachments.papers import locked, pdf
from tests.backend.console.tickets.conftest import Console, words
from tests.backend.console.tickets.test_pages import UNTOLD
from tests.backend.tickets.factories import Town
from tests.factories import jpeg

MOTHER = Claim(name="Ana <b>Popescu</b>", relation="family")


async def formal(console: Console, **fields: Any) -> Ticket:
    return await console.ticket(kind="information_request", category=None, acting=MOTHER, **fields)


async def sent(console: Console, ticket: Ticket, content: bytes | None = None) -> UUID:
    """A paper its author sends for a ticket."""

    async def send(town: Town) -> UUID:
        paper = await keep_paper(town.settings, uuid4(), "împuternicire.pdf", content or pdf(3))
        await note_paper(town.session, ticket.contact_id, paper)
        by = Author(contact_id=ticket.contact_id, conversation_id=None, channel="web")
        request = {"act": "authorise", "reference": ticket.reference, "request_key": str(paper.id), "language": "en"}
        await care(town.session, town.office, by, CareRequest.model_validate({**request, "photos": [paper.id]}))
        return paper.id

    found: UUID = await console.within(send)
    return found


async def authority(console: Console, ticket: Ticket) -> Authority:
    async def find(town: Town) -> Authority | None:
        return await authorities.of_ticket(town.session, ticket.id)

    found: Authority | None = await console.within(find)
    assert found is not None
    return found


def assert_safe(answer: httpx.Response, content: bytes, name: str) -> None:
    assert (answer.status_code, answer.content) == (200, content)
    assert answer.headers["content-disposition"] == f"attachment; filename*=utf-8''{name}"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "private, no-store"
    assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_the_page_says_for_whom_and_what_is_missing(console: Console) -> None:
    desk, ticket = await console.desk(), await formal(console)
    page = await desk.get(f"/{ticket.id}")
    assert "<b>Popescu" not in page.text
    said = words(page)
    for expected in ("Acts for somebody else", "Popescu", "family", "paper missing", "none yet", "I saw the paper"):
        assert expected in said


async def test_a_paper_is_listed_with_name_size_and_pages_and_only_saved(console: Console) -> None:
    desk, ticket = await console.desk(), await formal(console)
    paper = await sent(console, ticket)
    said = words(await desk.get(f"/{ticket.id}"))
    assert "împuternicire.pdf PDF, 3 pages, 1 kB" in said
    assert "paper to be checked" in said
    answer = await desk.get(f"/{ticket.id}/papers/{paper}")
    assert_safe(answer, pdf(3), "%C3%AEmputernicire.pdf")
    assert (await desk.get(f"/{ticket.id}/photos/{paper}")).status_code == 404
    assert (await desk.get(f"/{ticket.id}/papers/{uuid4()}")).status_code == 404
    stranger = await console.desk("agent", "roads")
    assert (await stranger.get(f"/{ticket.id}/papers/{paper}")).status_code == 404


async def test_accepting_and_refusing(console: Console) -> None:
    desk, ticket = await console.desk(name="Ana Pop"), await formal(console)
    first = await sent(console, ticket)
    wordless = await desk.post(f"/{ticket.id}/authority/refuse", paper=str(first), text=" ")
    assert wordless.status_code == 422
    refused = await desk.post(f"/{ticket.id}/authority/refuse", paper=str(first), text="Not signed.")
    assert refused.status_code == 303
    said = await desk.text(f"/{ticket.id}")
    assert "Refused the authorisation" in said
    assert "Not signed." in said
    second = await sent(console, ticket)
    stale = await desk.post(f"/{ticket.id}/authority/accept", htmx=True, paper=str(first))
    assert (stale.status_code, (await authority(console, ticket)).state) == (409, "shown")
    accepted = await desk.post(f"/{ticket.id}/authority/accept", htmx=True, paper=str(second))
    assert accepted.status_code == 200
    assert "Accepted the authorisation" in words(accepted)
    found = await authority(console, ticket)
    assert (found.state, found.checked_by) == ("accepted", "Ana Pop")
    assert "authority/accept" not in (await desk.get(f"/{ticket.id}")).text


async def test_a_photo_of_the_paper_is_linked(console: Console) -> None:
    desk, ticket = await console.desk(), await formal(console)
    photo = await sent(console, ticket, jpeg())
    page = await desk.get(f"/{ticket.id}")
    assert f'href="/console/tickets/{ticket.id}/photos/{photo}"' in page.text
    assert "Photo of the authorisation" in words(page)


async def test_what_was_said_at_the_counter_is_written_down_with_its_paper(console: Console) -> None:
    desk, ticket = await console.desk(), await console.ticket()
    file = {"file": ("volmag.pdf", pdf())}
    answer = await desk.post(f"/{ticket.id}/authority", name="Vera", relation="lawyer", files=file)
    assert answer.status_code == 303
    found = await authority(console, ticket)
    assert (found.name, found.relation, found.state) == ("Vera", "lawyer", "shown")
    page = await desk.get(f"/{ticket.id}")
    assert f"/console/tickets/{ticket.id}/documents/{found.document_id}" in page.text
    await desk.post(f"/{ticket.id}/authority/accept", paper=str(found.document_id))
    assert (await authority(console, ticket)).state == "accepted"


@pytest.mark.parametrize(
    ("path", "fields", "status"),
    [
        ("authority", {"name": " "}, 422),
        ("authority", {"name": "Vera", "relation": "queen"}, 422),
        ("authority", {"name": "Vera", "files": {"file": ("a.exe", b"MZ")}}, 415),
        ("authority/accept", {"paper": "no id"}, 422),
        ("authority/accept", {}, 404),
    ],
)
async def test_what_cannot_be_done_is_refused(console: Console, path: str, fields: dict[str, Any], status: int) -> None:
    desk, ticket = await console.desk(), await console.ticket()
    assert (await desk.post(f"/{ticket.id}/{path}", **fields)).status_code == status


async def test_who_only_reads_decides_nothing(console: Console) -> None:
    reader, ticket = await console.desk("reader"), await formal(console)
    for act in ("authority", "authority/accept", "authority/refuse"):
        assert (await reader.post(f"/{ticket.id}/{act}", name="A", text="x")).status_code == 403


async def test_a_ticket_registered_for_somebody_says_so(console: Console) -> None:
    desk = await console.desk()
    fields = {"words": "Plans, please", "kind": "information_request", "language": "en", "source": "counter"}
    answer = await desk.post("/new", key=uuid4().hex, acting_for="Vera Ilieva", relation="association", **fields)
    assert answer.status_code == 201
    wrong = await desk.post("/new", key=uuid4().hex, acting_for="Vera", relation="queen", **fields)
    assert wrong.status_code == 422


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_part_is_in_the_language_of_the_agent(console: Console, language: str) -> None:
    desk, ticket = await console.desk(language=language), await formal(console)
    await desk.post(f"/{ticket.id}/authority/refuse", text="Ne.")
    await sent(console, ticket)
    await desk.post(f"/{ticket.id}/authority", name="Vera", relation="other")
    for path in (f"/{ticket.id}", "/new"):
        assert UNTOLD.findall(await desk.text(path)) == []


async def test_a_document_in_a_chat_is_there_for_who_sees_the_chat(console: Console) -> None:
    async def chat(town: Town) -> tuple[UUID, UUID]:
        token, _ = await open_web_session(town.session, town.office, "en")
        talk = await web_conversation(town.session, token)
        paper = await keep_paper(town.settings, uuid4(), "cerere.pdf", pdf())
        await note_paper(town.session, talk.contact_id, paper)
        inbound = Inbound.model_validate({"external_id": str(paper.id), **told(paper)})
        await receive(town.session, town.settings, talk, inbound)
        return talk.id, paper.id

    desk, (talk, paper) = await console.desk(), await console.within(chat)
    page = await desk.client.get(f"/console/chats/{talk}")
    assert f'href="/console/chats/{talk}/documents/{paper}" download' in page.text
    assert "cerere.pdf PDF, 1 pages, 1 kB" in words(page)
    assert_safe(await desk.client.get(f"/console/chats/{talk}/documents/{paper}"), pdf(), "cerere.pdf")
    other, _ = await console.within(chat)
    assert (await desk.client.get(f"/console/chats/{other}/documents/{paper}")).status_code == 404
    assert (await desk.client.get(f"/console/chats/{talk}/photos/{paper}")).status_code == 404


async def test_a_photo_of_a_ticket_is_no_paper(console: Console) -> None:
    desk, ticket, photo = await console.desk(), await console.ticket(), uuid4()

    async def attach(town: Town) -> None:
        await store_photo(town.session, town.settings, ticket.contact_id, photo, jpeg())
        await attach_photos(town.session, ticket.contact_id, [photo], ticket.id)

    await console.within(attach)
    assert (await desk.get(f"/{ticket.id}/papers/{photo}")).status_code == 404
    assert locked().startswith(b"%PDF-")
