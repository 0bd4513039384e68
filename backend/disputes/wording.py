"""What parties are told, in words: the office's own of disputes.yml, the rest from the catalogues."""

import secrets
from datetime import datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from babel.dates import get_timezone_location

from backend.answers.desk import Desk
from backend.core.catalogue import backend_catalogue
from backend.core.secrets import keyed_digest
from backend.core.settings import Settings
from backend.disputes.models import DisputeNotice, DisputeParty
from backend.disputes.service import Whole, other
from backend.offices.hours import spoken_time
from backend.offices.service import Office
from backend.tickets.models import Visit
from backend.tickets.service import PIN_DIGITS
from backend.tickets.terms import answer_by

PROPOSALS = frozenset({"mornings", "afternoons", "another_week"})
"""Buttons of the chat under "I cannot come"."""


def sentence(
    desk: Desk,
    whole: Whole,
    party: DisputeParty,
    notice: DisputeNotice,
    language: str,
    visit: Visit | None,
    zone: ZoneInfo,
) -> str:
    """What a notice says to a party, without address and PIN."""
    office, content = desk.office, notice.content
    assert office.disputes is not None
    ended = notice.about == "ended"
    values = {
        "reference": whole.ticket.reference,
        "party": other(whole, party).name,
        "office": office.profile.name[language],
        "phone": office.profile.phone,
        "due": answer_by(desk.settings, office, whole.ticket, language),
        "page": page_address(desk.settings, whole, language),
        "step": end_name(office, whole, language) if ended else step_name(office, content.get("step"), language),
        "appointment": appointment_words(office, visit, language, zone) if visit else "",
        "text": decision(whole, language) if ended else content.get("reason", ""),
    }
    words = _own_words(office, whole, party, notice, language)
    return (words or backend_catalogue().text(f"dispute.told.{notice.about}", language)).format(**values).strip()


def _own_words(office: Office, whole: Whole, party: DisputeParty, notice: DisputeNotice, language: str) -> str:
    """The sentence the office has for a step or an end; empty where it has none."""
    assert office.disputes is not None
    steps = office.disputes.steps if notice.about == "step" else {}
    told = steps.get(notice.content.get("step", "")) or (
        office.disputes.ends.get(whole.dispute.ended or "") if notice.about == "ended" else None
    )
    return str(getattr(told.told, party.side)[language]) if told else ""


def proposed(text: str, language: str) -> str:
    """When a party could come: their own words, or those of the button they pressed."""
    return backend_catalogue().text(f"dispute.propose.{text}", language) if text in PROPOSALS else text


def step_name(office: Office, step: str | None, language: str) -> str:
    """A step's name; empty for none."""
    known = office.disputes.steps.get(step or "") if office.disputes else None
    return known.name[language] if known else ""


def end_name(office: Office, whole: Whole, language: str) -> str:
    """The name of how a dispute ended."""
    known = office.disputes.ends.get(whole.dispute.ended or "") if office.disputes else None
    return known.name[language] if known else backend_catalogue().text("dispute.closed", language)


def decision(whole: Whole, language: str) -> str:
    """What was decided or said at the end, and how to appeal."""
    ground = whole.ticket.outcome_ground
    appeal = backend_catalogue().text("dispute.appeal", language, appeal=ground) if ground else ""
    return " ".join(part for part in (whole.ticket.outcome_reason, appeal) if part)


def appointment_words(office: Office, visit: Visit, language: str, zone: ZoneInfo) -> str:
    """When, where, how long and with whom, in office time, and in the party's own where that is another."""
    texts, local = backend_catalogue(), visit.at.astimezone(office.profile.zone)
    said = texts.text(
        "dispute.appointment",
        language,
        when=spoken_time(local, language),
        zone=spoken_zone(local, language),
        minutes=visit.minutes,
        where=where(visit, language),
        who=visit.who,
    )
    own = own_time(visit.at, office.profile.zone, zone, language)
    note = [visit.note] if visit.note else []
    return " ".join([said, *([texts.text("dispute.appointment.own", language, local=own)] if own else []), *note])


def where(visit: Visit, language: str) -> str:
    """The place, or the number for an appointment by telephone."""
    if visit.phone:
        return backend_catalogue().text("dispute.by_phone", language, phone=visit.phone)
    return visit.place or backend_catalogue().text("dispute.at_office", language)


def spoken_zone(moment: datetime, language: str) -> str:
    """Whose time it is, by the city of its zone, as in `Johannesburg`."""
    return get_timezone_location(moment.tzinfo, locale=language, return_city=True)


def own_time(moment: datetime, office: ZoneInfo, zone: ZoneInfo, language: str) -> str:
    """A moment in a party's own time; empty where the clocks show the same."""
    local = moment.astimezone(zone)
    if local.utcoffset() == moment.astimezone(office).utcoffset():
        return ""
    return f"{spoken_time(local, language)} ({spoken_zone(local, language)})"


def page_address(settings: Settings, whole: Whole, language: str) -> str:
    """The parties' page, filled in but for the PIN."""
    query = urlencode({"reference": whole.ticket.reference, "language": language})
    return f"{settings.public_base_url.rstrip('/')}/dispute?{query}"


def party_digest(settings: Settings, party: DisputeParty, pin: str) -> str:
    """What is kept of a respondent's PIN."""
    return keyed_digest(settings.secret_key, f"{party.id}:{pin}")


def pin_of(settings: Settings, party: DisputeParty) -> str:
    """A new PIN for a party; the one before opens nothing any more."""
    pin = f"{secrets.randbelow(10**PIN_DIGITS):0{PIN_DIGITS}}"
    party.pin_digest = party_digest(settings, party, pin)
    return pin
