"""News of a ticket: who is told, where, in which language, when."""

from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.answers.desk import Desk
from backend.contacts.service import stop
from backend.conversations.service import arrive, conversation
from backend.core.database import driver_connection, utcnow
from backend.core.languages import LANGUAGES
from backend.core.settings import Settings
from backend.notifications.service import tell_news
from backend.offices.schemas import Office
from backend.outbox.service import states
from backend.tickets.errors import StateUnknownError, TicketNotFoundError
from backend.tickets.repository import history, ticket_by_reference
from backend.tickets.schemas import Author, Filed, NewTicket
from backend.tickets.service import file_ticket, look_up, move
from channels.message import Arrival, Inbound
from channels.web.adapter import WebAdapter


class Pushing(WebAdapter):
    """A channel that is sent to."""

    pull = False

    def __init__(self, name: str) -> None:
        self.name = name


ADAPTERS = {"web": WebAdapter(), "sms": Pushing("sms"), "telegram": Pushing("telegram")}


@dataclass
class Town:
    """Everything a test needs."""

    session: AsyncSession
    settings: Settings
    office: Office

    async def writes(self, channel: str, address: str, language: str = "en", *, ago: int = 0) -> UUID:
        """Somebody writes; returns the conversation."""
        arrival = Arrival(sender=address, inbound=Inbound(external_id=str(uuid4()), text="hello"), language=language)
        found, _ = await arrive(self.session, self.settings, self.office, channel, arrival)
        ago_at = utcnow() - timedelta(minutes=ago)
        await self.session.execute(
            text("UPDATE conversation SET heard_at = :at WHERE id = :id"), {"at": ago_at, "id": found}
        )
        return found

    async def author(self, conversation_id: UUID) -> Author:
        found = await conversation(self.session, conversation_id)
        return Author(contact_id=found.contact_id, conversation_id=found.id, channel=found.channel)

    async def files(self, conversation_id: UUID) -> Filed:
        new = NewTicket(request_key=str(uuid4()), category="noise", description="Loud music", language="en")
        by = await self.author(conversation_id)
        return await file_ticket(self.session, self.settings, self.office, by, new)

    async def proves(self, conversation_id: UUID, filed: Filed, pin: str | None) -> str:
        by = await self.author(conversation_id)
        found = await look_up(self.session, self.settings, self.office, by, filed.reference, pin, "en")
        return found.result

    async def news(self, filed: Filed, state: str = "assigned", **changes: Any) -> Any:
        ticket = await ticket_by_reference(self.session, self.office.profile.id, filed.reference)
        assert ticket is not None
        never = {"quiet_from": time(0), "quiet_until": time(0)}
        settings = self.settings.model_copy(update={**never, **changes})
        desk = Desk(settings, self.office, ADAPTERS)
        return await tell_news(self.session, desk, ticket.id, changes.get("event", uuid4().int % 10**9), state)

    async def said(self, conversation_id: UUID) -> list[tuple[str, str, str]]:
        query = text(
            "SELECT language, state, content->>'text' FROM message WHERE conversation_id = :id AND author = 'system'"
        )
        return [tuple(row) for row in await self.session.execute(query, {"id": conversation_id})]


@pytest.fixture
def town(session: AsyncSession, settings: Settings, office: Office) -> Town:
    return Town(session, settings, office)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_news_come_in_the_language_of_the_conversation(town: Town, language: str) -> None:
    mine = await town.writes("sms", f"+40{uuid4().int % 10**9}", language)
    filed = await town.files(mine)
    told = await town.news(filed)
    assert (told.conversation_id, told.later) == (mine, None)
    [(spoken, state, said)] = await town.said(mine)
    assert (spoken, state) == (language, "queued")
    assert filed.reference in said
    [delivery] = (await states(await driver_connection(town.session), mine)).values()
    assert delivery.state == "queued"


async def test_who_proved_the_pin_on_another_channel_gets_the_news_where_they_wrote_last(town: Town) -> None:
    sms = await town.writes("sms", "+40721555001", ago=9)
    telegram = await town.writes("telegram", "555001", ago=5)
    filed = await town.files(sms)
    assert await town.proves(telegram, filed, None) == "needs_pin"
    assert (await town.news(filed)).conversation_id == sms
    assert await town.proves(telegram, filed, filed.pin) == "found"
    assert await town.proves(telegram, filed, None) == "found"
    assert (await town.news(filed)).conversation_id == telegram
    await town.writes("sms", "+40721555001")
    assert (await town.news(filed)).conversation_id == sms


async def test_who_guessed_wrongly_gets_nothing(town: Town) -> None:
    sms, thief = await town.writes("sms", "+40721555002", ago=9), await town.writes("telegram", "555002")
    filed = await town.files(sms)
    wrong = f"{(int(filed.pin) + 1) % 10**6:06}"
    assert await town.proves(thief, filed, wrong) == "unknown"
    assert (await town.news(filed)).conversation_id == sms
    assert await town.said(thief) == []


async def test_who_wants_no_news_gets_them_on_another_channel_or_not_at_all(town: Town) -> None:
    sms, telegram = await town.writes("sms", "+40721555003"), await town.writes("telegram", "555003", ago=5)
    filed = await town.files(sms)
    await town.proves(telegram, filed, filed.pin)
    await stop(await driver_connection(town.session), "sms", "+40721555003")
    assert (await town.news(filed)).conversation_id == telegram
    await stop(await driver_connection(town.session), "telegram", "555003")
    assert (await town.news(filed)).conversation_id is None
    assert await town.said(sms) == []


@pytest.mark.parametrize(("channel", "waits"), [("sms", True), ("telegram", True), ("web", False)])
async def test_at_night_the_phone_stays_silent(town: Town, channel: str, waits: bool) -> None:
    mine = await town.writes(channel, f"+4072{uuid4().int % 10**7:07}")
    filed = await town.files(mine)
    local = utcnow().astimezone(town.office.profile.zone)
    told = await town.news(
        filed,
        quiet_from=(local - timedelta(hours=1)).time(),
        quiet_until=(local + timedelta(hours=1)).time(),
    )
    assert (told.later is not None) is waits
    assert bool(await town.said(mine)) is not waits


async def test_moving_a_ticket_is_written_down_and_told_once(town: Town) -> None:
    filed = await town.files(await town.writes("sms", "+40721555004"))
    await town.session.execute(text("DELETE FROM procrastinate_jobs"))
    for _ in range(2):
        await move(town.session, town.office, filed.reference, "in_progress", "agent")
    ticket = await ticket_by_reference(town.session, town.office.profile.id, filed.reference)
    assert ticket is not None
    changes = await history(town.session, ticket.id)
    assert [change.kind for change in changes] == ["received", "state"]
    event = changes[-1].id
    jobs = (await town.session.execute(text("SELECT task_name, args FROM procrastinate_jobs"))).all()
    assert [tuple(job) for job in jobs] == [
        ("notifications:tell_ticket_news", {"ticket_id": str(ticket.id), "event": event, "state": "in_progress"})
    ]


async def test_a_job_done_twice_tells_once(town: Town) -> None:
    mine = await town.writes("sms", "+40721555006")
    filed = await town.files(mine)
    told = [(await town.news(filed, event=7)).conversation_id for _ in range(2)]
    assert told == [mine, None]
    assert len(await town.said(mine)) == 1


async def test_what_cannot_be_moved_is_said(town: Town) -> None:
    filed = await town.files(await town.writes("sms", "+40721555005"))
    with pytest.raises(StateUnknownError):
        await move(town.session, town.office, filed.reference, "forgotten", "agent")
    with pytest.raises(TicketNotFoundError):
        await move(town.session, town.office, "TM-000-000", "assigned", "agent")
