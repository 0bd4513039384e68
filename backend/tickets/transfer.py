"""Tickets leave for other systems, streamed batch by batch."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from backend.contacts import service as contacts
from backend.offices.service import Office
from backend.tickets.models import Ticket
from backend.tickets.transfer_files import Row

BATCH = 500
OWN = (
    *("reference", "source", "source_number", "kind", "category", "unit", "priority", "state", "outcome"),
    *("outcome_ground", "place", "latitude", "longitude", "language", "channel"),
    *("created_at", "updated_at", "due_at", "closed_at"),
)
PERSONAL = ("description", "outcome_reason", "details", "name", "phone")
"""Who it was, and what they and the office wrote: free text holds names and addresses as well."""
DUPLICATE = "duplicate_of"


@dataclass(frozen=True)
class Selection:
    """Which tickets leave. Restricted ones and what says who people are only when asked for."""

    since: date | None = None
    until: date | None = None
    """The last day, in office time."""
    unit: str = ""
    state: str = ""
    kind: str = ""
    restricted: bool = False
    personal: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of what leaves, in order."""
        return (*OWN, DUPLICATE, *(PERSONAL if self.personal else ()))


async def export(session: AsyncSession, office: Office, wanted: Selection) -> AsyncIterator[Row]:
    """The tickets of a selection, oldest first, read batch by batch; use a session that sees one moment only."""
    after: tuple[datetime, str] | None = None
    while found := await _page(session, office, wanted, after):
        people = await contacts.people(session, {ticket.contact_id for ticket, _ in found}) if wanted.personal else {}
        for ticket, main in found:
            row = {name: _written(getattr(ticket, name)) for name in OWN} | {DUPLICATE: main}
            if wanted.personal:
                person = people[ticket.contact_id]
                row |= {name: getattr(ticket, name) for name in ("description", "outcome_reason", "details")}
                row |= {"name": person.name, "phone": person.phone}
            yield row
        last = found[-1][0]
        after = (last.created_at, last.reference)
        session.expunge_all()


async def _page(
    session: AsyncSession, office: Office, wanted: Selection, after: tuple[datetime, str] | None
) -> Sequence[tuple[Ticket, str | None]]:
    main, order = aliased(Ticket), (Ticket.created_at, Ticket.reference)
    conditions = _conditions(office, wanted)
    if after:
        conditions.append(tuple_(*order) > tuple_(*after))
    query = select(Ticket, main.reference).outerjoin(main, main.id == Ticket.duplicate_of).where(*conditions)
    return [(ticket, reference) for ticket, reference in await session.execute(query.order_by(*order).limit(BATCH))]


def _conditions(office: Office, wanted: Selection) -> list[ColumnElement[bool]]:
    conditions = [Ticket.office_id == office.profile.id]
    conditions += [
        getattr(Ticket, name) == value for name in ("unit", "state", "kind") if (value := getattr(wanted, name))
    ]
    if not wanted.restricted:
        conditions.append(Ticket.priority != "restricted")
    zone = office.profile.zone
    if wanted.since:
        conditions.append(Ticket.created_at >= datetime.combine(wanted.since, time.min, zone))
    if wanted.until:
        conditions.append(Ticket.created_at < datetime.combine(wanted.until + timedelta(days=1), time.min, zone))
    return conditions


def _written(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value
