"""The statutory term of a ticket: by when it must be answered, why, what the law asks for, and what moves the date."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncSession

from backend.clocks import service as clocks
from backend.clocks.schemas import Answer, Clocks, Due, Event, Rule
from backend.clocks.service import spoken_day
from backend.core.catalogue import backend_catalogue
from backend.core.database import utcnow
from backend.core.languages import LANGUAGES
from backend.core.settings import Settings
from backend.offices.schemas import TicketKind
from backend.offices.service import Office
from backend.tickets import repository, watch
from backend.tickets.models import Ticket, TicketEvent
from backend.tickets.steps import plan

CLOCK_EVENT = "clock"
REMINDED = "reminded"
REGISTERED = "dispute_registered"
DISPUTE: TicketKind = "housing_dispute"
COUNTING = (CLOCK_EVENT, REGISTERED)
"""Lines of the history that move the date."""
BATCH = 500
FORMAL_KINDS: tuple[TicketKind, ...] = ("information_request", "housing_dispute")
"""Kinds of which the law says what a request must hold; a report of a pothole needs no name."""
CHANNELS = {"counter": "desk", "letter": "post", "cimer": "web", "api": "web", "chat": "web"}
"""How the rules call the ways a ticket came in, where the names differ."""
_EVENT: TypeAdapter[Event] = TypeAdapter(Event)


@lru_cache(maxsize=16)
def _clocks(clocks_dir: Path, country: str, own: Path) -> Clocks:
    return clocks.read_clocks(clocks_dir, country, own)


def clocks_of(settings: Settings, office: Office) -> Clocks:
    """The rules that hold for an office, read once in a process."""
    own = settings.offices_dir / office.profile.id / "clocks.yml"
    return _clocks(settings.clocks_dir, office.profile.country, own)


def rule_for(settings: Settings, office: Office, kind: str, channel: str) -> Rule | None:
    """The rule for a kind of ticket that came over a channel; None when no law sets a term."""
    return clocks.applicable(clocks_of(settings, office).rules, kind, CHANNELS.get(channel, channel))


def due_with(
    settings: Settings,
    office: Office,
    kind: str,
    channel: str,
    received_at: datetime,
    events: Sequence[Event] = (),
    now: datetime | None = None,
) -> Due | None:
    """When an answer is due, given what happened; None when no law sets a term."""
    rule = rule_for(settings, office, kind, channel)
    if rule is None:
        return None
    calendar = clocks.calendar_of(office.profile, clocks_of(settings, office).calendar)
    return clocks.due(rule, received_at, calendar, now=now or utcnow(), events=events)


def first_due(settings: Settings, office: Office, ticket: Ticket) -> Due | None:
    """When a ticket that is filed now must be answered."""
    return due_with(settings, office, ticket.kind, _way(ticket), ticket.created_at)


def keep(ticket: Ticket, due: Due | None) -> None:
    """Keep a term that was counted anew with its ticket: the date, and when people are told of its next step."""
    planned = plan(due, ticket.reminded or (), utcnow())
    ticket.due_at = due.moment if due else None
    next_at = planned.next_at
    if next_at and ticket.next_reminder_at and planned.left.keys() == {"escalated"}:
        next_at = max(next_at, ticket.next_reminder_at)  # the day somebody has to act is not cut short
    ticket.reminded, ticket.next_reminder_at = list(planned.told), next_at
    if "escalated" not in planned.told:
        ticket.escalated_at = None


def rule_of(settings: Settings, office: Office, ticket: Ticket) -> Rule | None:
    """The rule a ticket's term follows; None when no law sets one."""
    return rule_for(settings, office, ticket.kind, _way(ticket))


async def due_of(
    session: AsyncSession, settings: Settings, office: Office, ticket: Ticket, *, then: Event | None = None
) -> Due | None:
    """When a ticket must be answered, with the steps that lead there and what may still be done.

    `then` is an event that has not happened yet: the date as it would be with it.
    """
    lines = await watch.events(session, [ticket.id], COUNTING)
    return _due(settings, office, ticket, lines[ticket.id], utcnow(), then)


async def dues_of(
    session: AsyncSession, settings: Settings, office: Office, tickets: Sequence[Ticket], now: datetime
) -> Mapping[UUID, Due | None]:
    """The same for many tickets, in one statement."""
    lines = await watch.events(session, [ticket.id for ticket in tickets], COUNTING)
    return {ticket.id: _due(settings, office, ticket, lines[ticket.id], now) for ticket in tickets}


def _due(
    settings: Settings,
    office: Office,
    ticket: Ticket,
    lines: Sequence[TicketEvent],
    now: datetime,
    then: Event | None = None,
) -> Due | None:
    events = [_EVENT.validate_python(line.content) for line in lines if line.kind == CLOCK_EVENT]
    events += [then] if then else []
    if ticket.closed_at:
        events.append(Answer(at=ticket.closed_at))
    # A dispute's term begins when it was registered, not when it was handed in.
    registered = [line.at for line in lines if line.kind == REGISTERED and ticket.kind == DISPUTE]
    begins = registered[0] if registered else ticket.created_at
    return due_with(settings, office, ticket.kind, _way(ticket), begins, events, now)


def _way(ticket: Ticket) -> str:
    return ticket.channel if ticket.source == "chat" else ticket.source


async def recompute(session: AsyncSession, settings: Settings, office: Office) -> int:
    """Count the terms of all open tickets anew, such as after a holiday was added; returns how many dates moved."""
    _clocks.cache_clear()
    moved, last = 0, None
    while some := await repository.open_tickets(session, office.profile.id, last, BATCH):
        dues = await dues_of(session, settings, office, some, utcnow())
        before = {ticket.id: ticket.due_at for ticket in some}
        for ticket in some:
            keep(ticket, dues[ticket.id])
        lines = [_moved(ticket, before[ticket.id]) for ticket in some if ticket.due_at != before[ticket.id]]
        await watch.add_events(session, lines)
        moved, last = moved + len(lines), some[-1].id
    return moved


def _moved(ticket: Ticket, before: datetime | None) -> tuple[UUID, str, dict[str, str | None]]:
    return ticket.id, "due_moved", {"from": _iso(before), "to": _iso(ticket.due_at)}


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def answer_by(settings: Settings, office: Office, ticket: Ticket, language: str) -> str:
    """The day by which the citizen must be answered, in words; empty when no law sets one."""
    day = ticket.due_at.astimezone(office.profile.zone).date() if ticket.due_at else None
    return spoken_day(day, language, year=True) if day else ""


def asked_by_law(settings: Settings, office: Office, channel: str = "web") -> dict[TicketKind, dict[str, str]]:
    """By kind of ticket and language, what the citizen should know before typing a page; kinds without are left out."""
    known = {kind: rule_for(settings, office, kind, channel) for kind in FORMAL_KINDS}
    return {kind: _said(rule) for kind, rule in known.items() if rule and clocks.requirements(rule)}


def _said(rule: Rule) -> dict[str, str]:
    kinds = dict.fromkeys(one.kind for one in clocks.requirements(rule))
    return {language: " ".join(_sentence(rule, kind, language) for kind in kinds) for language in LANGUAGES}


def _sentence(rule: Rule, kind: str, language: str) -> str:
    texts = backend_catalogue()
    needs = [texts.text(f"clocks.need.{one.need}", language) for one in clocks.requirements(rule) if one.kind == kind]
    return texts.text(f"clocks.requirement.{kind}", language, need="; ".join(needs))
