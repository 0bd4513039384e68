"""The command `komshu`."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Annotated, Any, TypeVar
from uuid import UUID

import typer
import uvloop
from psycopg import AsyncConnection
from rich.table import Table
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.accounts_cli import accounts_cli
from backend.backup_cli import backup, restore
from backend.core.settings import ROOT, Settings, get_settings, libpq_url
from backend.integrations_cli import token_cli
from backend.migrations.upgrade import migrate as migrate_database
from backend.nlu_cli import nlu_cli
from backend.office_cli import load, office_cli
from backend.office_work import in_office
from backend.offices.errors import OfficeDataError
from backend.offices.service import Office
from backend.outbox.service import failures, retry
from backend.privacy_cli import privacy_cli
from backend.start import console, fail, prepared, ready
from backend.terminal_chat import chat_in_terminal
from backend.tickets.service import move
from backend.transfer_cli import ticket_export, ticket_import

cli = typer.Typer(help="Komshu, the assistant of a public office's help desk.", no_args_is_help=True)
channels_cli = typer.Typer(help="Telegram and SMS.", no_args_is_help=True)
ticket_cli = typer.Typer(help="Tickets.", no_args_is_help=True)
cli.command()(backup)
cli.command()(restore)
cli.add_typer(office_cli, name="office")
cli.add_typer(ticket_cli, name="ticket")
ticket_cli.command("export")(ticket_export)
ticket_cli.command("import")(ticket_import)
cli.add_typer(accounts_cli, name="accounts")
cli.add_typer(token_cli, name="token")
cli.add_typer(nlu_cli, name="nlu")
cli.add_typer(privacy_cli, name="privacy")
cli.add_typer(channels_cli, name="channels")
Result = TypeVar("Result")
SIMULATOR = "tests.peers.simulate"


class Simulated(StrEnum):
    """Channels that can be talked to without their provider."""

    TELEGRAM = "telegram"
    SMS = "sms"


@cli.command()
def run() -> None:
    """Start everything on this machine: database, Rasa, backend with the actions, worker. Ctrl-C stops it."""
    # In a process of its own making: it stays for as long as the assistant runs, and needs none of the libraries here.
    os.execv(sys.executable, [sys.executable, "-m", "backend.run"])


@cli.command(hidden=True)
def prepare() -> None:
    """Bring the database to this version's schema and load the office."""
    settings, _ = prepared("prepare")
    try:
        migrate_database(settings.database_url)
        asyncio.run(load(settings, settings.office))
    except OfficeDataError as error:
        fail(str(error))


@cli.command()
def serve() -> None:
    """Serve the public and the internal API; the office must have been loaded."""
    from backend.app import serve as serve_apps  # noqa: PLC0415 - the worker must not carry the server's libraries

    settings, _ = prepared("backend")
    try:
        uvloop.run(serve_apps(settings))
    except LookupError as error:
        fail(str(error.args[0]))


@cli.command()
def worker() -> None:
    """Answer messages and run jobs."""
    from backend.worker import work  # noqa: PLC0415 - nor the server the worker's

    settings, _ = prepared("worker")
    uvloop.run(work(settings))


@cli.command()
def migrate() -> None:
    """Bring the database to the schema of this version."""
    with ready("migrate") as settings:
        try:
            migrate_database(settings.database_url)
        except OperationalError:
            fail("The database does not answer: check DATABASE_URL.")
    console.print("The database is up to date.")


@ticket_cli.command("move")
def ticket_move(
    reference: str, state: Annotated[str, typer.Argument(help="assigned, in_progress, waiting or closed")]
) -> None:
    """Bring a ticket to another state; the citizen is told on the channel they last wrote on."""

    async def work(session: AsyncSession, settings: Settings, office: Office) -> None:
        await move(session, office, reference.upper(), state, "office")

    in_office("ticket", work)
    console.print(f"{reference} is {state}; the citizen will be told.")


@cli.command()
def chat(language: Annotated[str, typer.Option(help="en, tr, ro, mk or af")] = "en", url: str = "") -> None:
    """Talk to the running assistant from the terminal, through the web chat's API."""
    asyncio.run(chat_in_terminal(url or get_settings().public_base_url, language, console))


@channels_cli.command("simulate")
def channels_simulate(
    channel: Simulated, language: Annotated[str, typer.Option(help="the person's: en, tr, ro, mk or af")] = "en"
) -> None:
    """Talk to an assistant of its own from the terminal, as if on Telegram or by SMS. Nothing leaves this machine."""
    if not (ROOT / SIMULATOR.replace(".", "/")).with_suffix(".py").exists():
        fail("This command needs a checkout: its stand-ins for the providers are in the folder `tests`.")
    process = subprocess.Popen([sys.executable, "-m", SIMULATOR, channel, "--language", language], cwd=ROOT)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the simulation, which stops all that it started
    raise typer.Exit(process.wait())


@channels_cli.command("failed")
def channels_failed() -> None:
    """List the newest messages that could not be delivered, and why: docs/channels.md says what to do."""
    table = Table("conversation", "message", "channel", "reason", "detail", "given up at")
    for one in _with_connection(failures):
        table.add_row(
            str(one.conversation_id), str(one.number), one.channel, one.reason, one.detail, f"{one.at:%Y-%m-%d %H:%M}"
        )
    console.print(table if table.row_count else "Nothing was given up.")


@channels_cli.command("retry")
def channels_retry(conversation: UUID, message: int) -> None:
    """Send a message again that was given up."""
    if not _with_connection(lambda connection: retry(connection, conversation, message)):
        fail("There is no such message that was given up: see `komshu channels failed`.")
    console.print("It is on its way again.")


def _with_connection(work: Callable[[AsyncConnection[Any]], Awaitable[Result]]) -> Result:
    async def run(settings: Settings) -> Result:
        async with await AsyncConnection.connect(libpq_url(settings.database_url), autocommit=True) as connection:
            return await work(connection)

    with ready("channels") as settings:
        return asyncio.run(run(settings))


def main() -> None:
    """Entry point."""
    cli()


if __name__ == "__main__":
    main()
