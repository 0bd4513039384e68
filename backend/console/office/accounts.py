"""Accounts of the desk: list, add, change, disable, reset."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from backend.accounts import administration
from backend.accounts.errors import AbsenceInvalidError
from backend.accounts.models import Account
from backend.accounts.schemas import ROLES
from backend.accounts.service import colleagues
from backend.audit.service import record
from backend.console.office.rights import Administrator
from backend.console.profile import absences
from backend.console.shell.guard import go
from backend.console.shell.pages import page
from backend.conversations.routes import AppSettings
from backend.core.database import Session
from backend.core.errors import KomshuError
from backend.offices.service import CurrentOffice, Office

pages = APIRouter(prefix="/accounts")
PATH = "/console/office/accounts"
Text = Annotated[str, Form()]
Texts = Annotated[list[str], Form(default_factory=list)]
CHANGEABLE = ("name", "role", "units", "languages", "capacity", "heads")


@pages.get("")
async def show(request: Request, session: Session, office: CurrentOffice, who: Administrator) -> Response:
    """All accounts."""
    accounts = await administration.listed(session, office)
    away = {one.agent.id: one.away for one in await colleagues(session, office.profile.id) if one.away}
    names = {one.id: one.name for one in accounts}
    return page(request, who, "office/accounts.html", accounts=accounts, away=away, names=names)


async def _facts(
    units: Texts, languages: Texts, heads: Texts, name: Text = "", role: Text = "", capacity: Text = ""
) -> dict[str, Any]:
    """What a form says of an account; a capacity that is no number is none."""
    chats = int(capacity) if capacity.isdecimal() and len(capacity) < 9 else 0
    facts = {"name": name, "role": role, "units": units, "languages": languages, "capacity": chats}
    return {**facts, "heads": heads}


Facts = Annotated[dict[str, Any], Depends(_facts)]


@pages.get("/new")
async def show_new(request: Request, who: Administrator) -> Response:
    """The form for a new one."""
    usual = {"name": "", "role": "agent", "units": [], "languages": [], "heads": []}
    return _form(request, who, None, {"login": "", **usual, "capacity": administration.USUAL_CAPACITY})


@pages.post("/new")
async def add(
    request: Request, session: Session, office: CurrentOffice, who: Administrator, facts: Facts, login: Text = ""
) -> Response:
    """Add one; its first password is shown in this answer and never again."""
    typed = {"login": login, **facts}
    try:
        account, password = await administration.add_account(session, office, **typed)
    except KomshuError as error:
        return _form(request, who, None, typed, error)
    await record(session, who.agent, "account.add", "account", account.id, role=account.role)
    return page(request, who, "office/password.html", account=account, password=password)


def _form(
    request: Request,
    who: Administrator,
    account: Account | None,
    typed: dict[str, Any],
    error: KomshuError | None = None,
    **more: Any,
) -> Response:
    wrong = (error.values.get("field") or ("login" if error.code == "account_exists" else "")) if error else ""
    values = {"account": account, "typed": typed, "error": error, "wrong": wrong, "roles": ROLES}
    limits = {"least": administration.LEAST_CAPACITY, "most": administration.MOST_CAPACITY}
    problem = error or more.get("absence_error")
    return page(
        request, who, "office/account.html", status=problem.status if problem else 200, **values, **limits, **more
    )


@pages.get("/{account_id}")
async def show_one(
    request: Request, session: Session, office: CurrentOffice, who: Administrator, account_id: UUID
) -> Response:
    """One account."""
    account = await administration.of_id(session, office, account_id)
    return _form(request, who, account, _kept(account), **await _absences(session, office, account))


def _kept(account: Account) -> dict[str, Any]:
    return {name: getattr(account, name) for name in CHANGEABLE}


async def _absences(session: AsyncSession, office: Office, account: Account, **more: Any) -> dict[str, Any]:
    return await absences.shown(session, office, account.id, f"{PATH}/{account.id}/absences", **more)


@pages.post("/{account_id}")
async def change(
    request: Request, session: Session, office: CurrentOffice, who: Administrator, account_id: UUID, typed: Facts
) -> Response:
    """Change who somebody is at the desk and what they may do."""
    account = await administration.of_id(session, office, account_id)
    before = _kept(account)
    try:
        await administration.change_account(session, office, account_id, **typed)
    except KomshuError as error:
        return _form(request, who, account, typed, error, **await _absences(session, office, account))
    fields = [field for field, value in _kept(account).items() if value != before[field]]
    await record(session, who.agent, "account.change", "account", account_id, role=account.role, fields=fields)
    return go(request, PATH)


@pages.post("/{account_id}/absences")
async def add_absence(
    request: Request,
    session: Session,
    office: CurrentOffice,
    who: Administrator,
    account_id: UUID,
    typed: absences.TypedAbsence,
) -> Response:
    """Note that somebody will be away."""
    account = await administration.of_id(session, office, account_id)
    try:
        await absences.add(session, office, who.agent, account_id, typed)
    except AbsenceInvalidError as error:
        shown = await _absences(session, office, account, form=typed, error=error)
        return _form(request, who, account, _kept(account), **shown)
    return go(request, f"{PATH}/{account_id}")


@pages.post("/{account_id}/absences/{absence_id}/end")
async def end_absence(
    request: Request, session: Session, office: CurrentOffice, who: Administrator, account_id: UUID, absence_id: UUID
) -> Response:
    """They are there again, or the absence was a mistake."""
    await absences.end(session, office, who.agent, absence_id)
    return go(request, f"{PATH}/{account_id}")


@pages.post("/{account_id}/disable")
async def disable(
    request: Request, session: Session, office: CurrentOffice, who: Administrator, account_id: UUID
) -> Response:
    """Sign somebody out everywhere and let them in no more."""
    await administration.disable(session, office, account_id)
    await record(session, who.agent, "account.disable", "account", account_id)
    return go(request, PATH)


@pages.post("/{account_id}/enable")
async def enable(
    request: Request, session: Session, office: CurrentOffice, who: Administrator, account_id: UUID
) -> Response:
    """Let somebody in again."""
    await administration.enable(session, office, account_id)
    await record(session, who.agent, "account.enable", "account", account_id)
    return go(request, PATH)


@pages.post("/{account_id}/reset")
async def reset(
    request: Request,
    session: Session,
    settings: AppSettings,
    office: CurrentOffice,
    who: Administrator,
    account_id: UUID,
) -> Response:
    """A new first password, shown in this answer and never again; the second factor is off."""
    password = await administration.reset(session, settings, office, account_id)
    await record(session, who.agent, "account.reset", "account", account_id)
    account = await administration.of_id(session, office, account_id)
    return page(request, who, "office/password.html", account=account, password=password)
