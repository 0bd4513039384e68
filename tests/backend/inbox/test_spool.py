"""What comes while the database is away waits on the disk, in order, and nothing stops the rest."""

import asyncio
import contextlib
import stat
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from backend.core.database import make_engine, make_sessions
from backend.core.settings import Settings
from backend.inbox.service import Inbox
from backend.inbox.spool import Spool, Spooled
from backend.offices.schemas import Office
from channels.message import Arrival, Delivery, Event, Inbound, Parsed
from tests.backend.outbox.factories import ScriptedAdapter

CLOSED = "postgresql+psycopg://nobody@127.0.0.1:9/nothing"
ENDLESS = "".join(uuid4().hex for _ in range(400))
"""Too long for an index."""
Make = Callable[..., Inbox]


@pytest.fixture
async def away() -> AsyncIterator[async_sessionmaker[AsyncSession]]:
    """Sessions of a database that is not there."""
    engine = make_engine(CLOSED)
    yield make_sessions(engine)
    await engine.dispose()


@pytest.fixture
def adapter() -> ScriptedAdapter:
    return ScriptedAdapter()


@pytest.fixture
def make(settings: Settings, engine: AsyncEngine, office: Office, tmp_path: Path, adapter: ScriptedAdapter) -> Make:
    """Makes an inbox of a new process, on the same folder."""

    def made(sessions: async_sessionmaker[AsyncSession] | None = None) -> Inbox:
        adapters = {adapter.name: adapter}
        return Inbox(settings, sessions or make_sessions(engine), office, adapters, Spool(tmp_path))

    return made


def listed(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def said(words: str, sender: str = "s") -> Parsed:
    inbound = Inbound(external_id=str(uuid4()), text=words)
    return Parsed(events=(Arrival(sender=sender, inbound=inbound),))


async def stored(engine: AsyncEngine, channel: str) -> list[str]:
    """The texts of a channel in the order they were stored."""
    async with make_sessions(engine)() as session:
        query = text("SELECT content->>'text' FROM message WHERE channel = :channel ORDER BY id")
        return list((await session.scalars(query, {"channel": channel})).all())


async def drained(inbox: Inbox, until: Callable[[], Awaitable[bool]]) -> None:
    """Let an inbox drain until something holds."""
    task = asyncio.create_task(inbox.drain())
    async with asyncio.timeout(10):
        while not await until():
            await asyncio.wait({task}, timeout=0.01)
            assert not task.done()
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def test_what_comes_while_the_database_is_away_is_stored_in_order_when_it_is_back(
    make: Make, engine: AsyncEngine, tmp_path: Path, adapter: ScriptedAdapter, away: async_sessionmaker[AsyncSession]
) -> None:
    inbox = make(away)
    for number in range(12):
        await inbox.accept(adapter.name, said(f"{number}"))
    files = listed(tmp_path)
    assert len(files) == 12
    assert {path.suffix for path in files} == {".json"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    inbox._sessions = make_sessions(engine)
    await inbox.accept(adapter.name, said("behind the others"))
    assert await stored(engine, adapter.name) == []

    async def empty() -> bool:
        return not listed(tmp_path) and not inbox._spool.pending

    await drained(inbox, empty)
    await inbox.accept(adapter.name, said("at once"))
    expected = [*(f"{number}" for number in range(12)), "behind the others", "at once"]
    assert await stored(engine, adapter.name) == expected


async def test_a_folder_of_ours_is_open_to_nobody_else(tmp_path: Path) -> None:
    Spool(tmp_path / "data" / "spool")
    assert stat.S_IMODE((tmp_path / "data" / "spool").stat().st_mode) == 0o700


async def test_a_new_process_takes_up_what_an_old_one_left_and_passes_over_what_is_torn(
    make: Make, engine: AsyncEngine, tmp_path: Path, adapter: ScriptedAdapter, away: async_sessionmaker[AsyncSession]
) -> None:
    await make(away).accept(adapter.name, said("left"))
    torn = tmp_path / "00000000000000000001-00000000.json.partial"
    torn.write_text('{"channel": "x", "par', encoding="utf-8")
    inbox = make()

    async def done() -> bool:
        return await stored(engine, adapter.name) == ["left"] and not inbox._spool.pending

    await drained(inbox, done)
    assert listed(tmp_path) == [torn]


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b'{"channel": "x"}', b"[]"])
async def test_a_file_nobody_can_read_is_moved_aside(
    make: Make, engine: AsyncEngine, tmp_path: Path, adapter: ScriptedAdapter, content: bytes,
    away: async_sessionmaker[AsyncSession],
) -> None:  # fmt: skip
    broken = tmp_path / "00000000000000000001-00000000.json"
    broken.write_bytes(content)
    await make(away).accept(adapter.name, said("after it"))
    inbox = make()

    async def done() -> bool:
        return not inbox._spool.pending

    await drained(inbox, done)
    assert await stored(engine, adapter.name) == ["after it"]
    assert [(path.name, path.read_bytes()) for path in listed(tmp_path)] == [(f"{broken.name}.broken", content)]


async def test_a_file_another_process_has_stored_is_no_loss(
    make: Make, engine: AsyncEngine, tmp_path: Path, adapter: ScriptedAdapter, away: async_sessionmaker[AsyncSession]
) -> None:
    inbox = make(away)
    await inbox.accept(adapter.name, said("gone"))
    await inbox.accept(adapter.name, said("there"))
    listed(tmp_path)[0].unlink()
    inbox._sessions = make_sessions(engine)

    async def done() -> bool:
        return not inbox._spool.pending

    await drained(inbox, done)
    assert await stored(engine, adapter.name) == ["there"]


@pytest.mark.parametrize(
    "event",
    [
        Arrival(sender="poison", inbound=Inbound(external_id="nul\x00", text="x")),
        Arrival(sender="poison", inbound=Inbound(external_id=f"{uuid4()}", text="nul\x00")),
        Arrival(sender=ENDLESS, inbound=Inbound(external_id=f"{uuid4()}", text="x")),
    ],
    ids=["id", "text", "address"],
)
@pytest.mark.parametrize("spooled", [False, True])
async def test_a_call_the_database_will_not_take_is_kept_aside_and_stops_nothing(
    make: Make, engine: AsyncEngine, tmp_path: Path, adapter: ScriptedAdapter, event: Event, spooled: bool,
    away: async_sessionmaker[AsyncSession],
) -> None:  # fmt: skip
    calls = [Parsed(events=(event,)), said("next")]
    if spooled:
        first = make(away)
        for call in calls:
            await first.accept(adapter.name, call)
    inbox = make()
    if not spooled:
        for call in calls:
            await inbox.accept(adapter.name, call)

    async def done() -> bool:
        return not inbox._spool.pending

    await drained(inbox, done)
    assert await stored(engine, adapter.name) == ["next"]
    [aside] = listed(tmp_path)
    assert aside.name.endswith(".json.broken")
    assert Spooled.model_validate_json(aside.read_bytes()).parsed == calls[0]
    assert stat.S_IMODE(aside.stat().st_mode) == 0o600


async def test_news_of_our_own_messages_wait_too(
    make: Make, engine: AsyncEngine, tmp_path: Path, adapter: ScriptedAdapter, away: async_sessionmaker[AsyncSession]
) -> None:
    sid = f"SM{uuid4()}"
    inbox = make(away)
    await inbox.accept(adapter.name, Parsed(events=(Delivery(provider_id=sid, state="delivered"),)))
    inbox._sessions = make_sessions(engine)

    async def done() -> bool:
        return not inbox._spool.pending

    await drained(inbox, done)
    async with make_sessions(engine)() as session:
        kept = text("SELECT state FROM delivery_report WHERE provider_id = :sid")
        assert (await session.scalars(kept, {"sid": sid})).all() == ["delivered"]


async def test_calls_that_bring_nothing_are_not_kept(
    make: Make, tmp_path: Path, adapter: ScriptedAdapter, away: async_sessionmaker[AsyncSession]
) -> None:
    await make(away).accept(adapter.name, Parsed(ignored="typing"))
    assert listed(tmp_path) == []


async def test_many_calls_at_once_are_all_kept(
    make: Make, engine: AsyncEngine, tmp_path: Path, adapter: ScriptedAdapter, away: async_sessionmaker[AsyncSession]
) -> None:
    inbox = make(away)
    await asyncio.gather(*(inbox.accept(adapter.name, said(f"{number}", f"s{number}")) for number in range(20)))
    inbox._sessions = make_sessions(engine)

    async def done() -> bool:
        return not inbox._spool.pending

    await drained(inbox, done)
    assert sorted(await stored(engine, adapter.name), key=int) == [f"{number}" for number in range(20)]
    assert listed(tmp_path) == []
