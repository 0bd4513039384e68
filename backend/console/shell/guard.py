"""Who may come in: the sign-in behind a request, what still has to be done first, and forms of our own pages only."""

import re
from typing import Annotated
from urllib.parse import quote, urlsplit

from fastapi import Depends, Request
from starlette.responses import RedirectResponse, Response

from backend.accounts import service
from backend.accounts.errors import PageOutdatedError, SignedOutError
from backend.accounts.service import SignedIn
from backend.console.shell.pages import COOKIE
from backend.conversations.routes import AppSettings
from backend.core.database import Session
from backend.core.settings import Settings

SIGN_IN = "/console/sign-in"
FACTOR = "/console/second-factor"
PASSWORD = "/console/password"  # noqa: S105 - an address
FACTOR_SETUP = "/console/second-factor/setup"
SAFE = ("GET", "HEAD")
INSIDE = re.compile(r"/console(?:[/?](?!/)[!-\[\]-~]*)?")
"""Printable ASCII without the backslash, which browsers take for a slash."""


class StepDueError(Exception):
    """Something has to be done on another page first."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


async def anybody(request: Request, session: Session, settings: AppSettings) -> SignedIn:
    """Who is signed in, whatever they still have to do. Forms must come from a page of this sign-in.

    Raises SignedOutError or PageOutdatedError.
    """
    request.state.who = who = await service.signed_in(session, settings, request.cookies.get(COOKIE, ""))
    if request.method not in SAFE:
        check_origin(request)
        who.check(await _csrf(request))
    return who


async def _csrf(request: Request) -> str:
    if header := request.headers.get("x-csrf-token"):
        return header
    given = (await request.form()).get("csrf", "")
    return given if isinstance(given, str) else ""


def check_origin(request: Request) -> None:
    """Refuse forms that another site sent. Raises PageOutdatedError."""
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site and site not in ("same-origin", "none"):
        raise PageOutdatedError
    if origin and origin != "null" and urlsplit(origin).netloc != request.headers.get("host"):
        raise PageOutdatedError


async def signed_in(
    request: Request, session: Session, settings: AppSettings, who: Annotated[SignedIn, Depends(anybody)]
) -> SignedIn:
    """Who is signed in and has nothing left to do before working.

    Raises StepDueError, SignedOutError or PageOutdatedError.
    """
    if who.factor_due:
        raise StepDueError(FACTOR)
    if who.must_change:
        raise StepDueError(PASSWORD)
    if settings.second_factor == "required" and not who.by_provider and not await service.has_factor(session, who):
        raise StepDueError(FACTOR_SETUP)
    return who


Anybody = Annotated[SignedIn, Depends(anybody, scope="function")]
Who = Annotated[SignedIn, Depends(signed_in, scope="function")]


def go(request: Request, path: str) -> Response:
    """Send the browser to another page of the console, from a link, a form or an htmx request."""
    if "hx-request" in request.headers:
        return Response(status_code=204, headers={"HX-Redirect": path})
    return RedirectResponse(path, status_code=303)


def with_token(answer: Response, settings: Settings, token: str) -> Response:
    """Let the browser keep a sign-in: for the console only, out of scripts' reach."""
    answer.set_cookie(
        COOKIE,
        token,
        path="/console",
        httponly=True,
        samesite="lax",
        secure=secure(settings),
        max_age=int(settings.sign_in_hours * 3600),
    )
    return answer


def secure(settings: Settings) -> bool:
    """Whether cookies are for TLS only."""
    return settings.public_base_url.startswith("https:")


def to_sign_in(request: Request) -> Response:
    """To the sign-in page, and back here afterwards."""
    back = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
    query = f"?next={quote(back)}" if request.method in SAFE and "hx-request" not in request.headers else ""
    answer = go(request, SIGN_IN + query)
    answer.delete_cookie(COOKIE, path="/console")
    return answer


def inside(path: str) -> str:
    """A path to go on to after signing in: one of the console, never another site."""
    return path if INSIDE.fullmatch(path) else "/console"


__all__ = ["Anybody", "SignedOutError", "StepDueError", "Who", "anybody", "go", "signed_in", "to_sign_in", "with_token"]
