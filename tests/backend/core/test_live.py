"""Event streams woken by what the database tells."""

import asyncio

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.core.database import make_sessions, notify
from backend.core.live import Listener, LiveConversations
from backend.core.settings import Settings


@pytest.mark.parametrize(("woken", "expected"), [("a", [True, False]), (None, [True, True]), ("c", [False, False])])
async def test_the_streams_of_a_conversation_are_woken_or_all_of_them(woken: str | None, expected: list[bool]) -> None:
    live = LiveConversations()
    async with live.watching("a") as first, live.watching("b") as second:
        live.wake(woken)
        assert [first.is_set(), second.is_set()] == expected


async def test_two_streams_of_one_conversation_are_both_woken_until_they_end() -> None:
    live = LiveConversations()
    async with live.watching("a") as staying:
        async with live.watching("a") as ending:
            pass
        live.wake("a")
        assert (staying.is_set(), ending.is_set()) == (True, False)


async def test_a_visitors_own_words_come_with_the_answer_or_a_moment_later(monkeypatch: pytest.MonkeyPatch) -> None:
    live = LiveConversations()
    async with live.watching("a") as answered:
        live.echo("a")
        assert not answered.is_set()
        live.wake("a")
        assert answered.is_set()
    assert not live._echoes
    monkeypatch.setattr("backend.core.live.ECHO_SECONDS", 0.01)
    async with live.watching("b") as alone, asyncio.timeout(5):
        live.echo("b")
        live.echo("b")
        await alone.wait()
    assert not live._echoes


async def test_nothing_is_kept_for_a_conversation_without_streams() -> None:
    live = LiveConversations()
    live.echo("a")
    assert not live._echoes


async def test_a_listener_passes_on_each_notice_after_saying_it_listens(
    engine: AsyncEngine, settings: Settings
) -> None:
    notices: asyncio.Queue[str | None] = asyncio.Queue()
    others: asyncio.Queue[str | None] = asyncio.Queue()
    calls = {"komshu_live": notices.put_nowait, "komshu_other": others.put_nowait}
    listening = asyncio.create_task(Listener(settings.database_url, calls).run())
    async with asyncio.timeout(5):
        assert [await queue.get() for queue in (notices, others)] == [None, None]
        async with make_sessions(engine)() as session, session.begin():
            await notify(session, "komshu_live", "c-1")
            await notify(session, "komshu_other", "c-2")
        assert [await queue.get() for queue in (notices, others)] == ["c-1", "c-2"]
    listening.cancel()
