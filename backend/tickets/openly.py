"""What anybody with reference and PIN may see of a ticket, without a chat."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

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
from backend.tickets.service import TRIES_PER_REFERENCE_AND_DAY, pin_digest, status_of
from backend.tickets.terms import answer_by

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
    reference = find_reference(text, office.profile.reference_prefix)
    ticket = await repository.ticket_by_reference(session, office.profile.id, reference) if reference else None
    await repository.one_at_a_time(session, f"look up {reference}")  # guesses at once count like any
    since = utcnow() - timedelta(days=1)
    tries = await repository.count_tries(session, since, reference=reference or "")
    given = pin_digest(settings, ticket, pin.strip()) if ticket else ""
    if (
        reference is None
        or tries >= TRIES_PER_REFERENCE_AND_DAY
        or ticket is None
        or not same(ticket.pin_digest, given)
    ):
        await repository.add_try(session, None, reference or "")
        return None
    return await _shown(session, settings, office, ticket, language)


async def _shown(session: AsyncSession, settings: Settings, office: Office, ticket: Ticket, language: str) -> Shown:
    texts = backend_catalogue()
    told = [event for event in await repository.history(session, ticket.id) if event.kind in STEPS]
    closed = ticket.state == "closed"
    return Shown(
        status=status_of(office, ticket, language),
        answer_by="" if closed else answer_by(settings, office, ticket, language),
        outcome=texts.text(f"ticket.outcome.{ticket.outcome}", language) if closed and ticket.outcome else "",
        reason=(ticket.outcome_reason or "") if closed else "",
        ground=(ticket.outcome_ground or "") if closed else "",
        steps=tuple(
            (spoken_time(event.at.astimezone(office.profile.zone), language), _step(event, language)) for event in told
        ),
    )


def _step(event: TicketEvent, language: str) -> str:
    state = {"received": "received", "assigned": "assigned", "asked": "waiting", "closed": "closed"}.get(event.kind)
    reached = event.content.get("state") or state or "in_progress"
    return backend_catalogue().text(f"ticket.state.{reached}", language)
