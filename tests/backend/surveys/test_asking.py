"""Who is asked whether it is solved, where, when, and how often."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from backend.contacts.service import stop
from backend.core.database import driver_connection, utcnow
from backend.core.languages import LANGUAGES
from backend.notifications.service import tell_news
from backend.surveys.service import Asked
from backend.tickets.aftercare import care
from backend.tickets.schemas import CareRequest
from backend.tickets.service import SURVEY_TASK
from tests.backend.surveys.factories import Town


@pytest.mark.parametrize("language", LANGUAGES)
async def test_one_is_asked_in_the_language_of_the_conversation_with_two_buttons(town: Town, language: str) -> None:
    mine = await town.person(language=language)
    ticket = await town.files(mine)
    asked = await town.asks(ticket, await town.closes(ticket))
    assert asked == Asked(mine)
    [(_, said, buttons)] = await town.said(mine)
    assert ticket.reference in said
    assert town.office.categories.categories["noise"].name[language] in said
    payloads = [button["payload"].split("{", 1) for button in buttons]
    assert [name for name, _ in payloads] == ["/answer_survey", "/reopen_ticket"]
    assert [json.loads("{" + rest) for _, rest in payloads] == [
        {"reference": ticket.reference, "solved": "yes"},
        {"reference": ticket.reference, "solved": "no"},
    ]


async def test_a_closing_is_asked_about_once_and_the_next_one_again(town: Town) -> None:
    mine = await town.person()
    ticket = await town.files(mine)
    first = await town.closes(ticket)
    assert [await town.asks(ticket, first) for _ in range(2)] == [Asked(mine), Asked()]
    request = CareRequest(act="reopen", reference=ticket.reference, request_key="c:1", words="no", language="en")
    await care(town.session, town.office, await town.author(mine), request)
    assert await town.asks(ticket, first) == Asked()
    second = await town.closes(ticket)
    assert await town.asks(ticket, first) == Asked(), "the old job comes late"
    assert await town.asks(ticket, second) == Asked(mine)
    assert len(await town.said(mine)) == 2


async def test_followers_of_a_ticket_are_asked_too(town: Town) -> None:
    first, second = await town.person(), await town.person()
    main, other = await town.files(first), await town.files(second)
    other.duplicate_of = main.id
    for ticket, person in ((main, first), (other, second)):
        assert await town.asks(ticket, await town.closes(ticket)) == Asked(person)
        assert ticket.reference in (await town.said(person))[0][1]


async def test_who_wants_no_news_is_not_asked(town: Town) -> None:
    mine = await town.person(address="+40721555801")
    ticket = await town.files(mine)
    await stop(await driver_connection(town.session), "sms", "+40721555801")
    assert await town.asks(ticket, await town.closes(ticket)) == Asked()
    assert await town.said(mine) == []


@pytest.mark.parametrize(("channel", "waits"), [("sms", True), ("telegram", True), ("web", False)])
async def test_at_night_the_phone_stays_silent(town: Town, channel: str, waits: bool) -> None:
    mine = await town.person(channel)
    ticket = await town.files(mine)
    local = utcnow().astimezone(town.office.profile.zone)
    night = {
        "quiet_from": (local - timedelta(hours=1)).time(),
        "quiet_until": (local + timedelta(hours=1)).time(),
    }
    asked = await town.asks(ticket, await town.closes(ticket), **night)
    assert (asked.later is not None) is waits
    assert bool(await town.said(mine)) is not waits


async def test_nobody_is_interrupted(town: Town) -> None:
    mine = await town.person()
    ticket = await town.files(mine)
    event = await town.closes(ticket)
    await town.heard(mine, timedelta(minutes=1))
    town.session.expire_all()
    await town.session.refresh(ticket)
    soon = await town.asks(ticket, event)
    assert soon.later is not None
    assert soon.later - utcnow() < timedelta(minutes=15)
    await town.heard(mine, timedelta(hours=1))
    held = text("UPDATE conversation SET holder = 'agent', agent_id = :agent WHERE id = :id")
    await town.session.execute(held, {"agent": uuid4(), "id": mine})
    town.session.expire_all()
    await town.session.refresh(ticket)
    assert (await town.asks(ticket, event)).later is not None
    assert await town.said(mine) == []


@pytest.mark.parametrize(("state", "asked"), [("closed", True), ("in_progress", False)])
async def test_the_question_follows_the_news_of_an_end_and_nothing_else(town: Town, state: str, asked: bool) -> None:
    ticket = await town.files(await town.person())
    event = await town.closes(ticket)
    before = utcnow()
    await tell_news(town.session, town.desk(survey_delay_minutes=60), ticket.id, event, state)
    jobs = await town.jobs(SURVEY_TASK)
    assert [arguments for arguments, _ in jobs] == ([{"ticket_id": str(ticket.id), "event": event}] if asked else [])
    assert all(at - before >= timedelta(minutes=60) for _, at in jobs)


async def test_news_that_wait_for_the_morning_bring_no_question_yet(town: Town) -> None:
    ticket = await town.files(await town.person())
    event = await town.closes(ticket)
    local = utcnow().astimezone(town.office.profile.zone)
    night = town.desk(quiet_from=(local - timedelta(hours=1)).time(), quiet_until=(local + timedelta(hours=1)).time())
    assert (await tell_news(town.session, night, ticket.id, event, "closed")).later is not None
    assert await town.jobs(SURVEY_TASK) == []
