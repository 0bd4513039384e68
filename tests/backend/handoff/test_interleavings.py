"""From the commit of a take-over on nothing of the bot reaches the citizen, in whatever order things happen."""

from collections.abc import AsyncIterator
from types import ModuleType

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.answers import service as answers
from backend.conversations import turns
from backend.core.database import make_engine, make_sessions
from backend.core.settings import Settings, libpq_url
from backend.offices.schemas import Office
from backend.outbox import repository as outbox
from tests.backend.handoff.factories import Floor
from tests.backend.handoff.interleaving import World, interleave
from tests.backend.outbox.factories import pool_of

INTERLEAVINGS = 1000
BLOCK = 100
HEARD = "holder <> 'agent' AND %(seq)s > person_seq AS heard"
MUTATIONS: dict[str, tuple[ModuleType, str, dict[str, str]]] = {
    "a part is marked without a look at the fence": (
        outbox,
        "MARK",
        {"AND (number > fence OR kind IN ('news', 'person', 'bulletin'))": ""},
    ),
    "a taken-over answer is stored": (
        turns,
        "ANSWER",
        {HEARD: "true AS heard", "holder = 'agent' OR %(seq)s <= person_seq": "false"},
    ),
    "an answer comes after the hand-back": (
        turns,
        "ANSWER",
        {HEARD: "holder <> 'agent' AS heard", "holder = 'agent' OR %(seq)s <= person_seq": "holder = 'agent'"},
    ),
    "the notice does not look who has the chat": (turns, "LATE", {"AND c.holder <> 'agent'": ""}),
}


@pytest.fixture(scope="module")
async def world(engine: AsyncEngine, settings: Settings, office: Office) -> AsyncIterator[World]:
    """Its commits are not waited for on the disk; what others see of them is the same."""
    quick = settings.model_copy(
        update={"database_url": f"{settings.database_url}&options=-csynchronous_commit%3Doff", "turn_attempts": 2}
    )
    fast = make_engine(quick.database_url)
    sessions = make_sessions(fast)
    async with sessions() as session, session.begin():
        agents = [await Floor(session, settings, office).agent(name=name) for name in ("Ana", "Ion")]
        await session.execute(text("UPDATE account SET capacity = 100000"))
    async with (
        pool_of(quick) as pool,
        await psycopg.AsyncConnection.connect(libpq_url(quick.database_url), autocommit=True) as watcher,
    ):
        yield World(watcher, sessions, pool, quick, office, agents)
    async with sessions() as session, session.begin():  # nobody of these is at the desk of another test
        await session.execute(text("UPDATE conversation SET holder = 'bot', agent_id = NULL, due_at = NULL"))
    await fast.dispose()


@pytest.fixture(autouse=True)
def _no_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "wait_seconds", lambda attempts, longest: 0.0)


@pytest.mark.parametrize("first", range(0, INTERLEAVINGS, BLOCK))
async def test_the_bot_is_silent_from_the_commit_on(world: World, first: int) -> None:
    await world.watcher.execute("ANALYZE")
    wrong = [found for seed in range(first, first + BLOCK) for found in await interleave(world, seed)]
    assert wrong == []


@pytest.mark.parametrize("mutation", MUTATIONS)
async def test_this_test_sees_what_is_missing(world: World, mutation: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without one of the guards some interleaving goes wrong."""
    module, name, guards = MUTATIONS[mutation]
    statement = getattr(module, name)
    for guard, without in guards.items():
        assert guard in statement
        statement = statement.replace(guard, without)
    monkeypatch.setattr(module, name, statement)
    for seed in range(INTERLEAVINGS // 2):
        if await interleave(world, seed):
            return
    pytest.fail("nothing went wrong")
