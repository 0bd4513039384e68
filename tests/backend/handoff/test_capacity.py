"""Nobody holds more chats than they may, however many tabs they press in, and nobody is given one who is away."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.accounts.models import Absence
from backend.accounts.schemas import Agent
from backend.core.database import make_sessions, utcnow
from backend.core.errors import KomshuError
from backend.core.settings import Settings
from backend.handoff import service
from backend.handoff.errors import AgentAwayError, AgentFullError
from backend.offices.schemas import Office
from tests.backend.handoff.factories import Floor, new_chat
from tests.backend.races import until_blocked


class Hall:
    """Acts in connections of their own, committed."""

    def __init__(self, engine: AsyncEngine, settings: Settings, office: Office) -> None:
        self.engine, self.sessions = engine, make_sessions(engine)
        self.floor = Floor(None, settings, office)  # type: ignore[arg-type]

    async def agent(self, name: str, capacity: int) -> Agent:
        async with self.sessions() as session, session.begin():
            made = await Floor(session, self.floor.settings, self.floor.office).agent(name=name)
            await session.execute(
                text("UPDATE account SET capacity = :n WHERE id = :id"), {"n": capacity, "id": made.id}
            )
        return made

    async def chats(self, count: int) -> list[UUID]:
        async with self.sessions() as session, session.begin():
            return [await new_chat(session, "web") for _ in range(count)]

    async def take(self, agent: Agent, chat: UUID) -> str:
        try:
            async with self.sessions() as session, session.begin():
                await service.take(session, self.floor.desk, agent, chat)
        except KomshuError as error:
            return error.code
        return "taken"

    async def give(self, agent: Agent, chat: UUID, to: Agent) -> str:
        try:
            async with self.sessions() as session, session.begin():
                await service.pass_to_agent(session, self.floor.desk, agent, chat, to.id, "")
        except KomshuError as error:
            return error.code
        return "given"


@pytest.fixture
async def hall(engine: AsyncEngine, settings: Settings, office: Office) -> AsyncIterator[Hall]:
    hall = Hall(engine, settings, office)
    yield hall
    async with hall.sessions() as session, session.begin():
        await session.execute(text("UPDATE conversation SET holder = 'bot', agent_id = NULL, due_at = NULL"))


async def test_two_tabs_take_no_more_chats_than_one(hall: Hall) -> None:
    ana = await hall.agent("Ana", 3)
    results = await asyncio.gather(*(hall.take(ana, chat) for chat in await hall.chats(8)))
    assert sorted(results) == ["agent_full"] * 5 + ["taken"] * 3


async def test_the_second_tab_waits_for_the_first(hall: Hall) -> None:
    ana = await hall.agent("Ana", 1)
    first, second = await hall.chats(2)
    async with hall.sessions() as session, session.begin():
        await service.take(session, hall.floor.desk, ana, first)
        waiting = asyncio.create_task(hall.take(ana, second))
        await until_blocked(hall.engine)
    assert await waiting == "agent_full"


async def test_colleagues_who_pass_chats_on_at_once_fill_nobody_over_the_brim(hall: Hall) -> None:
    ana, ion = await hall.agent("Ana", 1), await hall.agent("Ion", 9)
    chats = await hall.chats(4)
    for chat in chats:
        assert await hall.take(ion, chat) == "taken"
    results = await asyncio.gather(*(hall.give(ion, chat, ana) for chat in chats))
    assert sorted(results) == ["agent_full"] * 3 + ["given"]


async def test_a_chat_is_passed_to_nobody_who_is_away(floor: Floor) -> None:
    ana, ion = await floor.agent(), await floor.agent(name="Ion")
    chat = await floor.chat_held_by(ana)
    now = utcnow()
    floor.session.add(Absence(account_id=ion.id, begins_at=now - timedelta(hours=1), ends_at=now + timedelta(days=1)))
    await floor.session.flush()
    with pytest.raises(AgentAwayError):
        await service.pass_to_agent(floor.session, floor.desk, ana, chat, ion.id, "")


async def test_who_is_full_is_told_how_many_they_hold(floor: Floor) -> None:
    ana = await floor.agent()
    await floor.put("account", ana.id, capacity=1)
    await floor.chat_held_by(ana)
    with pytest.raises(AgentFullError) as refused:
        await service.take(floor.session, floor.desk, ana, await floor.chat())
    assert refused.value.values["count"] == 1
