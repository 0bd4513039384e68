"""What agents add to tickets: notes, questions to other units, visits, documents, chats. None of it makes acts stale.

Every act raises NotAllowedError when the role may not work on tickets, and TicketNotFoundError when the agent may not
see the ticket.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.accounts.schemas import Agent
from backend.attachments.documents import keep_document, note_document, promise_document
from backend.attachments.models import Document
from backend.attachments.schemas import KeptDocument
from backend.core.database import utcnow
from backend.core.settings import Settings
from backend.offices.service import Office
from backend.tickets import repository
from backend.tickets.desk import permit, said, visible, write
from backend.tickets.errors import (
    QuestionAnsweredError,
    QuestionNotFoundError,
    UnitUnknownError,
    VisitFinishedError,
    VisitNotFoundError,
)
from backend.tickets.models import SavedFilter, Ticket, TicketEvent, TicketQuestion, Visit
from backend.tickets.schemas import NewVisit

QUESTIONS_SHOWN = 100
LONGEST_FILTER_NAME = 60


async def _open(session: AsyncSession, agent: Agent, ticket_id: UUID) -> Ticket:
    permit(agent)
    return await visible(session, agent, ticket_id)


async def add_note(session: AsyncSession, agent: Agent, ticket_id: UUID, text: str) -> None:
    """Write something down for colleagues; citizens never see it. Raises ReasonMissingError for an empty one."""
    await write(session, agent, await _open(session, agent, ticket_id), "note", text=said(text))


async def ask_unit(
    session: AsyncSession, office: Office, agent: Agent, ticket_id: UUID, unit: str, question: str
) -> int:
    """Ask another unit something; its people see the question, and the ticket only if it is theirs. Returns its id.

    Raises UnitUnknownError or ReasonMissingError.
    """
    ticket = await _open(session, agent, ticket_id)
    if unit not in office.units:
        raise UnitUnknownError
    asked = TicketQuestion(
        ticket_id=ticket.id, unit=unit, question=said(question), asked_by=agent.name, asked_at=utcnow()
    )
    await repository.add_question(session, asked)
    await write(session, agent, ticket, "question", question_id=asked.id, unit=unit)
    return asked.id


async def answer_question(session: AsyncSession, agent: Agent, question_id: int, answer: str) -> None:
    """Answer a question to a unit of this agent. Raises QuestionNotFoundError or QuestionAnsweredError."""
    permit(agent)
    found = await repository.question(session, agent.office_id, question_id)
    if found is None or not _theirs(agent, *found):
        raise QuestionNotFoundError
    asked, ticket = found
    if asked.answered_at is not None:
        raise QuestionAnsweredError
    asked.answer, asked.answered_by, asked.answered_at = said(answer), agent.name, utcnow()
    await write(session, agent, ticket, "answer", question_id=asked.id, unit=asked.unit)


def _theirs(agent: Agent, asked: TicketQuestion, ticket: Ticket) -> bool:
    return agent.sees_restricted(asked.unit) if ticket.restricted else agent.sees_unit(asked.unit)


async def questions_for(session: AsyncSession, office: Office, agent: Agent) -> list[tuple[TicketQuestion, str]]:
    """Unanswered questions to the agent's units, oldest first, each with its ticket's reference."""
    units = [unit for unit in office.units if agent.sees_unit(unit)]
    asked = await repository.questions_to(session, agent.office_id, units, QUESTIONS_SHOWN)
    return [(question, ticket.reference) for question, ticket in asked if _theirs(agent, question, ticket)]


async def questions_of(session: AsyncSession, ticket_id: UUID) -> Sequence[TicketQuestion]:
    """Questions about a ticket the caller may see, oldest first."""
    return await repository.questions_of(session, ticket_id)


async def add_visit(session: AsyncSession, agent: Agent, ticket_id: UUID, new: NewVisit) -> int:
    """Plan that somebody goes there. Returns its id."""
    ticket = await _open(session, agent, ticket_id)
    planned = Visit(ticket_id=ticket.id, **{**new.model_dump(), "place": new.place or ticket.place})
    await repository.add_visit(session, planned)
    await write(session, agent, ticket, "visit", visit_id=planned.id, at=new.at.isoformat(), who=new.who)
    return planned.id


async def finish_visit(session: AsyncSession, agent: Agent, ticket_id: UUID, visit_id: int, found: str) -> None:
    """Write down what was seen or done. Raises VisitNotFoundError, VisitFinishedError or ReasonMissingError."""
    ticket = await _open(session, agent, ticket_id)
    planned = await repository.visit(session, ticket.id, visit_id)
    if planned is None:
        raise VisitNotFoundError
    if planned.done_at is not None:
        raise VisitFinishedError
    planned.found, planned.done_at = said(found), utcnow()
    await write(session, agent, ticket, "visit_done", visit_id=planned.id)


async def visits_of(session: AsyncSession, ticket_id: UUID) -> Sequence[Visit]:
    """Visits for a ticket the caller may see, by time."""
    return await repository.visits_of(session, ticket_id)


async def keep_file(
    session: AsyncSession, settings: Settings, agent: Agent, ticket_id: UUID, content: bytes
) -> KeptDocument:
    """Put a PDF, JPEG or PNG into the storage, for `add_document` in another transaction: this one is committed.

    Raises DocumentTooLargeError, DocumentTypeError, PhotoTooManyPixelsError or StorageAwayError.
    """
    await _open(session, agent, ticket_id)
    document_id = await promise_document(session)
    await session.commit()  # the storage may be another machine: no transaction waits for it
    return await keep_document(settings, document_id, content)


async def add_document(session: AsyncSession, agent: Agent, ticket_id: UUID, name: str, kept: KeptDocument) -> Document:
    """Add a file that was kept."""
    ticket = await _open(session, agent, ticket_id)
    document = await note_document(session, ticket.id, name, kept, added_by=agent.name)
    await write(session, agent, ticket, "document", document_id=str(document.id), name=document.name)
    return document


async def link_conversation(session: AsyncSession, agent: Agent, ticket_id: UUID, conversation_id: UUID) -> None:
    """Say that a chat is about a ticket. It gives whoever wrote there no right to know of it: that takes the PIN."""
    ticket = await _open(session, agent, ticket_id)
    if await repository.add_chat(session, ticket.id, conversation_id):
        await write(session, agent, ticket, "chat", conversation_id=str(conversation_id))


async def conversations_of(session: AsyncSession, ticket: Ticket) -> list[UUID]:
    """Chats about a ticket the caller may see: the one it was filed in, and those agents linked."""
    filed_in = [ticket.conversation_id] if ticket.conversation_id else []
    return [*filed_in, *(chat for chat in await repository.chats_of(session, ticket.id) if chat not in filed_in)]


async def family(session: AsyncSession, agent: Agent, ticket: Ticket) -> tuple[Ticket | None, Sequence[Ticket]]:
    """The ticket this one follows, and those that follow it, as far as the agent may see them."""
    main = await repository.seen_ticket(session, agent, ticket.duplicate_of) if ticket.duplicate_of else None
    return main, await repository.seen_followers(session, agent, ticket.id)


async def history_of(session: AsyncSession, ticket_id: UUID) -> Sequence[TicketEvent]:
    """The history of a ticket the caller may see, oldest first."""
    return await repository.history(session, ticket_id)


async def save_filter(session: AsyncSession, agent: Agent, name: str, query: str) -> None:
    """Keep a view of the list for oneself; the same name again replaces it. Raises ReasonMissingError for no name."""
    await repository.save_filter(session, agent.id, said(name)[:LONGEST_FILTER_NAME], query)


async def filters_of(session: AsyncSession, agent: Agent) -> Sequence[SavedFilter]:
    """The agent's own views, by name."""
    return await repository.filters_of(session, agent.id)


async def delete_filter(session: AsyncSession, agent: Agent, filter_id: int) -> None:
    """Forget one of one's own views; one that is not there, or another's, stays as it is."""
    await repository.delete_filter(session, agent.id, filter_id)
