"""What agents add to tickets."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import ValidationError
from sqlalchemy import text

from backend.attachments.documents import DROP_TASK, NOTED_WITHIN, document_name, drop_unnoted
from backend.attachments.errors import DocumentTypeError
from backend.attachments.storage import DiskStorage, storage_of
from backend.core.database import make_sessions, utcnow
from backend.core.errors import InvalidRequestError, NotAllowedError
from backend.tickets import casework
from backend.tickets.errors import (
    QuestionAnsweredError,
    QuestionNotFoundError,
    ReasonMissingError,
    TicketNotFoundError,
    UnitUnknownError,
    VisitFinishedError,
    VisitNotFoundError,
)
from backend.tickets.schemas import NewVisit
from tests.backend.tickets.factories import Town, agent
from tests.factories import jpeg


async def test_notes_are_for_colleagues_only(town: Town) -> None:
    who, ticket = await agent(town.session), await town.ticket()
    await casework.add_note(town.session, who, ticket.id, " Neighbours quarrel. ")
    assert (await town.last(ticket)).content["text"] == "Neighbours quarrel."
    assert await town.news() == []
    for words, error in ((" ", ReasonMissingError), ("x" * 8001, InvalidRequestError)):
        with pytest.raises(error):
            await casework.add_note(town.session, who, ticket.id, words)


@pytest.mark.parametrize(
    ("role", "units", "category", "theirs"),
    [
        ("agent", ("roads",), "noise", True),
        ("agent", (), "noise", True),
        ("supervisor", ("water",), "noise", True),
        ("agent", ("water",), "noise", False),
        ("agent", ("roads",), "staff_conduct", True),
        ("agent", (), "staff_conduct", False),
        ("supervisor", ("water",), "staff_conduct", False),
    ],
)
async def test_a_question_is_for_the_people_of_the_unit(
    town: Town, role: Any, units: tuple[str, ...], category: str, theirs: bool
) -> None:
    asking, asked = await agent(town.session, "agent", "enforcement", "ethics"), await agent(town.session, role, *units)
    ticket = await town.ticket(category=category)
    number = await casework.ask_unit(town.session, town.office, asking, ticket.id, "roads", "Is it your lorry?")
    found = [(q.id, reference) for q, reference in await casework.questions_for(town.session, town.office, asked)]
    assert ((number, ticket.reference) in found) is theirs
    if not theirs:
        with pytest.raises(QuestionNotFoundError):
            await casework.answer_question(town.session, asked, number, "Yes.")
        return
    await casework.answer_question(town.session, asked, number, "Yes.")
    with pytest.raises(QuestionAnsweredError):
        await casework.answer_question(town.session, asked, number, "No.")
    [question] = await casework.questions_of(town.session, ticket.id)
    assert (question.answer, question.answered_by) == ("Yes.", "Ana")
    assert [event.kind for event in await town.events(ticket)] == ["received", "question", "answer"]
    assert number not in [q.id for q, _ in await casework.questions_for(town.session, town.office, asked)]


async def test_questions_that_cannot_be_asked_or_answered_are_refused(town: Town) -> None:
    who, ticket = await agent(town.session), await town.ticket()
    with pytest.raises(UnitUnknownError):
        await casework.ask_unit(town.session, town.office, who, ticket.id, "circus", "?")
    number = await casework.ask_unit(town.session, town.office, who, ticket.id, "roads", "?")
    with pytest.raises(ReasonMissingError):
        await casework.answer_question(town.session, who, number, " ")
    with pytest.raises(QuestionNotFoundError):
        await casework.answer_question(town.session, who, 10**9, "Yes.")
    with pytest.raises(NotAllowedError):
        await casework.answer_question(town.session, await agent(town.session, "reader"), number, "Yes.")


async def test_a_visit_is_planned_to_the_place_of_the_ticket_and_finished_once(town: Town) -> None:
    who, ticket, other = await agent(town.session), await town.ticket(place="Piața Unirii"), await town.ticket()
    at = utcnow() + timedelta(days=1)
    number = await casework.add_visit(town.session, who, ticket.id, NewVisit(at=at, who="Team 4", note="ladder"))
    with pytest.raises(VisitNotFoundError):
        await casework.finish_visit(town.session, who, other.id, number, "Done.")
    with pytest.raises(ReasonMissingError):
        await casework.finish_visit(town.session, who, ticket.id, number, " ")
    await casework.finish_visit(town.session, who, ticket.id, number, "Done.")
    with pytest.raises(VisitFinishedError):
        await casework.finish_visit(town.session, who, ticket.id, number, "Done again.")
    [visit] = await casework.visits_of(town.session, ticket.id)
    assert (visit.at, visit.who, visit.place, visit.note, visit.found) == (
        at, "Team 4", "Piața Unirii", "ladder", "Done."
    )  # fmt: skip
    assert [event.kind for event in await town.events(ticket)] == ["received", "visit", "visit_done"]


@pytest.mark.parametrize("wrong", [{"who": " "}, {"at": "2026-11-22T10:00"}, {"at": "soon"}])
def test_a_visit_needs_a_person_and_a_moment_with_its_zone(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        NewVisit.model_validate({"at": "2026-11-22T10:00+02:00", "who": "Team 4", **wrong})


async def test_a_document_is_written_down_with_its_name(town: Town) -> None:
    who, ticket = await agent(town.session), await town.ticket()
    kept = await casework.keep_file(town.session, town.settings, who, ticket.id, jpeg())
    document = await casework.add_document(town.session, who, ticket.id, "hole.png", kept)
    event = await town.last(ticket)
    assert (event.kind, event.content["name"], event.content["document_id"]) == (
        "document", "hole.jpg", str(document.id)
    )  # fmt: skip


@pytest.mark.parametrize(
    ("role", "content", "error"),
    [
        ("reader", jpeg(), NotAllowedError),
        ("agent roads", jpeg(), TicketNotFoundError),
        ("agent", b"no picture", DocumentTypeError),
    ],
)
async def test_nothing_is_kept_of_a_file_that_is_refused(
    town: Town, role: str, content: bytes, error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DiskStorage, "put", pytest.fail)
    ticket = await town.ticket()
    role, *units = role.split()
    who = await agent(town.session, role, *units)  # type: ignore[arg-type]
    with pytest.raises(error):
        await casework.keep_file(town.session, town.settings, who, ticket.id, content)


async def test_a_file_is_kept_while_no_transaction_is_open(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    who, ticket, seen = await agent(town.session), await town.ticket(), []

    async def put(_: DiskStorage, name: str, content: bytes) -> None:
        seen.append((name, town.session.in_transaction()))

    monkeypatch.setattr(DiskStorage, "put", put)
    kept = await casework.keep_file(town.session, town.settings, who, ticket.id, jpeg())
    assert seen == [(document_name(kept), False)]


async def test_a_file_without_a_row_is_deleted_after_a_day(town: Town) -> None:
    who, ticket = await agent(town.session), await town.ticket()
    kept, lost = [await casework.keep_file(town.session, town.settings, who, ticket.id, jpeg()) for _ in range(2)]
    await casework.add_document(town.session, who, ticket.id, "hole.jpg", kept)
    query = text("SELECT args ->> 'document_id' FROM procrastinate_jobs WHERE task_name = :task AND scheduled_at > :at")
    due = {"task": DROP_TASK, "at": utcnow() + NOTED_WITHIN - timedelta(minutes=5)}
    promised = (await town.session.scalars(query, due)).all()
    assert set(promised) == {str(kept.id), str(lost.id)}
    await town.session.commit()
    sessions = make_sessions(town.session.bind)  # type: ignore[arg-type]
    dropped = [await drop_unnoted(town.settings, sessions, UUID(one)) for one in promised]
    assert sorted(dropped) == [False, True]
    assert await storage_of(town.settings).exists(document_name(kept))
    assert not await storage_of(town.settings).exists(document_name(lost))


async def test_a_chat_is_linked_once_and_its_writer_gets_no_right_by_it(town: Town) -> None:
    who, ticket, chat, filed_in = await agent(town.session), await town.ticket(), uuid4(), uuid4()
    ticket.conversation_id = filed_in
    for conversation in (chat, chat, filed_in):
        await casework.link_conversation(town.session, who, ticket.id, conversation)
    assert await casework.conversations_of(town.session, ticket) == [filed_in, chat]
    assert [event.kind for event in await town.events(ticket)] == ["received", "chat", "chat"]


async def test_saved_views_are_ones_own_and_the_same_name_replaces(town: Town) -> None:
    ana, ion = await agent(town.session), await agent(town.session)
    for query in ("view=mine", "view=overdue"):
        await casework.save_filter(town.session, ana, " Late ", query)
    [kept] = await casework.filters_of(town.session, ana)
    assert (kept.name, kept.query) == ("Late", "view=overdue")
    assert await casework.filters_of(town.session, ion) == []
    await casework.delete_filter(town.session, ion, kept.id)
    assert len(await casework.filters_of(town.session, ana)) == 1
    await casework.delete_filter(town.session, ana, kept.id)
    assert await casework.filters_of(town.session, ana) == []
    with pytest.raises(ReasonMissingError):
        await casework.save_filter(town.session, ana, " ", "view=mine")
