"""What was made unreadable after a backup is so again when that backup is restored: words and pictures."""

import asyncio
from pathlib import Path
from uuid import uuid4

from sqlalchemy import text

from backend.accounts.schemas import Agent
from backend.answers.desk import Desk
from backend.backup import service
from backend.core.database import make_engine, make_sessions
from backend.core.settings import Settings
from backend.offices.service import loaded_office
from backend.redaction import pictures, service as redaction
from backend.redaction.schemas import Act, Subject
from channels.web.adapter import WebAdapter
from tests.backend.backup.town import files, rows, untold

HIDDEN = "Gropi"


async def _redact(settings: Settings) -> str:
    """Hide a word in a chat and all of a photo; returns the photo's id."""
    engine = make_engine(settings.database_url)
    sessions = make_sessions(engine)
    async with sessions() as session, session.begin():
        office = await loaded_office(session, settings.office)
        boss = Agent(uuid4(), office.profile.id, "Ana", "supervisor")
        desk = Desk(settings, office, {"web": WebAdapter()})
        query = "SELECT conversation_id FROM ticket WHERE description LIKE :word LIMIT 1"
        chat = await session.scalar(text(query), {"word": f"%{HIDDEN}%"})
        of = Subject("chat", chat)
        found = await redaction.occurrences(session, boss, of, [HIDDEN])
        await redaction.hide(session, desk, boss, of, [HIDDEN], {one.key for one in found}, Act("mistake"))
        query = (
            "SELECT attachment.id, conversation.id FROM attachment JOIN conversation USING (contact_id) "
            "WHERE media_type = 'image/jpeg' LIMIT 1"
        )
        photo, chat = (await session.execute(text(query))).one()
        act = await pictures.begin(
            session, desk, boss, Subject("chat", chat), "attachment", photo, None, Act("picture")
        )
    await pictures.finish(settings, sessions, act)
    await engine.dispose()
    return str(photo)


def told(settings: Settings) -> str:
    """Every row of the tables that hold the word."""
    return str([rows(settings.database_url)[table] for table in ("message", "ticket", "ticket_event", "bot_session")])


def test_a_restored_backup_does_not_bring_back_what_was_hidden_since(occupied: Settings, tmp_path: Path) -> None:
    path = tmp_path / "before.tar"
    service.back_up(occupied, path, untold)
    before = told(occupied)
    photo = asyncio.run(_redact(occupied))
    covered = files(occupied.attachments_dir)[f"{photo}.jpg"]
    done = service.restore(occupied, path, untold, force=True)
    assert (done.redacted, done.unfit) == (2, 0)
    assert told(occupied).count(HIDDEN) < before.count(HIDDEN)
    assert files(occupied.attachments_dir)[f"{photo}.jpg"] == covered
    assert len(rows(occupied.database_url)["redaction"]) == 2


def test_a_backup_without_redactions_is_restored_as_it_is(occupied: Settings, tmp_path: Path) -> None:
    path = tmp_path / "plain.tar"
    service.back_up(occupied, path, untold)
    before = told(occupied)
    done = service.restore(occupied, path, untold, force=True)
    assert (done.redacted, done.unfit, told(occupied)) == (0, 0, before)
