"""Two agents at once."""

import asyncio

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.accounts.schemas import Agent
from backend.core.database import make_sessions
from backend.core.settings import Settings
from backend.offices.schemas import Office
from backend.tickets import casework, desk
from backend.tickets.errors import QuestionAnsweredError, TicketChangedError
from backend.tickets.models import Ticket
from backend.tickets.schemas import Seen
from tests.backend.races import until_blocked
from tests.backend.tickets.factories import Town, agent

Desk = tuple[Ticket, Seen, Agent, Agent]


@pytest.fixture
async def desk_of_two(engine: AsyncEngine, settings: Settings, office: Office) -> Desk:
    """A ticket both saw in the same state, stored for every transaction to see."""
    async with make_sessions(engine)() as session, session.begin():
        town = Town(session, settings, office)
        ticket = await town.ticket()
        return ticket, await town.seen(ticket), await agent(session), await agent(session, name="Ion")


async def test_only_one_of_two_takes_a_ticket(engine: AsyncEngine, desk_of_two: Desk) -> None:
    ticket, seen, ana, ion = desk_of_two
    sessions = make_sessions(engine)

    async def second() -> None:
        async with sessions() as session, session.begin():
            await desk.take(session, ion, seen)

    async with sessions() as session, session.begin():
        await desk.take(session, ana, seen)
        waiting = asyncio.create_task(second())
        await until_blocked(engine)
    with pytest.raises(TicketChangedError) as refused:
        await waiting
    assert refused.value.values["who"] == "Ana"
    async with sessions() as session:
        assert (await session.get_one(Ticket, ticket.id)).assignee_id == ana.id


async def test_a_question_is_answered_once(engine: AsyncEngine, desk_of_two: Desk, office: Office) -> None:
    ticket, _, ana, ion = desk_of_two
    sessions = make_sessions(engine)
    async with sessions() as session, session.begin():
        question = await casework.ask_unit(session, office, ana, ticket.id, "roads", "Yours?")

    async def second() -> None:
        async with sessions() as session, session.begin():
            await casework.answer_question(session, ion, question, "No.")

    async with sessions() as session, session.begin():
        await casework.answer_question(session, ana, question, "Yes.")
        waiting = asyncio.create_task(second())
        await until_blocked(engine)
    with pytest.raises(QuestionAnsweredError):
        await waiting
    async with sessions() as session:
        assert [asked.answer for asked in await casework.questions_of(session, ticket.id)] == ["Yes."]
