"""What anybody with reference and PIN may see of a ticket, without a chat."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv6Address, ip_address

from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.blocks import shown
from backend.core.catalogue import backend_catalogue
from backend.core.database import utcnow
from backend.core.secrets import keyed_digest, same
from backend.core.settings import Settings
from backend.offices.hours import spoken_time
from backend.offices.service import Office
from backend.tickets import repository, tries
from backend.tickets.models import Ticket, TicketEvent
from backend.tickets.reference import find_reference
from backend.tickets.schemas import Status
from backend.tickets.service import pin_digest
from backend.tickets.terms import answer_by
from backend.tickets.withholding import told_status

STEPS = ("received", "assigned", "state", "asked", "closed", "reopened")
"""Events a citizen is told; everything else is between the agents."""
DAY = timedelta(days=1)
TRIES_PER_ADDRESS_AND_TICKET = 5
TRIES_PER_ADDRESS = 100
"""At all tickets together: a whole town hall, or the customers of a telephone company, may share one address."""
TRIES_PER_TICKET = 100
"""From all addresses together."""
PROOF_GOOD_FOR = timedelta(days=30)
SHARED_BITS = 64
"""Of an IPv6 address: the rest of it anybody may choose for themselves."""


@dataclass(frozen=True)
class Given:
    """What somebody typed into a public page, and the address it came from."""

    reference: str
    pin: str
    address: str


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
    session: AsyncSession, settings: Settings, office: Office, given: Given, language: str
) -> Shown | None:
    """A ticket for who has its reference and PIN; None for a wrong one, an unknown one, and after too many tries.

    A try must be committed to count.
    """

    async def right(ticket: Ticket) -> bool:
        return same(ticket.pin_digest, pin_digest(settings, ticket, given.pin.strip()))

    ticket = await proved(session, settings, office, given, right)
    return await _shown(session, settings, office, ticket, language) if ticket else None


async def proved(
    session: AsyncSession,
    settings: Settings,
    office: Office,
    given: Given,
    right: Callable[[Ticket], Awaitable[bool]],
) -> Ticket | None:
    """The ticket that was named, if `right` says that its PIN was given; None otherwise and after too many tries.

    A try must be committed to count. In a day an address has 5 wrong ones at a ticket and 100 at all, and all addresses
    together have 100 at a ticket; the last rule spares addresses the right PIN came from within 30 days. Nobody
    shuts out an owner at an address of theirs, and to shut them out where they never were takes 20 networks a day.

    A PIN has six digits. One address finds that of a ticket with 5 in 1,000,000 a day, that of any ticket it knows the
    reference of with 1 in 10,000; as many addresses as one likes find that of a ticket with 1 in 10,000 a day, 0.9 % in
    90 days. Of a dispute it is twice that: either party's PIN opens it.
    """
    reference = find_reference(given.reference, office.profile.reference_prefix) or ""
    ticket = await repository.ticket_by_reference(session, office.profile.id, reference) if reference else None
    address = keyed_digest(settings.secret_key, network(given.address))
    for what in (address, reference):  # guesses at once count like any
        await repository.one_at_a_time(session, f"look up {what}")
    if await _shut(session, reference, address):
        return None
    if ticket is None or not await right(ticket):
        await repository.add_try(session, None, reference, address)
        return None
    await tries.note_proof(session, reference, address)
    return ticket


async def _shut(session: AsyncSession, reference: str, address: str) -> bool:
    now = utcnow()
    here, anywhere, everybody = await tries.count_open_tries(session, now - DAY, reference, address)
    if (reference and here >= TRIES_PER_ADDRESS_AND_TICKET) or anywhere >= TRIES_PER_ADDRESS:
        return True
    if not reference or everybody < TRIES_PER_TICKET:
        return False
    return not await tries.has_proved(session, now - PROOF_GOOD_FOR, reference, address)


def network(address: str) -> str:
    """What of an address is one customer's: all of an IPv4 address, the first half of an IPv6 one."""
    try:
        known = ip_address(address)
    except ValueError:
        return address
    if not isinstance(known, IPv6Address):
        return str(known)
    return str(known.ipv4_mapped or IPv6Address(int(known) >> SHARED_BITS << SHARED_BITS))


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
