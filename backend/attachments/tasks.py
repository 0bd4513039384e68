"""Jobs of the attachments feature."""

from datetime import timedelta

from procrastinate import Blueprint, JobContext

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
