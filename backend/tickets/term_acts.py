"""What agents do to a statutory term: extend it, stop it for a fee or a paper, forward, refuse, confirm receipt.

Each act is an event of the clock, counts the date anew and tells the citizen in the words the agent approved.
"""

from datetime import datetime
from typing import Literal, get_args

from sqlalchemy.ext.asyncio import AsyncSession

from backend.accounts.schemas import Agent
from backend.clocks.schemas import (
    Acknowledgement,
    Completion,
    Due,
    Event,
    Extension,
    Interruption,
    Refusal,
    Rule,
    Transfer,
)
from backend.clocks.service import spoken_day
from backend.core.catalogue import backend_catalogue
from backend.core.database import utcnow
from backend.core.settings import Settings
from backend.offices.service import Office
from backend.tickets import desk, repository
from backend.tickets.errors import ReasonMissingError, TermActUnfitError
from backend.tickets.models import Ticket
from backend.tickets.schemas import Seen
from backend.tickets.terms import CLOCK_EVENT, due_of, keep, rule_of

TermAct = Literal["extend", "ask_fee", "ask_papers", "resume", "transfer", "refuse", "acknowledge"]
TERM_ACTS: tuple[TermAct, ...] = get_args(TermAct)
OFFERED: tuple[TermAct, ...] = ("extend", "transfer", "refuse", "acknowledge")
"""Acts a rule offers itself, until a day."""
NEED_WORDS = frozenset({"extend", "ask_fee", "ask_papers", "transfer", "refuse"})
OVER = frozenset({"answered", "transferred", "lapsed"})


def possible(due: Due, rule: Rule) -> tuple[TermAct, ...]:
    """What an agent can do to a term as it stands."""
    if due.state in OVER:
        return ()
    offered = {option.act for option in due.options}
    acts = [act for act in OFFERED if act in offered]
    if offered & {"pay", "complete"}:
        return (*acts, "resume")
    asks: dict[TermAct, object] = {"ask_fee": rule.interruption, "ask_papers": rule.completion}
    return (*acts, *(act for act, part in asks.items() if part))


async def drafted(session: AsyncSession, settings: Settings, office: Office, ticket: Ticket, act: TermAct) -> str:
    """The notice to the citizen as it could be sent, in their language, with the new day where there is one."""
    if act == "resume":
        return ""
    due = await due_of(session, settings, office, ticket, then=_event(act, utcnow()))
    day = spoken_day(due.day, ticket.language, year=True) if due else ""
    return backend_catalogue().text(f"ticket.notice.{act}", ticket.language, reference=ticket.reference, day=day)


async def act_on(
    session: AsyncSession, settings: Settings, office: Office, agent: Agent, seen: Seen, act: TermAct, notice: str
) -> None:
    """Do it, and tell the citizen.

    Raises TermActUnfitError when the law does not allow it now, ReasonMissingError, or InvalidRequestError for a notice
    of more than a page or two.
    """
    ticket = await desk.changing(session, agent, seen)
    rule, due = rule_of(settings, office, ticket), await due_of(session, settings, office, ticket)
    if rule is None or due is None or act not in possible(due, rule):
        raise TermActUnfitError
    words = desk.said(notice) if notice.strip() else ""
    if act in NEED_WORDS and not words:
        raise ReasonMissingError
    now = utcnow()
    if act == "resume":
        await _resume(session, ticket, now)
    else:
        content = _event(act, now).model_dump(mode="json")
        await repository.add_event(
            session, ticket.id, CLOCK_EVENT, actor=f"agent:{agent.id}", channel="office", content=content
        )
    keep(ticket, await due_of(session, settings, office, ticket))
    told = {"notice": words} if words else {}
    due_at = ticket.due_at.isoformat() if ticket.due_at else None
    await desk.write(session, agent, ticket, "term", tell=bool(words), act=act, due=due_at, **told)


def _event(act: TermAct, now: datetime) -> Event:
    events: dict[str, Event] = {
        "extend": Extension(at=now, notified_at=now),
        "ask_fee": Interruption(at=now),
        "ask_papers": Completion(at=now),
        "transfer": Transfer(at=now),
        "refuse": Refusal(at=now),
        "acknowledge": Acknowledgement(at=now),
    }
    return events.get(act, Acknowledgement(at=now))


async def _resume(session: AsyncSession, ticket: Ticket, now: datetime) -> None:
    """What was waited for has come: the newest open pause ends."""
    for event in reversed(await repository.history(session, ticket.id)):
        if event.kind == CLOCK_EVENT and event.content["kind"] in ("interruption", "completion"):
            event.content = {**event.content, "until": now.isoformat()}
            return
