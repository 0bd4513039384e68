"""Two at once, in two connections: one is first, the other is told."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.accounts.schemas import Agent
from backend.core.database import driver_connection, make_sessions
from backend.core.errors import KomshuError
from backend.core.settings import Settings
from backend.handoff import service
from backend.handoff.errors import ChatTakenError
from backend.offices.schemas import Office
from backend.outbox import repository as outbox
from backend.outbox.schemas import Outgoing
from tests.backend.handoff.factories import Floor, new_chat
from tests.backend.outbox.factories import ScriptedAdapter
from tests.backend.races import until_blocked

ROUNDS = 200


class Hall:
    """Acts in connections of their own, committed."""

    def __init__(self, engine: AsyncEngine, settings: Settings, office: Office) -> None:
        self.engine, self.sessions = engine, make_sessions(engine)
        self.floor = Floor(None, settings, office)  # type: ignore[arg-type]

    async def agents(self, *names: str) -> list[Agent]:
        async with self.sessions() as session, session.begin():
            floor = Floor(session, self.floor.settings, self.floor.office)
            found = [await floor.agent(name=name) for name in names]
            await session.execute(text("UPDATE account SET capacity = 100000"))
        return found

    async def chat(self, channel: str = "web") -> UUID:
        async with self.sessions() as session, session.begin():
            return await new_chat(session, channel)

    async def take(self, agent: Agent, chat: UUID) -> str:
        """The name of who has the chat then, as this agent knows it."""
        try:
            async with self.sessions() as session, session.begin():
                await service.take(session, self.floor.desk, agent, chat)
        except ChatTakenError as error:
            return str(error.values["name"])
        return agent.name

    async def reply(self, agent: Agent, chat: UUID, words: str, key: str) -> int | str:
        try:
            async with self.sessions() as session, session.begin():
                return await service.reply(session, self.floor.desk, agent, chat, words, key)
        except KomshuError as error:
            return error.code

    async def hand_back(self, agent: Agent, chat: UUID) -> str:
        try:
            async with self.sessions() as session, session.begin():
                await service.hand_back(session, self.floor.desk, agent, chat)
        except KomshuError as error:
            return error.code
        return "done"

    async def said(self, chat: UUID, author: str) -> list[str]:
        query = text(
            "SELECT content->>'text' FROM message WHERE conversation_id = :id AND author = :author "
            "AND NOT content ? 'hidden' ORDER BY seq"
        )
        async with self.sessions() as session:
            return list(await session.scalars(query, {"id": chat, "author": author}))


@pytest.fixture
async def hall(engine: AsyncEngine, settings: Settings, office: Office) -> AsyncIterator[Hall]:
    hall = Hall(engine, settings, office)
    yield hall
    async with hall.sessions() as session, session.begin():  # nobody of this test is at the desk of another
        await session.execute(text("UPDATE conversation SET holder = 'bot', agent_id = NULL, due_at = NULL"))


async def test_of_two_who_take_at_once_one_wins_and_the_other_is_told_who(hall: Hall) -> None:
    ana, ion = await hall.agents("Ana", "Ion")
    wins = {"Ana": 0, "Ion": 0}
    for place in range(ROUNDS):
        chat = await hall.chat()
        first, second = (ana, ion) if place % 2 else (ion, ana)
        names = await asyncio.gather(hall.take(first, chat), hall.take(second, chat))
        assert names[0] == names[1]
        assert len(await hall.said(chat, "system")) == 1
        wins[names[0]] += 1
    assert sum(wins.values()) == ROUNDS


async def test_of_five_who_take_at_once_one_wins(hall: Hall) -> None:
    five = await hall.agents(*"ABCDE")
    for _ in range(20):
        chat = await hall.chat()
        assert len(set(await asyncio.gather(*(hall.take(one, chat) for one in five)))) == 1


async def test_a_reply_sent_twice_at_once_is_stored_once(hall: Hall) -> None:
    [ana] = await hall.agents("Ana")
    chat = await hall.chat(hall.floor.push.name)
    await hall.take(ana, chat)
    for place in range(50):
        words, key = f"word {place}", uuid4().hex
        numbers = await asyncio.gather(*(hall.reply(ana, chat, words, key) for _ in range(3)))
        assert len(set(numbers)) == 1
    assert await hall.said(chat, "agent") == [f"word {place}" for place in range(50)]


async def test_a_reply_at_the_moment_of_handing_back_is_said_before_or_refused(hall: Hall) -> None:
    [ana] = await hall.agents("Ana")
    for _ in range(50):
        chat = await hall.chat()
        await hall.take(ana, chat)
        answered, back = await asyncio.gather(hall.reply(ana, chat, "Wait.", uuid4().hex), hall.hand_back(ana, chat))
        assert back == "done"
        assert answered == "chat_not_held" or isinstance(answered, int)
        assert len(await hall.said(chat, "agent")) == isinstance(answered, int)


async def test_a_part_is_not_marked_while_somebody_is_taking_over(hall: Hall) -> None:
    """A part found as `sending` was in the hands of a worker that died; only the lane's lock can keep it back."""
    [ana] = await hall.agents("Ana")
    push: ScriptedAdapter = hall.floor.push
    chat = await hall.chat(push.name)
    async with hall.sessions() as sender, hall.sessions() as desk:
        connection = await driver_connection(sender)
        await sender.execute(text("UPDATE conversation SET last_seq = 1 WHERE id = :id"), {"id": chat})
        await outbox.enqueue(connection, chat, push.name, "x", [Outgoing(1, ({"text": "bot"},))])
        [lane] = await outbox.claim(connection, [push.name], 60, 1)
        part, _ = await outbox.next_part(connection, lane)
        assert part is not None
        assert await outbox.mark(connection, lane, part)
        await sender.commit()
        await service.take(desk, hall.floor.desk, ana, chat)
        again = asyncio.create_task(outbox.mark(await driver_connection(sender), lane, part))
        await until_blocked(hall.engine)
        await desk.commit()
        assert not await again
        await sender.rollback()
