"""Other systems, on their page: made, shown once, revoked, switched, sent again."""

import re
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from backend.core.database import driver_connection, utcnow
from backend.core.languages import LANGUAGES
from backend.integrations import repository
from backend.integrations.schemas import Happening
from backend.integrations.webhooks import happened
from tests.backend.console.people import Desk, Person

PATH = "/console/office/integrations"
TOKEN = re.compile(r"komshu_[\w-]{43}")
SECRET = re.compile(r"whsec_[\w+/=]{44}")
ENDPOINT: dict[str, Any] = {"name": "Registry", "url": "http://127.0.0.1:9/hook", "events": ["ticket.filed"]}

GIVEN_UP = "UPDATE webhook_delivery SET state = 'given_up', status = 500, reason = 'refused' WHERE endpoint_id = :id"


async def endpoint(desk: Desk, person: Person) -> str:
    """The address of a new endpoint's page."""
    made = await person.post(f"{PATH}/webhooks", ENDPOINT)
    assert SECRET.search(made.text)
    found = re.search(rf'href="({PATH}/webhooks/[\w-]+)"', made.text)
    assert found
    return found[1]


async def happens(desk: Desk) -> None:
    """A ticket was filed."""
    async with desk.session() as session, session.begin():
        what = Happening("ticket.filed", desk.office.profile.id, "ticket:1", "roads", {"id": "1", "reference": "TM-1"})
        await happened(await driver_connection(session), what)


async def test_a_token_is_shown_once_and_revoked(desk: Desk) -> None:
    person = await desk.somebody("administrator")
    made = await person.post(
        f"{PATH}/tokens", {"name": "Registry", "scopes": ["tickets:read"], "expires": "2031-01-31"}
    )
    shown = TOKEN.search(made.text)
    assert shown
    assert made.headers["cache-control"] == "no-store"
    page = await person.get(PATH)
    assert "Registry" in page.text
    assert not TOKEN.search(page.text)
    revoke = re.search(rf'action="({PATH}/tokens/[\w-]+/revoke)"', page.text)
    assert revoke
    await person.post(revoke[1])
    assert revoke[1] not in (await person.get(PATH)).text
    assert [act.action for act in await desk.acts()] == ["token.add", "token.revoke"]


@pytest.mark.parametrize(
    "typed",
    [
        {"name": "", "scopes": ["tickets:read"]},
        {"name": "Registry"},
        {"name": "Registry", "scopes": ["everything"]},
        {"name": "Registry", "scopes": ["tickets:read"], "units": ["nowhere"]},
        {"name": "Registry", "scopes": ["tickets:read"], "expires": "soon"},
        {"name": "Registry", "scopes": ["tickets:read"], "expires": "2020-01-01"},
    ],
)
async def test_a_wrong_token_is_refused_and_what_was_typed_stays(desk: Desk, typed: dict[str, Any]) -> None:
    person = await desk.somebody("administrator")
    answer = await person.post(f"{PATH}/tokens", typed)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert not TOKEN.search(answer.text)
    if typed["name"]:
        assert f'value="{typed["name"]}"' in answer.text


@pytest.mark.parametrize("change", [{"url": "ftp://x.org"}, {"url": "http://no.such.host.invalid/"}, {"events": []}])
async def test_a_wrong_endpoint_is_refused(desk: Desk, change: dict[str, Any]) -> None:
    person = await desk.somebody("administrator")
    answer = await person.post(f"{PATH}/webhooks", ENDPOINT | change)
    assert answer.status_code == 422
    assert not SECRET.search(answer.text)


async def test_an_endpoint_shows_its_deliveries_and_sends_them_again(desk: Desk) -> None:
    person = await desk.somebody("administrator")
    page = await endpoint(desk, person)
    await happens(desk)
    async with desk.session() as session, session.begin():
        await session.execute(
            text(GIVEN_UP),
            {"id": UUID(page.rpartition("/")[2])},
        )
    shown = await person.get(f"{page}?state=given_up")
    assert "TM-1" in shown.text
    assert "HTTP 500" in shown.text
    again = re.search(rf'action="({page}/deliveries/[\w-]+)"', shown.text)
    assert again
    await person.post(again[1])
    assert "TM-1" not in (await person.get(f"{page}?state=given_up")).text
    assert "TM-1" in (await person.get(f"{page}?state=waiting")).text


async def test_an_endpoint_is_switched_off_and_on_renewed_and_removed(desk: Desk) -> None:
    person = await desk.somebody("administrator")
    page = await endpoint(desk, person)
    await person.post(f"{page}/off")
    await happens(desk)
    assert "TM-1" not in (await person.get(page)).text
    await person.post(f"{page}/on")
    assert SECRET.search((await person.post(f"{page}/rotate")).text)
    assert not SECRET.search((await person.get(page)).text)
    await person.post(f"{page}/remove")
    assert (await person.get(page)).status_code == 404
    expected = [f"webhook.{act}" for act in ("add", "disable", "enable", "rotate", "remove")]
    assert [act.action for act in await desk.acts()] == expected


@pytest.mark.parametrize("language", LANGUAGES)
async def test_administrators_are_told_of_what_the_system_switched_off(desk: Desk, language: str) -> None:
    person = await desk.somebody("administrator", language=language)
    page = await endpoint(desk, person)
    async with desk.session() as session, session.begin():
        await repository.disable(session, UUID(page.rpartition("/")[2]), "failing", utcnow())
    for shown in (await person.get(PATH), await person.get(page)):
        assert shown.status_code == 200
        assert "notice problem" in shown.text
        assert "integrations." not in shown.text


@pytest.mark.parametrize("role", ["reader", "agent", "supervisor"])
async def test_others_are_not_let_in(desk: Desk, role: Any) -> None:
    person = await desk.somebody(role)
    assert (await person.get(PATH)).status_code == 403
    assert (await person.post(f"{PATH}/tokens", {"name": "A", "scopes": ["tickets:read"]})).status_code == 403
    assert (await person.post(f"{PATH}/webhooks", ENDPOINT)).status_code == 403
