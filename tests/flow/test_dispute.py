"""A dispute in Afrikaans, from the first word in the chat to the ruling, with the assistant as the office runs it."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime, time, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx
import psycopg
import pytest

from backend.accounts.models import Account
from backend.accounts.schemas import Agent
from backend.core.database import make_engine, make_sessions, utcnow
from backend.core.settings import ROOT, Settings
from backend.disputes import service
from backend.disputes.schemas import Confirmed, Ending, PartyData
from backend.disputes.wording import pin_of
from backend.offices.service import Office, read_office
from backend.tickets.models import Ticket
from backend.tickets.repository import history, ticket_by_reference
from backend.tickets.schemas import NewAppointment, Seen
from tests.stack import Stack, Visitor, running, until

pytestmark = pytest.mark.stack
OFFICE = "western-cape-housing"
CAPE = ZoneInfo("Africa/Johannesburg")
SECRET = "flow-secret-of-more-than-thirty-two-signs"
REFERENCE, PIN = re.compile(r"WC-\w{3}-\w{3}"), re.compile(r"\b\d{6}\b")
SIDE = "Die huurder het die woonstel vuil gelaat."
Act = Callable[[Any, Office, Agent, Ticket, Seen], Awaitable[None]]


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """The tribunal's assistant; it asks at once how satisfied people are."""
    with running(OFFICE=OFFICE, SURVEY_DELAY_MINUTES="0", SECRET_KEY=SECRET) as stack:
        yield stack


@pytest.fixture(scope="module")
def settings(stack: Stack) -> Settings:
    url = stack.database_url.replace("postgresql:", "postgresql+psycopg:", 1)
    return Settings(_env_file=None, database_url=url, secret_key=SECRET, internal_token="t" * 40, office=OFFICE)


def agent_does(settings: Settings, reference: str, act: Act) -> None:
    """An agent does something to the dispute, as the console would."""

    async def do() -> None:
        engine = make_engine(settings.database_url, 1)
        office = read_office(ROOT / "data" / "offices", OFFICE)
        async with make_sessions(engine)() as session, session.begin():
            who = {"id": uuid4(), "office_id": OFFICE, "name": "Lerato Nkosi", "role": "agent"}
            session.add(Account(**who, login=f"{uuid4()}", units=[], languages=[], language="af", created_at=utcnow()))
            await session.flush()
            ticket = await ticket_by_reference(session, OFFICE, reference)
            assert ticket
            seen = Seen(ticket.id, (await history(session, ticket.id))[-1].id)
            await act(session, office, Agent(**who, units=(), language="af"), ticket, seen)
        await engine.dispose()

    asyncio.run(do())


def news(visitor: Visitor, times: int) -> dict[str, Any]:
    """The last thing the office said unasked, once it said so many."""

    def said() -> list[dict[str, Any]]:
        return [one for one in visitor.messages() if one["author"] == "system"]

    until(f"{times} pieces of news", lambda: len(said()) >= times, 60)
    return said()[-1]


def at(days: int, hour: int) -> NewAppointment:
    day = utcnow().astimezone(CAPE).date() + timedelta(days=days)
    return NewAppointment(at=datetime.combine(day, time(hour), CAPE), who="Lerato Nkosi", place="Waalstraat 27")


def files_it(visitor: Visitor) -> str:
    """From the first word to the reference; every question in plain Afrikaans. Returns all that was said at the end."""
    begun = visitor.says("die eienaar weier om my deposito van R8000 terug te betaal")
    assert "Waar is dit?" in begun
    assert "huurder of die verhuurder" in visitor.says("Langstraat 5, Kaapstad")
    asked = visitor.says("ek is die huurder")
    assert "naam van die ander party" in asked, "the deposit was named already, so what it is about is not asked"
    assert "bereik" in visitor.says("Piet van Wyk")
    visitor.presses('/inform{"other_contact": "unknown"}')
    summary = visitor.presses('/inform{"acting": "self"}')
    for line in ("Langstraat 5", "U is die: huurder", "Deposito nie terugbetaal nie", "Piet van Wyk"):
        assert line in summary
    return visitor.says("ja, stuur dit")


def respondent_answers(stack: Stack, settings: Settings, reference: str) -> None:
    """Who got a letter enters with its PIN, writes their side and takes the appointments along."""
    pins: list[str] = []

    async def prints(session: Any, office: Office, agent: Agent, ticket: Ticket, seen: Seen) -> None:
        whole = await service.opened(session, office, ticket)
        assert whole
        pins.append(pin_of(settings, whole.parties["respondent"]))

    agent_does(settings, reference, prints)
    respondent = httpx.Client(base_url=stack.url, timeout=30)
    assert "Verhoor" not in respondent.post("/dispute", data={"reference": reference, "pin": "000000"}).text
    page = respondent.post("/dispute", data={"reference": reference, "pin": pins[0], "language": "af"}).text
    assert "Verhoor" in page
    proof = {"token": re.search(r'name="token" value="([^"]+)"', page)[1], "language": "af"}
    assert SIDE in respondent.post("/dispute/statement", data={**proof, "words": SIDE}).text
    assert "BEGIN:VCALENDAR" in respondent.post("/dispute/calendar", data=proof).text


def test_from_the_chat_to_the_ruling(stack: Stack, settings: Settings) -> None:
    visitor = Visitor(stack.url, "af")
    told = files_it(visitor)
    [reference], [pin] = set(REFERENCE.findall(told)), set(PIN.findall(told))
    assert "huurkontrak" in told, "what to bring is said"
    status = visitor.says(f"Wat het van {reference} geword?")
    assert "nog nie geregistreer nie" in status

    async def registers(session: Any, office: Office, agent: Agent, ticket: Ticket, seen: Seen) -> None:
        parties = {
            "complainant": PartyData(name="Thandi Jacobs", role="tenant", language="af"),
            "respondent": PartyData(name="Piet van Wyk", role="landlord", postal_address="Kerkstraat 9", language="af"),
        }
        await service.register(session, settings, office, agent, seen, Confirmed(**parties, claim="Die deposito."))

    agent_does(settings, reference, registers)
    assert "geregistreer" in news(visitor, 1)["text"]
    with psycopg.connect(stack.database_url) as database:
        kept = "SELECT count(*) FROM dispute_notice WHERE channel = 'letter'"
        until("the letter", lambda: database.execute(kept).fetchone()[0] == 1 or database.rollback(), 60)

    async def calls(session: Any, office: Office, agent: Agent, ticket: Ticket, seen: Seen) -> None:
        await service.move_on(session, office, agent, seen, "hearing", reason="Albei wil dit hê", appointment=at(7, 10))

    agent_does(settings, reference, calls)
    called = news(visitor, 2)
    assert "Verhoor" in called["text"]
    assert "10:00 (tyd in Johannesburg)" in called["text"]
    yes, no = called["buttons"]
    assert (yes["title"], no["title"]) == ("Ek kan kom", "Ek kan nie kom nie")
    refused = visitor.replies(visitor.send("", button=no["payload"]))[-1]
    assert "nie kan kom nie" in refused["text"]
    assert "voorstel" in visitor.presses(refused["buttons"][0]["payload"])

    respondent_answers(stack, settings, reference)

    async def moves(session: Any, office: Office, agent: Agent, ticket: Ticket, seen: Seen) -> None:
        [visit] = await service.appointments.of_ticket(session, ticket)
        await service.move_appointment(session, office, agent, seen, visit.id, at(8, 14))

    agent_does(settings, reference, moves)
    assert "14:00" in news(visitor, 3)["text"]
    assert "14:00" in visitor.says(f"Wat het van {reference} geword?")

    async def rules(session: Any, office: Office, agent: Agent, ticket: Ticket, seen: Seen) -> None:
        how = Ending(end="ruling", outcome="partly", text="R6 000 word terugbetaal.", appeal="Hooggeregshof, 30 dae")
        await service.end(session, office, agent, seen, how)

    agent_does(settings, reference, rules)
    ruled = news(visitor, 4)["text"]
    assert "R6 000 word terugbetaal." in ruled
    assert "Hooggeregshof" in ruled
    with psycopg.connect(stack.database_url) as database:
        database.execute("UPDATE conversation SET heard_at = heard_at - interval '1 hour'")
    own = httpx.post(f"{stack.url}/dispute", data={"reference": reference, "pin": pin, "language": "af"}, timeout=30)
    assert "R6 000 word terugbetaal." in own.text
    assert SIDE not in own.text
