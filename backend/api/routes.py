"""The API of the office, put into the app."""

from fastapi import FastAPI

from backend.api import me
from backend.api.articles import routes as articles
from backend.api.audit import routes as audit
from backend.api.chats import routes as chats
from backend.api.tickets import acts, routes as tickets, work

ROUTERS = (me.public, chats.public, work.public, work.files, tickets.public, acts.public, articles.public, audit.public)


def mount_api(app: FastAPI) -> None:
    """Serve the API under /api/v1."""
    for router in ROUTERS:
        app.include_router(router)
