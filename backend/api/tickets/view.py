"""One ticket with all that belongs to it."""

from backend.api.calls import Call
from backend.api.tickets.schemas import (
    ActingView,
    Citizen,
    DocumentView,
    HistoryLine,
    PaperView,
    QuestionView,
    TicketDetail,
    VisitView,
)
from backend.attachments import documents, papers
from backend.authority import service as authorities
from backend.contacts import service as contacts
from backend.tickets import casework
from backend.tickets.models import Ticket
from backend.tickets.schemas import Position

SAME = (
    *("id", "reference", "state", "unit", "assignee_id", "outcome", "kind", "category", "priority", "source"),
    *("source_number", "description", "place", "details", "language", "channel", "due_at", "created_at"),
    *("updated_at", "closed_at", "outcome_reason", "outcome_ground", "duplicate_of"),
)


async def detail(call: Call, ticket: Ticket) -> TicketDetail:
    """All that a ticket holds."""
    session = call.session
    history = await casework.history_of(session, ticket.id)
    _, followers = await casework.family(session, call.agent, ticket)
    authority = await authorities.of_ticket(session, ticket.id)
    placed = ticket.latitude is not None and ticket.longitude is not None
    return TicketDetail(
        **{name: getattr(ticket, name) for name in SAME},
        event=history[-1].id,
        position=Position(latitude=ticket.latitude, longitude=ticket.longitude) if placed else None,
        citizen=await _citizen(call, ticket),
        duplicates=[one.id for one in followers],
        chats=await casework.conversations_of(session, ticket),
        photos=list(await documents.photos_of(session, ticket.id)),
        documents=[DocumentView.of(one) for one in await documents.documents_of(session, ticket.id)],
        papers=[PaperView.of(one) for one in await papers.papers_of(session, ticket.id)],
        acting_for=ActingView.of(authority) if authority else None,
        questions=[QuestionView.of(one) for one in await casework.questions_of(session, ticket.id)],
        visits=[VisitView.of(one) for one in await casework.visits_of(session, ticket.id)],
        history=[HistoryLine.of(event) for event in history],
    )


async def _citizen(call: Call, ticket: Ticket) -> Citizen:
    contact = (await contacts.people(call.session, [ticket.contact_id])).get(ticket.contact_id)
    name = ticket.details.get("name") or (contact.name if contact else None)
    return Citizen(name=name, phone=contact.phone if contact else None)
