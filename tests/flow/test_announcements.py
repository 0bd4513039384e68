"""An announcement on its way through the running assistant: subscribed in the chat, released, told, left."""

import asyncio

import psycopg
import pytest

from backend.accounts.schemas import Agent
from backend.announcements import service
from backend.announcements.schemas import Content
from backend.core.catalogue import backend_catalogue
from backend.core.database import make_engine, make_sessions
from backend.core.settings import ROOT
from backend.offices.service import read_office
from tests.stack import Stack, Visitor, add_account, until

pytestmark = pytest.mark.stack
SUBSCRIBE = """
    INSERT INTO subscription (id, office_id, contact_id, topic, channel, language, sentence, asked_at)
    SELECT gen_random_uuid(), 'timisoara', contact_id, 'roads', channel, language, 'v1', now()
    FROM conversation WHERE id = %(id)s
"""
NEWEST = "SELECT id FROM conversation ORDER BY created_at DESC LIMIT 1"
TEXTS = {"ro": "Strada Dacilor este închisă mâine.", "en": "Dacilor street is closed tomorrow."}


@pytest.fixture(autouse=True)
def nobody_subscribed(stack: Stack) -> None:
    """Nobody of other tests wants to hear of roads: who talks with an agent would be told minutes later."""
    with psycopg.connect(stack.database_url) as database:
        database.execute("DELETE FROM subscription")


def subscribed(stack: Stack, language: str) -> Visitor:
    """Somebody who talked an hour ago and wants news of the roads."""
    visitor = Visitor(stack.url, language)
    visitor.says({"en": "hello", "tr": "merhaba"}[language])
    with psycopg.connect(stack.database_url) as database:
        mine = {"id": database.execute(NEWEST).fetchone()[0]}  # type: ignore[index]
        database.execute(SUBSCRIBE, mine)
        database.execute("UPDATE conversation SET heard_at = heard_at - interval '1 hour' WHERE id = %(id)s", mine)
    return visitor


def released(stack: Stack) -> None:
    """One writes, another one releases."""
    writer, boss = add_account(stack, "Ana"), add_account(stack, "Maria", "supervisor")

    async def act() -> None:
        engine = make_engine(stack.database_url.replace("postgresql:", "postgresql+psycopg:", 1))
        office = read_office(ROOT / "data" / "offices", "timisoara")
        ana = Agent(writer.id, "timisoara", "Ana", "agent")
        maria = Agent(boss.id, "timisoara", "Maria", "supervisor")
        async with make_sessions(engine)() as session, session.begin():
            of = await service.write(session, office, ana, Content("roads", (), TEXTS))
            await service.propose(session, office, ana, of.id, of.version)
            await service.release(session, office, maria, of.id, of.version)
        await engine.dispose()

    asyncio.run(act())


def news(visitor: Visitor) -> list[tuple[str, list[dict[str, str]]]]:
    """(text, buttons) of what the office said unasked."""
    return [(one["text"], one["buttons"]) for one in visitor.messages() if one["author"] == "system"]


def states(stack: Stack) -> list[str]:
    """How far released announcements are."""
    with psycopg.connect(stack.database_url) as database:
        return [row[0] for row in database.execute("SELECT state FROM announcement WHERE released_at IS NOT NULL")]


def test_who_subscribed_is_told_by_the_worker_in_the_nearest_language_and_can_leave(stack: Stack) -> None:
    english, turkish, stranger = subscribed(stack, "en"), subscribed(stack, "tr"), Visitor(stack.url)
    released(stack)
    until("the announcement", lambda: news(english) and news(turkish), 120)
    for visitor, text, spoken in ((english, TEXTS["en"], "en"), (turkish, TEXTS["ro"], "tr")):
        button = {"title": backend_catalogue().text("announcements.stop", spoken), "payload": "/unsubscribe_updates"}
        assert news(visitor) == [(text, [button])]
    assert news(stranger) == []
    assert english.presses("/unsubscribe_updates")
    until("it is noted as sent", lambda: states(stack) == ["sent"])
