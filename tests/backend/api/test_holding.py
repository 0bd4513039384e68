"""A program that holds chats, and writes that come twice at once."""

import asyncio

from sqlalchemy import text

from backend.answers.desk import Desk
from backend.handoff.service import sweep
from backend.integrations.service import revoke, tokens
from tests.backend.api.office import Api, key


async def holder(api: Api, chat: object) -> str:
    """Who has a chat."""
    return str(await api.scalar("SELECT holder FROM conversation WHERE id = :id", id=chat))


async def swept(api: Api) -> None:
    """What the worker does every two seconds."""
    async with api.sessions() as session, session.begin():
        await sweep(session, Desk(api.settings, api.office, api.app.state.adapters))


async def test_a_program_has_no_console_open_and_keeps_its_chat_until_it_is_let_in_no_more(api: Api) -> None:
    token, chat = await api.token(name="Keeper"), await api.chat()
    await api.call(token, "POST", f"/chats/{chat}/take")
    async with api.sessions() as session, session.begin():
        await session.execute(text("UPDATE conversation SET waiting_since = now() WHERE id = :id"), {"id": chat})
    await swept(api)
    assert await holder(api, chat) == "agent"
    async with api.sessions() as session, session.begin():
        mine = next(one for one in await tokens(session, api.office) if one.name == "Keeper")
        await revoke(session, api.office, None, mine.id)
    await swept(api)
    assert await holder(api, chat) == "queue"


async def test_a_silent_program_loses_its_chat_to_the_assistant(api: Api) -> None:
    token, chat = await api.token(), await api.chat()
    await api.call(token, "POST", f"/chats/{chat}/take")
    long_ago = "UPDATE conversation SET held_at = now() - interval '1 day', waiting_since = NULL WHERE id = :id"
    async with api.sessions() as session, session.begin():
        await session.execute(text(long_ago), {"id": chat})
    await swept(api)
    assert await holder(api, chat) == "bot"


async def test_the_same_write_twice_at_once_is_done_once(api: Api) -> None:
    token = await api.token()
    for _ in range(10):
        once, words = key(), f"Hole {key()}"
        body = {"language": "en", "words": words}
        both = [api.call(token, "POST", "/tickets", body, Idempotency_Key=once) for _ in range(2)]
        first, second = await asyncio.gather(*both)
        assert (first.status_code, first.content) == (second.status_code, second.content)
        assert await api.scalar("SELECT count(*) FROM ticket WHERE description = :words", words=words) == 1
