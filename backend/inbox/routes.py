"""Where providers post what people write, and what became of our messages."""

from fastapi import APIRouter, Request, Response

from backend.core.limits import RateLimiter
from backend.core.web import bounded_body, client_address
from backend.inbox.errors import CallForgedError, CallTooLargeError, ChannelUnknownError
from backend.inbox.service import Inbox
from channels.adapter import Adapter, Call

public = APIRouter(prefix="/channels", tags=["channels"])
MOST_BYTES = 1_000_000
FORGED_PER_MINUTE = 60


@public.post("/{name}", status_code=200)
async def receive(request: Request, name: str) -> Response:
    """Take a provider's call: it is verified, stored, answered. A call that comes again changes nothing."""
    adapters: dict[str, Adapter] = request.app.state.adapters
    inbox: Inbox = request.app.state.inbox
    adapter = adapters.get(name)
    if adapter is None or adapter.pull:
        raise ChannelUnknownError
    call = Call(_called_url(request), dict(request.headers), await bounded_body(request, MOST_BYTES, CallTooLargeError))
    try:
        parsed = inbox.proved(adapter, call)
    except CallForgedError:
        limiter: RateLimiter = request.app.state.limiter
        limiter.hit("forged", client_address(request), FORGED_PER_MINUTE)
        raise
    await inbox.accept(name, parsed)
    media_type, body = adapter.acknowledgement
    return Response(body, media_type=media_type)


def _called_url(request: Request) -> str:
    """The address as the provider called it: our public one, whatever a proxy in between made of it."""
    path = request.scope["raw_path"].decode("ascii") if request.scope.get("raw_path") else request.url.path
    base: str = request.app.state.settings.public_base_url
    return f"{base}{path}" + (f"?{request.url.query}" if request.url.query else "")
