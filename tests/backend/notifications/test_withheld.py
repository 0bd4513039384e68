"""News of a ticket whose author acts for somebody else, before and after that is accepted."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from backend.authority.schemas import Claim
from backend.core.database import driver_connection
from backend.tickets import authorising, desk
from backend.tickets.models import Ticket
from backend.tickets.repository import history, ticket_by_reference
from backend.tickets.schemas import Answer, NewTicket, Seen
from backend.tickets.service import file_ticket
from tests.backend.notifications.test_service import Town, town as town
from tests.backend.tickets.factories import agent


async def filed(town: Town, talk: UUID, kind: str = "information_request") -> Ticket:
    new = NewTicket.model_validate(
        {"request_key": str(uuid4()), "kind": kind, "description": "Plans", "language": "en"}
        | {"acting": Claim(name="Vera Ilieva", relation="family")}
    )
    told = await file_ticket(town.session, town.settings, town.office, await town.author(talk), new)
    ticket = await ticket_by_reference(town.session, "timisoara", told.reference)
    assert ticket is not None
    return ticket


async def newest(town: Town, ticket: Ticket) -> int:
    return [event.id for event in await history(town.session, ticket.id)][-1]


async def said(town: Town, talk: UUID) -> list[tuple[str, list[str]]]:
    """(words, payloads of the buttons) of what the office said unasked."""
    query = text(
        "SELECT content->>'text', content->'buttons' FROM message WHERE conversation_id = :id AND author = 'system' "
        "ORDER BY seq"
    )
    rows = await town.session.execute(query, {"id": talk})
    return [(words, [button["payload"] for button in buttons or []]) for words, buttons in rows]


async def hears(town: Town, ticket: Ticket, event: int, state: str) -> None:
    told = type("Filed", (), {"reference": ticket.reference})
    await town.news(told, state, event=event)


@pytest.fixture(autouse=True)
async def tell(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    await town.session.execute(text("DELETE FROM procrastinate_jobs"))


async def jobs(town: Town) -> list[tuple[str, int]]:
    rows = await town.session.execute(text("SELECT task_name, args FROM procrastinate_jobs ORDER BY id"))
    return [(name, args["event"]) for name, args in rows]


async def closed(town: Town, ticket: Ticket) -> int:
    ana = await agent(town.session, "supervisor")
    await desk.close(
        town.session, ana, Seen(ticket.id, await newest(town, ticket)), Answer(outcome="solved", reason="Plan B.")
    )
    return await newest(town, ticket)


async def test_news_are_kept_back_and_the_paper_is_asked_for_once(town: Town) -> None:
    talk = await town.writes("web", str(uuid4()))
    ticket, ana = await filed(town, talk), await agent(town.session, "agent")
    await desk.take(town.session, ana, Seen(ticket.id, await newest(town, ticket)))
    taken = await newest(town, ticket)
    for _ in range(2):
        await hears(town, ticket, taken, "in_progress")
    [(words, payloads)] = await said(town, talk)
    assert "Vera Ilieva" in words
    assert "worked on" not in words
    assert payloads == [f'/authorise_ticket{{"reference": "{ticket.reference}"}}']
    end = await closed(town, ticket)
    await town.session.execute(text("DELETE FROM procrastinate_jobs"))
    await hears(town, ticket, end, "closed")
    assert "Plan B." not in str(await said(town, talk))
    assert len(await said(town, talk)) == 2
    assert await jobs(town) == [], "nobody is asked whether it is solved before they know"


async def test_what_was_kept_back_is_told_when_the_paper_is_accepted(town: Town) -> None:
    talk = await town.writes("web", str(uuid4()))
    ticket = await filed(town, talk)
    end = await closed(town, ticket)
    await hears(town, ticket, end, "closed")
    await authorising.accept(town.session, await agent(town.session, "agent"), ticket.id, None)
    accepted = await newest(town, ticket)
    await town.session.execute(text("DELETE FROM procrastinate_jobs"))
    await hears(town, ticket, accepted, "closed")
    assert await jobs(town) == [("notifications:tell_ticket_news", end)]
    await hears(town, ticket, end, "closed")
    assert [name for name, _ in await jobs(town)] == ["notifications:tell_ticket_news", "surveys:ask_if_solved"]
    words = [words for words, _ in await said(town, talk)]
    assert "is accepted" in words[1]
    assert "Plan B." in words[2]


async def test_a_question_and_a_refusal_reach_the_author(town: Town) -> None:
    talk = await town.writes("web", str(uuid4()))
    ticket, ana = await filed(town, talk), await agent(town.session, "agent")
    await desk.ask(town.session, ana, Seen(ticket.id, await newest(town, ticket)), "Which year?")
    await hears(town, ticket, await newest(town, ticket), "waiting")
    await authorising.refuse(town.session, ana, ticket.id, None, "Not signed.")
    await hears(town, ticket, await newest(town, ticket), "waiting")
    [(asked, _), (refused, payloads)] = await said(town, talk)
    assert "Which year?" in asked
    assert "Not signed." in refused
    assert payloads == [f'/authorise_ticket{{"reference": "{ticket.reference}"}}']


async def test_other_matters_are_told_as_ever(town: Town) -> None:
    talk = await town.writes("web", str(uuid4()))
    ticket = await filed(town, talk, "complaint")
    await hears(town, ticket, await closed(town, ticket), "closed")
    assert "Plan B." in str(await said(town, talk))
    assert (await driver_connection(town.session)) is not None
