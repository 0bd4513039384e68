"""Photos and documents that are forgotten with who they are about."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import delete as delete_rows, or_, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from backend.attachments.documents import document_name
from backend.attachments.models import Attachment, Document
from backend.attachments.service import delete_photos
from backend.attachments.storage import storage_of
from backend.core.settings import Settings


async def of_contact(session: AsyncSession, contact_id: UUID) -> Sequence[UUID]:
    """Every photo a person sent, in a ticket or not."""
    return (await session.scalars(select(Attachment.id).where(Attachment.contact_id == contact_id))).all()


async def of_tickets(session: AsyncSession, ticket_ids: Collection[UUID]) -> Sequence[UUID]:
    """Every photo in some tickets."""
    return (await session.scalars(select(Attachment.id).where(Attachment.ticket_id.in_(ticket_ids)))).all()


async def delete(settings: Settings, sessions: async_sessionmaker[AsyncSession], photos: Sequence[UUID]) -> None:
    """Delete files, then rows: what fails is found again. Raises StorageAwayError."""
    await delete_photos(settings, photos)
    async with sessions() as session, session.begin():
        await session.execute(delete_rows(Attachment).where(Attachment.id.in_(photos)))


async def forget_documents(
    settings: Settings, sessions: async_sessionmaker[AsyncSession], ticket_ids: Collection[UUID]
) -> None:
    """Delete the documents agents added to some tickets, files before rows. Raises StorageAwayError."""
    theirs = Document.ticket_id.in_(ticket_ids)
    async with sessions() as session:
        documents = (await session.scalars(select(Document).where(theirs))).all()
    for document in documents:
        await storage_of(settings).delete(document_name(document))
    async with sessions() as session, session.begin():
        await session.execute(delete_rows(Document).where(theirs))


async def named_of(
    session: AsyncSession, contact_ids: Collection[UUID], ticket_ids: Collection[UUID]
) -> Sequence[Attachment | Document]:
    """What some people sent, and what agents added to some tickets: files that have names."""
    sent = or_(Attachment.contact_id.in_(contact_ids), Attachment.ticket_id.in_(ticket_ids))
    papers = await session.scalars(select(Attachment).where(sent, Attachment.name.is_not(None)))
    added = await session.scalars(select(Document).where(Document.ticket_id.in_(ticket_ids)))
    return [*papers, *added]
