"""Documents over the web chat's API: what is taken, how a refusal is said, who sees them."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest

from backend.core.catalogue import backend_catalogue
from backend.core.languages import LANGUAGES
from tests.backend.attachments import papers
from tests.contract.test_web_chat import Make, make_client as make_client
from tests.factories import jpeg


async def test_a_document_is_stored_under_its_name_once(make_client: Make) -> None:
    client, document, content = await make_client(), uuid4(), papers.pdf(2)
    for name in ("Cerere pentru mamă.pdf", "other.pdf"):
        sent = await client.put(f"/chat/documents/{document}", params={"name": name}, content=content)
        assert (sent.status_code, sent.json()) == (202, {"seq": 1})
    [shown] = (await client.get("/chat/messages")).json()["messages"]
    facts = {"id": str(document), "name": "Cerere pentru mamă.pdf", "pages": 2, "size": len(content)}
    assert (shown["document"], shown["photo"], shown["id"]) == (facts, None, str(document))


async def test_a_picture_sent_as_a_document_is_a_photo(make_client: Make) -> None:
    client, document = await make_client(), uuid4()
    assert (await client.put(f"/chat/documents/{document}", content=jpeg())).status_code == 202
    [shown] = (await client.get("/chat/messages")).json()["messages"]
    assert (shown["photo"], shown["document"]) == (str(document), None)
    assert (await client.get(f"/chat/photos/{document}")).headers["content-type"] == "image/jpeg"


async def test_a_pdf_is_never_given_out_as_a_photo(make_client: Make) -> None:
    client, document = await make_client(), uuid4()
    await client.put(f"/chat/documents/{document}", content=papers.pdf())
    assert (await client.get(f"/chat/photos/{document}")).status_code == 404


REFUSED: list[tuple[Callable[[], bytes], int, str]] = [
    (lambda: b"", 415, "document_type_unsupported"),
    (lambda: b"MZ" + bytes(99), 415, "document_type_unsupported"),
    (papers.locked, 422, "document_locked"),
    (papers.scripted, 422, "document_active"),
    (lambda: papers.pdf()[:-9], 422, "document_damaged"),
    (lambda: papers.pdf(101), 413, "document_too_long"),
    (lambda: b"%PDF-" + bytes(10_500_000), 413, "document_too_large"),
]


@pytest.mark.parametrize(("make", "status", "code"), REFUSED, ids=[code for *_, code in REFUSED])
async def test_what_is_not_taken_is_said_in_the_visitors_language_and_nothing_is_lost(
    make_client: Make, make: Callable[[], bytes], status: int, code: str
) -> None:
    content = make()
    for language in LANGUAGES if len(content) < 10_000 else ("mk",):
        client = await make_client(language)
        await client.post("/chat/messages", json={"id": str(uuid4()), "text": "before"})
        answer = await client.put(f"/chat/documents/{uuid4()}", params={"name": "a.pdf"}, content=content)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        begins = backend_catalogue().text(f"error.{code}", language, megabytes=10, pages=100)
        assert answer.json()["detail"] == begins
        shown = (await client.get("/chat/messages")).json()["messages"]
        assert [one["text"] for one in shown] == ["before"]


async def test_a_stranger_sends_nothing(make_client: Make) -> None:
    client = await make_client()
    client.headers["authorization"] = "Bearer nobody"
    assert (await client.put(f"/chat/documents/{UUID(int=1)}", content=papers.pdf())).status_code == 401


async def test_the_widget_knows_the_largest_document(make_client: Make) -> None:
    client = await make_client(document_max_bytes=123_456)
    config = (await client.get("/chat/config", params={"language": "ro"})).json()
    assert config["max_document_bytes"] == 123_456
    assert config["strings"]["widget.document"].startswith("Trimiteți")
