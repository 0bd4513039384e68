"""`komshu token`: what other systems prove themselves with."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated
from uuid import UUID

import typer
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.database import utcnow
from backend.core.settings import Settings
from backend.integrations import service
from backend.integrations.models import ApiToken
from backend.office_work import in_office
from backend.offices.service import Office
from backend.start import console

token_cli = typer.Typer(help="Tokens of the API.", no_args_is_help=True)


@token_cli.command("add")
def add(
    name: Annotated[str, typer.Argument(help="the system that will use it; citizens are told it in chats")],
    scope: Annotated[list[str], typer.Option(help="such as tickets:read; may be given again")],
    unit: Annotated[list[str] | None, typer.Option(help="a unit of units.yml; may be given again; none: all")] = None,
    days: Annotated[int | None, typer.Option(min=1, help="how long it is good; for ever when not given")] = None,
) -> None:
    """Make a token. It is shown once."""

    async def work(session: AsyncSession, settings: Settings, office: Office) -> str:
        expires_at = utcnow() + timedelta(days=days) if days else None
        _, text = await service.add_token(
            session, office, None, name=name, scopes=scope, units=unit or [], expires_at=expires_at
        )
        return text

    token = in_office("token", work)
    console.print("The token is shown only here:")
    console.print(token, style="bold", soft_wrap=True)


@token_cli.command("list")
def show() -> None:
    """List the tokens."""
    table = Table("id", "name", "scopes", "units", "made by", "last used", "state")
    for one in in_office("token", _tokens):
        used = f"{one.used_at:%Y-%m-%d %H:%M}" if one.used_at else "never"
        units = ", ".join(one.units) or "all"
        table.add_row(str(one.id), one.name, ", ".join(one.scopes), units, one.created_by, used, _state(one))
    console.print(table if table.row_count else "There is no token yet: make one with `komshu token add`.")


async def _tokens(session: AsyncSession, settings: Settings, office: Office) -> Sequence[ApiToken]:
    return await service.tokens(session, office)


def _state(token: ApiToken) -> str:
    if token.revoked_at:
        return "revoked"
    if token.expires_at is None:
        return ""
    return "expired" if token.expires_at <= utcnow() else f"until {token.expires_at:%Y-%m-%d}"


@token_cli.command("revoke")
def revoke(token: Annotated[UUID, typer.Argument(help="its id, as `komshu token list` shows it")]) -> None:
    """Let a token in no more, at once."""

    async def work(session: AsyncSession, settings: Settings, office: Office) -> ApiToken:
        return await service.revoke(session, office, None, token)

    console.print(f"{in_office('token', work).name} is let in no more.")
