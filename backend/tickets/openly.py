"""What anybody with reference and PIN may see of a ticket, without a chat."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.blocks import shown
from backend.core.catalogue import backend_catalogue
from backend.core.database import utcnow
from backend.core.secrets import same
from backend.core.settings import Settings
from backend.offices.hours import spoken_time
from backend.offices.service import Office
from backend.tickets import repository
from backend.tickets.models import Ticket, TicketEvent
from backend.tickets.reference import find_reference
from backend.tickets.schemas import Status
from backend.tickets.service import TRIES_PER_REFERENCE_AND_DAY, pin_digest
from backend.tickets.terms import answer_by
from backend.tickets.withholding import told_status

STEPS = ("received", "assigned", "state", "asked", "closed", "reopened")
"""Events a citizen is told; everything else is between the agents."""


@dataclass(frozen=True)
class Shown:
    """A ticket as its public page shows it: no words, photos or names of anybody."""

    status: Status
    answer_by: str
    outcome: str
    reason: str
    ground: str
    steps: tuple[tuple[str, str], ...]
    """(when, what) in words, oldest first."""


async def look_up_openly(
    session: AsyncSession, settings: Settings, office: Office, text: str, pin: str, language: str
) -> Shown | None:
    """A ticket for who has its reference and PIN; None for a wrong one, an unknown one, and after too many tries.

    A failed try must be committed to count.
    """

    async def right(ticket: Ticket) -> bool:
        return same(ticket.pin_digest, pin_digest(settings, ticket, pin.strip()))

    ticket = await proved(session, office, text, right)
    return await _shown(session, settings, office, ticket, language) if ticket else None


async def proved(
    session: AsyncSession, office: Office, text: str, right: Callable[[Ticket], Awaitable[bool]]
) -> Ticket | None:
    """The ticket a text names, if `right` says that its secret was given; None otherwise and after too many tries.

    A failed try must be committed to count.
    """
    reference = find_reference(text, office.profile.reference_prefix)
    ticket = await repository.ticket_by_reference(session, office.profile.id, reference) if reference else None
    await repository.one_at_a_time(session, f"look up {reference}")  # guesses at once count like any
    since = utcnow() - timedelta(days=1)
    tries = await repository.count_tries(session, since, reference=reference or "")
    if reference is None or tries >= TRIES_PER_REFERENCE_AND_DAY or ticket is None or not await right(ticket):
        await repository.add_try(session, None, reference or "")
        return None
    return ticket


async def _shown(session: AsyncSession, settings: Settings, office: Office, ticket: Ticket, language: str) -> Shown:
    texts = backend_catalogue()
    status = await told_status(session, office, ticket, language)
    history = [] if status.missing else await repository.history(session, ticket.id)
    told = [event for event in history if event.kind in STEPS]
    closed = ticket.state == "closed" and not status.missing
    return Shown(
        status=status,
        answer_by="" if closed else answer_by(settings, office, ticket, language),
        outcome=texts.text(f"ticket.outcome.{ticket.outcome}", language) if closed and ticket.outcome else "",
        reason=shown(ticket.outcome_reason or "", language) if closed else "",
        ground=shown(ticket.outcome_ground or "", language) if closed else "",
        steps=tuple(
            (spoken_time(event.at.astimezone(office.profile.zone), language), _step(event, language)) for event in told
        ),
    )


def _step(event: TicketEvent, language: str) -> str:
    state = {"received": "received", "assigned": "assigned", "asked": "waiting", "closed": "closed"}.get(event.kind)
    reached = event.content.get("state") or state or "in_progress"
    return backend_catalogue().text(f"ticket.state.{reached}", language)
