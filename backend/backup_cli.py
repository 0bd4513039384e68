"""The commands `komshu backup` and `komshu restore`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from sqlalchemy.exc import SQLAlchemyError

from backend.backup import service
from backend.backup.archive import Told
from backend.backup.errors import BackupError, NotEmptyError
from backend.backup.schemas import Manifest
from backend.core.settings import Settings
from backend.start import console, errors, fail, ready

STEPS = {
    "check": "reading the file through",
    "database": "database",
    "files": "photos and documents",
    "migrate": "bringing the database to this version's schema",
    "swap": "taking the old database's place",
}
Result = TypeVar("Result")


def backup(
    file: Annotated[Path, typer.Argument(help="the file to write, such as komshu-2027-03-01.tar")],
    check: Annotated[bool, typer.Option("--check", help="read an existing backup through instead")] = False,
    with_secrets: Annotated[
        bool,
        typer.Option("--with-secrets", help="put SECRET_KEY and INTERNAL_TOKEN in: whoever has the file has them"),
    ] = False,
) -> None:
    """Write database, photos and documents into one file. The assistant may run meanwhile."""
    if check:
        with _progress() as begin:
            manifest = _or_fail(lambda: service.check(file, begin))
        console.print(_table(manifest))
        console.print(f"{file} is whole.", soft_wrap=True)
        return
    with _progress() as begin:
        manifest = _with_database(lambda settings: service.back_up(settings, file, begin, with_secrets=with_secrets))
    console.print(_table(manifest))
    if manifest.missing:
        errors.print(
            f"{len(manifest.missing)} photos or documents the database knows are not in the storage: "
            "docs/operations.md says why that can be.",
            style="yellow",
        )
    console.print(f"Wrote {file} ({file.stat().st_size:,} bytes).", soft_wrap=True)


def restore(
    file: Annotated[Path, typer.Argument(help="what `komshu backup` wrote")],
    force: Annotated[bool, typer.Option("--force", help="replace what is in the database")] = False,
    with_secrets: Annotated[bool, typer.Option("--with-secrets", help="take over the backup's secrets too")] = False,
) -> None:
    """Put a backup in the place of what is there, all of it or nothing. Stop the assistant first."""
    with _progress() as begin:
        done = _with_database(
            lambda settings: service.restore(settings, file, begin, force=force, with_secrets=with_secrets)
        )
    console.print(_table(done.manifest))
    if done.other_key:
        errors.print(
            "SECRET_KEY is another one than the backup's: PINs given before open no ticket, and second factors must be "
            "set up again (komshu accounts reset). docs/operations.md says how to carry the key over.",
            style="yellow",
            soft_wrap=True,
        )
    if done.redacted:
        console.print(f"Made unreadable again, as since the backup: {done.redacted}.")
    if done.unfit:
        errors.print(
            f"{done.unfit} of them do not fit the backup's texts: look at the chats and tickets the audit log names.",
            style="yellow",
            soft_wrap=True,
        )
    console.print("Restored." if not done.secrets_written else "Restored, with its secrets.")


def _with_database(work: Callable[[Settings], Result]) -> Result:
    with ready("backup") as settings:
        return _or_fail(lambda: work(settings))


def _or_fail(work: Callable[[], Result]) -> Result:
    try:
        return work()
    except NotEmptyError as error:
        table = Table("table", "rows", title="would be lost", title_justify="left")
        for name, count in error.tables.items():
            table.add_row(name, str(count))
        errors.print(table)
        fail(str(error))
    except BackupError as error:
        fail(str(error))
    except SQLAlchemyError as error:
        fail(f"The database refused a step ({type(error.__cause__ or error).__name__}). Nothing was replaced.")


@contextmanager
def _progress() -> Iterator[service.Begin]:
    """A bar for each step on a terminal, a line for each step elsewhere."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=errors, transient=True) as progress:

        def begin(step: str, total: int) -> Told:
            if not errors.is_terminal:
                errors.print(f"{STEPS[step]} …")
            task = progress.add_task(STEPS[step], total=total or None)
            return lambda done: progress.advance(task, done)

        yield begin


def _table(manifest: Manifest) -> Table:
    table = Table(show_header=False)
    rows = {
        "office": manifest.office,
        "as of": f"{manifest.taken_at:%Y-%m-%d %H:%M:%S %Z}",
        "written by version": f"{manifest.version}, schema {manifest.revision}",
        "rows": f"{sum(manifest.tables.values()):,} in {len(manifest.tables)} tables",
        "tickets / messages": f"{manifest.tables.get('ticket', 0):,} / {manifest.tables.get('message', 0):,}",
        "photos and documents": f"{sum(part.name.startswith(service.FILES) for part in manifest.parts):,}",
        "secrets": "yes" if any(part.name == service.SECRETS for part in manifest.parts) else "no",
    }
    for name, value in rows.items():
        table.add_row(name, value)
    return table
