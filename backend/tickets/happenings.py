"""What other systems are told of a ticket: ids, state, times. Never who asked, nor what for in their words."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.database import driver_connection
from backend.core.queue import defer
from backend.integrations.schemas import EventName, Happening
from backend.integrations.webhooks import happened
from backend.tickets.models import Ticket

EVENTS: dict[str, EventName] = {
    "received": "ticket.filed",
    "changed": "ticket.changed",
    "followed": "ticket.changed",
    "assigned": "ticket.assigned",
    "taken": "ticket.assigned",
    "state": "ticket.moved",
    "asked": "ticket.moved",
    "closed": "ticket.closed",
    "reopened": "ticket.reopened",
    "added": "ticket.changed",
    "escalated": "ticket.escalated",
    "authority": "ticket.changed",
}
"""By the kind of the history's line; other lines are the office's own."""
DISPUTE_TASK = "disputes:follow_ticket"
BEGINS_OR_ENDS = frozenset({"received", "changed", "state", "closed", "reopened"})


async def announce(session: AsyncSession, ticket: Ticket, kind: str, event: int) -> None:
    """Tell webhooks of a line of the history, in its transaction; a dispute goes where its ticket goes."""
    if ticket.kind == "housing_dispute" and kind in BEGINS_OR_ENDS:
        await defer(session, DISPUTE_TASK, ticket_id=str(ticket.id), event=event)
    if name := EVENTS.get(kind):
        name = "ticket.closed" if kind == "state" and ticket.state == "closed" else name
        what = Happening(
            event=name,
            office_id=ticket.office_id,
            subject=f"ticket:{ticket.id}",
            unit=ticket.unit,
            data=_told(ticket, event),
            restricted=ticket.restricted,
        )
        await happened(await driver_connection(session), what)


def _told(ticket: Ticket, event: int) -> dict[str, Any]:
    return {
        "id": str(ticket.id),
        "reference": ticket.reference,
        "kind": ticket.kind,
        "category": ticket.category,
        "unit": ticket.unit,
        "state": ticket.state,
        "outcome": ticket.outcome,
        "event": event,
        "created_at": _moment(ticket.created_at),
        "updated_at": _moment(ticket.updated_at),
        "due_at": _moment(ticket.due_at),
        "closed_at": _moment(ticket.closed_at),
    }


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
