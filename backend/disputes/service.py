"""Disputes: opened with their ticket, registered by an agent, brought from step to step, ended; both parties are told.

The acts of agents raise NotAllowedError, TicketNotFoundError, TicketChangedError, TicketHeldError or TicketClosedError
as those of tickets do, and DisputeNotFoundError for a ticket that is no dispute.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.accounts.schemas import Agent
from backend.attachments.documents import document_of
from backend.contacts import service as contacts
from backend.contacts.phones import e164, is_mobile
from backend.core.database import utcnow
from backend.core.settings import Settings
from backend.disputes import repository
from backend.disputes.errors import (
    AuthorityOpenError,
    DisputeNotFoundError,
    DisputeStepError,
    NoticeNotFoundError,
    RespondentUnreachableError,
    RulingIncompleteError,
)
from backend.disputes.models import AppointmentAnswer, Dispute, DisputeNotice, DisputeParty
from backend.disputes.notices import announce, remind_later
from backend.disputes.schemas import OTHER, ROLES, SIDES, Confirmed, Ending, PartyData
from backend.disputes.steps import check_end, check_move
from backend.offices.service import Office
from backend.tickets import appointments, casework, desk
from backend.tickets.errors import PhoneUnreadableError
from backend.tickets.models import Ticket, Visit
from backend.tickets.schemas import Answer, NewAppointment, Seen
from backend.tickets.service import ticket_by_id
from backend.tickets.terms import DISPUTE, REGISTERED, due_of, keep
from backend.tickets.withholding import withheld

OPPOSITE = {"landlord": "tenant", "tenant": "landlord"}
CLOSED = "closed"
"""The end of a dispute whose ticket ended in a way disputes.yml does not name."""


@dataclass(frozen=True)
class Whole:
    """A dispute with its ticket and both parties."""

    ticket: Ticket
    dispute: Dispute
    parties: dict[str, DisputeParty]


async def opened(session: AsyncSession, office: Office, ticket: Ticket) -> Whole | None:
    """The dispute of a ticket, opened when it was not; None when it is none, or disputes go no steps in the office."""
    if office.disputes is None or ticket.kind != DISPUTE:
        return None
    found = await repository.dispute(session, ticket.id)
    if found is None:
        await _open(session, office, ticket)
        found = await repository.dispute(session, ticket.id)
        assert found is not None
    return Whole(ticket, found, await repository.parties(session, ticket.id))


async def _open(session: AsyncSession, office: Office, ticket: Ticket) -> None:
    """What the complainant said, for an agent to confirm."""
    said = {key: str(value) for key, value in ticket.details.items()}
    contact = (await contacts.people(session, [ticket.contact_id])).get(ticket.contact_id)
    role = said.get("dispute_role")
    topic = said.get("dispute_topic")
    complainant = {
        "side": "complainant",
        "name": said.get("name") or (contact.name if contact else None) or "",
        "role": role if role in ROLES else None,
        "phone": contact.phone if contact else None,
        "language": ticket.language,
        "contact_id": ticket.contact_id,
        "confirmed_at": utcnow(),
    }
    respondent = {
        "side": "respondent",
        "name": said.get("other_party", ""),
        "role": OPPOSITE.get(role or ""),
        "postal_address": said.get("other_address"),
        "phone": said.get("other_phone"),
        "language": ticket.language,
    }
    known = office.disputes is not None and topic in office.disputes.topics
    values = {"ticket_id": ticket.id, "topic": topic if known else None, "claim": ticket.description[:2000]}
    await repository.add_dispute(session, values, [complainant, respondent])


async def follow_ticket(session: AsyncSession, office: Office, ticket_id: UUID, event: int) -> None:
    """Let a dispute go where its ticket went by other ways: filed, closed or withdrawn, reopened."""
    ticket = await ticket_by_id(session, ticket_id, lock=True)
    whole = await opened(session, office, ticket) if ticket else None
    if whole is None or office.disputes is None:
        return
    if whole.ticket.state != "closed":
        whole.dispute.ended = whole.dispute.ended_at = None
    elif whole.dispute.ended is None:
        fitting = [name for name, one in office.disputes.ends.items() if _plain(one.ruling, one.outcomes, whole.ticket)]
        await _ended(session, whole, fitting[0] if fitting else CLOSED)
        await announce(session, whole, "ended", f"ended:{event}", {}, sides=["respondent"])


def _plain(ruling: bool, outcomes: Sequence[str], ticket: Ticket) -> bool:
    return not ruling and ticket.outcome in outcomes


async def _ended(session: AsyncSession, whole: Whole, end: str) -> None:
    whole.dispute.ended, whole.dispute.ended_at = end, utcnow()
    await appointments.drop(session, whole.ticket)


async def changing(session: AsyncSession, office: Office, agent: Agent, seen: Seen) -> Whole:
    """A dispute, its ticket locked, if it is as the agent saw it and theirs to change."""
    ticket = await desk.changing(session, agent, seen)
    whole = await opened(session, office, ticket)
    if whole is None:
        raise DisputeNotFoundError
    return whole


async def register(
    session: AsyncSession, settings: Settings, office: Office, agent: Agent, seen: Seen, confirmed: Confirmed
) -> None:
    """Confirm both parties and begin: both are told, and the law's term runs from now.

    Raises DisputeStepError, AuthorityOpenError, PhoneUnreadableError, RespondentUnreachableError or
    DocumentNotFoundError.
    """
    whole = await changing(session, office, agent, seen)
    assert office.disputes is not None
    if whole.dispute.step is not None:
        raise DisputeStepError
    if await withheld(session, whole.ticket):
        raise AuthorityOpenError
    await _confirm(session, office, agent, whole, confirmed)
    ticket, first = whole.ticket, office.disputes.first
    whole.dispute.step, whole.dispute.registered_at = first, utcnow()
    ticket.state = "in_progress" if ticket.state in ("received", "assigned") else ticket.state
    event = await desk.write(session, agent, ticket, REGISTERED, step=first)
    keep(ticket, await due_of(session, settings, office, ticket))
    await announce(session, whole, "step", f"step:{event}", {"step": first})


async def correct(session: AsyncSession, office: Office, agent: Agent, seen: Seen, confirmed: Confirmed) -> None:
    """Put the parties right. A respondent who is reached elsewhere now is invited anew. Raises as `register` does."""
    whole = await changing(session, office, agent, seen)
    respondent = whole.parties["respondent"]
    before = (respondent.phone, respondent.postal_address)
    await _confirm(session, office, agent, whole, confirmed)
    event = await desk.write(session, agent, whole.ticket, "dispute_party")
    if before != (respondent.phone, respondent.postal_address) and whole.dispute.step is not None:
        respondent.pin_digest = respondent.contact_id = None
        content: dict[str, object] = {"step": whole.dispute.step}
        await announce(session, whole, "step", f"step:{event}", content, sides=["respondent"])


async def _confirm(session: AsyncSession, office: Office, agent: Agent, whole: Whole, confirmed: Confirmed) -> None:
    for side in SIDES:
        data: PartyData = getattr(confirmed, side)
        phone = e164(data.phone, office.profile.country) if data.phone else None
        if data.phone and phone is None:
            raise PhoneUnreadableError
        if side == "respondent" and not (data.postal_address or (phone and is_mobile(phone))):
            raise RespondentUnreachableError
        if data.representative_document:
            await document_of(session, whole.ticket.id, data.representative_document)
        party = whole.parties[side]
        for name, value in data.model_dump(exclude={"phone"}).items():
            setattr(party, name, value or None)
        party.phone, party.confirmed_at, party.confirmed_by = phone, utcnow(), agent.name
    known = office.disputes is not None and confirmed.topic in office.disputes.topics
    whole.dispute.topic = confirmed.topic if known else None
    whole.dispute.claim = confirmed.claim


async def move_on(
    session: AsyncSession,
    office: Office,
    agent: Agent,
    seen: Seen,
    step: str,
    *,
    reason: str = "",
    appointment: NewAppointment | None = None,
) -> None:
    """Go to the next step, or with the same one call both parties again; they are told of both in one.

    Raises DisputeStepError, SkipReasonMissingError, AppointmentMissingError, AppointmentTimeError or
    AppointmentClashError.
    """
    whole = await changing(session, office, agent, seen)
    assert office.disputes is not None
    before = whole.dispute.step
    if before is None or (step == before and appointment is None):
        raise DisputeStepError
    content: dict[str, object] = {"step": step}
    key, about = "", "appointment"
    if step != before:
        skipped = check_move(office.disputes, before, step, reason, called=appointment is not None)
        whole.dispute.step, about = step, "step"
        why = reason.strip()
        event = await desk.write(
            session, agent, whole.ticket, "dispute_step", step=step, before=before, skipped=list(skipped), reason=why
        )
        key = f"step:{event}"
    if appointment is not None:
        visit = await appointments.plan(session, office, agent, whole.ticket, step, appointment)
        content |= {"visit": visit.id, "version": visit.version}
        await remind_later(session, office, visit)
        key = key or f"appointment:{visit.id}"
    await announce(session, whole, about, key, content)


async def move_appointment(
    session: AsyncSession, office: Office, agent: Agent, seen: Seen, visit_id: int, new: NewAppointment
) -> None:
    """Another time, place or leader; both parties are told and asked again. Raises as appointments.move does."""
    whole = await changing(session, office, agent, seen)
    visit = await appointments.move(session, office, agent, whole.ticket, visit_id, new)
    await remind_later(session, office, visit)
    await announce(session, whole, "moved", f"moved:{visit.id}:{visit.version}", _of(visit))


async def cancel_appointment(
    session: AsyncSession, office: Office, agent: Agent, seen: Seen, visit_id: int, reason: str
) -> None:
    """It does not take place; both parties are told why. Raises as appointments.cancel does."""
    whole = await changing(session, office, agent, seen)
    visit = await appointments.cancel(session, agent, whole.ticket, visit_id, reason)
    content = {**_of(visit), "reason": reason.strip()}
    await announce(session, whole, "cancelled", f"cancelled:{visit.id}:{visit.version}", content)


def _of(visit: Visit) -> dict[str, object]:
    return {"step": visit.step, "visit": visit.id, "version": visit.version}


async def end(session: AsyncSession, office: Office, agent: Agent, seen: Seen, how: Ending) -> None:
    """End a dispute and its ticket; both parties are told, and each is asked later how satisfied they are.

    Raises DisputeStepError, RulingIncompleteError, ReasonMissingError or DocumentNotFoundError.
    """
    whole = await changing(session, office, agent, seen)
    assert office.disputes is not None
    check_end(office.disputes, whole.dispute.step, how.end, how.outcome)
    if office.disputes.ends[how.end].ruling and not (how.text and how.appeal):
        raise RulingIncompleteError
    if how.document:
        await document_of(session, whole.ticket.id, how.document)
    whole.dispute.ruling_document = how.document
    await _ended(session, whole, how.end)
    answer = Answer(outcome=how.outcome, reason=how.text, ground=how.appeal)
    await desk.close(session, agent, seen, answer, tell=False)
    closing = [one.id for one in await casework.history_of(session, whole.ticket.id) if one.kind == "closed"][-1]
    await announce(session, whole, "ended", f"ended:{closing}", {"event": closing})


async def notices_of(session: AsyncSession, ticket_id: UUID) -> Sequence[tuple[DisputeNotice, DisputeParty]]:
    """What the parties of a dispute the caller may see were or are to be told, oldest first."""
    return await repository.notices(session, ticket_id)


async def answers_to(session: AsyncSession, visits: Sequence[Visit]) -> dict[tuple[int, UUID], AppointmentAnswer]:
    """What parties said to appointments as they stand, by appointment and party."""
    versions = {visit.id: visit.version for visit in visits}
    found = await repository.answers(session, list(versions))
    return {key: one for key, one in found.items() if one.version == versions[one.visit_id]}


def other(whole: Whole, party: DisputeParty) -> DisputeParty:
    """The party on the other side."""
    return whole.parties[OTHER[party.side]]


async def letter(session: AsyncSession, ticket: Ticket, notice_id: int) -> tuple[DisputeNotice, DisputeParty]:
    """A letter of a dispute and to whom it goes, locked. Raises NoticeNotFoundError."""
    notice = await repository.notice(session, notice_id)
    party = await repository.party(session, notice.party_id, lock=True) if notice else None
    if notice is None or party is None or party.ticket_id != ticket.id or notice.channel != "letter":
        raise NoticeNotFoundError
    return notice, party


async def posted(session: AsyncSession, agent: Agent, ticket_id: UUID, notice_id: int) -> None:
    """A letter has been posted or handed over. Raises NotAllowedError, TicketNotFoundError or NoticeNotFoundError."""
    desk.permit(agent)
    ticket = await desk.visible(session, agent, ticket_id)
    notice, party = await letter(session, ticket, notice_id)
    if notice.told_at is None:
        notice.told_at = utcnow()
        await desk.write(session, agent, ticket, "letter_posted", side=party.side)
