"""Signing in: password, second factor, first change of the password, signing out."""

from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

import segno
from fastapi import APIRouter, Form, Query, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from backend.accounts import service
from backend.accounts.service import SignedIn
from backend.audit.service import is_told, record, record_without_agent
from backend.console.shell.guard import Anybody, check_origin, go, inside, with_token
from backend.console.shell.pages import page
from backend.console.signin.browsers import browser_name
from backend.conversations.routes import AppSettings
from backend.core.database import Session
from backend.core.errors import KomshuError
from backend.core.settings import Settings
from backend.core.web import client_address
from backend.offices.service import CurrentOffice

pages = APIRouter(prefix="/console", include_in_schema=False)
Text = Annotated[str, Form()]
SYSTEM = "komshu"
NOBODY = "unknown"
FAILURES_TOLD_EVERY = timedelta(minutes=15)


def browser_of(request: Request) -> str:
    """The browser of a request as its owner recognises it."""
    return browser_name(request.headers.get("user-agent", ""))


@pages.get("/sign-in")
async def show_sign_in(request: Request, settings: AppSettings, next: Annotated[str, Query()] = "") -> Response:
    """The form."""
    return sign_in_page(request, settings, next)


def sign_in_page(
    request: Request, settings: Settings, back: str, login: str = "", error: KomshuError | None = None
) -> Response:
    """The form, with what went wrong."""
    values: dict[str, Any] = {"next": inside(back), "provider": bool(settings.oidc_issuer), "login": login}
    return _form(request, None, "signin/sign_in.html", error, **values)


def _form(request: Request, who: SignedIn | None, template: str, error: KomshuError | None, **values: Any) -> Response:
    answer = page(request, who, template, status=error.status if error else 200, error=error, **values)
    answer.headers.update(error.headers if error else {})
    return answer


@pages.post("/sign-in")
async def sign_in(
    request: Request,
    session: Session,
    settings: AppSettings,
    office: CurrentOffice,
    login: Text = "",
    password: Text = "",
    next: Text = "",
) -> Response:
    """Check name and password; a wrong one is remembered and told on the form."""
    check_origin(request)
    try:
        token = await service.sign_in(
            session, settings, office.profile.id, login, password, client_address(request), browser_of(request)
        )
    except KomshuError as error:
        whose = await service.id_of_login(session, office.profile.id, login)
        await _note_failure(session, office.profile.id, whose)
        return sign_in_page(request, settings, next, login, error)
    who = await service.signed_in(session, settings, token)
    if not who.factor_due:
        await record(session, who.agent, "account.sign_in", "account", who.agent.id)
    return with_token(go(request, inside(next)), settings, token)


async def _note_failure(session: AsyncSession, office_id: str, whose: UUID | None) -> None:
    """Write down that somebody tried to sign in in vain: to which account, never what was typed.

    Once in a while for each account, and for all names of nobody together: a flood does not fill the log.
    """
    act, tried = "account.sign_in_failed", whose or NOBODY
    if not await is_told(session, office_id, act, tried, FAILURES_TOLD_EVERY):
        kind = "account" if whose else "sign_in"
        await record_without_agent(session, office_id, SYSTEM, "account.sign_in_failed", kind, tried)


@pages.get("/second-factor")
async def show_factor(request: Request, who: Anybody) -> Response:
    """The form for the code."""
    return page(request, who, "signin/factor.html", error=None) if who.factor_due else go(request, "/console")


@pages.post("/second-factor")
async def pass_factor(
    request: Request, session: Session, settings: AppSettings, who: Anybody, code: Text = ""
) -> Response:
    """Check the code."""
    if not who.factor_due:
        return go(request, "/console")
    try:
        token = await service.pass_factor(session, settings, who, code, client_address(request))
    except KomshuError as error:
        await _note_failure(session, who.agent.office_id, who.agent.id)
        return _form(request, who, "signin/factor.html", error)
    await record(session, who.agent, "account.sign_in", "account", who.agent.id)
    return with_token(go(request, "/console"), settings, token)


@pages.get("/second-factor/setup")
async def show_setup(request: Request, session: Session, settings: AppSettings, who: Anybody) -> Response:
    """A new secret as a picture for the authenticator app, and the form that confirms it."""
    if who.factor_due or who.must_change or await service.has_factor(session, who):
        return go(request, "/console/profile")
    secret, address = await service.begin_factor(session, settings, who)
    return page(request, who, "signin/setup.html", secret=secret, picture=_picture(address), error=None)


@pages.post("/second-factor/setup")
async def confirm_setup(
    request: Request, session: Session, settings: AppSettings, who: Anybody, code: Text = ""
) -> Response:
    """Switch the second factor on; a wrong code shows the same secret again."""
    if who.factor_due or who.must_change or await service.has_factor(session, who):
        return go(request, "/console/profile")
    try:
        await service.confirm_factor(session, settings, who, code)
    except KomshuError as error:
        secret, address = await service.pending_factor(session, settings, who)
        return _form(request, who, "signin/setup.html", error, secret=secret, picture=_picture(address))
    await record(session, who.agent, "account.factor_on", "account", who.agent.id)
    return go(request, "/console/profile")


def _picture(address: str) -> str:
    """A QR code as SVG; dark on light in every colour scheme, as cameras expect."""
    return str(segno.make(address).svg_inline(scale=5, dark="#000", light="#fff", svgclass="qr"))


@pages.get("/password")
async def show_password(request: Request, who: Anybody) -> Response:
    """The form for a new password."""
    if who.factor_due:
        return go(request, "/console/second-factor")
    return page(request, who, "signin/password.html", error=None)


@pages.post("/password")
async def change_password(
    request: Request, session: Session, settings: AppSettings, who: Anybody, old: Text = "", new: Text = ""
) -> Response:
    """Replace the password."""
    if who.factor_due:
        return go(request, "/console/second-factor")
    try:
        await service.change_password(session, settings, who, old, new, client_address(request))
    except KomshuError as error:
        return _form(request, who, "signin/password.html", error)
    await record(session, who.agent, "account.password", "account", who.agent.id)
    return go(request, "/console")


@pages.post("/sign-out")
async def sign_out(request: Request, session: Session, settings: AppSettings, who: Anybody) -> Response:
    """End this browser's sign-in."""
    await service.sign_out(session, who)
    await record(session, who.agent, "account.sign_out", "account", who.agent.id)
    return with_token(go(request, "/console/sign-in"), settings, "")
