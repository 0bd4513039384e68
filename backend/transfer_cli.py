"""The commands `komshu ticket export` and `komshu ticket import`."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, TypeVar
from uuid import uuid4

import typer
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from backend.core.database import make_engine, make_sessions
from backend.core.settings import Settings
from backend.offices.service import loaded_office
from backend.start import console, errors, fail, ready
from backend.tickets.intake import Intake, Outcomes
from backend.tickets.transfer import Selection, export
from backend.tickets.transfer_files import CsvSink, JsonSink, Sink, UnreadableFileError, rows

FORMATS = (".csv", ".json")
SHOWN = 50
ONE_MOMENT = "REPEATABLE READ"
"""What changes while an export goes on is not in it."""
Sessions = async_sessionmaker[AsyncSession]
Result = TypeVar("Result")


def ticket_export(
    file: Annotated[Path, typer.Argument(help="the file to write: .csv or .json")],
    since: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="first day they came in")] = None,
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="last day they came in")] = None,
    unit: Annotated[str, typer.Option(help="only of this unit")] = "",
    state: Annotated[str, typer.Option(help="only in this state")] = "",
    kind: Annotated[str, typer.Option(help="only of this kind")] = "",
    restricted: Annotated[bool, typer.Option("--restricted", help="restricted ones too")] = False,
    personal: Annotated[
        bool, typer.Option("--personal", help="with names, numbers and everything people wrote")
    ] = False,
    excel: Annotated[bool, typer.Option("--excel", help="mark the CSV as UTF-8 for Excel (a byte order mark)")] = False,
) -> None:
    """Write tickets into a file, oldest first."""
    _check_format(file)
    days = {"since": since.date() if since else None, "until": until.date() if until else None}
    wanted = Selection(**days, unit=unit, state=state, kind=kind, restricted=restricted, personal=personal)
    partial = file.with_name(f".{file.name}.{uuid4().hex}.partial")
    try:
        count = _run(
            lambda settings, sessions: _export(settings, sessions, (file, partial), wanted, excel=excel), ONE_MOMENT
        )
        partial.rename(file)
    except OSError as error:
        fail(f"{file} cannot be written: {error.strerror}.")
    finally:
        partial.unlink(missing_ok=True)
    console.print(f"Wrote {count:,} tickets to {file}.", soft_wrap=True)


async def _export(
    settings: Settings, sessions: Sessions, paths: tuple[Path, Path], wanted: Selection, *, excel: bool
) -> int:
    (named, path), count = paths, 0
    async with sessions() as session:
        office = await loaded_office(session, settings.office)
        with os.fdopen(_new_file(path), "w", encoding="utf-8-sig" if excel else "utf-8", newline="") as file:
            sink: Sink = CsvSink(file, wanted.columns) if named.suffix.lower() == ".csv" else JsonSink(file)
            async for row in export(session, office, wanted):
                sink.add(row)
                count += 1
            sink.close()
    return count


def _new_file(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)


def ticket_import(
    file: Annotated[Path, typer.Argument(help="the file to read: .csv or .json")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only say what would become of the rows")] = False,
) -> None:
    """Take tickets of another system in. Importing a file again changes nothing."""
    _check_format(file)
    try:
        outcomes = _run(lambda settings, sessions: _import(settings, sessions, file, dry=dry_run))
    except OSError as error:
        fail(f"{file} cannot be read: {error.strerror}.")
    except UnreadableFileError as error:
        fail(str(error))
    _tell(file, outcomes, dry=dry_run)
    if outcomes.refused:
        raise typer.Exit(1)


async def _import(settings: Settings, sessions: Sessions, path: Path, *, dry: bool) -> Outcomes:
    async with sessions() as session:
        office = await loaded_office(session, settings.office)
    intake = Intake(office)
    with errors.status("reading"):
        async for _ in intake.run(sessions, rows(path), dry=dry):
            pass
    return intake.outcomes


def _tell(file: Path, outcomes: Outcomes, *, dry: bool) -> None:
    if outcomes.refusals:
        table = Table("line", "column", "what is wrong", "what to do", title=str(file), title_justify="left")
        for one in outcomes.refusals[:SHOWN]:
            table.add_row(str(one.line), one.column, one.what, one.advice)
        console.print(table)
        if len(outcomes.refusals) > SHOWN:
            console.print(f"… and {len(outcomes.refusals) - SHOWN} more problems.")
    would = "would be " if dry else ""
    console.print(f"new: {outcomes.new:,} {would}taken in, {outcomes.renumbered:,} of them with a new reference")
    console.print(f"known: {outcomes.known:,} already here, not changed")
    console.print(f"refused: {outcomes.refused:,}")


def _check_format(file: Path) -> None:
    if file.suffix.lower() not in FORMATS:
        fail(f"{file.name} is neither .csv nor .json: the ending says what is in it.")


def _run(work: Callable[[Settings, Sessions], Awaitable[Result]], isolation: str = "READ COMMITTED") -> Result:
    async def run(settings: Settings) -> Result:
        engine = make_engine(settings.database_url).execution_options(isolation_level=isolation)
        try:
            return await work(settings, make_sessions(engine))
        finally:
            await engine.dispose()

    with ready("ticket") as settings:
        try:
            return asyncio.run(run(settings))
        except LookupError as error:
            fail(str(error.args[0]))
