"""Chats: the queue, one chat, take, reply, note, hand back, pass on."""

from datetime import datetime
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from backend.api.calls import PREFIX, Answered, Call, Needs, ScopedRoute, Writes, refusals
from backend.api.chats.schemas import (
    ChatDetail,
    ChatMessage,
    ChatNote,
    ChatPage,
    ChatSummary,
    Held,
    NewWords,
    Passing,
    Said,
)
from backend.conversations import desk, listing
from backend.conversations.listing import Listed, Place, View, Wanted
from backend.core.database import driver_connection
from backend.core.errors import InvalidRequestError
from backend.core.secrets import token_digest
from backend.handoff import service
from backend.outbox import service as outbox
from backend.tickets import chats as tickets

public = APIRouter(prefix=f"{PREFIX}/chats", tags=["API: chats"], route_class=ScopedRoute)
Reads = Annotated[Call, Depends(Needs("chats:read"), scope="function")]
Acts = Annotated[Call, Depends(Writes("chats:write"), scope="function")]
MESSAGES = 100


@public.get("", responses=refusals())
async def chats(
    call: Reads,
    view: View = "all",
    unit: Annotated[str, Query(max_length=100)] = "",
    language: Annotated[str, Query(max_length=10)] = "",
    channel: Annotated[str, Query(max_length=20)] = "",
    q: Annotated[str, Query(max_length=200, description="Words, a name, a number or a ticket's reference.")] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    after: Annotated[str, Query(max_length=200, description="`next` of the page before.")] = "",
) -> ChatPage:
    """Chats with people or waiting for them, who waits longest first; `view=bot` lists the assistant's own."""
    wanted = Wanted(view, unit, language, channel, q)
    behind = await tickets.chats_behind(call.session, call.office, call.agent, q) if q.strip() else []
    place = _place(after) if after else None
    found = await listing.listed(call.session, call.agent, wanted, behind, limit + 1, place)
    more = len(found) > limit
    items = [ChatSummary.of(one) for one in found[:limit]]
    return ChatPage(items=items, next=_cursor(found[limit - 1]) if more else None)


def _cursor(last: Listed) -> str:
    moments = (moment.isoformat() if moment else "" for moment in (last.waiting_since, last.heard_at))
    return "~".join((*moments, str(last.id)))


def _place(cursor: str) -> Place:
    try:
        waiting, heard, chat_id = cursor.replace(" ", "+").split("~")
        waiting_since, heard_at = (datetime.fromisoformat(at) if at else None for at in (waiting, heard))
        return Place(waiting_since, heard_at, UUID(chat_id))
    except ValueError:
        raise InvalidRequestError from None


@public.get("/{chat_id}", responses=refusals(404))
async def chat(call: Reads, chat_id: UUID, before: Annotated[int | None, Query(ge=1)] = None) -> ChatDetail:
    """One chat with the person behind it, its messages and the colleagues' notes."""
    found = await service.seen(call.session, call.agent, chat_id)
    lines = await desk.lines(call.session, chat_id, before=before, limit=MESSAGES)
    first = lines[0].seq if len(lines) == MESSAGES else 0
    states = await outbox.states(await driver_connection(call.session), chat_id, first - 1)
    messages = [ChatMessage.of(line, states.get(line.seq)) for line in lines]
    notes = [] if before else [ChatNote.of(note) for note in await service.notes(call.session, chat_id, first)]
    return ChatDetail.of(found, messages, notes)


async def _held(call: Call, chat_id: UUID) -> Answered:
    found = (await service.seen(call.session, call.agent, chat_id)).conversation
    await call.session.refresh(found)
    held = Held(id=found.id, holder=found.holder, unit=found.unit, agent_id=found.agent_id)
    return Answered(held)


@public.post("/{chat_id}/take", response_model=Held, responses=refusals(404, 409))
async def take(call: Acts, chat_id: UUID) -> Response:
    """Take the chat over: the assistant is silent from now on, and the citizen is told who speaks.

    Nobody gives back for you: a chat in which nothing is said for long returns to the assistant by itself.
    """

    async def work() -> Answered:
        await service.take(call.session, call.desk, call.agent, chat_id)
        return await _held(call, chat_id)

    return await call.once(work)


@public.post("/{chat_id}/replies", status_code=201, response_model=Said, responses=refusals(404, 409))
async def reply(call: Acts, chat_id: UUID, body: NewWords) -> Response:
    """Answer the citizen on the channel they wrote from; the token must hold the chat."""

    async def work() -> Answered:
        key = f"api:{chat_id}:{token_digest(f'{call.agent.id}:{call.key}') if call.key else uuid4().hex}"
        number = await service.reply(call.session, call.desk, call.agent, chat_id, body.text, key)
        return Answered(Said(number=number), 201)

    return await call.once(work)


@public.post("/{chat_id}/notes", status_code=201, response_model=Held, responses=refusals(404))
async def note(call: Acts, chat_id: UUID, body: NewWords) -> Response:
    """A private note for the colleagues."""

    async def work() -> Answered:
        await service.write_note(call.session, call.desk, call.agent, chat_id, body.text)
        return Answered((await _held(call, chat_id)).content, 201)

    return await call.once(work)


@public.post("/{chat_id}/hand-back", response_model=Held, responses=refusals(404, 409))
async def hand_back(call: Acts, chat_id: UUID) -> Response:
    """Give the chat back to the assistant; the citizen is told."""

    async def work() -> Answered:
        await service.hand_back(call.session, call.desk, call.agent, chat_id)
        return await _held(call, chat_id)

    return await call.once(work)


@public.post("/{chat_id}/pass", response_model=Held, responses=refusals(404, 409))
async def pass_on(call: Acts, chat_id: UUID, body: Passing) -> Response:
    """Pass the chat to a colleague who is there, or into the queue of a unit."""
    if (body.agent is None) is (body.unit is None):
        raise InvalidRequestError

    async def work() -> Answered:
        before = (await service.seen(call.session, call.agent, chat_id)).conversation
        if body.agent:
            await service.pass_to_agent(call.session, call.desk, call.agent, chat_id, body.agent, body.note)
        else:
            await service.pass_to_unit(call.session, call.desk, call.agent, chat_id, body.unit or "", body.note)
        await call.session.refresh(before)
        return Answered(Held(id=before.id, holder=before.holder, unit=before.unit, agent_id=before.agent_id))

    return await call.once(work)
