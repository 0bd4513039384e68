"""Surveys: whether a closed ticket is solved, how satisfied people are, and what their answers come to by unit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.answers.desk import Desk
from backend.answers.reaching import reach
from backend.answers.service import announce
from backend.conversations import service as conversations
from backend.conversations.models import Conversation
from backend.core.catalogue import backend_catalogue
from backend.core.database import driver_connection, utcnow
from backend.offices.service import Office
from backend.surveys import repository
from backend.surveys.models import Satisfaction
from backend.surveys.schemas import Answered, Group, OpenQuestion, Satisfied, SurveyAnswer
from backend.tickets import aftercare
from backend.tickets.schemas import Author, Closing
from backend.tickets.service import people_behind
from channels.message import Button

MID_TALK = timedelta(minutes=15)
"""Nobody is asked while they are talking about something else."""
WITH_A_PERSON = timedelta(hours=1)
BARE_ANSWER_WITHIN = timedelta(days=3)
"""So long a bare "yes" or "no" still answers the question."""
SHOWN = 500


@dataclass(frozen=True)
class Asked:
    """What became of a question."""

    conversation_id: UUID | None = None
    """Where it was asked; None when it is not, or not now."""
    later: datetime | None = None
    """When to try again."""


async def ask(session: AsyncSession, desk: Desk, ticket_id: UUID, event: int) -> Asked:
    """Ask the citizen behind a ticket, once for each closing, whether it is solved.

    They are asked where they would get news, outside quiet hours, neither in the middle of a talk nor while a person
    holds the chat. A ticket that was withdrawn, or reopened since, is not asked about.
    """
    reached = await reach(session, desk, await people_behind(session, ticket_id))
    if reached is None:
        return Asked()
    to = reached.conversation
    language = to.language_choice or to.language
    closing = await aftercare.ended(session, desk.office, ticket_id, event, language)
    if closing is None:
        return Asked()
    if later := reached.later or _free_at(to):
        return Asked(later=later)
    values = _row(desk.office, to, closing, language)
    survey_id = await repository.add(session, {**values, "ticket_id": ticket_id, "closing": event})
    if survey_id is None:
        return Asked()
    await repository.note_number(session, survey_id, await _say(session, desk, to, closing, language))
    return Asked(to.id)


def _free_at(conversation: Conversation) -> datetime | None:
    now = utcnow()
    if conversation.holder == "agent":
        return now + WITH_A_PERSON
    free = conversation.heard_at + MID_TALK if conversation.heard_at else now
    return free if free > now else None


def _row(office: Office, to: Conversation, closing: Closing, language: str) -> dict[str, object]:
    return {
        "office_id": office.profile.id,
        "unit": closing.unit,
        "conversation_id": to.id,
        "channel": to.channel,
        "language": language,
        "seq": 0,
        "asked_at": utcnow(),
    }


async def _say(session: AsyncSession, desk: Desk, to: Conversation, closing: Closing, language: str) -> int:
    texts = backend_catalogue()
    text = texts.text("survey.ask", language, reference=closing.reference, subject=closing.subject)
    named = f'"reference": "{closing.reference}"'
    buttons = (
        Button(title=texts.text("survey.yes", language), payload=f'/answer_survey{{{named}, "solved": "yes"}}'),
        Button(title=texts.text("survey.no", language), payload=f'/reopen_ticket{{{named}, "solved": "no"}}'),
    )
    await session.flush()
    return await announce(await driver_connection(session), desk.adapters, to, text, language, buttons=buttons)


async def answer(session: AsyncSession, office: Office, author: Author, given: SurveyAnswer) -> bool:
    """Keep a part of an answer; a changed mind replaces it. False when this person was never asked about it."""
    ticket = await aftercare.owned(session, office, author, given.reference)
    asked = await repository.newest(session, ticket.id) if ticket else None
    if asked is None:
        return False
    if given.solved is not None:
        asked.solved = given.solved
    if given.score is not None:
        asked.score, asked.solved = given.score, asked.solved is None or asked.solved
    if given.words:
        asked.words = given.words
    asked.at = utcnow()
    return True


async def open_question(session: AsyncSession, conversation_id: UUID) -> OpenQuestion | None:
    """The question a bare "yes" or "no" answers: the newest thing that was said in the conversation, a while ago."""
    asked = await repository.waiting(session, conversation_id, utcnow() - BARE_ANSWER_WITHIN)
    if asked is None or await conversations.newest_of_ours(session, conversation_id) != asked.seq:
        return None
    return OpenQuestion(reference=await aftercare.reference_of(session, asked.ticket_id))


async def by_unit(session: AsyncSession, office: Office, since: datetime, until: datetime) -> list[Satisfied]:
    """How satisfied those were who were asked from `since` up to (not at) `until`, by unit."""
    found = await repository.counts(session, office.profile.id, since, until)
    target = office.profile.satisfaction_target
    return sorted((Satisfied(*row, target) for row in found), key=lambda one: one.unit)


def whole(units: Sequence[Satisfied], target: float) -> Satisfied:
    """All units together."""
    return Satisfied(
        unit="",
        asked=sum(one.asked for one in units),
        answered=sum(one.answered for one in units),
        satisfied=sum(one.satisfied for one in units),
        unsolved=sum(one.unsolved for one in units),
        target=target,
    )


async def behind(
    session: AsyncSession, office: Office, since: datetime, until: datetime, unit: str, group: Group
) -> list[Answered]:
    """The answers behind a number, newest first, at most 500; an empty unit means all."""
    rows = await repository.rows(session, office.profile.id, since, until, unit, group, SHOWN)
    return [_answered(row) for row in rows]


async def of_tickets(session: AsyncSession, ticket_ids: Sequence[UUID]) -> list[Answered]:
    """All answers about some tickets, oldest first."""
    return [_answered(row) for row in await repository.of_tickets(session, ticket_ids)]


async def forget_words(session: AsyncSession, ticket_ids: Sequence[UUID]) -> None:
    """Keep the scores of some tickets, for the statistics, without what was written with them."""
    await repository.forget_words(session, ticket_ids)


def _answered(row: Satisfaction) -> Answered:
    return Answered(row.ticket_id, row.unit, row.asked_at, row.solved, row.score, row.words)


async def rows_of(session: AsyncSession, ticket_ids: Sequence[UUID]) -> Sequence[Satisfaction]:
    """The rows of all that was asked about some tickets, oldest first."""
    return await repository.of_tickets(session, ticket_ids)
