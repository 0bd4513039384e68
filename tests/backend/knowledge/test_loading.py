"""Files of an office and texts of the desk: who wins, and that nothing is lost."""

from dataclasses import replace
from typing import Any

import pytest

from backend.knowledge import desk
from backend.knowledge.service import load_articles
from tests.backend.knowledge.factories import CONTENT, HOURS, TODAY, Folder, somebody

CHANGED = replace(CONTENT, title="Program de vară")


async def states(folder: Folder) -> list[tuple[str, str]]:
    history = await desk.history(folder.session, folder.office, HOURS)
    return [(one.state, one.origin) for one in reversed(history)]


async def test_a_file_is_published_once_however_often_the_office_is_loaded(folder: Folder) -> None:
    await folder.load()
    await folder.load()
    assert await states(folder) == [("published", "file")]
    assert await folder.says() == "Program"


async def test_another_way_to_write_the_same_content_is_no_change(folder: Folder) -> None:
    await folder.load()
    path = folder.path / "smallville" / "articles" / "ro" / "opening_hours.md"
    path.write_text(
        "---\r\nowner: desk\r\nexpires: 2027-12-31\r\ntitle: Program\r\nlink: https://example.org/program\r\n---\r\n"
        "Luni: **08:00**\r\n\r\n"
    )
    await reload(folder)
    assert await states(folder) == [("published", "file")]


async def reload(folder: Folder) -> None:
    await load_articles(folder.session, folder.path, folder.office)


async def test_a_changed_file_is_published_when_the_desk_changed_nothing(folder: Folder) -> None:
    await folder.load()
    there = await folder.load(CHANGED)
    assert (await folder.says(), there.marks) == ("Program de vară", ())
    assert await states(folder) == [("published", "file")] * 2


async def test_a_text_of_the_desk_survives_every_start(folder: Folder) -> None:
    await folder.load()
    await folder.publish(title="De la birou")
    there = await folder.load()
    assert (await folder.says(), there.marks) == ("De la birou", ())


async def test_when_both_changed_the_desks_text_stays_until_somebody_decides(folder: Folder) -> None:
    await folder.load()
    await folder.publish(title="De la birou")
    there = await folder.load(CHANGED)
    assert (await folder.says(), there.marks) == ("De la birou", ("conflict",))
    assert there.offered is not None
    assert there.offered.title == "Program de vară"
    again = await folder.load(CHANGED)
    assert (again.number, again.marks) == (there.number, ("conflict",))


@pytest.mark.parametrize(("keep", "said"), [("desk", "De la birou"), ("file", "Program de vară")])
async def test_a_decision_ends_the_conflict_for_good(folder: Folder, keep: Any, said: str) -> None:
    await folder.load()
    await folder.publish(title="De la birou")
    there = await folder.load(CHANGED)
    await desk.decide(folder.session, folder.office, somebody(), HOURS, there.number, keep)
    assert (await folder.says(), (await folder.load(CHANGED)).marks) == (said, ())


async def test_after_taking_the_files_text_the_file_leads_again(folder: Folder) -> None:
    await folder.load()
    await folder.publish(title="De la birou")
    there = await folder.load(CHANGED)
    await desk.decide(folder.session, folder.office, somebody(), HOURS, there.number, "file")
    await folder.load(replace(CONTENT, title="Program de iarnă"))
    assert await folder.says() == "Program de iarnă"


async def test_a_file_brought_in_step_with_the_desk_is_no_conflict(folder: Folder) -> None:
    await folder.load()
    await folder.publish(title="De la birou")
    there = await folder.load(replace(CONTENT, title="De la birou"))
    assert there.marks == ()
    await folder.load(CHANGED)
    assert await folder.says() == "Program de vară"


async def test_a_removed_file_removes_what_only_it_said_and_keeps_its_versions(folder: Folder) -> None:
    await folder.load()
    there = await folder.load(None)
    assert (await folder.says(), there.state(TODAY)) == (None, "withdrawn")
    assert await states(folder) == [("published", "file"), ("withdrawn", "file")]
    await reload(folder)
    assert len(await states(folder)) == 2
    await folder.load()
    assert await folder.says() == "Program"


@pytest.mark.parametrize(("keep", "said"), [("desk", "De la birou"), ("file", None)])
async def test_a_removed_file_of_a_text_the_desk_changed_is_a_conflict(
    folder: Folder, keep: Any, said: str | None
) -> None:
    await folder.load()
    await folder.publish(title="De la birou")
    there = await folder.load(None)
    assert (await folder.says(), there.marks) == ("De la birou", ("conflict",))
    await desk.decide(folder.session, folder.office, somebody(), HOURS, there.number, keep)
    await reload(folder)
    assert (await folder.says(), (await folder.standing()).marks) == (said, ())


async def test_what_the_desk_withdrew_stays_withdrawn(folder: Folder) -> None:
    there = await folder.load()
    await desk.withdraw(folder.session, folder.office, somebody(), HOURS, there.number)
    assert (await folder.load()).state(TODAY) == "withdrawn"
    assert (await folder.load(CHANGED)).marks == ("conflict",)
    assert await folder.says() is None


async def test_a_draft_waits_through_a_start_and_a_changed_file(folder: Folder) -> None:
    await folder.load()
    await folder.propose(title="Propunere")
    there = await folder.load(CHANGED)
    assert (await folder.says(), there.marks) == ("Program de vară", ("draft",))
    assert there.draft is not None
    assert there.draft.title == "Propunere"


async def test_an_article_only_the_desk_wrote_stays(folder: Folder) -> None:
    await folder.publish(title="Numai aici")
    await reload(folder)
    assert await folder.says() == "Numai aici"
