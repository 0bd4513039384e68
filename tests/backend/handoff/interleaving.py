"""One chat in which everything happens in random order: bot, sender, citizen and agents, each step committed by itself.

The bot's turn is the worker's own (Taker), held up at the call to the bot; the sender's steps are the statements the
sender makes. A take-over may stay open, its statements done and its commit still to come, while others go on: they wait
for its locks or do not. The same seed gives the same order.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import psycopg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from backend.accounts.schemas import Agent
from backend.answers import service as answers
from backend.answers.desk import Desk
from backend.answers.errors import TurnError
from backend.answers.taker import Taker
from backend.conversations import repository
from backend.conversations.schemas import Claim, Turn, Waiting
from backend.core.catalogue import backend_catalogue
from backend.core.database import Pool, driver_connection
from backend.core.errors import KomshuError
from backend.core.settings import Settings
from backend.handoff import service
from backend.offices.schemas import Office
from backend.outbox import repository as outbox, service as deliveries
from backend.outbox.schemas import LaneClaim, Part
from channels.errors import BUSY, SendError
from channels.message import Reply
from channels.web.adapter import WebAdapter
from tests.backend.handoff.factories import conversation, new_chat
from tests.backend.outbox.factories import ScriptedAdapter

STEPS = 18
BUSY_NOW = SendError(BUSY, retryable=True, retry_after=0.0)
WORDS = backend_catalogue()
TAKEN = {WORDS.text("handoff.taken", "en", name=name) for name in ("Ana", "Ion")}
BACK = {WORDS.text("handoff.handed_back", "en", name=name) for name in ("Ana", "Ion")}
MACHINE = {WORDS.text("chat.received", "en"), WORDS.text("chat.turn_failed", "en")}
"""The backend's own words in the bot's place."""


class FetchedAdapter(WebAdapter):
    """A web channel of this chat alone."""

    def __init__(self) -> None:
        self.name = f"fetched-{uuid4()}"


class HeldBot:
    """A bot that answers when it is told to."""

    def __init__(self) -> None:
        self.asked: asyncio.Future[Turn] | None = None
        self._called = asyncio.Event()

    async def take_turn(self, claim: Claim, waiting: Waiting) -> Turn:
        self.asked = asyncio.get_running_loop().create_future()
        self._called.set()
        return await self.asked

    async def until_asked(self, turn: asyncio.Task[Waiting | None]) -> bool:
        """Whether a turn asks the bot; returns when it does, or has ended without."""
        self._called.clear()
        called = asyncio.create_task(self._called.wait())
        await asyncio.wait({turn, called}, return_when=asyncio.FIRST_COMPLETED)
        called.cancel()
        return not turn.done()


@dataclass
class World:
    """What all interleavings share."""

    watcher: psycopg.AsyncConnection[Any]
    sessions: async_sessionmaker[AsyncSession]
    pool: Pool
    settings: Settings
    office: Office
    agents: list[Agent]


@dataclass
class Interleaving:
    """One chat and what goes on in it."""

    world: World
    chance: random.Random
    adapter: Any
    chat: UUID = field(default_factory=uuid4)
    bot: HeldBot = field(default_factory=HeldBot)
    turn: asyncio.Task[Waiting | None] | None = None
    claim: Claim | None = None
    lane: LaneClaim | None = None
    part: Part | None = None
    marked: bool = False
    taking: AsyncExitStack | None = None
    taking_session: AsyncSession | None = None
    blocked: list[asyncio.Task[None]] = field(default_factory=list)
    replies: list[str] = field(default_factory=list)
    held: bool = False
    """Somebody's take-over is committed, and no hand-back has begun."""
    number: int = 0
    violations: list[str] = field(default_factory=list)
    log: list[str] = field(default_factory=list)

    @property
    def desk(self) -> Desk:
        return Desk(self.world.settings, self.world.office, {self.adapter.name: self.adapter})

    def next_number(self) -> int:
        self.number += 1
        return self.number

    # What the citizen, the worker and jobs do
    async def citizen(self) -> None:
        async with self.world.sessions() as session, session.begin():
            await repository.receive(
                session, self.chat, self.adapter.name, f"{self.chat}:{uuid4()}", {"text": f"said {self.next_number()}"}
            )

    async def begin_turn(self) -> None:
        if self.turn:
            return
        async with self.world.pool.connection() as connection:
            due = await answers.claim_due(connection, 60, 1, [self.adapter.name])
        if due:
            self.claim = due[0][0]
            await self.go_on(due[0][1])

    async def go_on(self, waiting: Waiting | None) -> None:
        """As the worker does: the next message at once, until there is none. Returns when the bot is asked."""
        self.turn = None
        while waiting is not None:
            assert self.claim
            taker = Taker(
                self.world.settings,
                self.world.pool,
                self.world.sessions,
                self.bot,  # type: ignore[arg-type]
                self.desk.adapters,
                self.world.office,
            )
            turn = asyncio.create_task(taker.take(self.claim, waiting))
            if await self.bot.until_asked(turn):
                self.turn = turn
                return
            waiting = await turn

    async def bot_answers(self) -> None:
        if self.turn and self.bot.asked:
            turn, self.turn = self.turn, None
            said = tuple(Reply(text=f"bot {self.next_number()}") for _ in range(self.chance.choice((1, 1, 2))))
            self.bot.asked.set_result(Turn(said, "en"))
            await self.go_on(await turn)

    async def bot_fails(self) -> None:
        if self.turn and self.bot.asked:
            turn, self.turn = self.turn, None
            self.bot.asked.set_exception(TurnError("bot_timeout"))
            await self.go_on(await turn)

    async def notice(self) -> None:
        async with self.world.pool.connection() as connection:
            await answers.tell_waiting(connection, {self.adapter.name: self.adapter}, 0.0)

    async def news(self) -> None:
        async with self.world.sessions() as session, session.begin():
            of = await conversation(session, self.chat)
            said = f"news {self.next_number()}"
            await answers.announce(await driver_connection(session), self.desk.adapters, of, said, "en", "news")

    # What the sender does
    async def claim_lane(self) -> None:
        if self.lane is None and not self.adapter.pull:
            async with self.world.pool.connection() as connection:
                found = await outbox.claim(connection, [self.adapter.name], 60, 1)
            self.lane = found[0] if found else None

    async def next_part(self) -> None:
        if self.lane and self.part is None:
            lane = self.lane
            async with self.world.pool.connection() as connection:
                part, version = await outbox.next_part(connection, lane)
                if part is None:
                    await outbox.release(connection, lane, version)
                    self.lane = None
                self.part = part

    async def mark(self) -> None:
        if self.lane and self.part and not self.marked:
            lane, part = self.lane, self.part
            async with self.world.pool.connection() as connection:
                marked = await outbox.mark(connection, lane, part)
                if not marked:
                    await outbox.release(connection, lane, -1)
            if marked and self.held and part.part["text"].startswith(("bot", *MACHINE)) and await self.fenced(part):
                self.violations.append(f"marked for sending after the take-over: {part.part['text']}")
            self.marked, self.lane, self.part = marked, lane if marked else None, part if marked else None

    async def fenced(self, part: Part) -> bool:
        async with self.world.pool.connection() as connection:
            row = await (await connection.execute("SELECT fence FROM lane WHERE id = %s", (self.chat,))).fetchone()
        return part.number <= row[0]

    async def hand_over(self) -> None:
        """The provider takes the part, and that is noted; or it is busy, and the part is to be tried again."""
        if self.lane and self.part and self.marked:
            lane, part, self.part, self.marked = self.lane, self.part, None, False
            async with self.world.pool.connection() as connection, connection.transaction():
                if self.chance.random() < 0.3:
                    await deliveries.failed(connection, lane, part, BUSY_NOW)
                    self.lane = None
                else:
                    self.adapter.sent.append((lane.address, part.part))
                    await deliveries.sent(connection, self.adapter, lane, part, None)

    async def sender_dies(self) -> None:
        """Before it handed the part over."""
        if self.lane:
            async with self.world.pool.connection() as connection:
                await connection.execute(
                    "UPDATE lane SET lease_until = now() - interval '1 s' WHERE id = %s", (self.chat,)
                )
            self.lane, self.part, self.marked = None, None, False

    # What agents do
    async def take(self) -> None:
        """All statements of a take-over; its commit is another step."""
        if self.taking is None:
            stack = AsyncExitStack()
            session = await stack.enter_async_context(self.world.sessions())
            try:
                await service.take(session, self.desk, self.chance.choice(self.world.agents), self.chat)
            except KomshuError:
                await stack.aclose()
            else:
                self.taking, self.taking_session = stack, session

    async def commit_take(self) -> None:
        if self.taking and self.taking_session:
            stack, session = self.taking, self.taking_session
            await session.commit()
            self.held, self.taking, self.taking_session = True, None, None
            await stack.aclose()

    async def agent_replies(self) -> None:
        words, key = f"agent {self.next_number()}", uuid4().hex
        for _ in range(self.chance.choice((1, 1, 2))):  # a double click, or a browser that tries again
            try:
                async with self.world.sessions() as session, session.begin():
                    who = await self.holder(session)
                    await service.reply(session, self.desk, who, self.chat, words, key)
            except KomshuError:
                return
            if words not in self.replies:
                self.replies.append(words)

    async def hand_back(self) -> None:
        self.held = False
        try:
            async with self.world.sessions() as session, session.begin():
                await service.hand_back(session, self.desk, await self.holder(session), self.chat)
        except KomshuError:
            self.held = (await self.column("holder")) == "agent"

    async def holder(self, session: AsyncSession) -> Agent:
        agent_id = (await conversation(session, self.chat)).agent_id
        return next((one for one in self.world.agents if one.id == agent_id), self.world.agents[0])

    async def column(self, name: str) -> Any:
        async with self.world.sessions() as session:
            return await session.scalar(text(f"SELECT {name} FROM conversation WHERE id = :id"), {"id": self.chat})

    # The order
    async def run(self) -> list[str]:
        """Steps in random order, then everything to its end; returns what must not have happened."""
        async with self.world.sessions() as session, session.begin():
            self.chat = await new_chat(session, self.adapter.name)
        await self.citizen()
        weights: dict[Callable[[], Awaitable[None]], int] = {
            self.citizen: 3,
            self.begin_turn: 4,
            self.bot_answers: 4,
            self.bot_fails: 1,
            self.notice: 1,
            self.news: 1,
            self.take: 3,
            self.commit_take: 3,
            self.agent_replies: 2,
            self.hand_back: 1,
        }
        sending = {self.claim_lane: 4, self.next_part: 4, self.mark: 4, self.hand_over: 3, self.sender_dies: 1}
        weights |= {} if self.adapter.pull else sending
        for step in self.beginning():
            await self.do(step)
        for _ in range(STEPS):
            [step] = self.chance.choices(list(weights), list(weights.values()))
            await self.do(step)
        await self.to_the_end()
        return [*self.violations, *await self.wrong_messages(), *self.wrong_replies()]

    def beginning(self) -> list[Callable[[], Awaitable[None]]]:
        """The usual way of an answer up to some point: what is rare at random, such as a sender that died, is met."""
        way = [self.begin_turn, self.bot_answers]
        if not self.adapter.pull:
            way += [self.claim_lane, self.next_part, self.mark, self.sender_dies, self.claim_lane, self.next_part]
        return way[: self.chance.randrange(len(way) + 1)]

    async def do(self, step: Callable[[], Awaitable[None]]) -> None:
        """A step, to its end; or, while a take-over is open, until it waits for that one's locks."""
        if self.blocked and step != self.commit_take:
            return  # somebody waits for the commit: nothing else happens before it
        self.log.append(step.__name__)  # type: ignore[attr-defined]
        if self.taking is None or step == self.commit_take:
            await step()
            await asyncio.gather(*self.blocked)
            self.blocked.clear()
            return
        task = asyncio.ensure_future(step())
        while not task.done():
            if await self.is_blocked():
                self.blocked.append(task)  # type: ignore[arg-type]
                return
        await task

    async def is_blocked(self) -> bool:
        row = await (await self.world.watcher.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")).fetchone()
        return bool(row and row[0])

    async def to_the_end(self) -> None:
        """Everybody finishes what they have begun, and what is due is sent."""
        await self.do(self.commit_take)
        for _ in range(50):
            for step in (self.begin_turn, self.bot_answers, self.claim_lane, self.next_part, self.mark, self.hand_over):
                await self.do(step)
            if not (self.turn or self.lane or await self.column("due_at")) and not await self.lane_due():
                return
        self.violations.append("it does not come to an end")

    async def lane_due(self) -> bool:
        async with self.world.sessions() as session:
            due = "SELECT count(*) FROM lane WHERE id = :id AND due_at IS NOT NULL"
            return bool(await session.scalar(text(due), {"id": self.chat}))

    # What must not have happened
    async def wrong_messages(self) -> list[str]:
        """Words of the bot while a person had the chat, or, afterwards, on what was the person's to answer."""
        query = text(
            "SELECT seq, author, content->>'text', reply_to, state, external_id FROM message "
            "WHERE conversation_id = :id AND NOT content ? 'hidden' ORDER BY seq"
        )
        async with self.world.sessions() as session:
            rows = (await session.execute(query, {"id": self.chat})).all()
        wrong, held, persons = [], False, 0
        for seq, author, words, reply_to, state, _ in rows:
            if words in TAKEN:
                held, persons = True, seq
            elif words in BACK:
                held, persons = False, seq
            elif author == "bot" or words in MACHINE:
                if held:
                    wrong.append(f"stored while a person had the chat: {seq} {words}")
                if reply_to and reply_to < persons:
                    wrong.append(f"an answer to what was a person's to answer: {seq} {words}")
            elif author == "citizen" and state == "received":
                wrong.append(f"never settled: {seq} {words}")
        said = [words for _, author, words, *_ in rows if author == "agent"]
        return wrong if said == self.replies else [*wrong, f"the agents said {self.replies}, stored is {said}"]

    def wrong_replies(self) -> list[str]:
        """Words of agents that did not arrive, arrived twice or in another order."""
        if self.adapter.pull:
            return []
        arrived = [part["text"] for _, part in self.adapter.sent if part["text"].startswith("agent")]
        return [] if arrived == self.replies else [f"the agents said {self.replies}, what arrived is {arrived}"]


async def interleave(world: World, seed: int) -> list[str]:
    """One interleaving; returns what must not have happened, with the way to it."""
    adapter = FetchedAdapter() if seed % 3 == 0 else ScriptedAdapter()
    one = Interleaving(world, random.Random(seed), adapter)
    wrong = await one.run()
    return [f"seed {seed}: {found} ({' '.join(one.log)})" for found in wrong]
