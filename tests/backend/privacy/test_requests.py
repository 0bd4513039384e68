"""Requests for one's data: once open, two people, one link."""

import io
import json
import re
import zipfile
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from backend.accounts.schemas import Agent
from backend.answers.reaching import reach
from backend.conversations.service import conversation
from backend.core.database import utcnow
from backend.core.errors import NotAllowedError
from backend.core.languages import LANGUAGES
from backend.privacy import erasure, export, retention, service
from backend.privacy.errors import PrivacyRequestNotFoundError, PrivacyRequestOverError, SamePersonError
from backend.privacy.models import PrivacyRequest
from backend.subscriptions import service as subscriptions
from backend.subscriptions.schemas import NewSubscription
from backend.surveys.schemas import SurveyAnswer
from backend.surveys.service import answer
from backend.tickets.aftercare import care
from backend.tickets.repository import history
from backend.tickets.schemas import CareRequest
from tests.backend.surveys.factories import Town
from tests.backend.tickets.factories import agent

SECRET = "Zeynep lives at 14 Rose Lane"
LINK = re.compile(r"/privacy/(\S+)")


async def asked(town: Town, mine: UUID, kind: Any = "export", language: str = "en") -> PrivacyRequest:
    of = await conversation(town.session, mine)
    assert await service.ask(town.session, town.office, of, kind, language)
    boss = await agent(town.session, "supervisor")
    return (await service.listed(town.session, town.office, boss))[0]


async def carried_out(town: Town, request: PrivacyRequest) -> None:
    one, other = [await agent(town.session, "supervisor", name=name) for name in ("Ana", "Ion")]
    await service.confirm(town.session, town.office, one, request.id)
    await service.carry_out(town.session, town.desk(), other, request.id)


async def talkative(town: Town) -> tuple[UUID, Any]:
    """Somebody whose name, words and place stand everywhere; returns the conversation and the ticket."""
    mine = await town.person("sms", address=f"+4072{uuid4().int % 10**7:07}")
    values = {"id": mine, "name": SECRET}
    for statement in (
        "UPDATE contact SET name = :name FROM conversation AS c WHERE c.contact_id = contact.id AND c.id = :id",
        "UPDATE message SET content = jsonb_build_object('text', CAST(:name AS text)), state = 'answered' "
        "WHERE conversation_id = :id",
        "INSERT INTO note (conversation_id, after_seq, at, actor, kind, text, content) "
        "VALUES (:id, 1, now(), 'Ana', 'note', :name, '{}')",
        "INSERT INTO bot_session (conversation_id, events, updated_at) "
        "VALUES (CAST(:id AS text), jsonb_build_array(CAST(:name AS text)), now())",
    ):
        await town.session.execute(text(statement), values)
    ticket = await town.files(mine, description=SECRET, place=SECRET, details={"name": SECRET})
    by = await town.author(mine)
    added = CareRequest(act="add", reference=ticket.reference, request_key=f"{uuid4()}", words=SECRET, language="en")
    await care(town.session, town.office, by, added)
    await town.asks(ticket, await town.closes(ticket))
    given = SurveyAnswer(reference=ticket.reference, score=4, words=SECRET)
    await answer(town.session, town.office, by, given)
    wish = NewSubscription(topic="events", areas=["Fabric"], language="en")
    await subscriptions.subscribe(town.session, town.office, await conversation(town.session, mine), wish)
    await town.session.flush()
    return mine, ticket


async def everywhere(town: Town) -> str:
    """All that any table says."""
    await town.session.flush()
    talk = "conversation message note draft bot_session lane delivery unanswered"
    tables = f"contact identity ticket ticket_event satisfaction {talk}"
    found = [str((await town.session.execute(text(f"SELECT * FROM {table}"))).all()) for table in tables.split()]
    return "\n".join(found)


async def test_one_of_a_kind_is_open_at_a_time(town: Town) -> None:
    mine = await town.person()
    of = await conversation(town.session, mine)
    kinds: list[Any] = ["export", "export", "erasure"]
    assert [await service.ask(town.session, town.office, of, kind, "en") for kind in kinds] == [True, False, True]


@pytest.mark.parametrize("kind", ["export", "erasure"])
async def test_it_takes_two_people(town: Town, kind: str) -> None:
    request = await asked(town, await town.person(), kind)
    ana, ion = [await agent(town.session, "supervisor", name=name) for name in ("Ana", "Ion")]
    with pytest.raises(PrivacyRequestOverError):
        await service.carry_out(town.session, town.desk(), ana, request.id)
    await service.confirm(town.session, town.office, ana, request.id)
    with pytest.raises(SamePersonError):
        await service.carry_out(town.session, town.desk(), ana, request.id)
    await service.carry_out(town.session, town.desk(), ion, request.id)
    assert (request.state, request.confirmed_name, request.done_name) == ("done", "Ana", "Ion")
    for again in (service.confirm, service.decline):
        with pytest.raises(PrivacyRequestOverError):
            await again(town.session, town.office, ana, request.id)


async def test_only_who_directs_may(town: Town) -> None:
    request = await asked(town, await town.person())
    clerk: Agent = await agent(town.session, "agent")
    with pytest.raises(NotAllowedError):
        await service.confirm(town.session, town.office, clerk, request.id)
    with pytest.raises(NotAllowedError):
        await service.listed(town.session, town.office, clerk)
    with pytest.raises(PrivacyRequestNotFoundError):
        await service.confirm(town.session, town.office, await agent(town.session, "supervisor"), uuid4())


async def test_a_declined_request_can_be_made_again(town: Town) -> None:
    mine = await town.person()
    request = await asked(town, mine)
    await service.decline(town.session, town.office, await agent(town.session, "supervisor"), request.id)
    assert request.state == "declined"
    assert await service.ask(town.session, town.office, await conversation(town.session, mine), "export", "en")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_copy_comes_by_a_link_and_holds_everything(town: Town, language: str) -> None:
    mine, ticket = await talkative(town)
    request = await asked(town, mine, language=language)
    await carried_out(town, request)
    said = (await town.said(mine))[-1][1]
    token = LINK.search(said)
    assert token is not None
    assert await service.linked(town.session, token[1]) is request
    assert await service.linked(town.session, token[1] + "x") is None
    data = await export.everything(town.session, town.office, request.contact_id)
    packed = zipfile.ZipFile(io.BytesIO(export.archive(data, town.office, language)))
    kept = json.loads(packed.read("data.json"))
    assert kept["contact"]["name"] == SECRET
    assert kept["messages"][0]["text"] == SECRET
    assert [one["reference"] for one in kept["tickets"]] == [ticket.reference]
    assert kept["satisfaction"][0]["words"] == SECRET
    [wish] = kept["subscriptions"]
    assert (wish["topic"], wish["area"], wish["channel"], wish["ended"]) == ("events", "Fabric", "sms", None)
    assert wish["sentence"] == subscriptions.consent_version("sms", "en")
    assert wish["asked"]
    address = (await conversation(town.session, mine)).address
    assert kept["channels"][0]["address"] == "…" + address[-3:]
    page = packed.read("data.html").decode()
    assert f'<html lang="{language}">' in page
    assert SECRET in page
    assert "privacy." not in page


@pytest.mark.parametrize("spoiled", ["link_used_at", "link_until"])
async def test_a_link_is_good_once_and_for_seven_days(town: Town, spoiled: str) -> None:
    mine = await town.person()
    request = await asked(town, mine)
    await carried_out(town, request)
    assert request.link_until is not None
    assert timedelta(days=6) < request.link_until - utcnow() <= timedelta(days=7)
    token = LINK.search((await town.said(mine))[-1][1])
    assert token is not None
    setattr(request, spoiled, utcnow() - timedelta(seconds=1))
    assert await service.linked(town.session, token[1]) is None


async def test_nothing_of_a_person_is_left_but_the_figures(town: Town) -> None:
    mine, ticket = await talkative(town)
    request = await asked(town, mine, "erasure")
    contact_id, ticket_id = request.contact_id, ticket.id
    address = (await conversation(town.session, mine)).address
    assert SECRET in await everywhere(town)
    await carried_out(town, request)
    town.session.expire_all()
    assert SECRET not in await everywhere(town)
    assert [kind for kind, _ in await town.jobs("privacy:finish_erasure")] == [{"contact_id": str(contact_id)}]
    assert len(await town.jobs("privacy:forget_files")) == 1
    assert await reach(town.session, town.desk(), [contact_id]) is None, "no news follow"
    assert await subscriptions.everything(town.session, contact_id) == []
    await erasure.finish(town.session, contact_id)
    town.session.expire_all()
    left = await everywhere(town)
    assert address not in left
    await town.session.refresh(ticket)
    assert ticket.description == town.office.categories.categories["noise"].name["ro"]
    assert (ticket.category, ticket.state, ticket.unit) == ("noise", "closed", ticket.unit)
    kinds = [event.kind for event in await history(town.session, ticket_id)]
    assert kinds[-1] == "erased"
    assert {"received", "added", "state"} <= set(kinds)
    scores = text("SELECT score, words FROM satisfaction WHERE ticket_id = :id")
    assert (await town.session.execute(scores, {"id": ticket.id})).one() == (4, None)


async def test_others_keep_theirs(town: Town) -> None:
    mine, _ = await talkative(town)
    _, theirs = await talkative(town)
    await carried_out(town, await asked(town, mine, "erasure"))
    await town.session.refresh(theirs)
    assert theirs.description == SECRET


async def test_what_the_office_keeps_only_so_long_is_forgotten(town: Town) -> None:
    mine, ticket = await talkative(town)
    ticket.closed_at = utcnow() - timedelta(days=400)
    contact_id = (await conversation(town.session, mine)).contact_id
    await subscriptions.leave(town.session, contact_id)
    long_over = {"id": contact_id, "at": utcnow() - timedelta(days=400)}
    await town.session.execute(text("UPDATE subscription SET ended_at = :at WHERE contact_id = :id"), long_over)
    wish = NewSubscription(topic="roads", language="en")
    await subscriptions.subscribe(town.session, town.office, await conversation(town.session, mine), wish)
    old = {"id": mine, "at": utcnow() - timedelta(days=40)}
    await town.session.execute(text("UPDATE message SET created_at = :at WHERE conversation_id = :id"), old)
    await town.session.flush()
    kept = town.settings
    assert await retention.purge(town.session, kept, town.office, dry_run=False) == retention.Purged()
    short = kept.model_copy(update={"retention_message_days": 30, "retention_ticket_days": 365})
    planned = await retention.purge(town.session, short, town.office, dry_run=True)
    assert (planned.messages, planned.tickets, planned.ticket_ids) == (2, 1, ())
    assert planned.subscriptions == 1
    assert ticket.description == SECRET
    done = await retention.purge(town.session, short, town.office, dry_run=False)
    assert (done.messages, done.tickets, done.ticket_ids) == (2, 1, (ticket.id,))
    assert ticket.description != SECRET
    again = await retention.purge(town.session, short, town.office, dry_run=True)
    assert (again.messages, again.tickets, again.subscriptions) == (0, 0, 0)
    assert [one.topic for one in await subscriptions.everything(town.session, contact_id)] == ["roads"]


async def test_a_visitor_of_the_web_chat_was_shown_the_privacy_line(town: Town) -> None:
    from backend.contacts.service import known_of
    from backend.conversations.service import open_web_session, privacy_line, web_conversation

    token, _ = await open_web_session(town.session, town.office, "tr")
    of = await web_conversation(town.session, token)
    _, _, notice = await known_of(town.session, of.contact_id)
    assert notice is not None
    assert (notice.version, notice.channel, notice.language) == (privacy_line(town.office, "tr"), "web", "tr")
    assert privacy_line(town.office, "tr") != privacy_line(town.office, "en")
