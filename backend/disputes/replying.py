"""What parties answer to appointments, and how far their dispute is, from a chat."""

from sqlalchemy.ext.asyncio import AsyncSession

from backend.answers.desk import Desk
from backend.core.catalogue import backend_catalogue
from backend.core.database import utcnow
from backend.disputes import repository, service, wording
from backend.disputes.models import DisputeParty
from backend.disputes.schemas import AppointmentReply, DisputeStatus, Replied
from backend.disputes.service import Whole
from backend.disputes.telling import zone_of
from backend.offices.hours import spoken_time
from backend.offices.service import Office
from backend.tickets import appointments
from backend.tickets.models import Ticket, Visit
from backend.tickets.reference import find_reference
from backend.tickets.schemas import Author
from backend.tickets.service import note_said, people_behind, ticket_named
from backend.tickets.terms import answer_by


async def reply(session: AsyncSession, office: Office, author: Author, given: AppointmentReply) -> Replied:
    """Keep whether the person in a chat comes to an appointment they are called to."""
    found = await appointments.by_id(session, given.appointment)
    if found is None:
        return Replied(kept=False)
    _, ticket = found
    mine = await _mine(session, office, author, ticket)
    visit = await answer_of(session, *mine, given.appointment, given.comes, given.proposal) if mine else None
    if visit is None:
        return Replied(kept=False)
    local = visit.at.astimezone(office.profile.zone)
    return Replied(kept=True, reference=ticket.reference, when=spoken_time(local, given.language))


async def _mine(
    session: AsyncSession, office: Office, author: Author, ticket: Ticket
) -> tuple[Whole, DisputeParty] | None:
    """The dispute of a ticket, and which of its parties this person is; None for who is none."""
    whole = await service.opened(session, office, ticket)
    if whole is None:
        return None
    if author.contact_id in await people_behind(session, ticket.id):
        return whole, whole.parties["complainant"]
    respondent = whole.parties["respondent"]
    return (whole, respondent) if respondent.contact_id == author.contact_id else None


async def answer_of(
    session: AsyncSession, whole: Whole, party: DisputeParty, visit_id: int, comes: bool, proposal: str
) -> Visit | None:
    """Keep a party's answer; None for an appointment that is over, cancelled, or of another dispute."""
    visit = await appointments.one(session, whole.ticket, visit_id)
    if visit is None or visit.cancelled_at or visit.done_at or visit.at <= utcnow():
        return None
    said = proposal.strip()[:500] if not comes else ""
    known = (await repository.answers(session, [visit.id])).get((visit.id, party.id))
    if known and (known.version, known.comes, known.proposal or "") == (visit.version, comes, said):
        return visit
    values = {"visit_id": visit.id, "party_id": party.id, "version": visit.version, "comes": comes}
    await repository.save_answer(session, {**values, "proposal": said or None, "at": utcnow()})
    content = {"side": party.side, "visit_id": visit.id, "comes": comes, "text": said}
    await note_said(session, whole.ticket, "appointment_answer", content)
    return visit


async def status(session: AsyncSession, desk: Desk, author: Author, text: str, language: str) -> DisputeStatus | None:
    """How far a dispute is, for the person in a chat if they are one of its parties; else None."""
    reference = find_reference(text, desk.office.profile.reference_prefix)
    ticket = await ticket_named(session, desk.office, reference) if reference else None
    mine = await _mine(session, desk.office, author, ticket) if ticket else None
    if ticket is None or mine is None:
        return None
    whole, party = mine
    over = whole.dispute.ended is not None
    coming = [one for one in await appointments.of_ticket(session, ticket) if _comes(one)]
    zone = await zone_of(session, desk, party)
    said = wording.appointment_words(desk.office, coming[0], language, zone) if coming else ""
    return DisputeStatus(
        reference=ticket.reference,
        step=wording.end_name(desk.office, whole, language) if over else _step(desk.office, whole, language),
        due="" if over else answer_by(desk.settings, desk.office, ticket, language),
        appointment=said,
        appointment_id=coming[0].id if coming else None,
        page=wording.page_address(desk.settings, whole, language),
    )


def _step(office: Office, whole: Whole, language: str) -> str:
    named = wording.step_name(office, whole.dispute.step, language)
    return named or backend_catalogue().text("dispute.not_registered", language)


def _comes(visit: Visit) -> bool:
    return visit.cancelled_at is None and visit.done_at is None and visit.at > utcnow()
