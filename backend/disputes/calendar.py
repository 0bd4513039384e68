"""A party's appointments as a calendar file. Apart, for the library is large and the file is rarely fetched."""

from icalendar import Calendar, Event
from sqlalchemy.ext.asyncio import AsyncSession

from backend.answers.desk import Desk
from backend.core.catalogue import backend_catalogue
from backend.core.database import utcnow
from backend.disputes import page, wording
from backend.disputes.models import DisputeParty
from backend.disputes.service import Whole
from backend.tickets import appointments
from backend.tickets.models import Visit

PRODUCT = "-//Komshu//disputes//"


async def calendar_file(session: AsyncSession, desk: Desk, party: DisputeParty, language: str) -> bytes:
    """A party's appointments for their calendar (RFC 5545); a later file replaces what an earlier one put there."""
    whole = await page.whole_of(session, desk.office, party)
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    for visit in await appointments.of_ticket(session, whole.ticket):
        calendar.add_component(_entry(desk, whole, visit, language))
    return bytes(calendar.to_ical())


def _entry(desk: Desk, whole: Whole, visit: Visit, language: str) -> Event:
    step = wording.step_name(desk.office, visit.step, language)
    entry = Event()
    entry.add("uid", f"appointment-{visit.id}@{desk.office.profile.id}.komshu")
    entry.add("sequence", visit.version)
    entry.add("dtstamp", utcnow())
    entry.add("dtstart", visit.at)
    entry.add("dtend", appointments.ends(visit))
    entry.add("status", "CANCELLED" if visit.cancelled_at else "CONFIRMED")
    named = backend_catalogue().text("dispute.calendar", language, step=step, reference=whole.ticket.reference)
    entry.add("summary", named)
    entry.add("location", wording.where(visit, language))
    entry.add("description", visit.note or desk.office.profile.phone)
    return entry
