"""Pictures and documents: areas are covered, or all of it is removed, in the storage itself.

In one transaction the file is hidden from everybody and the redaction written down; then the storage is changed; then
it is shown again. Whatever dies between, nobody sees the old file, and a job goes on until the new one is in its place.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from backend.accounts.schemas import Agent
from backend.answers.desk import Desk
from backend.attachments import redacting
from backend.attachments.images import Area
from backend.attachments.models import Attachment
from backend.attachments.redacting import Areas, FileKind, KeptFile
from backend.audit.service import record
from backend.conversations import personal as conversations
from backend.core.blocks import MARK
from backend.core.database import utcnow
from backend.core.queue import defer
from backend.core.settings import Settings
from backend.redaction import repository
from backend.redaction.errors import RedactionFileError, RedactionNothingError
from backend.redaction.matters import Matter, all_texts, matter_of
from backend.redaction.models import Redaction
from backend.redaction.noting import note_in_chat, tell
from backend.redaction.schemas import Act, Subject
from backend.redaction.texts import put
from backend.tickets import personal as tickets

FINISH_TASK = "redaction:finish"
MOST_AREAS = 50
LARGEST = 100_000
"""Pixels; no picture has a longer side."""
Sessions = async_sessionmaker[AsyncSession]


@dataclass(frozen=True)
class Found:
    """A file and the matter it belongs to."""

    file: KeptFile
    matter: Matter
    row: redacting.Row


async def found(
    session: AsyncSession, agent: Agent, subject: Subject, kind: FileKind, file_id: UUID, *, lock: bool = False
) -> Found:
    """A file of a chat or ticket, if the agent may redact there. Raises RedactionFileError, else as `matter_of`."""
    matter = await matter_of(session, agent, subject)
    row = await redacting.fetch(session, kind, file_id, lock=lock)
    if row is None or not _belongs(row, matter):
        raise RedactionFileError
    return Found(redacting.described(row), matter, row)


def _belongs(row: redacting.Row, matter: Matter) -> bool:
    """Whether a file is of the matter; one in a ticket only when the agent may see that ticket."""
    if row.ticket_id is not None:
        return any(ticket.id == row.ticket_id for ticket in matter.tickets)
    return isinstance(row, Attachment) and row.contact_id in matter.contacts


async def begin(
    session: AsyncSession,
    desk: Desk,
    agent: Agent,
    subject: Subject,
    kind: FileKind,
    file_id: UUID,
    areas: Areas,
    act: Act,
) -> UUID:
    """Hide a file until areas of it are covered, or all of it is (areas None); `finish` does that after the commit.

    Returns the redaction's id. Raises RedactionNothingError without areas, RedactionFileError for areas of a document
    that is no picture, else as `found` does.
    """
    of = await found(session, agent, subject, kind, file_id, lock=True)
    _check(of.file, areas)
    redacting.hide(of.row)
    redaction = _row(agent, subject, of.file, areas, act)
    if areas is None and of.file.name:
        redaction.spots += await _without_name(session, of)
    await repository.add(session, redaction)
    await _write_down(session, agent, of, redaction, "redaction.areas" if areas else "redaction.file")
    if act.tell and isinstance(of.row, Attachment) and subject.kind == "chat":
        for chat in await conversations.locked(session, [subject.id]):
            await tell(session, desk, chat)
    await defer(session, FINISH_TASK, redaction_id=str(redaction.id))
    return redaction.id


async def _without_name(session: AsyncSession, of: Found) -> list[dict[str, object]]:
    """Hide what a file was called wherever it is told; returns the places as the list of redactions has them."""
    same = [text for text in await all_texts(session, of.matter, lock=True) if text.words == of.file.name]
    stem = len(of.file.name.rpartition(".")[0]) or len(of.file.name)
    for text in same:
        put(text, f"{MARK}{text.words[stem:]}")
    return [{"place": text.place, "start": 0, "length": stem, "size": len(text.words)} for text in same]


def _check(file: KeptFile, areas: Areas) -> None:
    if areas is None:
        return
    if not file.picture:
        raise RedactionFileError
    if not areas or len(areas) > MOST_AREAS or any(width <= 0 or height <= 0 for _, _, width, height in areas):
        raise RedactionNothingError


def _row(agent: Agent, subject: Subject, file: KeptFile, areas: Areas, act: Act) -> Redaction:
    told = {"file": f"{file.kind}/{file.id}", "areas": None if areas is None else [[*area] for area in areas]}
    return Redaction(
        id=uuid4(),
        office_id=agent.office_id,
        at=utcnow(),
        account_id=agent.id,
        actor=agent.name,
        reason=act.reason,
        object_kind=subject.kind,
        object_id=subject.id,
        spots=[told],
    )


async def _write_down(session: AsyncSession, agent: Agent, of: Found, redaction: Redaction, action: str) -> None:
    reason, subject = redaction.reason, of.matter.subject
    if of.row.ticket_id is not None:
        await tickets.note_redacted(session, agent, of.row.ticket_id, "redacted", reason=reason)
    if subject.kind == "chat":
        await note_in_chat(session, agent, subject.id, reason)
    await record(session, agent, action, subject.kind, subject.id, reason=reason, file=str(of.file.id))


async def finish(settings: Settings, sessions: Sessions, redaction_id: UUID) -> None:
    """Change the file in the storage and show it again; what was done already changes nothing.

    Two who cover areas of one picture at once: whoever finds more areas than were covered begins again, and the picture
    is shown when nobody is left. Raises StorageAwayError.
    """
    while True:
        async with sessions() as session:
            redaction = await repository.fetch(session, redaction_id)
            if redaction is None or redaction.done_at is not None:
                return
            name = str(redaction.spots[0]["file"])
            kind, file_id = kind_and_id(name)
            row = await redacting.fetch(session, kind, file_id)
            file = redacting.described(row) if row else None
            together = await repository.of_file(session, name)
        areas = united(together)
        size = await redacting.change(settings, file, areas) if file else 0
        async with sessions() as session, session.begin():
            if await _settle(session, redaction_id, name, {one.id for one in together}, size, removed=areas is None):
                return


async def _settle(
    session: AsyncSession, redaction_id: UUID, name: str, covered: set[UUID], size: int, *, removed: bool
) -> bool:
    """Note that a redaction is done; False when others of the same file came meanwhile."""
    kind, file_id = kind_and_id(name)
    row = await redacting.fetch(session, kind, file_id, lock=True)
    now = await repository.of_file(session, name)
    if {one.id for one in now} != covered:
        return False
    next(one for one in now if one.id == redaction_id).done_at = utcnow()
    if row is not None and all(one.done_at for one in now):
        redacting.show(row, size, removed=removed)
    return True


def united(redactions: Iterable[Redaction]) -> Areas:
    """All areas of some redactions of one file; None when one of them is all of it."""
    areas: list[Area] = []
    for one in redactions:
        for spot in [spot for spot in one.spots if "file" in spot]:
            if spot["areas"] is None:
                return None
            areas += [(int(x), int(y), int(width), int(height)) for x, y, width, height in spot["areas"]]
    return areas


def kind_and_id(name: str) -> tuple[FileKind, UUID]:
    """What the list of redactions calls a file, taken apart."""
    kind, _, file_id = name.partition("/")
    return ("document" if kind == "document" else "attachment"), UUID(file_id)


def read_areas(rows: Iterable[tuple[str, str, str, str]]) -> list[Area]:
    """Areas as a form gives them, without rows that are empty. Raises RedactionNothingError for what is no number."""
    filled = [row for row in rows if any(value.strip() for value in row)]
    try:
        areas = [tuple(min(max(int(value), 0), LARGEST) for value in row) for row in filled]
    except ValueError:
        raise RedactionNothingError from None
    return areas  # type: ignore[return-value]
