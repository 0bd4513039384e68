"""Two agents at once."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from backend.accounts.schemas import Agent
from backend.core.database import make_sessions
from backend.core.settings import Settings
from backend.offices.schemas import Office
from backend.tickets import casework, desk, repository
from backend.tickets.errors import QuestionAnsweredError, TicketChangedError
from backend.tickets.models import Ticket
from backend.tickets.openly import TRIES_PER_ADDRESS_AND_TICKET, Given, Shown, look_up_openly
from backend.tickets.schemas import Answer, Seen
from backend.tickets.service import pin_digest
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


async def test_who_follows_a_ticket_that_ends_at_the_same_moment_is_not_left_behind(
    engine: AsyncEngine, desk_of_two: Desk, settings: Settings, office: Office
) -> None:
    main, seen, ana, _ = desk_of_two
    sessions = make_sessions(engine)

    async def second() -> Ticket:
        async with sessions() as session, session.begin():
            return await Town(session, settings, office).ticket(same_as=main.id)

    async with sessions() as session, session.begin():
        await desk.close(session, ana, seen, Answer(outcome="solved"))
        waiting = asyncio.create_task(second())
        await until_blocked(engine)
    assert (await waiting).duplicate_of is None, "it would wait for an answer that was given already"


async def test_duplicates_marked_at_the_same_moment_follow_the_one_that_answers(
    engine: AsyncEngine, desk_of_two: Desk, settings: Settings, office: Office
) -> None:
    middle, seen, ana, ion = desk_of_two
    sessions = make_sessions(engine)
    async with sessions() as session, session.begin():
        town = Town(session, settings, office)
        last, main = await town.ticket(), await town.ticket()
        seen_last = await town.seen(last)

    async def second() -> None:
        async with sessions() as session, session.begin():
            await desk.follow(session, ion, seen_last, middle.reference)

    async with sessions() as session, session.begin():
        await desk.follow(session, ana, seen, main.reference)
        waiting = asyncio.create_task(second())
        await until_blocked(engine)
    await waiting
    async with sessions() as session:
        assert (await session.get_one(Ticket, last.id)).duplicate_of == main.id


async def test_two_tickets_marked_as_duplicates_of_each_other_do_not_block_each_other(
    engine: AsyncEngine, desk_of_two: Desk, settings: Settings, office: Office
) -> None:
    one, seen, ana, ion = desk_of_two
    sessions = make_sessions(engine)
    async with sessions() as session, session.begin():
        town = Town(session, settings, office)
        other = await town.ticket()
        seen_other = await town.seen(other)

    async def second() -> None:
        async with sessions() as session, session.begin():
            await desk.follow(session, ion, seen_other, one.reference)

    async with sessions() as session, session.begin():
        await repository.seen_ticket(session, ana, one.id, lock=True)
        waiting = asyncio.create_task(second())
        await until_blocked(engine)
        await session.execute(text("SET LOCAL lock_timeout = '2s'"))
        assert await repository.seen_ticket(session, ana, other.id, lock=True), "the main ticket is locked first"
    await waiting
    assert seen.ticket_id == one.id


async def test_guesses_at_a_pin_at_once_count_like_guesses_one_by_one(
    engine: AsyncEngine, desk_of_two: Desk, settings: Settings, office: Office
) -> None:
    ticket, *_ = desk_of_two
    sessions = make_sessions(engine)
    async with sessions() as session, session.begin():
        (await session.get_one(Ticket, ticket.id)).pin_digest = pin_digest(settings, ticket, "123456")

    async def guess(session: AsyncSession, pin: str) -> Shown | None:
        return await look_up_openly(session, settings, office, Given(ticket.reference, pin, "192.0.2.1"), "en")

    async with sessions() as session, session.begin():
        for _ in range(TRIES_PER_ADDRESS_AND_TICKET - 1):
            assert await guess(session, "000000") is None

    async def second() -> Shown | None:
        async with sessions() as session, session.begin():
            return await guess(session, "123456")

    async with sessions() as session, session.begin():
        assert await guess(session, "000000") is None
        waiting = asyncio.create_task(second())
        await until_blocked(engine)
    assert await waiting is None, "the last try was used up"
