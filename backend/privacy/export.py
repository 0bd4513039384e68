"""Everything the office holds about a person, as data and as a page they can read."""

import io
import json
import zipfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy.ext.asyncio import AsyncSession

from backend.announcements import service as announcements
from backend.authority import service as authorities
from backend.contacts import service as contacts
from backend.conversations import personal as conversations
from backend.conversations.models import Message
from backend.core.blocks import all_shown
from backend.core.catalogue import backend_catalogue
from backend.disputes import personal as disputes
from backend.offices.service import Office
from backend.subscriptions import service as subscriptions
from backend.subscriptions.models import Subscription
from backend.surveys import service as surveys
from backend.tickets import aftercare
from backend.tickets.models import Ticket, TicketEvent

PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
INTERNAL = frozenset({"withheld", "note", "question", "answer", "chat", "document", "reminded", "escalated"})
"""What colleagues write to each other about a ticket is not part of the copy."""
AGENTS = frozenset({"by", "to", "to_id", "who", "message"})
SHOWN_SIGNS = 3


async def everything(session: AsyncSession, office: Office, contact_id: UUID) -> dict[str, Any]:
    """A person's data, ready for JSON. Addresses are masked but for their last signs."""
    contact, identities, notice = await contacts.known_of(session, contact_id)
    talks = await conversations.of_contact(session, contact_id)
    owned = await aftercare.all_of(session, contact_id)
    answers = await surveys.of_tickets(session, [ticket.id for ticket, _ in owned])
    votes = await conversations.votes_of(session, [of.id for of, _ in talks])
    wishes = await subscriptions.everything(session, contact_id)
    return {
        "office": office.profile.id,
        "contact": {
            "since": _at(contact.created_at),
            "name": contact.name,
            "phone": contact.phone,
            "time_zone": contact.time_zone,
        },
        "channels": [
            {"channel": one.channel, "address": masked(one.external_id), "since": _at(one.created_at)}
            | {"no_news_since": _at(one.stopped_at)}
            for one in identities
        ],
        "privacy_line": {"shown": _at(notice.at), "version": notice.version} if notice else None,
        "messages": [_message(of.channel, message) for of, messages in talks for message in messages],
        "tickets": [
            _ticket(ticket, history) | await _acting(session, ticket)
            if ticket.contact_id == contact_id
            else _followed(ticket)
            for ticket, history in owned
        ],
        "disputes": await disputes.of_contact(session, contact_id),
        "subscriptions": [_subscription(one) for one in wishes],
        "announcements": [
            {"topic": one.topic, "state": one.state, "reason": one.reason, "channel": one.channel, "at": _at(one.at)}
            for one in await announcements.of_contact(session, contact_id)
        ],
        "votes": [{"at": _at(one.at), "topic": one.topic, "useful": one.useful} for one in votes],
        "satisfaction": [
            {"asked": _at(one.asked_at), "solved": one.solved, "score": one.score, "words": one.words}
            for one in answers
        ],
    }


def masked(address: str) -> str:
    """An address of which only the last signs are shown."""
    return "…" + address[-SHOWN_SIGNS:]


def _at(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None


def _message(channel: str, message: Message) -> dict[str, Any]:
    content = message.content
    known = {name: content[name] for name in ("text", "photo", "document", "position", "phone") if content.get(name)}
    return {"at": _at(message.created_at), "channel": channel, "from": message.author, **known}


def _subscription(one: Subscription) -> dict[str, Any]:
    """What was agreed to, when, where and to which sentence; and when it ended."""
    names = ("topic", "area", "channel", "language", "sentence", "ended_how")
    moments = {"asked": _at(one.asked_at), "ended": _at(one.ended_at)}
    return {**{name: getattr(one, name) for name in names}, **moments}


def _ticket(ticket: Ticket, history: Sequence[TicketEvent]) -> dict[str, Any]:
    names = ("reference", "kind", "category", "unit", "state", "outcome", "outcome_reason", "outcome_ground")
    return {
        **{name: getattr(ticket, name) for name in (*names, "description", "place", "details", "language", "channel")},
        "position": [ticket.latitude, ticket.longitude] if ticket.latitude is not None else None,
        "filed": _at(ticket.created_at),
        "closed": _at(ticket.closed_at),
        "history": [_event(event) for event in history if event.kind not in INTERNAL],
    }


async def _acting(session: AsyncSession, ticket: Ticket) -> dict[str, Any]:
    """For whom a ticket was filed; nothing for one of the person's own."""
    found = await authorities.of_ticket(session, ticket.id)
    if found is None:
        return {}
    known = {name: getattr(found, name) for name in ("name", "relation", "state", "reason")}
    return {"acting_for": {**known, "shown": _at(found.shown_at), "checked": _at(found.checked_at)}}


def _followed(ticket: Ticket) -> dict[str, Any]:
    """A ticket of somebody else whose PIN the person had: that they know of it, and how far it is."""
    return {name: getattr(ticket, name) for name in ("reference", "kind", "category", "state", "outcome")}


def _event(event: TicketEvent) -> dict[str, Any]:
    left_out = AGENTS | {"reason"} if event.kind == "assigned" else AGENTS
    told = {name: value for name, value in event.content.items() if name not in left_out}
    return {"at": _at(event.at), "what": event.kind, "by": event.actor.split(":")[0], **told}


def archive(data: dict[str, Any], office: Office, language: str) -> bytes:
    """A ZIP of the data as JSON and as a page in the person's language."""

    def words(key: str, **values: object) -> str:
        return backend_catalogue().text(key, language, **values)

    data = all_shown(data, language)
    name = office.profile.name[language]
    page = PAGES.get_template("copy.html").render(data=data, t=words, language=language, office=name)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("data.json", json.dumps(data, ensure_ascii=False, indent=2))
        packed.writestr("data.html", page)
    return out.getvalue()
