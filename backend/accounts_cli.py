"""`komshu accounts`: who may sign in at the desk."""

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncSession

from backend.accounts import administration
from backend.accounts.models import Account
from backend.audit.service import record_without_agent
from backend.core.settings import Settings
from backend.office_work import Work, in_office
from backend.offices.service import Office
from backend.start import console

accounts_cli = typer.Typer(help="Who may sign in at the desk.", no_args_is_help=True)
ACTOR = "command line"


@accounts_cli.command("add")
def add(
    login: Annotated[str, typer.Argument(help="what they sign in with, such as their e-mail address")],
    name: Annotated[str, typer.Option(help="what citizens are told they speak with")],
    role: Annotated[str, typer.Option(help="reader, agent, supervisor or administrator")] = "agent",
    unit: Annotated[list[str] | None, typer.Option(help="a unit of units.yml; may be given again")] = None,
    language: Annotated[list[str] | None, typer.Option(help="a language they answer in; may be given again")] = None,
    head: Annotated[list[str] | None, typer.Option(help="a unit they are head of; may be given again")] = None,
) -> None:
    """Add an account. Its first password is shown once and must be changed at the first sign-in."""

    async def work(session: AsyncSession, settings: Settings, office: Office) -> str:
        made, password = await administration.add_account(
            session,
            office,
            login=login,
            name=name,
            role=role,
            units=unit or [],
            languages=language or [],
            heads=head or [],
        )
        await record_without_agent(session, office.profile.id, ACTOR, "account.add", "account", made.id, role=role)
        return password

    password = in_office("accounts", work)
    console.print(f"{login} can sign in with the password [bold]{password}[/bold]. It is shown only here.")


@accounts_cli.command("list")
def show() -> None:
    """List the accounts."""
    table = Table("sign-in name", "name", "role", "units", "head of", "second factor", "last sign-in", "state")
    for one in in_office("accounts", _listed):
        table.add_row(
            one.login,
            one.name,
            one.role,
            ", ".join(one.units) or "all",
            ", ".join(one.heads),
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

    password = in_office("accounts", work)
    console.print(f"The new password of {login} is [bold]{password}[/bold]. It is shown only here.")


@accounts_cli.command("disable")
def disable(login: str) -> None:
    """Sign an account out everywhere and let it in no more."""
    in_office("accounts", _switch(login, "account.disable", on=False))
    console.print(f"{login} cannot sign in any more.")


@accounts_cli.command("enable")
def enable(login: str) -> None:
    """Let a disabled account in again."""
    in_office("accounts", _switch(login, "account.enable", on=True))
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
