"""Accounts of the desk: list, add, change, disable, reset."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from backend.accounts import administration
from backend.accounts.models import Account
from backend.accounts.schemas import ROLES
from backend.audit.service import record
from backend.console.office.rights import Administrator
from backend.console.shell.guard import go
from backend.console.shell.pages import page
from backend.conversations.routes import AppSettings
from backend.core.database import Session
from backend.core.errors import KomshuError
from backend.offices.service import CurrentOffice

pages = APIRouter(prefix="/accounts")
PATH = "/console/office/accounts"
Text = Annotated[str, Form()]
Texts = Annotated[list[str], Form(default_factory=list)]
CHANGEABLE = ("name", "role", "units", "languages", "capacity")


@pages.get("")
async def show(request: Request, session: Session, office: CurrentOffice, who: Administrator) -> Response:
    """All accounts."""
    return page(request, who, "office/accounts.html", accounts=await administration.listed(session, office))


@pages.get("/new")
async def show_new(request: Request, who: Administrator) -> Response:
    """The form for a new one."""
    usual = {"name": "", "role": "agent", "units": [], "languages": [], "capacity": administration.USUAL_CAPACITY}
    return _form(request, who, None, {"login": "", **usual})


@pages.post("/new")
async def add(
    request: Request,
    session: Session,
    office: CurrentOffice,
    who: Administrator,
    units: Texts,
    languages: Texts,
    login: Text = "",
    name: Text = "",
    role: Text = "",
    capacity: Text = "",
) -> Response:
    """Add one; its first password is shown in this answer and never again."""
    typed: dict[str, Any] = {"login": login, **_facts(name, role, units, languages, capacity)}
    try:
        account, password = await administration.add_account(session, office, **typed)
    except KomshuError as error:
        return _form(request, who, None, typed, error)
    await record(session, who.agent, "account.add", "account", account.id, role=role)
    return page(request, who, "office/password.html", account=account, password=password)


def _facts(name: str, role: str, units: list[str], languages: list[str], capacity: str) -> dict[str, Any]:
    """What a form says of an account; a capacity that is no number is none."""
    chats = int(capacity) if capacity.isdecimal() and len(capacity) < 9 else 0
    return {"name": name, "role": role, "units": units, "languages": languages, "capacity": chats}


def _form(
    request: Request,
    who: Administrator,
    account: Account | None,
    typed: dict[str, Any],
    error: KomshuError | None = None,
) -> Response:
    wrong = (error.values.get("field") or ("login" if error.code == "account_exists" else "")) if error else ""
    values = {"account": account, "typed": typed, "error": error, "wrong": wrong, "roles": ROLES}
    limits = {"least": administration.LEAST_CAPACITY, "most": administration.MOST_CAPACITY}
    return page(request, who, "office/account.html", status=error.status if error else 200, **values, **limits)


@pages.get("/{account_id}")
async def show_one(
    request: Request, session: Session, office: CurrentOffice, who: Administrator, account_id: UUID
) -> Response:
    """One account."""
    account = await administration.of_id(session, office, account_id)
    return _form(request, who, account, _kept(account))


def _kept(account: Account) -> dict[str, Any]:
    return {name: getattr(account, name) for name in CHANGEABLE}


@pages.post("/{account_id}")
async def change(
    request: Request,
    session: Session,
    office: CurrentOffice,
    who: Administrator,
    account_id: UUID,
    units: Texts,
    languages: Texts,
    name: Text = "",
    role: Text = "",
    capacity: Text = "",
) -> Response:
    """Change who somebody is at the desk and what they may do."""
    typed = _facts(name, role, units, languages, capacity)
    account = await administration.of_id(session, office, account_id)
    before = _kept(account)
    try:
        await administration.change_account(session, office, account_id, **typed)
    except KomshuError as error:
        return _form(request, who, account, typed, error)
    fields = [field for field, value in _kept(account).items() if value != before[field]]
    await record(session, who.agent, "account.change", "account", account_id, role=role, fields=fields)
    return go(request, PATH)


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
