"""The audit log: what is written, with what it tells of, and read again."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from backend.accounts.schemas import Agent
from backend.audit import service
from backend.core.database import make_sessions

HERE = f"audit-{uuid4()}"
ANA = Agent(id=UUID(int=7), office_id=HERE, name="Ana Pop", role="agent")


async def test_an_entry_says_who_did_what_to_what(session: AsyncSession) -> None:
    await service.record(session, ANA, "chat.taken", "chat", UUID(int=1), **{"from": "Ben"})
    [entry] = await service.page(session, HERE)
    assert (entry.account_id, entry.actor, entry.action) == (ANA.id, "Ana Pop", "chat.taken")
    assert (entry.object_kind, entry.object_id, entry.content) == ("chat", f"{UUID(int=1)}", {"from": "Ben"})


async def test_what_nobody_signed_in_did_has_a_name_too(session: AsyncSession) -> None:
    await service.record_without_agent(session, HERE, "command line", "account.add", "account", 5)
    [entry] = await service.page(session, HERE)
    assert (entry.account_id, entry.actor, entry.object_id) == (None, "command line", "5")


async def test_an_act_that_is_undone_leaves_no_entry(engine: AsyncEngine) -> None:
    async with make_sessions(engine)() as session:
        await service.record(session, ANA, "chat.taken", "chat", 1)
        await session.rollback()
        assert await service.page(session, HERE) == []


async def test_one_thing_has_its_story(session: AsyncSession) -> None:
    for action, thing in (("a", 1), ("b", 2), ("c", 1)):
        await service.record(session, ANA, action, "chat", thing)
    await service.record(session, ANA, "d", "ticket", 1)
    assert [one.action for one in await service.of_object(session, HERE, "chat", 1)] == ["a", "c"]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, ["chat.note", "chat.taken", "account.add"]),
        ({"action": "chat."}, ["chat.note", "chat.taken"]),
        ({"action": "chat.taken"}, ["chat.taken"]),
        ({"action": "chat%"}, []),
        ({"actor": "POP"}, ["chat.note", "chat.taken", "account.add"]),
        ({"actor": "_na"}, []),
    ],
)
async def test_filters_take_what_is_typed_as_it_is(
    session: AsyncSession, filters: dict[str, str], found: list[str]
) -> None:
    for action in ("account.add", "chat.taken", "chat.note"):
        await service.record(session, ANA, action, "thing", 1)
    await service.record(session, Agent(UUID(int=8), "elsewhere", "Ana Pop", "agent"), "chat.taken", "chat", 1)
    assert [one.action for one in await service.page(session, HERE, **filters)] == found


async def test_pages_follow_each_other_without_gaps(session: AsyncSession) -> None:
    for number in range(service.PAGE + 5):
        await service.record(session, ANA, "chat.note", "chat", number)
    first = await service.page(session, HERE)
    second = await service.page(session, HERE, before=first[-1].id)
    assert [int(one.object_id) for one in [*first, *second]] == list(range(service.PAGE + 4, -1, -1))
