"""The audit log, as far as the token may see what it is about."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from backend.api.audit.schemas import AuditLine, AuditPage
from backend.api.calls import PREFIX, Call, Needs, ScopedRoute, refusals
from backend.audit import service
from backend.audit.models import AuditEntry
from backend.conversations import desk as chats
from backend.tickets import listing as tickets

public = APIRouter(prefix=f"{PREFIX}/audit", tags=["API: audit"], route_class=ScopedRoute)
Reads = Annotated[Call, Depends(Needs("audit:read"), scope="function")]
KINDS = ("ticket", "chat")
"""What entries can be about that not everybody may know of."""


@public.get("", responses=refusals())
async def audit(
    call: Reads,
    action: Annotated[str, Query(max_length=100, description="An action, or a beginning such as `ticket.`.")] = "",
    actor: Annotated[str, Query(max_length=100)] = "",
    before: Annotated[int | None, Query(ge=1, description="`next` of the page before.")] = None,
) -> AuditPage:
    """What was done at the desk, the newest first. A token with units sees what was done to their tickets and chats."""
    entries = await service.page(call.session, call.agent.office_id, before=before, action=action, actor=actor)
    seen = await _seen(call, entries)
    return AuditPage(
        items=[AuditLine.of(entry) for entry in entries if entry.id in seen],
        next=entries[-1].id if len(entries) == service.PAGE else None,
    )


async def _seen(call: Call, entries: Sequence[AuditEntry]) -> set[int]:
    """The entries this token may know of, by id."""
    ids = {kind: {id for one in entries if one.object_kind == kind and (id := _uuid(one.object_id))} for kind in KINDS}
    known = await tickets.seen_among(call.session, call.agent, ids["ticket"])
    known |= await chats.seen_among(call.session, call.agent, ids["chat"])
    whole_office = not call.agent.units
    return {one.id for one in entries if (_uuid(one.object_id) in known if one.object_kind in KINDS else whole_office)}


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
