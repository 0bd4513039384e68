"""All rooms of the console, put into the app."""

from fastapi import FastAPI

from backend.console.announcements import routes as announcements
from backend.console.chats import routes as chats
from backend.console.disputes import routes as disputes
from backend.console.integrations import routes as integrations
from backend.console.knowledge import routes as knowledge
from backend.console.notices import routes as notices
from backend.console.office import routes as office
from backend.console.privacy import routes as privacy
from backend.console.profile import routes as profile
from backend.console.redaction import routes as redaction
from backend.console.shell import routes as shell
from backend.console.shell.failures import install_console_errors
from backend.console.signin import provider, routes as signin
from backend.console.surveys import routes as surveys
from backend.console.tickets import routes as tickets

ROOMS = (
    shell,
    signin,
    provider,
    profile,
    surveys,
    privacy,
    redaction,
    office,
    integrations,
    chats,
    tickets,
    notices,
    disputes,
    knowledge,
    announcements,
)


def mount_console(app: FastAPI) -> None:
    """Serve the console under /console."""
    for room in ROOMS:
        app.include_router(room.pages)
    app.mount("/console/static", shell.console_files(), name="console")
    install_console_errors(app)
