"""`komshu accounts`: who may sign in at the desk."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, TypeVar

import typer
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncSession

from backend.accounts import administration
from backend.accounts.models import Account
from backend.audit.service import record_without_agent
from backend.core.catalogue import backend_catalogue
from backend.core.database import make_engine, make_sessions
from backend.core.errors import KomshuError
from backend.core.settings import Settings
from backend.migrations.upgrade import migrate as migrate_database
from backend.offices.service import Office, load_office
from backend.start import console, fail, prepared

accounts_cli = typer.Typer(help="Who may sign in at the desk.", no_args_is_help=True)
Result = TypeVar("Result")
Work = Callable[[AsyncSession, Settings, Office], Awaitable[Result]]
ACTOR = "command line"


@accounts_cli.command("add")
def add(
    login: Annotated[str, typer.Argument(help="what they sign in with, such as their e-mail address")],
    name: Annotated[str, typer.Option(help="what citizens are told they speak with")],
    role: Annotated[str, typer.Option(help="reader, agent, supervisor or administrator")] = "agent",
    unit: Annotated[list[str] | None, typer.Option(help="a unit of units.yml; may be given again")] = None,
    language: Annotated[list[str] | None, typer.Option(help="a language they answer in; may be given again")] = None,
) -> None:
    """Add an account. Its first password is shown once and must be changed at the first sign-in."""

    async def work(session: AsyncSession, settings: Settings, office: Office) -> str:
        made, password = await administration.add_account(
            session, office, login=login, name=name, role=role, units=unit or [], languages=language or []
        )
        await record_without_agent(session, office.profile.id, ACTOR, "account.add", "account", made.id, role=role)
        return password

    console.print(f"{login} can sign in with the password [bold]{_with_office(work)}[/bold]. It is shown only here.")


@accounts_cli.command("list")
def show() -> None:
    """List the accounts."""
    table = Table("sign-in name", "name", "role", "units", "second factor", "last sign-in", "state")
    for one in _with_office(_listed):
        table.add_row(
            one.login,
            one.name,
            one.role,
            ", ".join(one.units) or "all",
            "on" if one.factor_confirmed_at else "off",
            f"{one.signed_in_at:%Y-%m-%d %H:%M}" if one.signed_in_at else "never",
            "disabled" if one.disabled_at else "",
        )
    console.print(table if table.row_count else "There is no account yet: add one with `komshu accounts add`.")


@accounts_cli.command("reset")
def reset(login: str) -> None:
    """Give an account a new first password and switch its second factor off; it is signed out everywhere."""

    async def work(session: AsyncSession, settings: Settings, office: Office) -> str:
        account = await administration.of_login(session, office, login)
        await record_without_agent(session, office.profile.id, ACTOR, "account.reset", "account", account.id)
        return await administration.reset(session, settings, office, account.id)

    console.print(f"The new password of {login} is [bold]{_with_office(work)}[/bold]. It is shown only here.")


@accounts_cli.command("disable")
def disable(login: str) -> None:
    """Sign an account out everywhere and let it in no more."""
    _with_office(_switch(login, "account.disable", on=False))
    console.print(f"{login} cannot sign in any more.")


@accounts_cli.command("enable")
def enable(login: str) -> None:
    """Let a disabled account in again."""
    _with_office(_switch(login, "account.enable", on=True))
    console.print(f"{login} can sign in again.")


async def _listed(session: AsyncSession, settings: Settings, office: Office) -> Sequence[Account]:
    return await administration.listed(session, office)


def _switch(login: str, action: str, *, on: bool) -> Work[None]:
    async def work(session: AsyncSession, settings: Settings, office: Office) -> None:
        account = await administration.of_login(session, office, login)
        act = administration.enable if on else administration.disable
        await act(session, office, account.id)
        await record_without_agent(session, office.profile.id, ACTOR, action, "account", account.id)

    return work


def _with_office(work: Work[Result]) -> Result:
    settings, database = prepared("accounts")
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
        done = await work(session, settings, await load_office(session, settings.offices_dir, settings.office))
    await engine.dispose()
    return done
