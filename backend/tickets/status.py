"""A ticket in a few words, as its author is told of it."""

from backend.core.catalogue import backend_catalogue
from backend.offices.hours import spoken_time
from backend.offices.service import Office
from backend.tickets.models import Ticket
from backend.tickets.schemas import Status


def status_of(office: Office, ticket: Ticket, language: str) -> Status:
    """What became of a ticket, in words."""
    texts = backend_catalogue()
    category = office.categories.categories.get(ticket.category or "")
    return Status(
        reference=ticket.reference,
        state=texts.text(f"ticket.state.{ticket.state}", language),
        subject=category.name[language] if category else texts.text(f"ticket.kind.{ticket.kind}", language),
        unit=office.units[ticket.unit].name[language],
        filed=spoken_time(ticket.created_at.astimezone(office.profile.zone), language),
    )
