"""What changes a ticket. Each change says with `If-Match` what it is based on; a stale one is refused with 409."""

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from backend.accounts import service as accounts
from backend.api.calls import PREFIX, Answered, Based, Call, ScopedRoute, Writes, refusals
from backend.api.tickets.schemas import Assigning, Changing, Following, Moving, Reopening, Text, TicketState
from backend.tickets import casework, desk
from backend.tickets.errors import AssigneeUnfitError
from backend.tickets.schemas import Answer, Change, Seen

public = APIRouter(prefix=f"{PREFIX}/tickets/{{ticket_id}}", tags=["API: tickets"], route_class=ScopedRoute)
Acts = Annotated[Call, Depends(Writes("tickets:write"), scope="function")]
REFUSALS = refusals(404, 409, 428)


async def _act(call: Call, based: Seen, act: Callable[[], Awaitable[object]]) -> Response:
    """Act once, and say how the ticket stands then; it may have gone to a unit this token does not see."""

    async def work() -> Answered:
        ticket = await desk.visible(call.session, call.agent, based.ticket_id)
        await act()
        await call.session.flush()
        event = (await casework.history_of(call.session, ticket.id))[-1].id
        return Answered(TicketState.of(ticket, event), etag=event)

    return await call.once(work)


@public.patch("", response_model=TicketState, responses=REFUSALS)
async def change(call: Acts, ticket_id: UUID, seen: Based, body: Changing) -> Response:
    """Put facts right. Another kind or category routes the ticket to the unit that answers for it, unless kept."""
    based = Seen(ticket_id, seen)
    new = Change(**body.model_dump(exclude_unset=True, exclude={"keep_unit"}))
    return await _act(
        call,
        based,
        lambda: desk.change(call.session, call.settings, call.office, call.agent, based, new, keep_unit=body.keep_unit),
    )


@public.post("/assign", response_model=TicketState, responses=REFUSALS)
async def assign(call: Acts, ticket_id: UUID, seen: Based, body: Assigning) -> Response:
    """Pass it to a unit, to a colleague, or with neither back to its unit."""
    based = Seen(ticket_id, seen)

    async def act() -> None:
        team = {one.agent.id: one.agent for one in await accounts.colleagues(call.session, call.agent.office_id)}
        to = team.get(body.to) if body.to else None
        if body.to and to is None:
            raise AssigneeUnfitError
        await desk.assign(call.session, call.office, call.agent, based, unit=body.unit, to=to, reason=body.reason)

    return await _act(call, based, act)


@public.post("/take", response_model=TicketState, responses=REFUSALS)
async def take(call: Acts, ticket_id: UUID, seen: Based) -> Response:
    """Work on it from now on, as this token."""
    based = Seen(ticket_id, seen)
    return await _act(call, based, lambda: desk.take(call.session, call.agent, based))


@public.post("/move", response_model=TicketState, responses=REFUSALS)
async def move(call: Acts, ticket_id: UUID, seen: Based, body: Moving) -> Response:
    """Bring it to another open state; the citizen is told."""
    based = Seen(ticket_id, seen)
    return await _act(call, based, lambda: desk.move(call.session, call.agent, based, body.state))


@public.post("/ask", response_model=TicketState, responses=REFUSALS)
async def ask(call: Acts, ticket_id: UUID, seen: Based, body: Text) -> Response:
    """Ask the citizen something; the ticket waits for them."""
    based = Seen(ticket_id, seen)
    return await _act(call, based, lambda: desk.ask(call.session, call.agent, based, body.text))


@public.post("/close", response_model=TicketState, responses=REFUSALS)
async def close(call: Acts, ticket_id: UUID, seen: Based, body: Answer) -> Response:
    """End it and tell the citizen; its duplicates end with the same answer."""
    based = Seen(ticket_id, seen)
    return await _act(call, based, lambda: desk.close(call.session, call.agent, based, body))


@public.post("/reopen", response_model=TicketState, responses=REFUSALS)
async def reopen(call: Acts, ticket_id: UUID, seen: Based, body: Reopening) -> Response:
    """Work on a closed ticket again."""
    based = Seen(ticket_id, seen)
    return await _act(call, based, lambda: desk.reopen(call.session, call.office, call.agent, based, body.reason))


@public.post("/follow", response_model=TicketState, responses=REFUSALS)
async def follow(call: Acts, ticket_id: UUID, seen: Based, body: Following) -> Response:
    """Mark it as a duplicate of another, which answers for both."""
    based = Seen(ticket_id, seen)
    return await _act(call, based, lambda: desk.follow(call.session, call.agent, based, body.reference))


@public.post("/unfollow", response_model=TicketState, responses=REFUSALS)
async def unfollow(call: Acts, ticket_id: UUID, seen: Based) -> Response:
    """It is about something else after all."""
    based = Seen(ticket_id, seen)
    return await _act(call, based, lambda: desk.unfollow(call.session, call.agent, based))
