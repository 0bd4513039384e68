"""Acting for somebody from abroad: a paper by MMS or Telegram, checked by an agent, news at the person's own hours."""

import asyncio
import re
from collections.abc import Callable, Coroutine, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import psycopg
import pytest

from backend.accounts.schemas import Agent
from backend.authority.service import of_ticket
from backend.core.database import make_engine, make_sessions
from backend.tickets import authorising, desk
from backend.tickets.repository import history, ticket_by_reference
from backend.tickets.schemas import Answer, Seen
from tests.backend.attachments.papers import locked, pdf
from tests.factories import jpeg
from tests.flow.channels import Desk, SmsPerson, TelegramPerson, open_desk, together
from tests.stack import until

pytestmark = pytest.mark.stack
OFFICE = "macedonia-diaspora"
REFERENCE = re.compile(r"MK-\w{3}-\w{3}")
AGENT = Agent(id=uuid4(), office_id=OFFICE, name="Ана", role="supervisor")
NIGHT = timedelta(hours=2)
PAPERS = """
    SELECT g.name, g.relation, g.state, a.media_type, a.pages FROM authority g
    JOIN ticket t ON t.id = g.ticket_id LEFT JOIN attachment a ON a.id = g.attachment_id WHERE t.reference = %s
"""


@pytest.fixture(scope="module")
def office() -> Iterator[Desk]:
    """The office, where it is night now; the nights of Australia are at least five hours off."""
    now = datetime.now(ZoneInfo("Europe/Skopje"))
    quiet = {"QUIET_FROM": f"{now - NIGHT:%H:%M}", "QUIET_UNTIL": f"{now + NIGHT:%H:%M}"}
    with open_desk(OFFICE=OFFICE, **quiet) as opened:
        yield opened


def act(office: Desk, reference: str, does: Callable[[Any, UUID, UUID | None], Coroutine[Any, Any, Any]]) -> None:
    """An agent does something with a ticket, knowing the paper that lies there."""

    async def run() -> None:
        engine = make_engine(office.stack.database_url.replace("postgresql:", "postgresql+psycopg:", 1))
        async with make_sessions(engine)() as session, session.begin():
            ticket = await ticket_by_reference(session, OFFICE, reference)
            assert ticket is not None
            authority = await of_ticket(session, ticket.id)
            assert authority is not None
            await does(session, ticket.id, authority.attachment_id)
        await engine.dispose()

    asyncio.run(run())


async def close(session: Any, ticket_id: UUID, _paper: UUID | None) -> None:
    seen = Seen(ticket_id, [event.id for event in await history(session, ticket_id)][-1])
    await desk.close(session, AGENT, seen, Answer(outcome="solved", reason="Одговор: 7 милиони."))


async def accept(session: Any, ticket_id: UUID, paper: UUID | None) -> None:
    await authorising.accept(session, AGENT, ticket_id, paper)


async def refuse(session: Any, ticket_id: UUID, paper: UUID | None) -> None:
    await authorising.refuse(session, AGENT, ticket_id, paper, "Lipsește semnătura.")


def heard(received: Callable[[], list[str]], words: str) -> None:
    until(f"news: {words}", lambda: any(words in one for one in received()), 90)


def test_a_daughter_in_australia_asks_for_her_mother_by_sms_in_latin_letters(office: Desk) -> None:
    daughter = SmsPerson(office, "+61412345678")
    told = daughter.says("baram kopija od dogovorot so firmata sto asfaltira")
    assert "За некој друг" in told
    assert "Како се вика" in daughter.says("za majka mi")
    told = daughter.says("Vera Ilieva")
    assert "полномошно" in told
    refused = daughter.says("", office.twilio.add_file(locked(), "application/pdf"))
    assert "лозинка" in refused
    told = daughter.says("", office.twilio.add_file(pdf(2), "application/pdf"))
    assert "Во име на: Vera Ilieva" in told
    told = daughter.says("da, isprati")
    found = REFERENCE.search(told)
    assert found, told
    reference = found[0]
    assert office.rows(PAPERS, reference) == [("Vera Ilieva", "family", "shown", "application/pdf", 2)]

    act(office, reference, close)
    heard(daughter.received, "Има новости за")
    assert "7 милиони" not in "".join(daughter.received())
    assert "се проверува" in daughter.says(f"sto stana so {reference}?")
    act(office, reference, accept)
    heard(daughter.received, "е прифатено")
    heard(daughter.received, "7 милиони")


def test_a_son_sends_the_paper_later_on_telegram_and_another_after_a_refusal(office: Desk) -> None:
    son = TelegramPerson(office, "ro")
    son.says("buna ziua")
    with psycopg.connect(office.stack.database_url, autocommit=True) as database:  # Telegram tells no number
        database.execute("UPDATE contact SET time_zone = 'America/Toronto' FROM conversation c "
                         "WHERE c.contact_id = contact.id AND c.address = %s", [str(son.chat)])  # fmt: skip
    told = son.says("vreau copie dupa contractul de asfaltare, cerere de informatii publice")
    assert "pentru altcineva" in told
    assert "Cum se numește" in son.presses(1)
    assert "În ce calitate" in son.says("Ioana Marin")
    assert "împuternicirea semnată" in son.presses(0)
    assert "În numele: Ioana Marin" in son.says("mai tarziu")
    told = son.presses(0)
    found = REFERENCE.search(told)
    assert found, told
    reference = found[0]
    assert "lipsește încă" in told

    asked = together(son.sends(son.make("document", pdf(), "procură.pdf")))
    assert "La ce se referă" in asked
    offer = next(sent for sent in reversed(son.received()) if sent.buttons)
    place = next(n for n, button in enumerate(offer.buttons) if reference in button["text"])
    assert "verifică" in son.presses(place)
    act(office, reference, refuse)
    heard(lambda: [sent.visible for sent in son.received()], "Lipsește semnătura.")
    assert "Vă rog să trimiteți acum" in son.presses(0)
    assert "oprit" in son.says("renunt")
    assert "La ce se referă" in together(son.sends(son.make("photo", jpeg())))
    offer = next(sent for sent in reversed(son.received()) if sent.buttons)
    place = next(n for n, button in enumerate(offer.buttons) if reference in button["text"])
    assert "verifică" in son.presses(place)
    act(office, reference, accept)
    heard(lambda: [sent.visible for sent in son.received()], "a fost acceptată. De acum")
    assert [row[2:4] for row in office.rows(PAPERS, reference)] == [("accepted", "image/jpeg")]
