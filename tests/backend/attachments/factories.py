"""Pictures citizens send, and documents of tickets."""

import io
import struct
import zlib
from typing import Any
from uuid import UUID, uuid4

from PIL import Image
from sqlalchemy.ext.asyncio import AsyncSession

from backend.attachments.documents import keep_document, note_document
from backend.attachments.models import Document
from backend.core.settings import Settings


async def add_document(
    session: AsyncSession, settings: Settings, ticket_id: UUID, name: str, content: bytes, *, added_by: str
) -> Document:
    """Keep a document with a ticket."""
    kept = await keep_document(settings, uuid4(), content)
    return await note_document(session, ticket_id, name, kept, added_by=added_by)


def encoded(format: str, mode: str = "RGB", size: tuple[int, int] = (40, 30), **options: Any) -> bytes:
    """A one-coloured picture."""
    out = io.BytesIO()
    Image.new(mode, size).save(out, format, **options)
    return out.getvalue()


def png_that_claims(width: int, height: int) -> bytes:
    """A PNG of a few bytes whose head tells any size."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body
