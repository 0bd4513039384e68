"""Telling a party of a dispute: in their chat, else by SMS, else by a letter that somebody prints. Each thing once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from backend.answers.desk import Desk
from backend.answers.reaching import quiet_until, reach
from backend.answers.service import announce
from backend.contacts import service as contacts
from backend.contacts.phones import is_mobile, time_zone
from backend.conversations.models import Conversation
from backend.conversations.service import conversation_at
from backend.core.catalogue import backend_catalogue
from backend.core.database import driver_connection, utcnow
from backend.core.queue import defer
from backend.disputes import repository
from backend.disputes.models import DisputeNotice, DisputeParty
from backend.disputes.notices import note
from backend.disputes.schemas import SIDES
from backend.disputes.service import Whole, opened
from backend.disputes.wording import page_address, pin_of, sentence, spoken_zone
from backend.outbox import service as outbox
from backend.outbox.schemas import Outgoing
from backend.tickets import appointments
from backend.tickets.models import Visit
from backend.tickets.service import SURVEY_TASK, people_behind, ticket_by_id
from channels.message import Button

SMS = "sms"
LANES = UUID("5b0c6d5e-6a0f-4c1c-9a53-3d2f0e6b8a11")
"""What the outbox calls the address of a party who has no conversation with us."""
CALLED = frozenset({"step", "appointment", "moved", "reminder"})
"""Notices that may ask a party to be somewhere at a time."""


@dataclass(frozen=True)
class Way:
    """How a party is reached now, and since when it may be done; None means now."""

    channel: Literal["chat", "sms", "letter"]
    language: str
    conversation: Conversation | None = None
    later: datetime | None = None


@dataclass(frozen=True)
class Told:
    """What became of a notice."""

    channel: str = ""
    """Empty: it was told already."""
    later: datetime | None = None


async def tell(session: AsyncSession, desk: Desk, notice_id: int) -> Told:
    """Tell a party what is noted, if it was not told and is still true; at night, later."""
    notice = await repository.notice(session, notice_id)
    if notice is None or notice.channel is not None:
        return Told()
    party = await repository.party(session, notice.party_id, lock=True)
    assert party is not None
    ticket = await ticket_by_id(session, party.ticket_id)
    whole = await opened(session, desk.office, ticket) if ticket else None
    if whole is None or await _outdated(session, notice):
        notice.channel, notice.told_at = "none", utcnow()
        return Told("none")
    way = await way_to(session, desk, whole, party)
    if way.later:
        return Told(way.channel, way.later)
    await _say(session, desk, whole, party, notice, way)
    await _ask_later(session, desk, whole, party, notice, way)
    return Told(way.channel)


async def _outdated(session: AsyncSession, notice: DisputeNotice) -> bool:
    """Whether it calls to an appointment that has been moved, cancelled or begun since."""
    if notice.about not in CALLED or "visit" not in notice.content:
        return False
    found = await appointments.by_id(session, notice.content["visit"])
    if found is None:
        return True
    visit, _ = found
    stale = visit.version != notice.content["version"] or visit.cancelled_at is not None
    return notice.about != "step" and (stale or visit.at <= utcnow())


async def way_to(session: AsyncSession, desk: Desk, whole: Whole, party: DisputeParty) -> Way:
    """The party's chat; without one an SMS to a mobile number that did not say stop; else a letter."""
    people = await people_behind(session, whole.ticket.id) if party.side == "complainant" else {party.contact_id}
    reached = await reach(session, desk, [one for one in people if one is not None])
    if reached:
        spoken = reached.conversation.language_choice or reached.conversation.language
        return Way("chat", spoken, reached.conversation, reached.later)
    texted = party.phone and SMS in desk.adapters and is_mobile(party.phone)
    if not texted or party.phone is None or await contacts.refuses(session, SMS, party.phone):
        return Way("letter", party.language)
    known = await conversation_at(session, SMS, party.phone) if party.contact_id else None
    zone = ZoneInfo(time_zone(party.phone) or desk.office.profile.time_zone)
    later = quiet_until(utcnow(), zone, desk.settings.quiet_from, desk.settings.quiet_until)
    return Way("chat" if known else "sms", party.language, known, later)


async def _say(
    session: AsyncSession, desk: Desk, whole: Whole, party: DisputeParty, notice: DisputeNotice, way: Way
) -> None:
    visit = await _appointment(session, notice)
    zone = await zone_of(session, desk, party)
    text = sentence(desk, whole, party, notice, way.language, visit, zone)
    notice.text, notice.language, notice.channel = text, way.language, way.channel
    await session.flush()
    connection = await driver_connection(session)
    tail = page_address(desk.settings, whole, way.language)
    if way.conversation is not None:
        buttons = _buttons(visit, way.language) if notice.about in CALLED else ()
        said = f"{text}\n{tail}"
        await announce(connection, desk.adapters, way.conversation, said, way.language, buttons=buttons)
    elif way.channel == "sms":
        pin = pin_of(desk.settings, party) if party.side == "respondent" and party.pin_digest is None else ""
        invited = "\n" + backend_catalogue().text("dispute.told.pin", way.language, pin=pin) if pin else ""
        parts = desk.adapters[SMS].render({"text": f"{text}\n{tail}{invited}", "language": way.language}, notice.id)
        lane = lane_of(party)
        await outbox.enqueue(connection, lane, SMS, party.phone or "", [Outgoing(notice.id, parts, "news")])
    notice.told_at = None if way.channel == "letter" else utcnow()


def lane_of(party: DisputeParty) -> UUID:
    """What the outbox calls a party's number."""
    return lane_id(party.id)


def lane_id(party_id: UUID) -> UUID:
    """The same by the party's id."""
    return uuid5(LANES, str(party_id))


async def _appointment(session: AsyncSession, notice: DisputeNotice) -> Visit | None:
    found = await appointments.by_id(session, notice.content["visit"]) if "visit" in notice.content else None
    still = found is not None and (found[0].cancelled_at is None or notice.about == "cancelled")
    return found[0] if found and still else None


def _buttons(visit: Visit | None, language: str) -> tuple[Button, ...]:
    if visit is None:
        return ()
    texts = backend_catalogue()
    payload = f'/answer_appointment{{"appointment": "{visit.id}", "comes": "%s"}}'
    return tuple(
        Button(title=texts.text(f"dispute.button.{answer}", language), payload=payload % answer)
        for answer in ("yes", "no")
    )


async def zone_of(session: AsyncSession, desk: Desk, party: DisputeParty) -> ZoneInfo:
    """The time zone a party lives by, as far as is known."""
    own = time_zone(party.phone) if party.phone else None
    office = ZoneInfo(own) if own else desk.office.profile.zone
    return await contacts.zone(session, party.contact_id, office) if party.contact_id else office


async def _ask_later(
    session: AsyncSession, desk: Desk, whole: Whole, party: DisputeParty, notice: DisputeNotice, way: Way
) -> None:
    """After the end each party is asked how satisfied they are, the complainant of the chat as after any ticket."""
    if notice.about != "ended" or whole.ticket.outcome == "withdrawn" or way.channel == "letter":
        return
    at = utcnow() + timedelta(minutes=desk.settings.survey_delay_minutes)
    if party.side == "complainant" and way.conversation is not None:
        event = notice.content["event"]
        await defer(session, SURVEY_TASK, at=at, ticket_id=str(whole.ticket.id), event=event)
    else:
        await note(session, party.id, "survey", f"survey:{notice.key}", {}, at)


async def remind(session: AsyncSession, desk: Desk, visit_id: int, version: int) -> None:
    """Have both parties reminded of an appointment that stands as it did."""
    found = await appointments.by_id(session, visit_id)
    if found is None or found[0].version != version or found[0].cancelled_at or found[0].done_at:
        return
    visit, ticket = found
    whole = await opened(session, desk.office, ticket)
    if whole is None or whole.dispute.ended:
        return
    content: dict[str, object] = {"step": visit.step, "visit": visit.id, "version": version}
    for side in SIDES:
        await note(session, whole.parties[side].id, "reminder", f"reminder:{visit.id}:{version}", content)


__all__ = ["Told", "Way", "lane_of", "remind", "spoken_zone", "tell", "way_to", "zone_of"]
