"""Fetches what a person sent and their provider keeps: photos and papers, once for each message."""

from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID, uuid5

import structlog
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from backend.answers.errors import TurnError
from backend.attachments import errors
from backend.attachments.papers import keep_paper, note_paper, told
from backend.attachments.service import keep_photo, note_photo
from backend.conversations import turns
from backend.conversations.schemas import Claim, Waiting
from backend.core.database import Pool
from backend.core.errors import KomshuError
from backend.core.settings import Settings
from channels.adapter import Adapter
from channels.errors import REFUSED, SendError
from channels.message import Media

log = structlog.get_logger()
FILES = UUID("6f0d6c51-3b0a-4c0e-9a51-1d7a6b1b7f10")
"""Names the files that were fetched: the same message gives the same file, however often it is tried."""


@dataclass(frozen=True)
class Refusal:
    """The sentence that says why a file was not taken, and what it is filled with."""

    sentence: str
    values: dict[str, Any] = field(default_factory=dict)


async def fetched(
    settings: Settings,
    pool: Pool,
    sessions: async_sessionmaker[AsyncSession],
    adapter: Adapter,
    claim: Claim,
    waiting: Waiting,
) -> Refusal | None:
    """Bring a message's file into our keeping, if it has one; returns why not, when it cannot be taken.

    No transaction is open while the provider or the storage is asked. Raises TurnError.
    """
    if refused := waiting.content.get("refused"):  # before a crash
        return Refusal(**refused)
    if not (told_of := waiting.content.get("media")):
        return None
    media, file_id = Media(**told_of), uuid5(FILES, f"{claim.conversation_id}:{waiting.seq}")
    try:
        kept = await _kept(settings, sessions, adapter, waiting.contact_id, media, file_id)
    except SendError as error:
        if error.retryable or error.code != REFUSED:
            raise TurnError(f"{'document' if media.document else 'photo'}_{error.code}") from error
        refusal = _gone(settings, media)
    except KomshuError as error:
        if isinstance(error, errors.StorageAwayError):
            raise
        refusal = _refused(media, error)
    else:
        await _note(pool, waiting, kept)
        return None
    log.info("file_refused", conversation=str(claim.conversation_id), seq=waiting.seq, code=refusal.sentence)
    await _note(pool, waiting, {"refused": asdict(refusal)})
    return refusal


async def _kept(
    settings: Settings,
    sessions: async_sessionmaker[AsyncSession],
    adapter: Adapter,
    contact_id: UUID,
    media: Media,
    file_id: UUID,
) -> dict[str, Any]:
    """What the message holds from now on, in place of the provider's name for the file."""
    limit = settings.document_max_bytes if media.document else settings.photo_max_bytes
    content = await adapter.fetch(media, limit)
    if media.document:
        paper = await keep_paper(settings, file_id, media.name, content)
        async with sessions() as session, session.begin():
            await note_paper(session, contact_id, paper)
        return told(paper)
    photo = await keep_photo(settings, file_id, content)
    async with sessions() as session, session.begin():
        await note_photo(session, contact_id, photo)
    return {"photo": str(file_id)}


def _gone(settings: Settings, media: Media) -> Refusal:
    if not media.document:
        return Refusal("chat.photo_refused")
    return Refusal("chat.document_refused", {"megabytes": settings.document_max_bytes // 1_000_000})


def _refused(media: Media, error: KomshuError) -> Refusal:
    if media.document:
        return Refusal(f"error.{error.code}", dict(error.values))
    too_large = isinstance(error, errors.PhotoTooLargeError)
    return Refusal("chat.photo_refused" if too_large else "chat.photo_unreadable")


async def _note(pool: Pool, waiting: Waiting, found: dict[str, Any]) -> None:
    content = {key: value for key, value in waiting.content.items() if key != "media"} | found
    waiting.content.clear()
    waiting.content.update(content)
    async with pool.connection() as connection:
        await turns.store_content(connection, waiting.id, waiting.content)
