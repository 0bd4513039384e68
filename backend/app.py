"""The backend's two apps: the public one, and the internal one that only this machine may reach."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import uvicorn
from fastapi import Depends, FastAPI
from starlette.middleware.cors import CORSMiddleware

from backend import health, reference, widget
from backend.actions_mount import mount_actions, token_guard
from backend.answers.engine import Engine
from backend.api.routes import mount_api
from backend.console.routes import mount_console
from backend.console.shell.live import DeskFeed
from backend.conversations import internal as conversations_internal, routes as conversations
from backend.conversations.holding import DESK_CHANNEL
from backend.conversations.repository import MESSAGE_CHANNEL
from backend.core.database import make_engine, make_pool, make_sessions, make_single_statements
from backend.core.errors import install_error_handlers
from backend.core.limits import RateLimiter
from backend.core.live import Listener, LiveConversations
from backend.core.memory import settle
from backend.core.settings import ENV_FILE, Settings
from backend.core.web import BoundedBodies, SecurityHeaders, ServerTiming
from backend.disputes import internal as disputes_internal, routes as disputes
from backend.inbox import routes as inbox
from backend.inbox.service import Inbox
from backend.inbox.spool import Spool
from backend.knowledge import routes as knowledge
from backend.offices import routes as offices
from backend.offices.service import Office, loaded_office
from backend.privacy import internal as privacy_internal, routes as privacy
from backend.subscriptions import internal as subscriptions
from backend.surveys import internal as surveys
from backend.ticket_page import routes as ticket_page
from backend.tickets import internal as tickets
from channels.registry import configured

DESCRIPTION = "The assistant of a public office's help desk. Errors are `application/problem+json`: see /docs/errors."
ROOM_BYTES = 2_000_000
"""What a form may hold beside its file, and what is read of a file that is too large, to say so."""


def create_public_app(settings: Settings, office: Office) -> FastAPI:
    """The app citizens reach: web chat, health, API reference."""
    app = FastAPI(
        title="Komshu", version="1", description=DESCRIPTION, docs_url=None, redoc_url=None, lifespan=_public_lifespan
    )
    _prepare(app, settings, office)
    app.state.limiter = RateLimiter()
    app.state.live = LiveConversations()
    app.state.desk_feed = DeskFeed()
    app.state.pool = make_pool(settings.database_url, settings.database_pool_size)
    app.state.adapters = configured(ENV_FILE, settings.public_base_url)
    spool = Spool(settings.spool_dir)
    app.state.inbox = Inbox(settings, app.state.sessions, office, app.state.adapters, spool)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=settings.allowed_origins,
        allow_methods=["GET", "POST", "PUT"],
        allow_headers=["Authorization", "Content-Type"],
        expose_headers=["Retry-After"],
    )
    largest = max(settings.photo_max_bytes, settings.document_max_bytes) + ROOM_BYTES
    app.add_middleware(BoundedBodies, limit=largest)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(ServerTiming)
    for part in (conversations, inbox, widget, ticket_page, disputes, privacy, health):
        app.include_router(part.public)
    mount_console(app)
    mount_api(app)
    reference.mount_reference(app)
    app.mount("/widget", widget.widget_files(), name="widget")
    return app


def create_internal_app(settings: Settings, office: Office) -> FastAPI:
    """The app Rasa and the actions reach, with the internal token only."""
    guard = Depends(token_guard(settings))
    app = FastAPI(title="Komshu, internal", docs_url=None, redoc_url=None, openapi_url=None, dependencies=[guard])
    _prepare(app, settings, office)
    for part in (
        offices,
        knowledge,
        tickets,
        conversations_internal,
        surveys,
        disputes_internal,
        subscriptions,
        privacy_internal,
        health,
    ):
        app.include_router(part.internal)
    mount_actions(app, settings)
    return app


def _prepare(app: FastAPI, settings: Settings, office: Office) -> None:
    app.state.settings = settings
    app.state.office = office
    engine = make_engine(settings.database_url, settings.database_pool_size)
    app.state.sessions, app.state.single_statements = make_sessions(engine), make_single_statements(engine)
    install_error_handlers(app)


@asynccontextmanager
async def _public_lifespan(app: FastAPI) -> AsyncIterator[None]:
    settings: Settings = app.state.settings
    live, desk = app.state.live, app.state.desk_feed

    def said(notice: str | None) -> None:
        conversation_id, _, author = (notice or "").partition(" ")
        desk.changed(conversation_id or None)
        if author:
            live.echo(conversation_id)
        else:
            live.wake(conversation_id or None)

    listener = Listener(settings.database_url, {MESSAGE_CHANNEL: said, DESK_CHANNEL: desk.changed})
    tasks = [asyncio.create_task(part) for part in (listener.run(), app.state.inbox.drain())]
    async with aiohttp.ClientSession() as client, app.state.pool:
        app.state.engine = Engine(settings, client)
        yield
    for task in tasks:
        task.cancel()
    for adapter in app.state.adapters.values():
        await adapter.close()


async def serve(settings: Settings) -> None:
    """Serve both apps until told to stop."""
    async with make_sessions(make_engine(settings.database_url))() as session:
        office = await loaded_office(session, settings.office)
    public = _server(create_public_app(settings, office), settings.host, settings.port)
    internal = _server(create_internal_app(settings, office), "127.0.0.1", settings.internal_port)
    internal.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    settle()
    await asyncio.gather(public.serve(), internal.serve())


def _server(app: FastAPI, host: str, port: int) -> uvicorn.Server:
    config = uvicorn.Config(
        app, host=host, port=port, access_log=False, log_level="warning", timeout_graceful_shutdown=3
    )
    return uvicorn.Server(config)
