"""What agents do with tickets. Each act is one line of the ticket's history and of the audit log.

Every act raises NotAllowedError when the role may not work on tickets, and TicketNotFoundError when the agent may not
see the ticket. Acts that change it also raise TicketChangedError, TicketHeldError and, all but `reopen`,
TicketClosedError.
"""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.accounts.absences import is_away, stands_in
from backend.accounts.schemas import Agent
from backend.audit.service import record
from backend.core.catalogue import backend_catalogue
from backend.core.database import utcnow
from backend.core.errors import InvalidRequestError, NotAllowedError
from backend.core.queue import defer
from backend.core.settings import Settings
from backend.offices.service import Office
from backend.tickets import repository
from backend.tickets.aftercare import pass_on
from backend.tickets.assignment import assigned, give_out, reopened
from backend.tickets.errors import (
    AssigneeAwayError,
    AssigneeUnfitError,
    DuplicateUnfitError,
    GroundMissingError,
    ReasonMissingError,
    StateUnknownError,
    TicketChangedError,
    TicketClosedError,
    TicketHeldError,
    TicketNotClosedError,
    TicketNotFoundError,
    UnitUnknownError,
    UnknownCategoryError,
)
from backend.tickets.happenings import announce
from backend.tickets.models import Ticket, TicketEvent
from backend.tickets.recipients import fits
from backend.tickets.schemas import STATES, Answer, Change, Seen
from backend.tickets.service import NEWS_TASK
from backend.tickets.terms import due_of, keep

MOST_CHARACTERS = 8000
NEED_REASON = frozenset({"partly", "refused", "forwarded"})
NEED_GROUND = frozenset({"information_request"})
ROUTING = ("kind", "category", "place")
"""What says which unit answers for a ticket."""
"""Kinds that can be refused only with the legal ground and the way of appeal."""


async def visible(session: AsyncSession, agent: Agent, ticket_id: UUID, *, lock: bool = False) -> Ticket:
    """A ticket this agent may see."""
    ticket = await repository.seen_ticket(session, agent, ticket_id, lock=lock)
    if ticket is None:
        raise TicketNotFoundError
    return ticket


def said(text: str) -> str:
    """What an agent wrote, without blanks around it.

    Raises ReasonMissingError for nothing, InvalidRequestError for more than a page or two.
    """
    words = text.strip()
    if not words:
        raise ReasonMissingError
    if len(words) > MOST_CHARACTERS:
        raise InvalidRequestError
    return words


async def sees(session: AsyncSession, agent: Agent, ticket_id: UUID) -> bool:
    """Whether this agent may see a ticket, such as after an act that moved it to another unit."""
    await session.flush()
    return await repository.seen_ticket(session, agent, ticket_id) is not None


def permit(agent: Agent) -> None:
    """Make sure the role works on tickets. Raises NotAllowedError."""
    if not agent.may("ticket"):
        raise NotAllowedError


async def changing(session: AsyncSession, agent: Agent, seen: Seen, *, closed: bool = False) -> Ticket:
    """The ticket, locked, if it is as the agent saw it and theirs to change."""
    permit(agent)
    ticket = await visible(session, agent, seen.ticket_id, lock=True)
    newest = await repository.newest_change(session, ticket.id)
    if newest is not None and newest.id > seen.event:
        raise _changed_meanwhile(newest, agent.language)
    if await held_from(session, agent, ticket):
        raise TicketHeldError
    if (ticket.state == "closed") is not closed:
        raise TicketNotClosedError if closed else TicketClosedError
    return ticket


async def held_from(session: AsyncSession, agent: Agent, ticket: Ticket) -> bool:
    """Whether somebody else works on a ticket for whom this agent neither stands in nor decides."""
    if ticket.assignee_id is None or ticket.assignee_id == agent.id or agent.may("direct"):
        return False
    return not await stands_in(session, agent.id, ticket.assignee_id)


def _changed_meanwhile(event: TicketEvent, language: str) -> TicketChangedError:
    what = backend_catalogue().text(f"ticket.event.{event.kind}", language)
    return TicketChangedError(who=actor_named(event, language), what=what)


def actor_named(event: TicketEvent, language: str) -> str:
    """Who did it: an agent by the name they had, anybody else by what they are."""
    kind = event.actor.split(":")[0]
    word = kind if kind in ("citizen", "system", "agent") else "operator"
    return event.content.get("by") or backend_catalogue().text(f"ticket.actor.{word}", language)


async def write(
    session: AsyncSession, agent: Agent, ticket: Ticket, kind: str, *, tell: bool = False, **content: object
) -> int:
    """Add a line to the history and the audit log; if told to, let the citizen know. Returns the event's id."""
    ticket.updated_at = utcnow()
    event = await repository.add_event(
        session, ticket.id, kind, actor=f"agent:{agent.id}", channel="office", content={"by": agent.name, **content}
    )
    await record(session, agent, f"ticket.{kind}", "ticket", ticket.id, reference=ticket.reference)
    await announce(session, ticket, kind, event)
    if tell:
        await defer(session, NEWS_TASK, ticket_id=str(ticket.id), event=event, state=ticket.state)
    return event


async def assign(
    session: AsyncSession,
    office: Office,
    agent: Agent,
    seen: Seen,
    *,
    unit: str | None = None,
    to: Agent | None = None,
    reason: str = "",
) -> None:
    """Pass a ticket to a unit, to a colleague, or (with neither) back to its unit; the citizen hears of a new unit.

    In a unit whose tickets are given out by themselves somebody of it has it then. Raises UnitUnknownError,
    AssigneeUnfitError or AssigneeAwayError.
    """
    ticket = await changing(session, agent, seen)
    before, state = ticket.unit, ticket.state
    if unit is not None and unit not in office.units:
        raise UnitUnknownError
    ticket.unit = unit or ticket.unit
    if to is not None and not fits(to, ticket):
        raise AssigneeUnfitError
    if to is not None and to.id != agent.id and await is_away(session, to.id):
        raise AssigneeAwayError(name=to.name)
    ticket.assignee_id = to.id if to else None
    if state == "received" or ticket.unit != before:
        ticket.state = "assigned"
    tell = (ticket.unit, ticket.state) != (before, state)
    to_whom = {"to": to.name, "to_id": str(to.id)} if to else {}
    why = said(reason) if reason.strip() else ""
    facts = {"unit": [before, ticket.unit], "reason": why, **to_whom}
    event = await write(session, agent, ticket, "assigned", tell=tell, **facts)
    if to and to.id != agent.id:
        await assigned(session, ticket, to.id, event)
    elif to is None and ticket.unit != before:  # what is given back to its own unit waits there
        await give_out(session, office, ticket)


async def take(session: AsyncSession, agent: Agent, seen: Seen) -> None:
    """Work on a ticket oneself from now on. Taking what is one's own already changes nothing."""
    ticket = await changing(session, agent, seen)
    if ticket.assignee_id == agent.id and ticket.state == "in_progress":
        return
    begins = ticket.state in ("received", "assigned")
    ticket.assignee_id = agent.id
    ticket.state = "in_progress" if begins else ticket.state
    await write(session, agent, ticket, "taken", tell=begins, state=ticket.state)


async def change(
    session: AsyncSession,
    settings: Settings,
    office: Office,
    agent: Agent,
    seen: Seen,
    new: Change,
    *,
    keep_unit: bool = False,
) -> None:
    """Put facts of a ticket right. Another kind or category routes it to the unit that answers for it, unless kept.

    So does another place, unless somebody chose the unit by hand.
    The category's own priority comes with it, unless one is given; another kind has another term. The history keeps
    what stood there before. Raises UnknownCategoryError.
    """
    ticket = await changing(session, agent, seen)
    values = _values(office, ticket, new)
    if not keep_unit and _routes(office, ticket, values):
        routing = {name: values.get(name, getattr(ticket, name)) for name in ROUTING}
        values["unit"] = office.unit_for(**routing)
    changed = {name: [getattr(ticket, name), value] for name, value in values.items() if getattr(ticket, name) != value}
    if not changed:
        return
    for name, (_, value) in changed.items():
        setattr(ticket, name, value)
    if "unit" in changed and ticket.assignee_id != agent.id:
        ticket.assignee_id = None
    ticket.words = repository.searchable(ticket.description, ticket.place, ticket.reference)
    if "kind" in changed:
        keep(ticket, await due_of(session, settings, office, ticket))
    await write(session, agent, ticket, "changed", tell="unit" in changed, changed=changed)
    if "unit" in changed:
        await give_out(session, office, ticket)


def _routes(office: Office, ticket: Ticket, values: dict[str, Any]) -> bool:
    """Whether new facts say anew which unit answers."""
    by_rule = ticket.unit == office.unit_for(ticket.kind, ticket.category, ticket.place)  # type: ignore[arg-type]
    return bool(values.keys() & {"kind", "category"}) or ("place" in values and by_rule)


def _values(office: Office, ticket: Ticket, new: Change) -> dict[str, Any]:
    """Columns and what they should hold."""
    values = new.model_dump(exclude_unset=True, exclude={"position"})
    if "position" in new.model_fields_set:
        values["latitude"] = new.position.latitude if new.position else None
        values["longitude"] = new.position.longitude if new.position else None
    for required in ("kind", "description", "priority"):
        if values.get(required, "") is None:
            del values[required]
    if category := values.get("category"):
        if category not in office.categories.categories:
            raise UnknownCategoryError
        if category != ticket.category:
            values.setdefault("priority", office.categories.categories[category].priority)
    return values


async def move(session: AsyncSession, agent: Agent, seen: Seen, state: str) -> None:
    """Bring an open ticket to another open state; the citizen is told. Raises StateUnknownError."""
    ticket = await changing(session, agent, seen)
    if state not in STATES or state == "closed":
        raise StateUnknownError
    if ticket.state == state:
        return
    before, ticket.state = ticket.state, state
    await write(session, agent, ticket, "state", tell=True, state=state, before=before)


async def ask(session: AsyncSession, agent: Agent, seen: Seen, question: str) -> None:
    """Ask the citizen something; the ticket waits for them. Raises ReasonMissingError for an empty question."""
    ticket = await changing(session, agent, seen)
    words = said(question)
    ticket.state = "waiting"
    await write(session, agent, ticket, "asked", tell=True, question=words)


async def close(session: AsyncSession, agent: Agent, seen: Seen, answer: Answer, *, tell: bool = True) -> int:
    """End a ticket and tell the citizen; its duplicates end with the same answer. Returns how many tickets ended.

    Not to `tell` is for who tells them in other words. Duplicates go on where the answer is not for them: when this one
    was withdrawn, or when only one of the two has become restricted. Raises ReasonMissingError or GroundMissingError.
    """
    ticket = await changing(session, agent, seen)
    if answer.outcome in NEED_REASON and not answer.reason:
        raise ReasonMissingError
    if answer.outcome == "refused" and ticket.kind in NEED_GROUND and not answer.ground:
        raise GroundMissingError
    await _end(session, agent, ticket, answer.outcome, answer.model_dump(), tell=tell)
    following = await repository.open_followers(session, ticket.id)
    same = [one for one in following if answer.outcome != "withdrawn" and one.restricted is ticket.restricted]
    for follower in same:
        await _end(session, agent, follower, "duplicate", {**answer.model_dump(), "as": ticket.reference})
    for restricted in (False, True):
        await pass_on(session, [one for one in following if one not in same and one.restricted is restricted])
    return 1 + len(same)


async def _end(
    session: AsyncSession, agent: Agent, ticket: Ticket, outcome: str, told: dict[str, str], *, tell: bool = True
) -> None:
    ticket.state, ticket.closed_at, ticket.outcome = "closed", utcnow(), outcome
    ticket.outcome_reason, ticket.outcome_ground = told["reason"] or None, told["ground"] or None
    await write(session, agent, ticket, "closed", tell=tell, **told)


async def reopen(session: AsyncSession, office: Office, agent: Agent, seen: Seen, reason: str) -> None:
    """Work on a closed ticket again; what was said at its end stays in the history, and it follows no other.

    Raises TicketNotClosedError or ReasonMissingError.
    """
    ticket = await changing(session, agent, seen, closed=True)
    words = said(reason)
    ticket.state = "in_progress" if ticket.assignee_id else "assigned"
    ticket.closed_at = ticket.outcome = ticket.outcome_reason = ticket.outcome_ground = ticket.duplicate_of = None
    event = await write(session, agent, ticket, "reopened", tell=True, reason=words)
    await reopened(session, office, ticket, event, by=agent.id)


async def follow(session: AsyncSession, agent: Agent, seen: Seen, main_reference: str) -> None:
    """Mark a ticket as a duplicate of another, which answers for both; what followed it follows the other now.

    A duplicate of one that is closed ends at once, with its answer. Raises DuplicateUnfitError, TicketClosedError when
    the other one was withdrawn, or TicketNotFoundError when the agent may not see it.
    """
    permit(agent)
    # One at a time, and the main ticket before its duplicates, as where one is closed: else two could wait for each
    # other, or follow in a row of which the last one never gets an answer.
    await repository.one_at_a_time(session, f"follow {agent.office_id}")
    main = await _main(session, agent, main_reference)
    ticket = await changing(session, agent, seen)
    if main.id == ticket.id or main.restricted is not ticket.restricted:
        raise DuplicateUnfitError
    if main.outcome == "withdrawn":  # nobody else's matter ends with that
        raise TicketClosedError
    ticket.duplicate_of = main.id
    for follower in await repository.followers(session, ticket.id):
        follower.duplicate_of = main.id
    await write(session, agent, ticket, "followed", main=main.reference)
    if main.state == "closed":
        told = {"outcome": main.outcome or "solved", "reason": main.outcome_reason or "", "as": main.reference}
        await _end(session, agent, ticket, "duplicate", {**told, "ground": main.outcome_ground or ""})


async def _main(session: AsyncSession, agent: Agent, reference: str) -> Ticket:
    """The ticket that answers: the named one, or the one it follows itself; locked."""
    named = await repository.seen_reference(session, agent, reference)
    if named is None:
        raise TicketNotFoundError
    return await visible(session, agent, named.duplicate_of or named.id, lock=True)


async def unfollow(session: AsyncSession, agent: Agent, seen: Seen) -> None:
    """The ticket is about something else after all."""
    ticket = await changing(session, agent, seen)
    if ticket.duplicate_of is not None:
        ticket.duplicate_of = None
        await write(session, agent, ticket, "followed", main=None)
