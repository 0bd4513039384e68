"""Reads and writes the tables of photos and documents."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.attachments.models import Attachment, Document
from backend.attachments.schemas import PDF, Paper, Photo
from backend.core.database import utcnow

SHOWN = Attachment.hidden_at.is_(None)
"""Nobody may see a file that is just being made unreadable."""


async def insert_attachment(session: AsyncSession, contact_id: UUID, photo: Photo | Paper) -> None:
    """Store the row of a photo or a paper; one of the same id stays as it is."""
    values = {**asdict(photo), "contact_id": contact_id, "created_at": utcnow()}
    await session.execute(insert(Attachment).values(**values).on_conflict_do_nothing())


async def owns(session: AsyncSession, contact_id: UUID, attachment_id: UUID) -> bool:
    """Whether a contact sent this photo."""
    query = select(Attachment.id).where(Attachment.id == attachment_id, Attachment.contact_id == contact_id)
    return await session.scalar(query.where(Attachment.media_type != PDF, SHOWN)) is not None


async def attachment(
    session: AsyncSession, attachment_id: UUID, *, contact_id: UUID | None = None, ticket_id: UUID | None = None
) -> Attachment | None:
    """A photo or paper, when it is this contact's, or this ticket's."""
    whose = Attachment.contact_id == contact_id if contact_id else Attachment.ticket_id == ticket_id
    query = select(Attachment).where(Attachment.id == attachment_id, whose, SHOWN)
    found: Attachment | None = await session.scalar(query)
    return found


async def attach(session: AsyncSession, contact_id: UUID, ids: Sequence[UUID], ticket_id: UUID) -> int:
    """Bind a contact's photos to a ticket; returns how many were theirs."""
    mine = update(Attachment).where(Attachment.id.in_(ids), Attachment.contact_id == contact_id)
    result = await session.execute(mine.values(ticket_id=ticket_id).returning(Attachment.id))
    return len(result.all())


async def photos_of(session: AsyncSession, ticket_id: UUID) -> Sequence[UUID]:
    """The photos of a ticket, oldest first."""
    mine = and_(Attachment.ticket_id == ticket_id, Attachment.media_type != PDF, SHOWN)
    return (await session.scalars(select(Attachment.id).where(mine).order_by(Attachment.created_at))).all()


async def papers_of(session: AsyncSession, ticket_id: UUID) -> Sequence[Attachment]:
    """The PDFs of a ticket that citizens sent, oldest first."""
    mine = and_(Attachment.ticket_id == ticket_id, Attachment.media_type == PDF, SHOWN)
    return (await session.scalars(select(Attachment).where(mine).order_by(Attachment.created_at))).all()


async def add_document(session: AsyncSession, document: Document) -> None:
    """Store a document's row."""
    session.add(document)
    await session.flush()


async def documents_of(session: AsyncSession, ticket_id: UUID) -> Sequence[Document]:
    """The documents of a ticket, oldest first."""
    mine = and_(Document.ticket_id == ticket_id, Document.hidden_at.is_(None))
    return (await session.scalars(select(Document).where(mine).order_by(Document.created_at, Document.id))).all()


async def document_of(session: AsyncSession, ticket_id: UUID, document_id: UUID) -> Document | None:
    """A document, when it is this ticket's."""
    mine = and_(Document.ticket_id == ticket_id, Document.id == document_id, Document.hidden_at.is_(None))
    query = select(Document).where(mine)
    found: Document | None = await session.scalar(query)
    return found


async def has_document(session: AsyncSession, document_id: UUID) -> bool:
    """Whether a document has a row."""
    return await session.get(Document, document_id) is not None


async def unattached(session: AsyncSession, before: datetime) -> Sequence[UUID]:
    """Photos older than a moment that belong to no ticket."""
    query = select(Attachment.id).where(Attachment.ticket_id.is_(None), Attachment.created_at < before)
    return (await session.scalars(query)).all()


async def delete_unattached(session: AsyncSession, ids: Sequence[UUID]) -> None:
    """Delete rows of photos, but for those that belong to a ticket."""
    await session.execute(delete(Attachment).where(Attachment.id.in_(ids), Attachment.ticket_id.is_(None)))


async def stored(session: AsyncSession) -> tuple[list[tuple[UUID, str]], Sequence[Document]]:
    """The ids and types of all photos and papers, and all documents."""
    sent = [(key, kind) for key, kind in await session.execute(select(Attachment.id, Attachment.media_type))]
    return sent, (await session.scalars(select(Document))).all()
