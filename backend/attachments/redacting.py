"""Files of which a part, or all, is made unreadable for good: hidden first, then changed in the storage, then shown.

The new file takes the old one's name in one step, so there is never one beside the other, and none to be left behind.
"""

import asyncio
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.attachments.documents import document_name
from backend.attachments.images import Area, covered, size_of
from backend.attachments.models import Attachment, Document
from backend.attachments.schemas import PDF, StoredFile
from backend.attachments.service import paper_name, photo_name
from backend.attachments.storage import storage_of
from backend.core.blocks import MARK
from backend.core.database import utcnow
from backend.core.settings import Settings

FileKind = Literal["attachment", "document"]
FILE_KINDS: tuple[FileKind, ...] = get_args(FileKind)
"""What a citizen sent, and what an agent added."""
Areas = Sequence[Area] | None
"""Parts of a picture; None: all of it."""
Row = Attachment | Document
A4 = (595, 842)
"""In points."""


@dataclass(frozen=True)
class KeptFile:
    """A file of a chat or ticket."""

    kind: FileKind
    id: UUID
    stored_as: str
    picture: bool
    """Otherwise it is a PDF, which can only be removed whole."""
    name: str


async def fetch(session: AsyncSession, kind: FileKind, file_id: UUID, *, lock: bool = False) -> Row | None:
    """The row of a file, hidden or not; locked until the transaction ends when asked."""
    table: type[Row] = Attachment if kind == "attachment" else Document
    query = select(table).where(table.id == file_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found: Row | None = await session.scalar(query)
    return found


def described(row: Row) -> KeptFile:
    """What a file is."""
    kind: FileKind = "document" if isinstance(row, Document) else "attachment"
    return KeptFile(kind, row.id, _stored_as(row), row.media_type != PDF, row.name or "")


def _stored_as(row: Row) -> str:
    if isinstance(row, Document):
        return document_name(row)
    return paper_name(row.id) if row.media_type == PDF else photo_name(row.id)


def hide(row: Row) -> None:
    """Show a file to nobody, from the commit on."""
    row.hidden_at = utcnow()


def show(row: Row, size_bytes: int, *, removed: bool) -> None:
    """Show a changed file again; what it was called goes with all that was in it."""
    row.hidden_at, row.size_bytes = None, size_bytes
    if removed and row.name:
        row.name = f"{MARK}.{_stored_as(row).rsplit('.', 1)[-1]}"


async def change(settings: Settings, file: KeptFile, areas: Areas) -> int:
    """Cover areas of a picture, or empty a file (areas None). No transaction may be open meanwhile.

    Doing it again changes nothing more. An empty file stays in the place of one that is removed: nothing that shows it
    breaks, and sending the same one again does not bring it back. Returns its size in bytes. Raises StorageAwayError.
    """
    storage = storage_of(settings)
    try:
        content = await (await storage.get(file.stored_as)).read() if file.picture else b""
    except FileNotFoundError:
        return 0
    new = await asyncio.to_thread(changed, content, areas, picture=file.picture)
    await storage.put(file.stored_as, new)
    return len(new)


def changed(content: bytes, areas: Areas, *, picture: bool) -> bytes:
    """A file's content as `change` leaves it."""
    return covered(content, areas) if picture else _blank_page()


def _blank_page() -> bytes:
    from pypdf import PdfWriter  # noqa: PLC0415 - six megabytes of every process, for a rare act

    out, writer = io.BytesIO(), PdfWriter()
    writer.add_blank_page(*A4)
    writer.write(out)
    return out.getvalue()


async def dimensions(settings: Settings, file: KeptFile) -> tuple[int, int]:
    """Width and height of a picture in the storage, in pixels. Raises FileNotFoundError or StorageAwayError."""
    return size_of(await (await storage_of(settings).get(file.stored_as)).read())


async def stored(settings: Settings, file: KeptFile) -> StoredFile:
    """A file as it is in the storage now. Raises FileNotFoundError or StorageAwayError."""
    return await storage_of(settings).get(file.stored_as)
