"""The commands `komshu privacy …`."""

import asyncio
from typing import Annotated

import typer

from backend.attachments import personal as attachments
from backend.core.database import make_engine, make_sessions
from backend.core.settings import Settings
from backend.migrations.upgrade import migrate as migrate_database
from backend.offices.service import loaded_office
from backend.privacy.retention import Purged, purge
from backend.start import console, ready

privacy_cli = typer.Typer(help="What is kept of people, and how long.", no_args_is_help=True)


@privacy_cli.callback()
def group() -> None:
    """What is kept of people, and how long."""


@privacy_cli.command("purge")
def purge_old(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only count what would be forgotten")] = False,
) -> None:
    """Forget what is older than RETENTION_MESSAGE_DAYS and RETENTION_TICKET_DAYS; the worker does it each night."""
    with ready("privacy") as settings:
        migrate_database(settings.database_url)
        found = asyncio.run(_purge(settings, dry_run=dry_run))
    counts = f"{found.messages} messages, {found.tickets} tickets, {found.subscriptions} ended subscriptions"
    console.print(f"{'Would forget' if dry_run else 'Forgot'}: {counts}.")
    if not (settings.retention_message_days or settings.retention_ticket_days):
        console.print("Nothing is forgotten by itself: RETENTION_MESSAGE_DAYS and RETENTION_TICKET_DAYS are 0.")


async def _purge(settings: Settings, *, dry_run: bool) -> Purged:
    engine = make_engine(settings.database_url)
    sessions = make_sessions(engine)
    async with sessions() as session, session.begin():
        office = await loaded_office(session, settings.office)
        found = await purge(session, settings, office, dry_run=dry_run)
        photos = await attachments.of_tickets(session, found.ticket_ids)
    await attachments.delete(settings, sessions, photos)
    await engine.dispose()
    return found
