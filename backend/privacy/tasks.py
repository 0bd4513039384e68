"""Jobs of the privacy feature."""

from uuid import UUID

import structlog
from procrastinate import Blueprint, JobContext

from backend.attachments import personal as attachments
from backend.privacy import erasure, retention
from backend.tickets import personal as tickets

log = structlog.get_logger()
jobs = Blueprint()


@jobs.task(name="forget_files", pass_context=True, retry=10)
async def forget_files(context: JobContext, contact_id: str) -> None:
    """Delete the photos of somebody who is erased, and the documents in their tickets."""
    values = context.additional_context
    async with values["sessions"]() as session:
        photos = await attachments.of_contact(session, UUID(contact_id))
        owned = await tickets.ids_of(session, UUID(contact_id))
    await attachments.delete(values["settings"], values["sessions"], photos)
    await attachments.forget_documents(values["settings"], values["sessions"], owned)


@jobs.task(name="finish_erasure", pass_context=True, retry=10)
async def finish_erasure(context: JobContext, contact_id: str) -> None:
    """Forget the address of somebody who was told that they are erased."""
    async with context.additional_context["sessions"]() as session, session.begin():
        await erasure.finish(session, UUID(contact_id))


@jobs.periodic(cron="37 3 * * *")
@jobs.task(name="purge_old", pass_context=True, queueing_lock="purge_old")
async def purge_old(context: JobContext, timestamp: int) -> None:
    """Forget what is older than the office keeps it."""
    values = context.additional_context
    async with values["sessions"]() as session, session.begin():
        purged = await retention.purge(session, values["settings"], values["office"], dry_run=False)
        photos = await attachments.of_tickets(session, purged.ticket_ids)
    await attachments.delete(values["settings"], values["sessions"], photos)
    await attachments.forget_documents(values["settings"], values["sessions"], purged.ticket_ids)
    log.info("retention", messages=purged.messages, tickets=purged.tickets, subscriptions=purged.subscriptions)
