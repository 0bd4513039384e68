"""Signing in through the office's identity provider: there, and back."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query, Request
from itsdangerous import BadData, URLSafeTimedSerializer
from starlette.responses import RedirectResponse, Response

from backend.accounts import service
from backend.accounts.errors import ProviderOutdatedError
from backend.accounts.provider import Errand, Provider
from backend.audit.service import record
from backend.console.shell.guard import inside, secure, with_token
from backend.console.signin.routes import browser_of, sign_in_page
from backend.conversations.routes import AppSettings
from backend.core.database import Session
from backend.core.errors import KomshuError, UnknownPathError
from backend.core.secrets import same
from backend.core.settings import Settings
from backend.offices.service import CurrentOffice

PATH = "/console/provider"
COOKIE = "komshu_errand"
ERRAND_SECONDS = 600
pages = APIRouter(prefix=PATH, include_in_schema=False)


def _provider(request: Request, settings: Settings) -> Provider:
    """The provider of the settings, made once for the process. Raises UnknownPathError when there is none."""
    if not settings.oidc_issuer:
        raise UnknownPathError
    state = request.app.state
    if not hasattr(state, "provider"):
        secret = settings.oidc_client_secret.get_secret_value()
        callback = f"{settings.public_base_url}{PATH}/callback"
        state.provider = Provider(settings.oidc_issuer, settings.oidc_client_id, secret, callback)
    found: Provider = state.provider
    return found


def _seal(settings: Settings) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings.secret_key.get_secret_value(), salt="provider errand")


@pages.get("")
async def begin(request: Request, settings: AppSettings, next: Annotated[str, Query()] = "") -> Response:
    """To the provider; what must come back is kept in a signed cookie of this browser."""
    provider = _provider(request, settings)
    try:
        errand, url = await provider.begin()
    except KomshuError as error:
        return sign_in_page(request, settings, next, error=error)
    answer = RedirectResponse(url, 303, {"Cache-Control": "no-store"})
    kept = _seal(settings).dumps({**asdict(errand), "next": inside(next)})
    # Lax: the way back is a navigation begun by the provider's site.
    answer.set_cookie(
        COOKIE,
        str(kept),
        path=PATH,
        httponly=True,
        samesite="lax",
        secure=secure(settings),
        max_age=ERRAND_SECONDS,
    )
    return answer


@pages.get("/callback")
async def callback(request: Request, session: Session, settings: AppSettings, office: CurrentOffice) -> Response:
    """Back from the provider: sign in whom it vouches for.

    The session reaches for the database with its first statement: while the provider is asked there is no transaction.
    """
    provider, back = _provider(request, settings), ""
    try:
        errand, back = _errand(request, settings)
        identity = await provider.identity(errand, request.query_params)
        token, linked = await service.sign_in_by_provider(session, office.profile.id, identity, browser_of(request))
    except KomshuError as error:
        return _without_errand(sign_in_page(request, settings, back, error=error))
    who = await service.signed_in(session, settings, token)
    if linked:
        await record(session, who.agent, "account.link", "account", who.agent.id)
    await record(session, who.agent, "account.sign_in_provider", "account", who.agent.id)
    answer = RedirectResponse(inside(back), 303, {"Cache-Control": "no-store"})
    return _without_errand(with_token(answer, settings, token))


def _errand(request: Request, settings: Settings) -> tuple[Errand, str]:
    """What this browser set out with, and where it wanted to go. Raises ProviderOutdatedError."""
    try:
        kept = _seal(settings).loads(request.cookies.get(COOKIE, ""), max_age=ERRAND_SECONDS)
    except BadData:
        raise ProviderOutdatedError from None
    back = kept.pop("next")
    errand = Errand(**kept)
    if not same(errand.state, request.query_params.get("state", "")):
        raise ProviderOutdatedError
    return errand, back


def _without_errand(answer: Response) -> Response:
    answer.delete_cookie(COOKIE, path=PATH)
    return answer
