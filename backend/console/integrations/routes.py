"""Other systems, for administrators: tokens of the API, webhooks and what was delivered to them."""

from datetime import date, datetime, time
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from backend.console.office.rights import Administrator
from backend.console.shell.guard import go
from backend.console.shell.pages import page
from backend.conversations.routes import AppSettings
from backend.core.database import Session, utcnow
from backend.core.errors import KomshuError
from backend.integrations import service, webhooks
from backend.integrations.errors import TokenInvalidError
from backend.integrations.schemas import EVENTS, SCOPES
from backend.integrations.webhooks import DELIVERY_STATES
from backend.offices.service import CurrentOffice, Office

PATH = "/console/office/integrations"
pages = APIRouter(prefix=PATH, include_in_schema=False)
Text = Annotated[str, Form()]
Texts = Annotated[list[str], Form(default_factory=list)]
LISTED = 50


async def _rooms(session: AsyncSession, office: Office, who: Administrator) -> dict[str, Any]:
    """All tokens and endpoints."""
    found = await webhooks.endpoints(session, office, who.agent)
    return {
        "tokens": await service.tokens(session, office),
        "endpoints": found,
        "failing": await webhooks.failing(session, office),
        "scopes": SCOPES,
        "events": EVENTS,
    }


async def _form(
    request: Request,
    session: AsyncSession,
    office: Office,
    who: Administrator,
    form: str,
    error: KomshuError,
    **typed: Any,
) -> Response:
    """The page again, with what was typed and what is wrong with it."""
    rooms = await _rooms(session, office, who)
    wrong = {"form": form, "error": error, "typed": typed}
    return page(request, who, "integrations/page.html", status=error.status, **rooms, **wrong)


@pages.get("")
async def show(request: Request, session: Session, office: CurrentOffice, who: Administrator) -> Response:
    """Tokens and webhooks."""
    rooms = await _rooms(session, office, who)
    return page(request, who, "integrations/page.html", **rooms, form="", error=None, typed={})


@pages.post("/tokens")
async def add_token(
    request: Request,
    session: Session,
    office: CurrentOffice,
    who: Administrator,
    scopes: Texts,
    units: Texts,
    name: Text = "",
    expires: Text = "",
) -> Response:
    """Make a token; it is shown in this answer and never again."""
    try:
        token, secret = await service.add_token(
            session, office, who.agent, name=name, scopes=scopes, units=units, expires_at=_end_of(office, expires)
        )
    except TokenInvalidError as error:
        typed = {"name": name, "scopes": scopes, "units": units, "expires": expires}
        return await _form(request, session, office, who, "token", error, **typed)
    return page(request, who, "integrations/once.html", name=token.name, secret=secret, kind="token", back=PATH)


def _end_of(office: Office, day: str) -> datetime | None:
    """The end of a day in the office; None for no day. Raises TokenInvalidError."""
    try:
        return datetime.combine(date.fromisoformat(day), time.max, office.profile.zone) if day.strip() else None
    except ValueError:
        raise TokenInvalidError(field="expires_at") from None


@pages.post("/tokens/{token_id}/revoke")
async def revoke(
    request: Request, session: Session, office: CurrentOffice, who: Administrator, token_id: UUID
) -> Response:
    """Let a token in no more."""
    await service.revoke(session, office, who.agent, token_id)
    return go(request, PATH)


@pages.post("/webhooks")
async def add_webhook(
    request: Request,
    session: Session,
    settings: AppSettings,
    office: CurrentOffice,
    who: Administrator,
    events: Texts,
    units: Texts,
    name: Text = "",
    url: Text = "",
) -> Response:
    """Make an endpoint; its secret is shown in this answer and never again."""
    await session.commit()  # name servers may be slow: no transaction waits for them
    sessions = request.app.state.sessions
    try:
        made, secret = await webhooks.add_endpoint(
            sessions, settings, office, who.agent, name=name, url=url, events=events, units=units
        )
    except KomshuError as error:
        typed = {"name": name, "url": url, "events": events, "units": units}
        async with sessions() as another:
            return await _form(request, another, office, who, "webhook", error, **typed)
    back = f"{PATH}/webhooks/{made.id}"
    return page(request, who, "integrations/once.html", name=made.name, secret=secret, kind="secret", back=back)


@pages.get("/webhooks/{endpoint_id}")
async def show_webhook(
    request: Request,
    session: Session,
    office: CurrentOffice,
    who: Administrator,
    endpoint_id: UUID,
    state: Annotated[str, Query(max_length=20)] = "",
    before: Annotated[int | None, Query(ge=1, lt=2**63)] = None,
) -> Response:
    """One endpoint and what was delivered to it, the newest first."""
    endpoint = await webhooks.of_id(session, office, who.agent, endpoint_id)
    found = await webhooks.deliveries(session, endpoint.id, state=state, before=before, limit=LISTED + 1)
    older = found[LISTED - 1].number if len(found) > LISTED else None
    values: dict[str, Any] = {"deliveries": found[:LISTED], "older": older, "state": state, "states": DELIVERY_STATES}
    signs_twice = endpoint.old_until is not None and endpoint.old_until > utcnow()
    return page(request, who, "integrations/webhook.html", endpoint=endpoint, signs_twice=signs_twice, **values)


@pages.post("/webhooks/{endpoint_id}/rotate")
async def rotate(
    request: Request,
    session: Session,
    settings: AppSettings,
    office: CurrentOffice,
    who: Administrator,
    endpoint_id: UUID,
) -> Response:
    """A new secret, shown in this answer and never again."""
    secret = await webhooks.rotate(session, settings, office, who.agent, endpoint_id)
    name = (await webhooks.of_id(session, office, who.agent, endpoint_id)).name
    back = f"{PATH}/webhooks/{endpoint_id}"
    return page(request, who, "integrations/once.html", name=name, secret=secret, kind="secret", back=back)


@pages.post("/webhooks/{endpoint_id}/on")
async def switch_on(
    request: Request, session: Session, office: CurrentOffice, who: Administrator, endpoint_id: UUID
) -> Response:
    """Send to it again."""
    await webhooks.switch(session, office, who.agent, endpoint_id, on=True)
    return go(request, f"{PATH}/webhooks/{endpoint_id}")


@pages.post("/webhooks/{endpoint_id}/off")
async def switch_off(
    request: Request, session: Session, office: CurrentOffice, who: Administrator, endpoint_id: UUID
) -> Response:
    """Send nothing to it for now."""
    await webhooks.switch(session, office, who.agent, endpoint_id, on=False)
    return go(request, f"{PATH}/webhooks/{endpoint_id}")


@pages.post("/webhooks/{endpoint_id}/remove")
async def remove(
    request: Request, session: Session, office: CurrentOffice, who: Administrator, endpoint_id: UUID
) -> Response:
    """Forget it."""
    await webhooks.remove(session, office, who.agent, endpoint_id)
    return go(request, PATH)


@pages.post("/webhooks/{endpoint_id}/deliveries/{delivery_id}")
async def send_again(
    request: Request,
    session: Session,
    office: CurrentOffice,
    who: Administrator,
    endpoint_id: UUID,
    delivery_id: UUID,
) -> Response:
    """Send something again, now."""
    await webhooks.send_again(session, office, who.agent, endpoint_id, delivery_id)
    return go(request, f"{PATH}/webhooks/{endpoint_id}")
