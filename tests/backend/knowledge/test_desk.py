"""What the desk does with articles, and what the assistant says at once."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from backend.accounts.schemas import Role
from backend.audit.service import of_object
from backend.core.errors import NotAllowedError
from backend.knowledge import desk
from backend.knowledge.errors import (
    ArticleChangedError,
    ArticleUnfitError,
    ArticleUnknownError,
    NothingToDecideError,
)
from backend.knowledge.repository import content_of
from backend.knowledge.schemas import Key
from backend.knowledge.service import search
from tests.backend.knowledge.factories import CONTENT, HOURS, TODAY, Folder, somebody

Act = Callable[[Folder, Role, int], Awaitable[None]]


async def draft(folder: Folder, role: Role, seen: int) -> None:
    await desk.save_draft(folder.session, folder.office, somebody(role), HOURS, seen, CONTENT)


async def publish(folder: Folder, role: Role, seen: int) -> None:
    await desk.publish(folder.session, folder.office, somebody(role), HOURS, seen, CONTENT, TODAY)


async def withdraw(folder: Folder, role: Role, seen: int) -> None:
    await desk.withdraw(folder.session, folder.office, somebody(role), HOURS, seen)


async def drop(folder: Folder, role: Role, seen: int) -> None:
    await desk.drop_draft(folder.session, folder.office, somebody(role), HOURS, seen)


async def check(folder: Folder, role: Role, seen: int) -> None:
    await desk.confirm_checked(folder.session, folder.office, somebody(role), HOURS, seen)


async def decide(folder: Folder, role: Role, seen: int) -> None:
    await desk.decide(folder.session, folder.office, somebody(role), HOURS, seen, "desk")


ALL: tuple[Act, ...] = (draft, publish, withdraw, drop, check, decide)


async def prepared(folder: Folder) -> int:
    """An article in which everything can be done: a sample is told, a draft waits, the file changed too."""
    await folder.load()
    await folder.publish(title="Mostră", sample=True)
    await folder.propose(title="Propunere")
    return (await folder.load(replace(CONTENT, title="Fișier"))).number


@pytest.mark.parametrize("act", ALL)
async def test_everything_can_be_done_by_who_may_publish_and_is_audited(folder: Folder, act: Act) -> None:
    seen = await prepared(folder)
    await act(folder, "supervisor", seen)
    entries = await of_object(folder.session, "smallville", "article", "opening_hours/ro")
    assert len(entries) == 3
    assert entries[-1].action.startswith("article.")


REFUSED = [("reader", act) for act in ALL] + [("agent", act) for act in (publish, withdraw, drop, check, decide)]


@pytest.mark.parametrize(("role", "act"), REFUSED)
async def test_readers_read_and_agents_only_propose(folder: Folder, role: Role, act: Act) -> None:
    seen = await prepared(folder)
    with pytest.raises(NotAllowedError):
        await act(folder, role, seen)
    assert await folder.says() == "Mostră"


@pytest.mark.parametrize("act", ALL)
async def test_what_somebody_else_changed_meanwhile_is_told_with_their_name(folder: Folder, act: Act) -> None:
    seen = await prepared(folder)
    await folder.propose(title="Între timp", agent=somebody("agent", "Mehmet"))
    with pytest.raises(ArticleChangedError) as error:
        await act(folder, "supervisor", seen)
    assert error.value.values == {"who": "Mehmet"}


@pytest.mark.parametrize("act", [withdraw, drop, check, decide])
async def test_what_is_not_there_cannot_be_decided_on(folder: Folder, act: Act) -> None:
    with pytest.raises(NothingToDecideError):
        await act(folder, "supervisor", 0)


@pytest.mark.parametrize("key", [Key("weather", "ro"), Key("opening_hours", "de")])
async def test_topics_and_languages_must_exist(folder: Folder, key: Key) -> None:
    with pytest.raises(ArticleUnknownError):
        await desk.publish(folder.session, folder.office, somebody(), key, 0, CONTENT, TODAY)


async def test_the_assistant_answers_and_finds_a_published_text_at_once(folder: Folder) -> None:
    await folder.load()
    await folder.publish(title="Orar nou", body="Sâmbăta **închis**")
    assert await folder.says() == "Orar nou"
    for words, topics in (("sambata", ["opening_hours"]), ("luni", [])):
        found = await search(folder.session, folder.office, words, "ro", TODAY)
        assert [article.topic for article in found] == topics


async def test_a_draft_is_not_told_until_it_is_published(folder: Folder) -> None:
    await folder.load()
    there = await folder.propose(title="Propunere")
    assert (await folder.says(), there.marks) == ("Program", ("draft",))
    there = await folder.publish(title="Propunere")
    assert (await folder.says(), there.marks) == ("Propunere", ())


async def test_who_wrote_a_draft_may_take_it_back(folder: Folder) -> None:
    writer = somebody("agent")
    there = await folder.propose(agent=writer)
    with pytest.raises(NotAllowedError):
        await desk.drop_draft(folder.session, folder.office, somebody("agent"), HOURS, there.number)
    await desk.drop_draft(folder.session, folder.office, writer, HOURS, there.number)
    [kept] = await desk.history(folder.session, folder.office, HOURS)
    assert (kept.state, kept.title, (await folder.standing()).marks) == ("dropped", "Program", ())


async def test_a_withdrawn_article_is_told_no_more_and_can_come_back(folder: Folder) -> None:
    there = await folder.load()
    await desk.withdraw(folder.session, folder.office, somebody(), HOURS, there.number)
    assert await folder.says() is None
    assert (await folder.publish()).state(TODAY) == "published"
    assert await folder.says() == "Program"


async def test_going_back_is_a_new_version_that_names_the_old_one(folder: Folder) -> None:
    await folder.load()
    there = await folder.publish(title="Greșit")
    first = (await desk.history(folder.session, folder.office, HOURS))[-1]
    await desk.publish(
        folder.session, folder.office, somebody(), HOURS, there.number, content_of(first), TODAY, first.number
    )
    history = await desk.history(folder.session, folder.office, HOURS)
    assert [(one.number, one.title, one.restores) for one in history] == [
        (3, "Program", 1),
        (2, "Greșit", None),
        (1, "Program", None),
    ]
    assert await folder.says() == "Program"


async def test_a_checked_sample_is_one_no_more_and_the_draft_goes_on_waiting(folder: Folder) -> None:
    seen = await prepared(folder)
    await check(folder, "supervisor", seen)
    there = await folder.standing()
    assert there.live is not None
    assert (there.live.title, there.live.sample, there.marks) == ("Mostră", False, ("draft",))


FAULTS: list[dict[str, Any]] = [
    {"title": ""},
    {"body": "  "},
    {"link": "http://example.org"},
    {"owner": "nobody"},
    {"expires": date(2026, 11, 21)},
    {"body": "# Program"},
]


@pytest.mark.parametrize("fault", FAULTS, ids=str)
async def test_a_text_with_faults_is_not_published(folder: Folder, fault: dict[str, Any]) -> None:
    await folder.load()
    with pytest.raises(ArticleUnfitError):
        await folder.publish(**fault)
    assert await folder.says() == "Program"


async def test_a_draft_may_have_faults_but_not_be_empty(folder: Folder) -> None:
    await folder.propose(link="http://example.org", body="# Program")
    with pytest.raises(ArticleUnfitError):
        await folder.propose(body="")


STATES = [
    (date(2027, 12, 31), "published"),
    (date(2027, 1, 21), "published"),
    (date(2027, 1, 20), "expires_soon"),
    (date(2026, 11, 22), "expires_soon"),
    (date(2026, 11, 21), "expired"),
]


@pytest.mark.parametrize(("expires", "state"), STATES)
async def test_the_state_follows_the_day(folder: Folder, expires: date, state: str) -> None:
    there = await folder.load(replace(CONTENT, expires=expires))
    assert there.state(TODAY) == state
    assert (await folder.says() is None) is (state == "expired")


async def test_the_list_and_the_page_agree(folder: Folder, session: AsyncSession) -> None:
    await prepared(folder)
    listed = (await desk.standings(session, folder.office))[HOURS]
    assert listed == await folder.standing()
    assert listed.marks == ("conflict", "draft", "sample")
