"""The public page of a ticket: only with reference and PIN, in five languages, slowly for who guesses."""

import re
from collections.abc import AsyncIterator
from ipaddress import IPv6Address
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.app import create_public_app
from backend.contacts.service import new_web_visitor
from backend.core.database import make_sessions
from backend.core.settings import Settings
from backend.offices.schemas import Office
from backend.tickets.openly import TRIES_PER_ADDRESS_AND_TICKET
from backend.tickets.schemas import Author, Filed, NewTicket
from backend.tickets.service import file_ticket

LANGUAGES = ("en", "tr", "ro", "mk", "af")
SECRET = "My neighbour Ioan Popa did it"


@pytest.fixture
async def app(settings: Settings, office: Office, engine: AsyncEngine) -> AsyncIterator[FastAPI]:
    made = create_public_app(settings, office)
    yield made
    await made.state.sessions.kw["bind"].dispose()


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with client_at(app) as http:
        yield http


def client_at(app: FastAPI) -> httpx.AsyncClient:
    """Somebody at an address nobody had before: what the tests of the run typed wrongly counts against others."""
    address = str(IPv6Address(uuid4().int))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(address, 1))
    return httpx.AsyncClient(transport=transport, base_url="http://town", timeout=30)


async def filed(settings: Settings, office: Office, engine: AsyncEngine) -> Filed:
    async with make_sessions(engine)() as session, session.begin():
        contact_id, _ = await new_web_visitor(session, office.profile.id)
        author = Author(contact_id=contact_id, conversation_id=None, channel="web")
        new = NewTicket(
            request_key=str(uuid4()), category="noise", description=SECRET, place="Strada Mare 5", language="en"
        )
        return await file_ticket(session, settings, office, author, new)


def another(pin: str) -> str:
    return "000000" if pin != "000000" else "111111"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_who_has_reference_and_pin_sees_what_became_of_it_and_nothing_of_its_author(
    client: httpx.AsyncClient, settings: Settings, office: Office, engine: AsyncEngine, language: str
) -> None:
    ticket = await filed(settings, office, engine)
    form = await client.get("/ticket", params={"language": language})
    assert f'<html lang="{language}">' in form.text
    sloppy = ticket.reference.lower().replace("-", " ")
    answer = await client.post("/ticket", data={"reference": sloppy, "pin": ticket.pin, "language": language})
    assert answer.status_code == 200
    assert ticket.reference in answer.text
    assert office.categories.categories["noise"].name[language] in answer.text
    assert office.units["enforcement"].name[language] in answer.text
    for hidden in (SECRET, "Strada Mare", ticket.pin):
        assert hidden not in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert not re.search(r"<script|style=|src=.https?:", answer.text)


@pytest.mark.parametrize("wrong", ["pin", "reference", "nonsense"])
async def test_wrong_ones_look_alike(
    client: httpx.AsyncClient, settings: Settings, office: Office, engine: AsyncEngine, wrong: str
) -> None:
    ticket = await filed(settings, office, engine)
    given = {
        "pin": {"reference": ticket.reference, "pin": another(ticket.pin)},
        "reference": {"reference": "TM-222-222", "pin": ticket.pin},
        "nonsense": {"reference": "<script>", "pin": "x"},
    }[wrong]
    answer = await client.post("/ticket", data={**given, "language": "en"})
    assert "We find no report with this reference and PIN." in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert "<script>" not in answer.text
    assert office.units["enforcement"].name["en"] not in answer.text


async def test_a_reference_is_closed_for_an_address_after_too_many_tries_even_for_the_right_pin_and_for_no_other(
    app: FastAPI, client: httpx.AsyncClient, settings: Settings, office: Office, engine: AsyncEngine
) -> None:
    ticket = await filed(settings, office, engine)
    app.state.limiter.hit = lambda *_: None
    for _ in range(TRIES_PER_ADDRESS_AND_TICKET):
        await client.post("/ticket", data={"reference": ticket.reference, "pin": another(ticket.pin)})
    right = {"reference": ticket.reference, "pin": ticket.pin, "language": "en"}
    assert "We find no report" in (await client.post("/ticket", data=right)).text
    async with client_at(app) as owner:
        assert office.units["enforcement"].name["en"] in (await owner.post("/ticket", data=right)).text


async def test_one_address_guesses_slowly(client: httpx.AsyncClient) -> None:
    answers = [await client.post("/ticket", data={"reference": "TM-222-222", "pin": "1"}) for _ in range(11)]
    assert [answer.status_code for answer in answers[:10]] == [200] * 10
    assert answers[10].status_code == 429
    assert answers[10].headers["retry-after"]
