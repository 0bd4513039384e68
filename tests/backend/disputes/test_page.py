"""The parties' page: each proves itself, sees what concerns both, and answers; guesses are slow and look alike."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import time
from ipaddress import IPv6Address
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from icalendar import Calendar
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.app import create_public_app
from backend.core.database import make_sessions
from backend.core.settings import Settings
from backend.disputes import page, service
from backend.disputes.schemas import Ending
from backend.offices.schemas import Office
from backend.tickets import appointments
from backend.tickets.models import Ticket
from backend.tickets.openly import TRIES_PER_ADDRESS_AND_TICKET, Given
from tests.backend.attachments.factories import add_document
from tests.backend.disputes.factories import (
    ADDRESS,
    CAPE,
    DETAILS,
    HIDDEN,
    LANDLORD,
    MOBILE,
    TENANT,
    Town,
    appointment,
)

LANGUAGES = ("en", "tr", "ro", "mk", "af")
WORDS = "My deposit of R8 000 was not paid back."
SIDE = "The tenant left the flat dirty."


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
    return httpx.AsyncClient(transport=transport, base_url="http://cape", timeout=30)


@dataclass
class Both:
    """A registered dispute with an inspection, in the database for good, and both PINs."""

    ticket: Ticket
    pins: dict[str, str]
    visit: int


@pytest.fixture
async def both(settings: Settings, office: Office, engine: AsyncEngine) -> Both:
    async with make_sessions(engine)() as session, session.begin():
        await session.execute(text("DELETE FROM procrastinate_jobs"))
        await session.execute(text("DELETE FROM visit"))
        await session.execute(text("DELETE FROM delivery"))
        town = Town(session, settings, office)
        agent = await town.agent()
        ticket = await town.registered(agent, await town.filed(await town.person("web", address=f"{id(town)}")))
        await town.goes(agent, ticket, "inspection", appointment=appointment(at=time(10)))
        await town.tells()
        pin = re.search(r"\b\d{6}\b", " ".join(await town.texted(MOBILE)))
        assert pin
        [visit] = await appointments.of_ticket(session, ticket)
        return Both(ticket, {"complainant": town.pin, "respondent": pin[0]}, visit.id)


async def entered(client: httpx.AsyncClient, both: Both, side: str, language: str = "en") -> httpx.Response:
    data = {"reference": both.ticket.reference, "pin": both.pins[side], "language": language}
    return await client.post("/dispute", data=data)


def token(answer: httpx.Response) -> str:
    found = re.search(r'name="token" value="([^"]+)"', answer.text)
    assert found
    return found[1]


SEEN = {"complainant": (TENANT, LANDLORD, "10:00", WORDS), "respondent": (TENANT, LANDLORD, "10:00", "R8 000")}
NEVER = (HIDDEN, MOBILE, HIDDEN[-7:], MOBILE[-7:], ADDRESS.split("\n", maxsplit=1)[0])


@pytest.mark.parametrize("side", ["complainant", "respondent"])
@pytest.mark.parametrize("language", LANGUAGES)
async def test_each_party_sees_what_concerns_both_and_no_number_or_address(
    client: httpx.AsyncClient, both: Both, side: str, language: str
) -> None:
    answer = await entered(client, both, side, language)
    assert answer.status_code == 200
    assert f'<html lang="{language}">' in answer.text
    seen = SEEN[side] if language == "en" else (TENANT, LANDLORD)
    for shown in seen:
        if shown != WORDS:
            assert shown in answer.text
    for hidden in (*NEVER, *both.pins.values()):
        assert hidden not in answer.text
    assert "dispute_page." not in answer.text, "a sentence is missing"
    assert answer.headers["cache-control"] == "no-store"
    assert "form-action 'self'" in answer.headers["content-security-policy"]
    assert not re.search(r"<script|style=|src=.https?:", answer.text)


async def test_the_respondent_reads_the_claim_as_the_office_put_it_and_not_the_complainants_words(
    client: httpx.AsyncClient, both: Both
) -> None:
    assert "The deposit of R8 000." in (await entered(client, both, "respondent")).text
    assert WORDS not in (await entered(client, both, "respondent")).text


async def test_what_one_party_writes_only_they_and_the_office_read(client: httpx.AsyncClient, both: Both) -> None:
    own = await entered(client, both, "respondent")
    said = await client.post("/dispute/statement", data={"token": token(own), "language": "en", "words": SIDE})
    assert SIDE in said.text
    no = {"token": token(own), "visit": both.visit, "comes": "no", "proposal": "In March", "language": "en"}
    answered = await client.post("/dispute/appointment", data=no)
    assert "You said that you cannot come." in answered.text
    other = (await entered(client, both, "complainant")).text
    assert SIDE not in other
    assert "In March" not in other
    assert "You said" not in other


@pytest.mark.parametrize("wrong", ["pin", "reference", "nonsense"])
async def test_wrong_ones_look_alike(client: httpx.AsyncClient, both: Both, wrong: str) -> None:
    pin = "000000" if "000000" not in both.pins.values() else "111111"
    given = {
        "pin": {"reference": both.ticket.reference, "pin": pin},
        "reference": {"reference": "WC-444-444", "pin": both.pins["respondent"]},
        "nonsense": {"reference": "<script>", "pin": "x"},
    }[wrong]
    answer = await client.post("/dispute", data={**given, "language": "en"})
    assert "We find no dispute with this reference and PIN." in answer.text
    assert LANDLORD not in answer.text
    assert "<script>" not in answer.text


async def test_the_respondents_pin_opens_nothing_else(client: httpx.AsyncClient, both: Both) -> None:
    data = {"reference": both.ticket.reference, "pin": both.pins["respondent"], "language": "en"}
    assert "We find no report" in (await client.post("/ticket", data=data)).text


async def test_a_reference_is_closed_on_both_pages_for_an_address_with_too_many_tries(
    app: FastAPI, client: httpx.AsyncClient, both: Both
) -> None:
    app.state.limiter.hit = lambda *_: None
    wrong = {"reference": both.ticket.reference, "pin": "x"}
    for _ in range(TRIES_PER_ADDRESS_AND_TICKET):
        await client.post("/dispute", data=wrong)
    for side in ("complainant", "respondent"):
        assert "We find no dispute" in (await entered(client, both, side)).text
    data = {"reference": both.ticket.reference, "pin": both.pins["complainant"], "language": "en"}
    assert "We find no report" in (await client.post("/ticket", data=data)).text
    async with client_at(app) as elsewhere:
        assert "We find no dispute" not in (await entered(elsewhere, both, "respondent")).text


async def test_one_address_guesses_slowly(client: httpx.AsyncClient) -> None:
    wrong = {"reference": "WC-444-444", "pin": "1"}
    answers = [await client.post("/dispute", data=wrong) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429]


@pytest.mark.parametrize("act", ["appointment", "statement", "score", "calendar"])
@pytest.mark.parametrize("forged", ["", "x.y.z", "old"])
async def test_nothing_is_done_without_a_token_that_is_good(
    client: httpx.AsyncClient, both: Both, engine: AsyncEngine, act: str, forged: str
) -> None:
    good = token(await entered(client, both, "respondent"))
    async with make_sessions(engine)() as session, session.begin():  # a new PIN was sent since
        await session.execute(text("UPDATE dispute_party SET pin_digest = 'another' WHERE side = 'respondent'"))
    data = {"token": good if forged == "old" else forged, "words": "x", "comes": "yes", "visit": both.visit, "score": 5}
    answer = await client.post(f"/dispute/{act}", data={**data, "language": "en"})
    assert "Half an hour has passed" in answer.text
    async with make_sessions(engine)() as session:
        query = text("SELECT statement, score FROM dispute_party WHERE ticket_id = :id")
        assert set(await session.execute(query, {"id": both.ticket.id})) == {(None, None)}


async def test_a_token_ends_after_half_an_hour(
    client: httpx.AsyncClient, both: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = token(await entered(client, both, "respondent"))
    monkeypatch.setattr(page, "TOKEN_GOOD_FOR", -page.TOKEN_GOOD_FOR)
    answer = await client.post("/dispute/statement", data={"token": good, "words": "x", "language": "en"})
    assert "Half an hour has passed" in answer.text


async def test_the_calendar_has_the_appointment_at_its_moment_and_cancels_it_later(
    client: httpx.AsyncClient, both: Both, settings: Settings, office: Office, engine: AsyncEngine
) -> None:
    proof = {"token": token(await entered(client, both, "complainant")), "language": "af"}
    answer = await client.post("/dispute/calendar", data=proof)
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    [first] = Calendar.from_ical(answer.text).walk("VEVENT")
    assert first.DTSTART.astimezone(CAPE).hour == 10
    assert (first["status"], int(first["sequence"])) == ("CONFIRMED", 0)
    async with make_sessions(engine)() as session, session.begin():
        town = Town(session, settings, office)
        seen = await town.seen(both.ticket)
        args = (session, office, await town.agent(), seen, both.visit, "The inspector is ill.")
        await service.cancel_appointment(*args)
    [again] = Calendar.from_ical((await client.post("/dispute/calendar", data=proof)).text).walk("VEVENT")
    assert (again["uid"], again["status"], int(again["sequence"])) == (first["uid"], "CANCELLED", 1)


async def test_after_the_end_each_reads_the_decision_and_says_how_satisfied_they_are(
    client: httpx.AsyncClient, both: Both, settings: Settings, office: Office, engine: AsyncEngine
) -> None:
    early = token(await entered(client, both, "respondent"))
    late = "That cannot be done any more."
    data = {"token": early, "score": 4, "language": "en"}
    assert late in (await client.post("/dispute/score", data=data)).text
    async with make_sessions(engine)() as session, session.begin():
        town = Town(session, settings, office)
        how = Ending(end="settled", outcome="partly", text="R6 000 is paid back.")
        await service.end(session, office, await town.agent(), await town.seen(both.ticket), how)
    for side in ("complainant", "respondent"):
        shown = await entered(client, both, side)
        assert "R6 000 is paid back." in shown.text
        given = await client.post("/dispute/score", data={**data, "token": token(shown)})
        assert "You gave 4 of 5." in given.text
    for act, more in (("statement", {"words": "x"}), ("appointment", {"visit": both.visit, "comes": "yes"})):
        answer = await client.post(f"/dispute/{act}", data={"token": early, "language": "en", **more})
        assert late in answer.text
    assert (await client.post("/dispute/score", data={**data, "score": 6})).text.count(late) == 1


async def test_either_party_can_save_the_document_of_the_ruling(
    client: httpx.AsyncClient, both: Both, settings: Settings, office: Office, engine: AsyncEngine
) -> None:
    async with make_sessions(engine)() as session, session.begin():
        town = Town(session, settings, office)
        agent = await town.agent()
        pdf = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
        document = await add_document(session, settings, both.ticket.id, "ruling.pdf", pdf, added_by="Ana")
        how = Ending(end="settled", outcome="partly", text="Agreed.", document=document.id)
        await service.end(session, office, agent, await town.seen(both.ticket), how)
    for side in ("complainant", "respondent"):
        shown = await entered(client, both, side)
        assert "Save the ruling" in shown.text
        answer = await client.post("/dispute/ruling", data={"token": token(shown), "language": "en"})
        assert answer.content == pdf
        assert answer.headers["content-disposition"].startswith("attachment")
    assert "Half an hour" in (await client.post("/dispute/ruling", data={"token": "x", "language": "en"})).text


async def test_an_office_without_steps_has_no_page(settings: Settings, office: Office, engine: AsyncEngine) -> None:
    plain = office.model_copy(update={"disputes": None})
    made = create_public_app(settings, plain)
    transport = httpx.ASGITransport(made, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://cape") as http:
        assert (await http.get("/dispute")).status_code == 404
        assert (await http.post("/dispute", data={"reference": "x", "pin": "1"})).status_code == 404
    await made.state.sessions.kw["bind"].dispose()


async def test_a_respondent_invited_by_sms_becomes_a_contact_and_is_told_in_a_chat_from_then_on(town: Town) -> None:
    agent = await town.agent()
    ticket = await town.registered(agent)
    await town.tells()
    pin = re.search(r"\b\d{6}\b", " ".join(await town.texted(MOBILE)))
    assert pin
    party = (await town.whole(ticket)).parties["respondent"]
    assert party.contact_id is None
    shown = await page.enter(town.session, town.desk(), Given(ticket.reference, pin[0], ""), "af")
    assert shown
    assert shown.side == "respondent"
    assert party.contact_id is not None
    await town.goes(agent, ticket, "inspection", appointment=appointment())
    assert await town.tells() == ["chat", "chat"]


async def test_a_respondent_invited_by_letter_does_not_own_the_number_on_it(town: Town) -> None:
    agent = await town.agent()
    ticket = await town.registered(agent, phone="", postal_address=ADDRESS)
    await town.tells()
    party = (await town.whole(ticket)).parties["respondent"]
    party.phone = MOBILE
    pin = page.wording.pin_of(town.settings, party)
    assert await page.enter(town.session, town.desk(), Given(ticket.reference, pin, ""), "af")
    assert party.contact_id is None


async def test_before_it_is_registered_the_respondent_has_no_way_in(town: Town) -> None:
    ticket = await town.filed(details=DETAILS)
    assert await page.enter(town.session, town.desk(), Given(ticket.reference, "", ""), "af") is None
    assert await page.enter(town.session, town.desk(), Given(ticket.reference, "-", ""), "af") is None
