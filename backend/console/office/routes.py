"""The office room: what a role may administer, and the audit log."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from backend.accounts import administration
from backend.accounts.schemas import Permission
from backend.audit import service as audit
from backend.audit.models import AuditEntry
from backend.console.office import accounts, canned
from backend.console.office.rights import Director
from backend.console.shell.guard import Who
from backend.console.shell.pages import Words, console_language, page
from backend.core.catalogue import backend_catalogue
from backend.core.database import Session
from backend.core.errors import NotAllowedError
from backend.offices.service import CurrentOffice

pages = APIRouter(prefix="/console/office", include_in_schema=False)
pages.include_router(accounts.pages)
pages.include_router(canned.pages)
PARTS: dict[str, Permission] = {
    "accounts": "administer",
    "audit": "direct",
    "canned": "publish",
    "surveys": "direct",
    "privacy": "direct",
    "integrations": "administer",
}
LINKS = {
    "chat": "/console/chats/",
    "ticket": "/console/tickets/",
    "canned_reply": "/console/office/canned/",
    "announcement": "/console/announcements/",
}
PEOPLE = {"account": "/console/office/accounts/"}
TOLD = ("reference", "number", "role", "to")
"""What the page tells of an entry's content, beside `fields`; ids of the database it does not."""


@pages.get("")
async def home(request: Request, who: Who) -> Response:
    """The parts this role may use."""
    parts = [part for part, permission in PARTS.items() if who.agent.may(permission)]
    if not parts:
        raise NotAllowedError
    return page(request, who, "office/home.html", parts=parts)


@pages.get("/audit")
async def log(
    request: Request,
    session: Session,
    office: CurrentOffice,
    who: Director,
    action: Annotated[str, Query(max_length=80)] = "",
    actor: Annotated[str, Query(max_length=200)] = "",
    before: Annotated[int | None, Query(ge=0, lt=2**63)] = None,
) -> Response:
    """What was done at the desk, newest first."""
    actor = actor.strip()
    entries = await audit.page(session, office.profile.id, before=before, action=action, actor=actor)
    people = await administration.listed(session, office)
    return page(
        request,
        who,
        "office/audit.html",
        entries=entries,
        action=action,
        actor=actor,
        before=before,
        more=entries[-1].id if len(entries) == audit.PAGE else None,
        actions=_actions(Words(office, console_language(request, who.agent))),
        names={str(one.id): one.name for one in people},
        links=LINKS | (PEOPLE if who.agent.may("administer") else {}),
        told=_told,
        changed=_changed,
    )


def _actions(words: Words) -> list[tuple[str, str]]:
    """Every action the catalogues know, with its sentence, by sentence."""
    known = backend_catalogue().section("audit.", words.language)
    return sorted(((key.removeprefix("audit."), text) for key, text in known.items()), key=lambda one: one[1])


def _told(entry: AuditEntry) -> list[tuple[str, str]]:
    return [(name, str(entry.content[name])) for name in TOLD if entry.content.get(name)]


def _changed(entry: AuditEntry) -> list[str]:
    """Which facts of an account an entry says were changed."""
    return [field for field in accounts.CHANGEABLE if field in entry.content.get("fields", ())]
