"""What a visitor decides in the hub: votes, languages, a person."""

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.errors import (
    MessageNotFoundError,
)
from backend.conversations.models import Conversation, Usefulness
from backend.conversations.repository import queue_for_person
from backend.conversations.service import (
    choose_language,
    request_person,
    vote,
)
from backend.core.settings import Settings
from backend.offices.schemas import Office
from tests.backend.conversations.factories import (
    answer,
    claimed,
    finish,
    says,
    shown,
    visitor,
)


async def answered_from(session: AsyncSession, settings: Settings, office: Office) -> Conversation:
    """A conversation whose second message came from an article, in Macedonian."""
    to = await visitor(session, office)
    await says(session, settings, to, "hello")
    claim, waiting = await claimed(session)
    await finish(session, claim, waiting, answer("Прочитајте", topic="privacy", language="mk"))
    return to


async def test_a_vote_is_kept_and_a_changed_mind_replaces_it(
    session: AsyncSession, settings: Settings, office: Office
) -> None:
    to = await answered_from(session, settings, office)
    for useful in (True, False):
        await vote(session, to, 2, useful)
        assert [one.useful for one in (await shown(session, to, after=0)).messages] == [None, useful]
    [kept] = await session.scalars(select(Usefulness).where(Usefulness.conversation_id == to.id))
    assert (kept.topic, kept.language, kept.seq) == ("privacy", "mk", 2)


@pytest.mark.parametrize("seq", [1, 3, 0, -1])
async def test_only_an_answer_from_an_article_can_be_voted_on(
    session: AsyncSession, settings: Settings, office: Office, seq: int
) -> None:
    to = await answered_from(session, settings, office)
    with pytest.raises(MessageNotFoundError):
        await vote(session, to, seq, useful=True)


async def test_nobody_votes_on_anothers_answer(session: AsyncSession, settings: Settings, office: Office) -> None:
    await answered_from(session, settings, office)
    with pytest.raises(MessageNotFoundError):
        await vote(session, await visitor(session, office), 2, useful=True)


@pytest.mark.parametrize(("chosen", "kept"), [("tr", "tr"), ("ro-RO", "ro"), ("klingon", None), ("", None)])
async def test_a_chosen_language_is_kept_and_an_unknown_one_changes_nothing(
    session: AsyncSession, office: Office, chosen: str, kept: str | None
) -> None:
    to = await visitor(session, office, "en")
    await choose_language(session, to, chosen)
    await session.refresh(to)
    assert (to.language_choice, to.language) == (kept, kept or "en")


async def test_calling_a_person_queues_the_chat_and_tells_the_phone(session: AsyncSession, office: Office) -> None:
    to = await visitor(session, office)
    promise = await request_person(session, office, to.id, "mk")
    await session.refresh(to)
    assert to.holder == "queue"
    assert to.queued_at is not None
    assert promise.phone == office.profile.phone


async def test_a_queued_chat_is_still_answered_by_the_bot(
    session: AsyncSession, settings: Settings, office: Office
) -> None:
    to = await visitor(session, office)
    await queue_for_person(session, to.id)
    await says(session, settings, to, "hello")
    assert (await claimed(session))[1].holder == "queue"
