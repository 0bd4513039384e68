"""The desk's side of requests for one's data, and the link with which a person fetches the copy."""

import io
import re
import zipfile

import pytest

from backend.conversations.service import open_web_session, web_conversation
from backend.core.languages import LANGUAGES
from backend.privacy import service
from tests.backend.console.people import Desk

PATH = "/console/office/privacy"
LINK = re.compile(r"/privacy/(\S+)")


async def requested(desk: Desk, kind: str = "export", language: str = "en") -> tuple[str, str]:
    """(id of a new request, its conversation)."""
    async with desk.session() as session, session.begin():
        token, _ = await open_web_session(session, desk.office, language)
        of = await web_conversation(session, token)
        assert await service.ask(session, desk.office, of, kind, language)  # type: ignore[arg-type]
    rows = await desk.run("SELECT id FROM privacy_request WHERE conversation_id = :id", id=of.id)
    return str(rows.scalar_one()), str(of.id)


async def given_link(desk: Desk, conversation_id: str) -> str:
    """The address in the last word of the office in a chat."""
    query = "SELECT content->>'text' FROM message WHERE conversation_id = :id ORDER BY seq DESC LIMIT 1"
    found = LINK.search((await desk.run(query, id=conversation_id)).scalar_one())
    assert found is not None
    return f"/privacy/{found[1]}"


@pytest.mark.parametrize("role", ["agent", "reader"])
async def test_only_who_directs_sees_it(desk: Desk, role: str) -> None:
    request, _ = await requested(desk)
    person = await desk.somebody(role)  # type: ignore[arg-type]
    assert (await person.get(PATH)).status_code == 403
    assert (await person.get(f"{PATH}/{request}/copy")).status_code == 403
    assert (await person.post(f"{PATH}/{request}/confirm")).status_code == 403


@pytest.mark.parametrize("language", LANGUAGES)
async def test_two_people_and_the_link_works_once(desk: Desk, language: str) -> None:
    request, chat = await requested(desk, language=language)
    ana, ion = await desk.somebody("supervisor", language=language), await desk.somebody("administrator")
    assert f"{request}/confirm" in (await ana.get(PATH)).text
    assert (await ana.post(f"{PATH}/{request}/confirm")).status_code == 303
    page = (await ana.get(PATH)).text
    assert f"{request}/carry-out" not in page, "who confirmed it cannot carry it out"
    assert (await ana.post(f"{PATH}/{request}/carry-out")).status_code == 409
    assert (await ion.post(f"{PATH}/{request}/carry-out")).status_code == 303
    assert not re.search(r">\s*(privacy|office)\.\w", (await ana.get(PATH)).text)
    link, citizen = await given_link(desk, chat), desk.stranger()
    for _ in range(2):  # a chat looks at it to show a preview
        looked = await citizen.get(link)
        assert (looked.status_code, f'lang="{language}"' in looked.text) == (200, True)
        assert "form-action 'self'" in looked.headers["content-security-policy"]
    fetched = await citizen.client.post(link)
    assert fetched.headers["content-type"] == "application/zip"
    assert zipfile.ZipFile(io.BytesIO(fetched.content)).namelist() == ["data.json", "data.html"]
    assert (await citizen.client.post(link)).status_code == 410
    assert (await citizen.get(link)).status_code == (await citizen.get("/privacy/unknown")).status_code == 410
    assert [one.action for one in await desk.acts()] == ["privacy.confirmed", "privacy.export"]


async def test_an_agent_can_take_the_copy_and_that_is_written_down(desk: Desk) -> None:
    request, _ = await requested(desk)
    boss = await desk.somebody("supervisor")
    assert (await boss.get(f"{PATH}/{request}/copy")).status_code == 409, "nobody has confirmed it"
    await boss.post(f"{PATH}/{request}/confirm")
    assert (await boss.get(f"{PATH}/{request}/copy")).status_code == 409, "who confirmed it does not read it alone"
    another = await desk.somebody("supervisor")
    answer = await another.get(f"{PATH}/{request}/copy")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert [one.action for one in await desk.acts()] == ["privacy.confirmed", "privacy.read"]


async def test_a_request_of_another_office_does_not_exist(desk: Desk) -> None:
    request, _ = await requested(desk)
    await desk.run("UPDATE privacy_request SET office_id = 'elsewhere' WHERE id = :id", id=request)
    boss = await desk.somebody("supervisor")
    assert (await boss.post(f"{PATH}/{request}/confirm")).status_code == 404


async def test_a_request_is_declined(desk: Desk) -> None:
    request, _ = await requested(desk, "erasure")
    boss = await desk.somebody("supervisor", language="en")
    await boss.post(f"{PATH}/{request}/decline")
    assert "declined" in (await boss.get(PATH)).text
