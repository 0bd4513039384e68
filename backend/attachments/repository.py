"""Reads and writes the tables of photos and documents."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.attachments.models import Attachment, Document
from backend.attachments.schemas import Photo
from backend.core.database import utcnow


async def insert_attachment(session: AsyncSession, contact_id: UUID, photo: Photo) -> None:
    """Store a photo's row; one of the same id stays as it is."""
    values = {**asdict(photo), "contact_id": contact_id, "created_at": utcnow()}
    await session.execute(insert(Attachment).values(**values).on_conflict_do_nothing())


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


async def unattached(session: AsyncSession, before: datetime) -> Sequence[UUID]:
    """Photos older than a moment that belong to no ticket."""
    query = select(Attachment.id).where(Attachment.ticket_id.is_(None), Attachment.created_at < before)
    return (await session.scalars(query)).all()


async def delete_unattached(session: AsyncSession, ids: Sequence[UUID]) -> None:
    """Delete rows of photos, but for those that belong to a ticket."""
    await session.execute(delete(Attachment).where(Attachment.id.in_(ids), Attachment.ticket_id.is_(None)))


async def stored(session: AsyncSession) -> tuple[Sequence[UUID], Sequence[Document]]:
    """The ids of all photos, and all documents."""
    photos = (await session.scalars(select(Attachment.id))).all()
    return photos, (await session.scalars(select(Document))).all()
