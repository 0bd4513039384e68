"""The web chat's API."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Request, Response
from fastapi.responses import StreamingResponse
from sse_starlette import EventSourceResponse, ServerSentEvent

from backend.attachments.errors import DocumentTooLargeError, PhotoTooLargeError
from backend.attachments.papers import keep_paper, note_paper, told
from backend.attachments.service import check_photo, keep_photo, note_photo, open_photo
from backend.contacts.service import WEB
from backend.conversations import service
from backend.conversations.errors import MessageEmptyError
from backend.conversations.models import Conversation
from backend.conversations.schemas import (
    Accepted,
    LanguageChoice,
    NewSession,
    OpenedSession,
    ShownConversation,
    ShownMessage,
    UsefulnessVote,
)
from backend.core.database import Session, driver_connection
from backend.core.errors import InvalidRequestError, KomshuError
from backend.core.secrets import token_digest
from backend.core.settings import Settings
from backend.core.web import bounded_body, client_address, stored_file
from backend.offices.service import CurrentOffice
from channels.adapter import Adapter, Call
from channels.errors import PayloadError
from channels.message import Arrival, Inbound

public = APIRouter(prefix="/chat", tags=["web chat"])
KEEP_ALIVE_SECONDS = 15
FALLBACK_POLL_SECONDS = 20.0
PAYLOAD_ERRORS = {"message_empty": MessageEmptyError, "invalid_request": InvalidRequestError}


async def app_settings(request: Request) -> Settings:
    """The settings of the app that answers."""
    settings: Settings = request.app.state.settings
    return settings


AppSettings = Annotated[Settings, Depends(app_settings)]


def web_adapter(request: Request) -> Adapter:
    """The web channel of the app that answers."""
    adapter: Adapter = request.app.state.adapters[WEB]
    return adapter


def _token(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" else ""


async def _visitor_conversation(request: Request, session: Session) -> Conversation:
    conversation = await service.web_conversation(session, _token(request))
    request.state.language = _spoken(conversation)
    return conversation


def _spoken(conversation: Conversation) -> str:
    return conversation.language_choice or conversation.language


Visitor = Annotated[Conversation, Depends(_visitor_conversation)]


@public.post("/sessions", status_code=201)
async def open_session(
    request: Request, session: Session, office: CurrentOffice, settings: AppSettings, body: NewSession
) -> OpenedSession:
    """Begin a chat. The token is the only proof of who the visitor is: keep it in the browser."""
    request.app.state.limiter.hit("sessions", client_address(request), settings.sessions_per_minute)
    token, language = await service.open_web_session(session, office, body.language, chosen=body.chosen)
    return OpenedSession(token=token, language=language)


@public.post("/messages", status_code=202)
async def send_message(request: Request, settings: AppSettings, body: Annotated[dict[str, Any], Body()]) -> Accepted:
    """Send a text, a pressed button or a position. The same id again changes nothing."""
    token = _token(request)
    try:
        request.app.state.limiter.hit("messages", token_digest(token), settings.messages_per_minute)
        return Accepted(seq=await _received(request, settings, token))
    except KomshuError:
        await _speak_their_language(request)
        raise


async def _received(request: Request, settings: Settings, token: str) -> int:
    try:
        [arrival] = web_adapter(request).parse(Call(str(request.url), {}, await request.body())).events
    except PayloadError as error:
        raise PAYLOAD_ERRORS[error.code] from None
    assert isinstance(arrival, Arrival)
    if arrival.inbound.payload is None:
        async with request.app.state.pool.connection() as connection:
            return await service.receive_text(connection, settings, token, arrival.inbound)
    async with request.app.state.sessions() as session, session.begin():
        visitor = await service.web_conversation(session, token)
        return await service.receive(session, settings, visitor, arrival.inbound)


async def _speak_their_language(request: Request) -> None:
    """The refusal is said in the language of the conversation; from a stranger, that they are one."""
    async with request.app.state.sessions() as session:
        await _visitor_conversation(request, session)


@public.put("/photos/{photo_id}", status_code=202)
async def send_photo(
    request: Request, session: Session, settings: AppSettings, visitor: Visitor, photo_id: UUID
) -> Accepted:
    """Send a photo as the raw body. Its type is read from its content; metadata such as the place is removed."""
    request.app.state.limiter.hit("messages", str(visitor.id), settings.messages_per_minute)
    await session.commit()  # a slow phone, then a storage that may be another machine: no transaction waits for them
    content = await bounded_body(request, settings.photo_max_bytes, PhotoTooLargeError)
    photo = await keep_photo(settings, photo_id, content)
    inbound = Inbound(external_id=str(photo_id), photo=str(photo_id))
    async with request.app.state.sessions() as later, later.begin():
        await note_photo(later, visitor.contact_id, photo)
        return Accepted(seq=await service.receive(later, settings, visitor, inbound))


@public.put("/documents/{document_id}", status_code=202)
async def send_document(
    request: Request, session: Session, settings: AppSettings, visitor: Visitor, document_id: UUID, name: str = ""
) -> Accepted:
    """Send a PDF, JPEG or PNG as the raw body; what it is is read from its content. A picture becomes a photo."""
    request.app.state.limiter.hit("messages", str(visitor.id), settings.messages_per_minute)
    await session.commit()  # as above
    content = await bounded_body(request, settings.document_max_bytes, DocumentTooLargeError)
    paper = await keep_paper(settings, document_id, name, content)
    inbound = Inbound.model_validate({"external_id": str(document_id), **told(paper)})
    async with request.app.state.sessions() as later, later.begin():
        await note_paper(later, visitor.contact_id, paper)
        return Accepted(seq=await service.receive(later, settings, visitor, inbound))


@public.get("/photos/{photo_id}")
async def photo(session: Session, settings: AppSettings, visitor: Visitor, photo_id: UUID) -> StreamingResponse:
    """A photo the visitor sent."""
    await check_photo(session, visitor.contact_id, photo_id)
    await session.commit()  # as above
    found = await open_photo(settings, photo_id)
    return stored_file(found.chunks, found.size, "image/jpeg", "private, no-cache")


@public.get("/messages")
async def messages(request: Request, session: Session, visitor: Visitor, after: int = 0) -> ShownConversation:
    """All messages with a number above `after`, in order."""
    news = await service.shown(
        await driver_connection(session), web_adapter(request), visitor.id, after, _spoken(visitor)
    )
    return ShownConversation(messages=news, state=visitor.holder)


@public.put("/messages/{seq}/useful", status_code=204)
async def vote(session: Session, visitor: Visitor, seq: int, body: UsefulnessVote) -> Response:
    """Say whether an answer from an article was useful."""
    await service.vote(session, visitor, seq, body.useful)
    return Response(status_code=204)


@public.put("/language", status_code=204)
async def choose_language(session: Session, visitor: Visitor, body: LanguageChoice) -> Response:
    """Go on in another language, whatever is typed."""
    await service.choose_language(session, visitor, body.language)
    return Response(status_code=204)


@public.get("/events")
async def events(request: Request, after: int = 0) -> EventSourceResponse:
    """New messages as they come, as server-sent events; the id of each is the cursor to resume from."""
    async with request.app.state.sessions() as session:
        conversation = await service.web_conversation(session, _token(request))
    return EventSourceResponse(_stream(request, conversation, after), ping=KEEP_ALIVE_SECONDS)


async def _stream(request: Request, conversation: Conversation, after: int) -> AsyncIterator[bytes]:
    async with request.app.state.live.watching(str(conversation.id)) as news:
        while True:
            news.clear()
            if found := await _new_messages(request, conversation, after):
                after = found[-1].seq
                yield b"".join(_event(message) for message in found)  # one write wakes the page once
            await _woken(news)


def _event(message: ShownMessage) -> bytes:
    return ServerSentEvent(message.model_dump_json(), event="message", id=str(message.seq)).encode()


async def _new_messages(request: Request, conversation: Conversation, after: int) -> list[ShownMessage]:
    async with request.app.state.pool.connection() as connection:
        return await service.shown(connection, web_adapter(request), conversation.id, after, _spoken(conversation))


async def _woken(news: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(news.wait(), FALLBACK_POLL_SECONDS)
    except TimeoutError:
        return
