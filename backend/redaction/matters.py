"""The matter a chat or ticket belongs to: the same person's chats and tickets, as far as the agent may see them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.accounts.schemas import Agent
from backend.attachments import personal as attachments
from backend.authority import repository as authority
from backend.contacts import service as contacts
from backend.conversations import desk as chats, personal as conversations
from backend.conversations.models import Message
from backend.core.database import Base
from backend.core.errors import NotAllowedError
from backend.disputes import repository as disputes
from backend.handoff import personal as handoff, service as handing
from backend.handoff.acting import holds
from backend.redaction.errors import RedactionNotYoursError
from backend.redaction.schemas import Subject
from backend.redaction.texts import Text, texts_of
from backend.surveys import service as surveys
from backend.tickets import aftercare, casework, desk, personal as tickets
from backend.tickets.models import Ticket


@dataclass(frozen=True)
class Matter:
    """What belongs together, with what is out of the agent's sight."""

    subject: Subject
    contacts: frozenset[UUID]
    chats: tuple[UUID, ...]
    tickets: tuple[Ticket, ...]
    unseen: tuple[Ticket, ...] = ()
    """Tickets filed in one of the chats that are restricted to others: they are told."""
    references: dict[UUID, str] = field(default_factory=dict)

    def where(self, text: Text) -> str:
        """The ticket a text belongs to, or the message's number."""
        row = text.row
        if isinstance(row, Message):
            return str(row.seq)
        owner = row.id if isinstance(row, Ticket) else getattr(row, "ticket_id", None)
        return self.references.get(owner, "") if owner else ""


async def matter_of(session: AsyncSession, agent: Agent, subject: Subject) -> Matter:
    """The matter, if the agent may redact there.

    Raises NotAllowedError, RedactionNotYoursError, ChatUnknownError or TicketNotFoundError.
    """
    if not agent.may("redact"):
        raise NotAllowedError
    return await (_of_chat if subject.kind == "chat" else _of_ticket)(session, agent, subject)


async def _of_chat(session: AsyncSession, agent: Agent, subject: Subject) -> Matter:
    chat = await handing.seen(session, agent, subject.id)
    if not (agent.may("direct") or holds(agent, chat)):
        raise RedactionNotYoursError
    return await _gathered(session, agent, subject, chat.conversation.contact_id, [subject.id])


async def _of_ticket(session: AsyncSession, agent: Agent, subject: Subject) -> Matter:
    ticket = await desk.visible(session, agent, subject.id)
    if not (agent.may("direct") or ticket.assignee_id == agent.id):
        raise RedactionNotYoursError
    linked = await casework.conversations_of(session, ticket)
    return await _gathered(session, agent, subject, ticket.contact_id, linked)


async def _gathered(
    session: AsyncSession, agent: Agent, subject: Subject, contact_id: UUID, linked: list[UUID]
) -> Matter:
    ids = dict.fromkeys([*linked, *await conversations.ids_of(session, [contact_id])])
    seen = await chats.seen_among(session, agent, ids)
    behind = await tickets.all_behind(session, [contact_id], seen)
    mine = await aftercare.seen_among(session, agent, [ticket.id for ticket in behind])
    return Matter(
        subject,
        frozenset({contact_id}),
        tuple(one for one in ids if one in seen),
        tuple(ticket for ticket in behind if ticket.id in mine),
        tuple(ticket for ticket in behind if ticket.id not in mine and ticket.conversation_id in seen),
        {ticket.id: ticket.reference for ticket in behind},
    )


async def _formal_texts(session: AsyncSession, of: Sequence[Ticket]) -> list[Base]:
    """What stands beside tickets that somebody filed for another, and beside disputes."""
    rows: list[Base | None] = []
    for ticket in of:
        rows.append(await authority.of_ticket(session, ticket.id))
        if ticket.kind == "housing_dispute":
            rows.append(await disputes.dispute(session, ticket.id))
            rows += (await disputes.parties(session, ticket.id)).values()
            rows += [notice for notice, _ in await disputes.notices(session, ticket.id)]
            called = [visit.id for visit in await casework.visits_of(session, ticket.id)]
            rows += (await disputes.answers(session, called)).values()
    return [row for row in rows if row is not None]


async def all_texts(session: AsyncSession, matter: Matter, *, lock: bool = False) -> list[Text]:
    """Every text of a matter, where it was begun first; the rows are locked until the transaction ends when asked."""
    ids = [ticket.id for ticket in matter.tickets]
    spoken = [
        *await conversations.texts_of(session, matter.chats, lock=lock),
        *await handoff.notes_of(session, matter.chats, lock=lock),
    ]
    written = [
        *await tickets.texts_of(session, ids, lock=lock),
        *await attachments.named_of(session, matter.contacts, ids),
        *await _formal_texts(session, matter.tickets),
        *await surveys.rows_of(session, ids),
    ]
    first, second = (spoken, written) if matter.subject.kind == "chat" else (written, spoken)
    people = (await contacts.people(session, matter.contacts)).values()
    return [text for row in [*first, *second, *people] for text in texts_of(row)]
