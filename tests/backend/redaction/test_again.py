"""A restored backup is brought to the state the list of redactions says, before anybody reads it."""

from typing import Any

from sqlalchemy import text

from backend.attachments import redacting
from backend.conversations import desk as chats
from backend.core.blocks import MARK
from backend.redaction import again, repository
from backend.redaction.schemas import Act, Subject
from backend.redaction.service import hide, occurrences
from tests.backend.handoff.factories import Floor
from tests.backend.redaction.scan import places
from tests.backend.redaction.spread import everywhere

WORDS = "Zqneighbour Zqsecond"


async def kept_after(floor: Floor, *, change: str = "") -> tuple[again.Repeated, list[dict[str, Any]]]:
    """Redact, go back to the state before, perhaps change it, and do it again from the list."""
    spread = await everywhere(floor, WORDS)
    async with floor.session.begin_nested() as backup:
        await spread.hides(WORDS)
        kept = await again.kept_list(floor.session)
        await backup.rollback()
    floor.session.expunge_all()
    if change:
        await floor.session.execute(text(change))
    return await again.repeat(floor.session, floor.settings, "timisoara", kept), kept


async def test_what_was_hidden_since_the_backup_is_hidden_in_it(floor: Floor) -> None:
    repeated, _ = await kept_after(floor)
    await chats.index_words(floor.session)
    assert (repeated.done, repeated.unfit) == (1, [])
    assert await places(floor.session, WORDS) == set()


async def test_doing_it_once_more_changes_nothing(floor: Floor) -> None:
    _, kept = await kept_after(floor)
    assert await again.repeat(floor.session, floor.settings, "timisoara", kept) == again.Repeated()
    assert len(await repository.everything(floor.session)) == 1


async def test_a_text_that_reads_otherwise_in_the_backup_is_told(floor: Floor) -> None:
    change = "UPDATE ticket SET description = 'An older text of Zqneighbour Zqsecond'"
    repeated, kept = await kept_after(floor, change=change)
    assert repeated.unfit == [kept[0]["id"]]
    assert await places(floor.session, WORDS) == {"ticket.description", "ticket.words"}


async def test_what_the_backup_does_not_hold_yet_is_passed_over(floor: Floor) -> None:
    repeated, kept = await kept_after(floor, change="DELETE FROM note")
    assert repeated.unfit == [kept[0]["id"]]
    assert await places(floor.session, WORDS) == set()


async def test_several_places_of_one_text_and_two_acts_come_back_in_their_order(floor: Floor) -> None:
    chat = await floor.chat(said="Ana met Bob, then Ana left Bob")
    boss, of = await floor.agent("supervisor"), Subject("chat", chat)
    async with floor.session.begin_nested() as backup:
        for words in ("Ana", "Bob"):
            chosen = {one.key for one in await occurrences(floor.session, boss, of, [words])}
            await hide(floor.session, floor.desk, boss, of, [words], chosen, Act("mistake"))
        kept = await again.kept_list(floor.session)
        await backup.rollback()
    floor.session.expunge_all()
    repeated = await again.repeat(floor.session, floor.settings, "timisoara", kept)
    assert (repeated.done, repeated.unfit) == (2, [])
    assert await floor.texts(chat, "citizen") == [f"{MARK} met {MARK}, then {MARK} left {MARK}"]


def test_a_file_of_a_backup_is_changed_as_the_storages_was() -> None:
    assert redacting.changed(b"%PDF-1.4 secret", None, picture=False).startswith(b"%PDF")
    assert b"secret" not in redacting.changed(b"%PDF-1.4 secret", None, picture=False)
