"""Announcements to subscribers: list, write, preview, propose, release, withdraw."""

from collections.abc import Awaitable
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from backend.accounts.service import SignedIn
from backend.announcements import service
from backend.announcements.errors import AnnouncementNotFoundError
from backend.announcements.models import Announcement
from backend.announcements.reckoning import estimate
from backend.announcements.schemas import LONGEST_LINK, LONGEST_TEXT, Content, State
from backend.console.announcements import view
from backend.console.announcements.view import Typed
from backend.console.office.rights import Announcer
from backend.console.shell.guard import go
from backend.console.shell.pages import Words, console_language, page
from backend.core.database import Session
from backend.core.errors import KomshuError, NotAllowedError
from backend.offices.service import CurrentOffice, Office
from backend.subscriptions import service as subscriptions

pages = APIRouter(prefix="/console/announcements", include_in_schema=False)
PATH = "/console/announcements"
GROUPS: dict[str, tuple[State, ...]] = {
    "proposed": ("proposed",),
    "draft": ("draft",),
    "sending": ("released", "sending"),
    "sent": ("sent",),
    "withdrawn": ("withdrawn",),
}
Version = Annotated[int, Form(ge=0, lt=2**31)]


async def _typed(request: Request, office: CurrentOffice) -> Typed:
    return view.typed(await request.form(), office)


Filled = Annotated[Typed, Depends(_typed)]


@pages.get("")
async def overview(request: Request, session: Session, office: CurrentOffice, who: Announcer) -> Response:
    """All of them by how far they are, and how many are subscribed to what."""
    listed = await service.listed(session, office, who.agent)
    groups = {name: [one for state in states for one in listed[state]] for name, states in GROUPS.items()}
    figures = await service.figures(session, [one for group in groups.values() for one in group])
    counts = await subscriptions.counts(session, office.profile.id)
    heading = {one.id: view.heading(one, office) for group in groups.values() for one in group}
    return page(request, who, "announcements/list.html", groups=groups, figures=figures, counts=counts, heading=heading)


@pages.get("/new")
async def show_new(request: Request, session: Session, who: Announcer) -> Response:
    """The form for a new one."""
    return await _form(request, session, who, None, view.EMPTY)


@pages.post("/new")
async def add(request: Request, session: Session, office: CurrentOffice, who: Announcer, filled: Filled) -> Response:
    """Store a new draft."""
    try:
        made = await service.write(session, office, who.agent, filled.readable())
    except KomshuError as error:
        return await _form(request, session, who, None, filled, error)
    return go(request, f"{PATH}/{made.id}")


@pages.post("/count")
async def count(request: Request, session: Session, who: Announcer, filled: Filled) -> Response:
    """Whom it would reach as it is typed; as a part of the form's page."""
    reach = await _reach(request, session, who, view.without_blanks(filled.content))
    return page(request, who, "announcements/reach.html", reach=reach, emergency=filled.content.emergency)


@pages.get("/{announcement_id}")
async def show(
    request: Request, session: Session, office: CurrentOffice, who: Announcer, announcement_id: UUID
) -> Response:
    """One of them: what people get, whom it reaches or what became of it, what can be done, what was done."""
    of = await service.one(session, office, who.agent, announcement_id)
    return await _shown(request, session, office, who, of)


@pages.get("/{announcement_id}/progress")
async def progress(
    request: Request, session: Session, office: CurrentOffice, who: Announcer, announcement_id: UUID
) -> Response:
    """How far sending is; as a part of its page."""
    of = await service.one(session, office, who.agent, announcement_id)
    figures = (await service.figures(session, [of]))[of.id]
    return page(request, who, "announcements/progress.html", of=of, figures=figures)


@pages.get("/{announcement_id}/change")
async def show_change(
    request: Request, session: Session, office: CurrentOffice, who: Announcer, announcement_id: UUID
) -> Response:
    """The form for a draft or a proposal."""
    of = await service.one(session, office, who.agent, announcement_id)
    if of.state not in service.CHANGEABLE:
        return go(request, f"{PATH}/{of.id}")
    return await _form(request, session, who, of.id, view.stored(of, office))


@pages.post("/{announcement_id}/change")
async def change(
    request: Request,
    session: Session,
    office: CurrentOffice,
    who: Announcer,
    announcement_id: UUID,
    filled: Filled,
) -> Response:
    """Store it changed."""
    try:
        await service.change(session, office, who.agent, announcement_id, filled.version, filled.readable())
    except AnnouncementNotFoundError:
        raise
    except KomshuError as error:
        return await _form(request, session, who, announcement_id, filled, error)
    return go(request, f"{PATH}/{announcement_id}")


@pages.post("/{announcement_id}/propose")
async def propose(
    request: Request,
    session: Session,
    office: CurrentOffice,
    who: Announcer,
    announcement_id: UUID,
    version: Version = 0,
) -> Response:
    """Hand it to a colleague."""
    act = service.propose(session, office, who.agent, announcement_id, version)
    return await _acted(request, session, office, who, announcement_id, act)


@pages.post("/{announcement_id}/send-back")
async def send_back(
    request: Request, session: Session, office: CurrentOffice, who: Announcer, announcement_id: UUID
) -> Response:
    """A proposal becomes a draft again."""
    act = service.send_back(session, office, who.agent, announcement_id)
    return await _acted(request, session, office, who, announcement_id, act)


@pages.post("/{announcement_id}/release")
async def release(
    request: Request,
    session: Session,
    office: CurrentOffice,
    who: Announcer,
    announcement_id: UUID,
    version: Version = 0,
) -> Response:
    """Let it be sent as this page shows it."""
    act = service.release(session, office, who.agent, announcement_id, version)
    return await _acted(request, session, office, who, announcement_id, act)


@pages.post("/{announcement_id}/withdraw")
async def withdraw(
    request: Request, session: Session, office: CurrentOffice, who: Announcer, announcement_id: UUID
) -> Response:
    """Stop it."""
    act = service.withdraw(session, office, who.agent, announcement_id)
    return await _acted(request, session, office, who, announcement_id, act)


async def _acted(
    request: Request,
    session: AsyncSession,
    office: Office,
    who: SignedIn,
    announcement_id: UUID,
    act: Awaitable[Announcement],
) -> Response:
    """The page after an act; what went wrong stands above the announcement as it is now."""
    try:
        await act
    except (AnnouncementNotFoundError, NotAllowedError):
        raise
    except KomshuError as error:
        of = await service.one(session, office, who.agent, announcement_id)
        return await _shown(request, session, office, who, of, error)
    return go(request, f"{PATH}/{announcement_id}")


async def _shown(
    request: Request,
    session: AsyncSession,
    office: Office,
    who: SignedIn,
    of: Announcement,
    error: KomshuError | None = None,
) -> Response:
    content = service.content_of(of)
    before = of.state in service.CHANGEABLE
    values = {
        "of": of,
        "error": error,
        "may_release": service.may_release(who.agent, of),
        "previews": view.previews(office, content),
        "off": [name for name in view.SHOWN_CHANNELS if name not in view.desk_of(request).adapters],
        "reach": await _reach(request, session, who, content) if before else None,
        "emergency": of.emergency,
        "figures": (await service.figures(session, [of]))[of.id],
        "history": await service.history(session, office, of.id),
    }
    return page(request, who, "announcements/page.html", status=error.status if error else 200, **values)


async def _form(
    request: Request,
    session: AsyncSession,
    who: SignedIn,
    announcement_id: UUID | None,
    filled: Typed,
    error: KomshuError | None = None,
) -> Response:
    values: dict[str, Any] = {
        "announcement_id": announcement_id,
        "typed": filled,
        "areas": service.areas_of(request.app.state.office),
        "error": error,
        "wrong": error.values.get("field", "") if error else "",
        "reach": await _reach(request, session, who, view.without_blanks(filled.content)),
        "emergency": filled.content.emergency,
        "longest": LONGEST_TEXT,
        "longest_link": LONGEST_LINK,
    }
    return page(request, who, "announcements/form.html", status=error.status if error else 200, **values)


async def _reach(request: Request, session: AsyncSession, who: SignedIn, content: Content) -> view.Reach:
    desk = view.desk_of(request)
    found = await estimate(session, desk, content)
    t = Words(desk.office, console_language(request, who.agent))
    return view.reach(desk.office, content, found, desk.settings.sms_currency, t)
