"""What the pages of the chats show, gathered from the features below."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, get_args
from uuid import UUID, uuid4

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession

from backend.accounts import service as accounts
from backend.accounts.schemas import Agent
from backend.console.chats.items import item, shown_at
from backend.console.shell.pages import Words
from backend.contacts import service as contacts
from backend.conversations import desk, listing
from backend.conversations.desk import Chat, Line
from backend.conversations.listing import Wanted
from backend.core.database import driver_connection, utcnow
from backend.handoff import canned, repository, service
from backend.handoff.models import Note
from backend.offices.schemas import TicketKind
from backend.offices.service import Office
from backend.outbox import service as outbox
from backend.outbox.schemas import DeliveryState
from backend.subscriptions import service as subscriptions
from backend.tickets import chats as tickets
from backend.tickets.models import Ticket

LIST_LENGTH = 200
LOG_LENGTH = 100
KINDS: tuple[TicketKind, ...] = get_args(TicketKind)


@dataclass(frozen=True)
class Entry:
    """One line of a chat's log: a message with how far it has come, or a note."""

    line: Line | None = None
    note: Note | None = None
    delivery: DeliveryState | None = None

    @property
    def at(self) -> datetime:
        """When it was written."""
        return self.line.at if self.line else self.note.at if self.note else datetime.min


async def queue(
    session: AsyncSession, request: Request, agent: Agent, wanted: Wanted, open_chat: str = ""
) -> dict[str, Any]:
    """The list, its counts and its filters."""
    office: Office = request.app.state.office
    also = await tickets.chats_behind(session, office, agent, wanted.words) if wanted.words.strip() else []
    chats = await listing.listed(session, agent, wanted, also, LIST_LENGTH)
    names = {one.agent.id: one.agent.name for one in await accounts.colleagues(session, agent.office_id)}
    t, moment = Words(office, agent.language), shown_at(utcnow())
    return {
        "wanted": wanted,
        "views": listing.VIEWS,
        "items": [
            item(
                t, one, wanted.view, one.agent_id and names.get(one.agent_id), moment, is_open=str(one.id) == open_chat
            )
            for one in chats
        ],
        "open_chat": open_chat,
        "counts": await listing.counts(session, agent, wanted),
        "for_me": await listing.count_waiting_for(session, agent.id),
        "channels": sorted(request.app.state.adapters),
    }


async def shown(
    session: AsyncSession,
    request: Request,
    agent: Agent,
    chat_id: UUID,
    shown_mode: str | None = "",
    before: int | None = None,
) -> dict[str, Any]:
    """One chat, and the form for answers when what the agent can do is not what the page shows already.

    None for `shown_mode` leaves the form as it is.
    """
    found = await service.seen(session, agent, chat_id)
    values = await _chat(session, request, agent, found, before)
    values["shown_mode"] = values["mode"] if shown_mode is None else shown_mode
    if values["mode"] != values["shown_mode"]:
        values |= await _answering(session, request, agent, found, values["tickets"])
    return values


async def _chat(
    session: AsyncSession, request: Request, agent: Agent, found: Chat, before: int | None
) -> dict[str, Any]:
    """Log, who may do what, and the pane about the citizen: what every change of a chat shows anew."""
    office: Office = request.app.state.office
    entries = await _entries(session, found, before)
    return {
        "chat": found.conversation,
        "contact": found.contact,
        "stopped": found.stopped,
        "entries": entries,
        "earlier": _earlier(entries),
        "mode": _mode(found, agent),
        "holder": await _holder(session, found, agent),
        "tickets": await tickets.of_contact(session, agent, found.contact.id),
        "subscriptions": subscriptions.titles(
            office, await subscriptions.current(session, found.contact.id), agent.language
        ),
        "others": await desk.others_of(session, agent, found.conversation),
        "zone": await contacts.zone(session, found.contact.id, office.profile.zone),
    }


async def _answering(
    session: AsyncSession, request: Request, agent: Agent, found: Chat, own: list[Ticket]
) -> dict[str, Any]:
    """What the form for answers offers: ready sentences, colleagues to pass on to, the draft."""
    office: Office = request.app.state.office
    team = await accounts.colleagues(session, agent.office_id)
    language = found.conversation.language_choice or found.conversation.language
    values = {"citizen": found.contact.name or "", "reference": own[0].reference if own else ""}
    return {
        "team": [one for one in team if one.available and one.agent.id != agent.id and one.agent.may("chat")],
        "canned": await canned.for_chat(session, office, agent, language, values),
        "draft": await repository.draft(session, agent.id, found.conversation.id),
        "kinds": KINDS,
        "key": uuid4().hex,
    }


async def _holder(session: AsyncSession, found: Chat, agent: Agent) -> str | None:
    """Who has the chat, by name; None when nobody has, or when they are not of the team any more."""
    holder = found.conversation.agent_id
    if holder is None or holder == agent.id:
        return agent.name if holder else None
    team = await accounts.colleagues(session, agent.office_id)
    return next((one.agent.name for one in team if one.agent.id == holder), None)


def _mode(found: Chat, agent: Agent) -> str:
    """What this agent can do in the chat: answer, take, take from a colleague, or only read."""
    if not agent.may("chat"):
        return "read"
    if found.conversation.holder != "agent":
        return "take"
    return "answer" if found.conversation.agent_id == agent.id else "taken"


def _earlier(entries: list[Entry]) -> int | None:
    """From which number on earlier messages are to be had; None when all are there."""
    lines = [entry.line for entry in entries if entry.line]
    return lines[0].seq if len(lines) == LOG_LENGTH else None


async def _entries(session: AsyncSession, found: Chat, before: int | None) -> list[Entry]:
    of = found.conversation
    lines = await desk.lines(session, of.id, before=before, limit=LOG_LENGTH)
    first = lines[0].seq if len(lines) == LOG_LENGTH else 0
    states = await outbox.states(await driver_connection(session), of.id, first - 1)
    entries = [Entry(line=line, delivery=states.get(line.seq)) for line in lines]
    notes = await service.notes(session, of.id, first, before)
    return sorted([*entries, *(Entry(note=note) for note in notes)], key=_place)


def _place(entry: Entry) -> tuple[int, int, int]:
    """Messages by their number, notes behind the message they were written after, in their own order."""
    if entry.line:
        return entry.line.seq, 0, 0
    assert entry.note is not None
    return entry.note.after_seq, 1, entry.note.id
