"""Votes on answers, counted for the desk."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from backend.accounts.schemas import Agent
from backend.conversations import votes
from backend.conversations.models import Conversation, Usefulness
from backend.conversations.service import open_web_session, web_conversation
from backend.conversations.votes import Votes
from backend.offices.schemas import Office

MONDAY = datetime(2026, 11, 15, 22, 30, tzinfo=UTC)
"""In Timișoara it is Monday already."""
OFFICE = "voters"


async def vote(
    session: AsyncSession, office: Office, topic: str, *, useful: bool, at: datetime, **of: str
) -> Conversation:
    token, _ = await open_web_session(session, office, "en")
    chat = await web_conversation(session, token)
    chat.office_id = of.get("office_id", OFFICE)
    chat.unit = of.get("unit")
    session.add(
        Usefulness(conversation_id=chat.id, seq=2, topic=topic, language=of.get("language", "en"), useful=useful, at=at)
    )
    await session.flush()
    return chat


@pytest.fixture
async def cast(session: AsyncSession, office: Office) -> None:
    await vote(session, office, "marriage", useful=True, at=MONDAY)
    await vote(session, office, "marriage", useful=False, at=MONDAY + timedelta(days=6))
    await vote(session, office, "marriage", useful=True, at=MONDAY - timedelta(hours=1), language="ro")
    await vote(session, office, "privacy", useful=False, at=MONDAY + timedelta(days=7))
    await vote(session, office, "privacy", useful=False, at=MONDAY, office_id="another")


async def test_votes_are_counted_by_topic_and_language_of_one_office(session: AsyncSession, cast: None) -> None:
    assert await votes.counts(session, OFFICE) == {
        ("marriage", "en"): Votes(1, 1),
        ("marriage", "ro"): Votes(1, 0),
        ("privacy", "en"): Votes(0, 1),
    }


@pytest.mark.parametrize(
    ("topic", "language", "expected"),
    [
        ("", "", {date(2026, 11, 9): Votes(1, 0), date(2026, 11, 16): Votes(1, 1), date(2026, 11, 23): Votes(0, 1)}),
        ("marriage", "en", {date(2026, 11, 16): Votes(1, 1)}),
        ("", "ro", {date(2026, 11, 9): Votes(1, 0)}),
        ("tourism", "", {}),
    ],
)
async def test_weeks_begin_on_monday_at_the_office(
    session: AsyncSession, cast: None, topic: str, language: str, expected: dict[date, Votes]
) -> None:
    since = MONDAY - timedelta(days=30)
    zone = "Europe/Bucharest"
    assert await votes.by_week(session, OFFICE, zone, since, topic=topic, language=language) == expected


async def test_older_weeks_are_left_out(session: AsyncSession, cast: None) -> None:
    assert list(await votes.by_week(session, OFFICE, "Europe/Bucharest", MONDAY)) == [
        date(2026, 11, 16),
        date(2026, 11, 23),
    ]


async def test_unhappy_answers_are_told_newest_first_in_chats_the_agent_may_see(
    session: AsyncSession, office: Office, cast: None
) -> None:
    hidden = await vote(session, office, "tourism", useful=False, at=MONDAY, unit="taxes")
    everybody = Agent(uuid4(), OFFICE, "Ana", "agent")
    elsewhere = Agent(uuid4(), OFFICE, "Ion", "agent", units=("roads",))
    found = await votes.newest_not_useful(session, everybody)
    assert [one.topic for one in found] == ["privacy", "marriage", "tourism"]
    assert found[-1].conversation_id == hidden.id
    assert [one.topic for one in await votes.newest_not_useful(session, elsewhere)] == ["privacy", "marriage"]
    assert [one.topic for one in await votes.newest_not_useful(session, everybody, "marriage", "en")] == ["marriage"]
