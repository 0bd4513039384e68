"""The parties' own page: proved with reference and PIN, each sees only what concerns both, and answers for itself."""

from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy.ext.asyncio import AsyncSession

from backend.answers.desk import Desk
from backend.attachments.documents import document_of
from backend.attachments.models import Document
from backend.conversations.service import conversation_begun
from backend.core.database import utcnow
from backend.core.errors import InvalidRequestError
from backend.core.secrets import same
from backend.core.settings import Settings
from backend.disputes import repository, service, wording
from backend.disputes.models import DisputeParty
from backend.disputes.replying import answer_of
from backend.disputes.schemas import AppointmentShown, PartyPage, StepShown
from backend.disputes.service import Whole
from backend.disputes.telling import SMS, zone_of
from backend.offices.hours import spoken_time
from backend.offices.service import Office
from backend.tickets import appointments, casework
from backend.tickets.models import Ticket, Visit
from backend.tickets.openly import Given, proved
from backend.tickets.service import note_said, pin_digest, ticket_by_id
from backend.tickets.terms import REGISTERED, answer_by

TOKEN_GOOD_FOR = timedelta(minutes=30)
SALT = "dispute page"
LONGEST_STATEMENT = 8000


async def enter(session: AsyncSession, desk: Desk, given: Given, language: str) -> PartyPage | None:
    """A party's page for who has the reference and their PIN; None for a wrong one and after too many tries.

    A try must be committed to count. A respondent who was invited by SMS is one of our contacts from then on.
    """
    found: list[DisputeParty] = []

    async def right(ticket: Ticket) -> bool:
        whole = await service.opened(session, desk.office, ticket)
        party = whole and _whose(desk.settings, whole, given.pin.strip())
        found.extend([party] if party else [])
        return bool(party)

    ticket = await proved(session, desk.settings, desk.office, given, right)
    if ticket is None:
        return None
    [party] = found
    await _join(session, desk.office, party)
    return await page_of(session, desk, party, language)


def _whose(settings: Settings, whole: Whole, pin: str) -> DisputeParty | None:
    """The party whose PIN it is; both are always compared."""
    respondent = whole.parties["respondent"]
    theirs = same(whole.ticket.pin_digest, pin_digest(settings, whole.ticket, pin))
    others = same(respondent.pin_digest or "-", wording.party_digest(settings, respondent, pin))
    return whole.parties["complainant"] if theirs else respondent if others else None


async def _join(session: AsyncSession, office: Office, party: DisputeParty) -> None:
    """A PIN that only went to a mobile number proves the number: from now on it is a contact's."""
    if party.side != "respondent" or party.contact_id is not None or party.phone is None:
        return
    sent = [one.channel for one, whose in await repository.notices(session, party.ticket_id) if whose.id == party.id]
    if "sms" in sent and "letter" not in sent:
        conversation = await conversation_begun(session, office, SMS, party.phone, party.name, party.language)
        party.contact_id = conversation.contact_id


def token_of(settings: Settings, party: DisputeParty, ticket: Ticket) -> str:
    """What proves for half an hour that the PIN was given; a new PIN ends it."""
    return _signer(settings).dumps([str(party.id), _secret(party, ticket)])


def _signer(settings: Settings) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings.secret_key.get_secret_value(), salt=SALT)


def _secret(party: DisputeParty, ticket: Ticket) -> str:
    return (ticket.pin_digest if party.side == "complainant" else party.pin_digest or "")[:16]


async def party_of(session: AsyncSession, settings: Settings, token: str) -> DisputeParty | None:
    """The party a token was made for; None when it is over or was never made."""
    try:
        party_id, secret = _signer(settings).loads(token, max_age=int(TOKEN_GOOD_FOR.total_seconds()))
        found = await repository.party(session, UUID(party_id), lock=True)
    except (BadSignature, ValueError, TypeError):
        return None
    ticket = await ticket_by_id(session, found.ticket_id) if found else None
    return found if found and ticket and _secret(found, ticket) == secret else None


async def whole_of(session: AsyncSession, office: Office, party: DisputeParty) -> Whole:
    """The dispute a party belongs to."""
    ticket = await ticket_by_id(session, party.ticket_id)
    whole = await service.opened(session, office, ticket) if ticket else None
    assert whole is not None
    return whole


async def page_of(session: AsyncSession, desk: Desk, party: DisputeParty, language: str) -> PartyPage:
    """What a party may see."""
    whole = await whole_of(session, desk.office, party)
    office, dispute = desk.office, whole.dispute
    assert office.disputes is not None
    them, over = service.other(whole, party), dispute.ended is not None
    topic = office.disputes.topics.get(dispute.topic or "")
    shown = party.side == "complainant" or dispute.step is not None
    return PartyPage(
        party_id=party.id,
        side="complainant" if party.side == "complainant" else "respondent",
        reference=whole.ticket.reference,
        name=party.name,
        other_name=them.name,
        other_role=them.role,
        topic=topic[language] if topic else "",
        place=whole.ticket.place or "",
        claim=dispute.claim if shown else "",
        due="" if over else answer_by(desk.settings, office, whole.ticket, language),
        steps=await steps_of(session, office, whole, language),
        appointments=await appointments_of(session, desk, whole, party, language),
        statement=party.statement or "",
        ended=wording.end_name(office, whole, language) if over else "",
        ruling=(whole.ticket.outcome_reason or "") if over else "",
        appeal=(whole.ticket.outcome_ground or "") if over else "",
        has_document=over and dispute.ruling_document is not None,
        asked=over and whole.ticket.outcome != "withdrawn",
        score=party.score,
        token=token_of(desk.settings, party, whole.ticket),
    )


async def steps_of(session: AsyncSession, office: Office, whole: Whole, language: str) -> list[StepShown]:
    """The line of steps, with the dates on which they were reached."""
    assert office.disputes is not None
    reached: dict[str, datetime] = {}
    skipped: set[str] = set()
    for event in await casework.history_of(session, whole.ticket.id):
        if event.kind in (REGISTERED, "dispute_step"):
            reached[event.content["step"]] = event.at
            skipped |= set(event.content.get("skipped", ()))
    line = []
    for key, step in office.disputes.steps.items():
        current = key == whole.dispute.step and whole.dispute.ended is None
        left = key in skipped or (whole.dispute.ended is not None and key not in reached)
        state = "current" if current else "done" if key in reached else "skipped" if left else "coming"
        line.append(StepShown(key, step.name[language], reached.get(key), state))  # type: ignore[arg-type]
    if whole.dispute.ended:
        name = wording.end_name(office, whole, language)
        line.append(StepShown(whole.dispute.ended, name, whole.dispute.ended_at, "current"))
    return line


async def appointments_of(
    session: AsyncSession, desk: Desk, whole: Whole, party: DisputeParty, language: str
) -> list[AppointmentShown]:
    """A dispute's appointments as a party sees them, by time."""
    visits = await appointments.of_ticket(session, whole.ticket)
    answers = await service.answers_to(session, visits)
    zone = await zone_of(session, desk, party)
    return [_shown(desk.office, one, language, zone, answers.get((one.id, party.id))) for one in visits]


def _shown(office: Office, visit: Visit, language: str, zone: ZoneInfo, answer: object) -> AppointmentShown:
    local = visit.at.astimezone(office.profile.zone)
    return AppointmentShown(
        id=visit.id,
        step=wording.step_name(office, visit.step, language),
        at=visit.at,
        when=spoken_time(local, language),
        zone=wording.spoken_zone(local, language),
        local=wording.own_time(visit.at, office.profile.zone, zone, language),
        minutes=visit.minutes or 0,
        where=wording.where(visit, language),
        who=visit.who,
        note=visit.note,
        version=visit.version,
        over=visit.done_at is not None or appointments.ends(visit) <= utcnow(),
        cancelled=visit.cancelled_at is not None,
        comes=getattr(answer, "comes", None),
        proposal=wording.proposed(getattr(answer, "proposal", None) or "", language),
    )


async def say(session: AsyncSession, office: Office, party: DisputeParty, words: str) -> bool:
    """Keep a party's side of the matter, while it is open; it replaces what they wrote before.

    False when it is over. Raises InvalidRequestError for nothing and for more than four pages.
    """
    whole = await whole_of(session, office, party)
    text = words.strip()
    if not text or len(text) > LONGEST_STATEMENT:
        raise InvalidRequestError
    if whole.dispute.ended:
        return False
    party.statement, party.statement_at = text, utcnow()
    await note_said(session, whole.ticket, "dispute_statement", {"side": party.side})
    return True


async def rate(session: AsyncSession, office: Office, party: DisputeParty, score: int, words: str) -> bool:
    """Keep how satisfied a party is, once it is over. False before, and for what is no score."""
    whole = await whole_of(session, office, party)
    if not whole.dispute.ended or whole.ticket.outcome == "withdrawn" or not 1 <= score <= 5:
        return False
    party.score, party.words, party.scored_at = score, words.strip()[:LONGEST_STATEMENT] or None, utcnow()
    return True


async def reply(
    session: AsyncSession, office: Office, party: DisputeParty, visit_id: int, comes: bool, proposal: str
) -> bool:
    """Keep whether a party comes to an appointment; False when it is over, cancelled or another's."""
    whole = await whole_of(session, office, party)
    return await answer_of(session, whole, party, visit_id, comes, proposal) is not None


async def ruling_of(session: AsyncSession, office: Office, party: DisputeParty) -> Document | None:
    """The document of the ruling, for either party; None where there is none."""
    whole = await whole_of(session, office, party)
    if whole.dispute.ended is None or whole.dispute.ruling_document is None:
        return None
    return await document_of(session, whole.ticket.id, whole.dispute.ruling_document)
