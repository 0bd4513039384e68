"""Reads and writes the tables of photos and documents."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.attachments.models import Attachment, Document
from backend.core.database import utcnow


async def insert_attachment(
    session: AsyncSession, attachment_id: UUID, contact_id: UUID, size: tuple[int, int], size_bytes: int
) -> bool:
    """Store a photo's row; False when the id is taken."""
    width, height = size
    statement = insert(Attachment).values(
        id=attachment_id, contact_id=contact_id, width=width, height=height, size_bytes=size_bytes, created_at=utcnow()
    )
    inserted = await session.scalar(statement.on_conflict_do_nothing().returning(Attachment.id))
    return inserted is not None


async def owns(session: AsyncSession, contact_id: UUID, attachment_id: UUID) -> bool:
    """Whether a contact sent this photo."""
    query = select(Attachment.id).where(Attachment.id == attachment_id, Attachment.contact_id == contact_id)
    return await session.scalar(query) is not None


async def attach(session: AsyncSession, contact_id: UUID, ids: Sequence[UUID], ticket_id: UUID) -> int:
    """Bind a contact's photos to a ticket; returns how many were theirs."""
    mine = update(Attachment).where(Attachment.id.in_(ids), Attachment.contact_id == contact_id)
    result = await session.execute(mine.values(ticket_id=ticket_id).returning(Attachment.id))
    return len(result.all())


async def photos_of(session: AsyncSession, ticket_id: UUID) -> Sequence[UUID]:
    """The photos of a ticket, oldest first."""
    query = select(Attachment.id).where(Attachment.ticket_id == ticket_id).order_by(Attachment.created_at)
    return (await session.scalars(query)).all()


async def add_document(session: AsyncSession, document: Document) -> None:
    """Store a document's row."""
    session.add(document)
    await session.flush()


async def documents_of(session: AsyncSession, ticket_id: UUID) -> Sequence[Document]:
    """The documents of a ticket, oldest first."""
    query = select(Document).where(Document.ticket_id == ticket_id).order_by(Document.created_at, Document.id)
    return (await session.scalars(query)).all()


async def document_of(session: AsyncSession, ticket_id: UUID, document_id: UUID) -> Document | None:
    """A document, when it is this ticket's."""
    query = select(Document).where(Document.ticket_id == ticket_id, Document.id == document_id)
    found: Document | None = await session.scalar(query)
    return found


async def delete_unattached(session: AsyncSession, before: datetime) -> list[UUID]:
    """Delete rows of photos older than a moment that belong to no ticket; returns their ids."""
    old = delete(Attachment).where(Attachment.ticket_id.is_(None), Attachment.created_at < before)
    return list(await session.scalars(old.returning(Attachment.id)))
