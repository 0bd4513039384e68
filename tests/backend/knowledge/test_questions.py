"""Questions that found no article."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import given, strategies as st
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.service import open_web_session, web_conversation
from backend.core.database import utcnow
from backend.core.errors import NotAllowedError
from backend.knowledge import questions
from backend.knowledge.models import Unanswered
from backend.knowledge.questions import Group, masked
from backend.knowledge.schemas import Asked
from backend.offices.schemas import Office
from tests.backend.knowledge.factories import somebody

OFFICE = "smallville"
MASKED = [
    ("where can I rent a boat", "where can I rent a boat"),
    ("call me 0722 123 456 please", "call me # please"),
    ("call me on +40 (256) 408-300", "call me on #"),
    ("0 7 2 2 1 2 3", "#"),
    ("0722.12.34.56/57", "#"),
    ("tel:0722–123–456", "tel:#"),
    ("my id 1850101223344", "my id #"),
    ("plate TM12ABC34", "plate #"),
    ("٠٧٢٢١٢٣٤٥٦", "#"),
    ("I am ana.pop@mail.example, ok", "I am # ok"),
    ("ask @ana_pop", "ask #"),
    ("see https://mail.example/?u=ana and www.ana.example", "see # and #"),
    ("room 12, floor 3", "room 12, floor 3"),
    ("autobuzul 33", "autobuzul 33"),
    ("born on 12.05.1985", "born on #"),
    ("  two\n\nlines ", "two lines"),
    ("a\0b", "ab"),
    ("", ""),
]


@pytest.mark.parametrize(("text", "kept"), MASKED)
def test_numbers_and_addresses_are_not_kept(text: str, kept: str) -> None:
    assert masked(text) == kept


@given(st.text(alphabet=st.sampled_from("0123456789 ()./-+abğЉ@٣\n"), max_size=2000))
def test_no_run_of_digits_and_no_address_is_ever_kept(text: str) -> None:
    kept = masked(text)
    assert len(kept) <= questions.LONGEST
    assert "@" not in kept
    assert not re.search(r"(?:\d[ ()./-]?){4}", kept)


async def ask(session: AsyncSession, text: str, language: str = "en", **more: object) -> None:
    asked = Asked(text, language, **{"message_id": f"{uuid4()}:1", **more})  # type: ignore[arg-type]
    await questions.note(session, OFFICE, asked)


async def told(session: AsyncSession, **wanted: object) -> list[tuple[str, str, int]]:
    groups = await questions.groups(session, OFFICE, **wanted)  # type: ignore[arg-type]
    return [(group.words, group.language, group.count) for group in groups]


async def test_questions_of_the_same_folded_words_and_language_are_one_group(session: AsyncSession) -> None:
    for text, language in (("Unde închiriez o barcă?", "ro"), ("unde inchiriez o barca", "ro"), ("boat", "en")):
        await ask(session, text, language)
    assert await told(session) == [("boat", "en", 1), ("unde inchiriez o barca", "ro", 2)]
    assert await told(session, language="ro") == [("unde inchiriez o barca", "ro", 2)]


async def test_a_group_tells_what_the_newest_was_taken_for(session: AsyncSession) -> None:
    await ask(session, "boat", label="nlu_fallback", confidence=0.2)
    await ask(session, "Boat!", label="faq/tourism", confidence=0.4)
    [group] = await questions.groups(session, OFFICE)
    assert isinstance(group, Group)
    assert (group.words, group.label, group.confidence) == ("Boat!", "faq/tourism", 0.4)


async def test_a_repeated_turn_counts_once(session: AsyncSession) -> None:
    for _ in range(3):
        await ask(session, "boat", message_id="0b3f3f0e-5a7b-4d3c-9d53-0d8a53a3d1aa:7")
    assert await told(session) == [("boat", "en", 1)]


async def test_a_pressed_button_is_a_question_for_its_topic(session: AsyncSession) -> None:
    await ask(session, "", label="faq/marriage")
    [group] = await questions.groups(session, OFFICE)
    assert (group.words, group.label, group.count) == ("", "faq/marriage", 1)


async def test_nothing_at_all_is_no_question(session: AsyncSession) -> None:
    await ask(session, " ?! ")
    assert await told(session) == []


async def test_a_group_leads_to_its_chats_and_a_deleted_chat_takes_its_questions_along(
    session: AsyncSession, office: Office
) -> None:
    token, _ = await open_web_session(session, office, "en")
    chat = await web_conversation(session, token)
    await ask(session, "boat", message_id=f"{chat.id}:1")
    await ask(session, "boat", message_id=f"{chat.id}:3")
    await ask(session, "boat", message_id="no chat:1")
    [group] = await questions.groups(session, OFFICE)
    assert (group.conversations, group.count) == ((chat.id,), 3)
    await session.delete(chat)
    await session.flush()
    assert await told(session) == [("boat", "en", 1)]


async def test_only_questions_without_anything_near_can_be_listed(session: AsyncSession) -> None:
    await questions.note(session, OFFICE, Asked("boat", "en", "a:1"), offered=2)
    await questions.note(session, OFFICE, Asked("ship", "en", "a:2"), offered=0)
    assert await told(session, only_empty=True) == [("ship", "en", 1)]


async def test_what_is_dismissed_comes_back_when_it_is_asked_again(session: AsyncSession) -> None:
    await ask(session, "boat")
    await ask(session, "Boat")
    await ask(session, "boat", "tr")
    assert await questions.dismiss(session, somebody("agent"), "boat", "en") == 2
    assert await told(session) == [("boat", "tr", 1)]
    await ask(session, "boat")
    assert ("boat", "en", 1) in await told(session)


async def test_readers_dismiss_nothing(session: AsyncSession) -> None:
    await ask(session, "boat")
    with pytest.raises(NotAllowedError):
        await questions.dismiss(session, somebody("reader"), "boat", "en")
    assert await told(session) == [("boat", "en", 1)]


async def test_another_offices_questions_are_not_told(session: AsyncSession) -> None:
    await questions.note(session, "bigville", Asked("boat", "en", "a:1"))
    assert await told(session) == []


async def test_questions_are_forgotten_after_ninety_days(session: AsyncSession) -> None:
    await ask(session, "old")
    await ask(session, "new")
    [old] = await session.scalars(select(Unanswered).where(Unanswered.words == "old"))
    old.at = utcnow() - timedelta(days=90, seconds=1)
    await session.flush()
    assert await questions.purge(session, utcnow() - questions.KEPT) == 1
    assert await told(session) == [("new", "en", 1)]
