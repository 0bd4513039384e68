"""The queue and the chats: see, take over, answer, note, pass on, hand back."""

from typing import Annotated, get_args
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Form, Query, Request
from starlette.responses import Response

from backend.accounts import service as accounts
from backend.answers.desk import Desk
from backend.attachments.papers import open_paper, paper_of_contact
from backend.attachments.service import check_photo, open_photo
from backend.console.chats import view
from backend.console.shell.guard import Who, go
from backend.console.shell.pages import page
from backend.conversations.listing import View, Wanted
from backend.conversations.routes import AppSettings
from backend.core.database import Session
from backend.core.errors import InvalidRequestError, KomshuError
from backend.core.web import stored_file
from backend.handoff import repository as drafts, service
from backend.handoff.errors import ChatUnknownError
from backend.subscriptions import service as subscriptions

pages = APIRouter(prefix="/console/chats", include_in_schema=False)
Text = Annotated[str, Form()]


def _desk(request: Request) -> Desk:
    state = request.app.state
    return Desk(state.settings, state.office, state.adapters)


async def _wanted(
    view: Annotated[str, Query()] = "all",
    unit: Annotated[str, Query()] = "",
    language: Annotated[str, Query()] = "",
    channel: Annotated[str, Query()] = "",
    q: Annotated[str, Query()] = "",
) -> Wanted:
    known: View = view if view in get_args(View) else "all"  # type: ignore[assignment]
    return Wanted(known, unit, language, channel, q[:200])


Filtered = Annotated[Wanted, Depends(_wanted)]


@pages.get("")
async def queue(request: Request, session: Session, who: Who, wanted: Filtered) -> Response:
    """The lists of chats."""
    values = await view.queue(session, request, who.agent, wanted)
    return page(request, who, "chats/queue.html", **values)


@pages.get("/list")
async def part_list(request: Request, session: Session, who: Who, wanted: Filtered, chat: str = "") -> Response:
    """The list alone, as it is now."""
    values = await view.queue(session, request, who.agent, wanted, chat)
    return page(request, who, "chats/list.html", **values)


@pages.get("/{chat_id}")
async def show(
    request: Request, session: Session, who: Who, wanted: Filtered, chat_id: UUID, before: int | None = None
) -> Response:
    """One chat with everything about it, and the list beside it."""
    await accounts.be_present(session, who.agent.id)  # who has no scripts is there all the same
    chat = await view.shown(session, request, who.agent, chat_id, before=before)
    lists = await view.queue(session, request, who.agent, wanted, str(chat_id))
    return page(request, who, "chats/page.html", **lists, **chat)


@pages.get("/{chat_id}/live")
async def live(
    request: Request, session: Session, who: Who, chat_id: UUID, before: int | None = None, mode: str = ""
) -> Response:
    """The chat as it is now; with the form for answers when who may answer has changed."""
    chat = await view.shown(session, request, who.agent, chat_id, mode, before)
    return page(request, who, "chats/live.html", **chat)


@pages.get("/{chat_id}/photos/{photo_id}")
async def photo(session: Session, settings: AppSettings, who: Who, chat_id: UUID, photo_id: UUID) -> Response:
    """A photo of a chat: re-encoded when it came in, shown as what it is and nothing else."""
    chat = await service.seen(session, who.agent, chat_id)
    await check_photo(session, chat.conversation.contact_id, photo_id)
    await session.commit()  # the storage may be another machine: no transaction waits for it
    found = await open_photo(settings, photo_id)
    return stored_file(found.chunks, found.size, "image/jpeg", "private, no-store")


@pages.get("/{chat_id}/documents/{document_id}")
async def document(session: Session, settings: AppSettings, who: Who, chat_id: UUID, document_id: UUID) -> Response:
    """A PDF of a chat, for saving: never shown inside a page of ours."""
    chat = await service.seen(session, who.agent, chat_id)
    paper = await paper_of_contact(session, chat.conversation.contact_id, document_id)
    await session.commit()  # as above
    found = await open_paper(settings, paper.id)
    return stored_file(found.chunks, found.size, paper.media_type, "private, no-store", filename=paper.name or "")


@pages.post("/{chat_id}/take")
async def take(request: Request, session: Session, who: Who, chat_id: UUID, over: Text = "") -> Response:
    """Take the chat over."""
    await service.take(session, _desk(request), who.agent, chat_id, over=bool(over))
    return await _after(request, session, who, chat_id, shown_mode="")


@pages.post("/{chat_id}/reply")
async def reply(
    request: Request, session: Session, who: Who, chat_id: UUID, text: Text = "", key: Text = ""
) -> Response:
    """Answer, or with `note` pressed write a private note; a refused text stays in the form and as a draft."""
    try:
        once = f"{chat_id}:{key[:64] or uuid4().hex}"
        await service.reply(session, _desk(request), who.agent, chat_id, text, once)
    except ChatUnknownError:
        raise
    except KomshuError:
        await session.rollback()  # its connection goes back before another is asked for
        async with request.app.state.sessions() as another, another.begin():
            await drafts.save_draft(another, who.agent.id, chat_id, text)
        raise
    return await _after(request, session, who, chat_id)


@pages.post("/{chat_id}/note")
async def note(request: Request, session: Session, who: Who, chat_id: UUID, text: Text = "") -> Response:
    """A private note for colleagues."""
    await service.write_note(session, _desk(request), who.agent, chat_id, text)
    return await _after(request, session, who, chat_id)


@pages.post("/{chat_id}/draft", status_code=204)
async def draft(
    request: Request, session: Session, settings: AppSettings, who: Who, chat_id: UUID, text: Text = ""
) -> Response:
    """Keep what is being written."""
    await service.seen(session, who.agent, chat_id)
    await drafts.save_draft(session, who.agent.id, chat_id, text[: settings.message_max_characters])
    return Response(status_code=204)


@pages.post("/{chat_id}/hand-back")
async def hand_back(request: Request, session: Session, who: Who, chat_id: UUID) -> Response:
    """Give the chat back to the assistant."""
    await service.hand_back(session, _desk(request), who.agent, chat_id)
    return go(request, "/console/chats?view=mine")


@pages.post("/{chat_id}/pass")
async def pass_on(
    request: Request, session: Session, who: Who, chat_id: UUID, to: Text = "", text: Text = ""
) -> Response:
    """Pass the chat to a colleague (`agent:<id>`) or into the queue of a unit (`unit:<id>`)."""
    kind, _, target = to.partition(":")
    if kind == "agent":
        await service.pass_to_agent(session, _desk(request), who.agent, chat_id, _uuid(target), text.strip())
    else:
        await service.pass_to_unit(session, _desk(request), who.agent, chat_id, target, text.strip())
    return go(request, "/console/chats?view=mine")


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise InvalidRequestError from None


@pages.post("/{chat_id}/retry/{number}")
async def retry(request: Request, session: Session, who: Who, chat_id: UUID, number: int) -> Response:
    """Send a message again that could not be delivered."""
    await service.retry(session, who.agent, chat_id, number)
    return await _after(request, session, who, chat_id)


@pages.post("/{chat_id}/subscriptions/{subscription_id}/end")
async def end_subscription(
    request: Request, session: Session, who: Who, chat_id: UUID, subscription_id: UUID
) -> Response:
    """End a subscription the citizen asked to be rid of."""
    chat = await service.seen(session, who.agent, chat_id)
    await subscriptions.end_by_agent(session, who.agent, chat.conversation.contact_id, subscription_id)
    return await _after(request, session, who, chat_id)


@pages.post("/{chat_id}/ticket")
async def open_ticket(
    request: Request,
    session: Session,
    settings: AppSettings,
    who: Who,
    chat_id: UUID,
    description: Text = "",
    category: Text = "",
    place: Text = "",
    kind: Text = "complaint",
    key: Text = "",
) -> Response:
    """File a ticket for the citizen of the chat, who is told its reference and PIN."""
    await service.open_ticket(
        session,
        _desk(request),
        who.agent,
        chat_id,
        kind=kind,
        category=category,
        place=place,
        description=description,
        key=key[:64],
    )
    return await _after(request, session, who, chat_id)


async def _after(
    request: Request, session: Session, who: Who, chat_id: UUID, shown_mode: str | None = None
) -> Response:
    """The chat as it is after an act: a part for htmx, else the page again.

    The form for answers comes with it when `shown_mode` is not what this agent can do in the chat now.
    """
    if "hx-request" not in request.headers:
        return go(request, f"/console/chats/{chat_id}")
    session.expire_all()  # the act's statements went past the session
    return page(request, who, "chats/live.html", **await view.shown(session, request, who.agent, chat_id, shown_mode))
