"""Jobs of the attachments feature."""

from datetime import timedelta
from uuid import UUID

from procrastinate import Blueprint, JobContext

from backend.attachments import documents
from backend.attachments.service import delete_photos, forget_photos, unattached
from backend.core.database import utcnow

KEEP_UNATTACHED = timedelta(days=2)
jobs = Blueprint()


@jobs.periodic(cron="7 3 * * *")
@jobs.task(name="purge_photos", pass_context=True, queueing_lock="purge_photos")
async def purge_photos(context: JobContext, timestamp: int) -> int:
    """Delete photos that went into no ticket within two days; returns how many."""
    values = context.additional_context
    async with values["sessions"]() as session:
        old = await unattached(session, utcnow() - KEEP_UNATTACHED)
    await delete_photos(values["settings"], old)
    async with values["sessions"]() as session, session.begin():
        await forget_photos(session, old)
    return len(old)


@jobs.task(name="drop_unnoted", pass_context=True)
async def drop_unnoted(context: JobContext, document_id: str) -> bool:
    """Delete the file of a document that was kept and never written down; whether it was not."""
    values = context.additional_context
    return await documents.drop_unnoted(values["settings"], values["sessions"], UUID(document_id))
