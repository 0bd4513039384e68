"""`komshu token`: what other systems prove themselves with."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Annotated, TypeVar
from uuid import UUID

import typer
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.catalogue import backend_catalogue
from backend.core.database import make_engine, make_sessions, utcnow
from backend.core.errors import KomshuError
from backend.core.settings import Settings
from backend.integrations import service
from backend.integrations.models import ApiToken
from backend.migrations.upgrade import migrate as migrate_database
from backend.offices.service import Office, load_office
from backend.start import console, fail, prepared

token_cli = typer.Typer(help="Tokens of the API.", no_args_is_help=True)
Result = TypeVar("Result")
Work = Callable[[AsyncSession, Office], Awaitable[Result]]


@token_cli.command("add")
def add(
    name: Annotated[str, typer.Argument(help="the system that will use it; citizens are told it in chats")],
    scope: Annotated[list[str], typer.Option(help="such as tickets:read; may be given again")],
    unit: Annotated[list[str] | None, typer.Option(help="a unit of units.yml; may be given again; none: all")] = None,
    days: Annotated[int | None, typer.Option(min=1, help="how long it is good; for ever when not given")] = None,
) -> None:
    """Make a token. It is shown once."""

    async def work(session: AsyncSession, office: Office) -> str:
        expires_at = utcnow() + timedelta(days=days) if days else None
        _, text = await service.add_token(
            session, office, None, name=name, scopes=scope, units=unit or [], expires_at=expires_at
        )
        return text

    token = _with_office(work)
    console.print("The token is shown only here:")
    console.print(token, style="bold", soft_wrap=True)


@token_cli.command("list")
def show() -> None:
    """List the tokens."""
    table = Table("id", "name", "scopes", "units", "made by", "last used", "state")
    for one in _with_office(service.tokens):
        used = f"{one.used_at:%Y-%m-%d %H:%M}" if one.used_at else "never"
        units = ", ".join(one.units) or "all"
        table.add_row(str(one.id), one.name, ", ".join(one.scopes), units, one.created_by, used, _state(one))
    console.print(table if table.row_count else "There is no token yet: make one with `komshu token add`.")


def _state(token: ApiToken) -> str:
    if token.revoked_at:
        return "revoked"
    if token.expires_at is None:
        return ""
    return "expired" if token.expires_at <= utcnow() else f"until {token.expires_at:%Y-%m-%d}"


@token_cli.command("revoke")
def revoke(token: Annotated[UUID, typer.Argument(help="its id, as `komshu token list` shows it")]) -> None:
    """Let a token in no more, at once."""

    async def work(session: AsyncSession, office: Office) -> ApiToken:
        return await service.revoke(session, office, None, token)

    console.print(f"{_with_office(work).name} is let in no more.")


def _with_office(work: Work[Result]) -> Result:
    settings, database = prepared("token")
    try:
        migrate_database(settings.database_url)
        return asyncio.run(_within(settings, work))
    except KomshuError as error:
        fail(f"{backend_catalogue().text(f'error.{error.code}', 'en', **error.values)} ({error.code})")
    finally:
        if database:
            database.stop()


async def _within(settings: Settings, work: Work[Result]) -> Result:
    engine = make_engine(settings.database_url)
    async with make_sessions(engine)() as session, session.begin():
        done = await work(session, await load_office(session, settings.offices_dir, settings.office))
    await engine.dispose()
    return done
