"""From a chat: how far a dispute is, and who comes; only for its parties."""

import pytest

from backend.disputes import replying, service
from backend.disputes.schemas import AppointmentReply
from backend.tickets import appointments
from backend.tickets.models import Ticket
from backend.tickets.schemas import Author
from tests.backend.disputes.factories import HIDDEN, LANDLORD, MOBILE, Town, appointment


@pytest.fixture
async def called(town: Town) -> tuple[Ticket, Author, int]:
    """A dispute with an inspection, its complainant, and the appointment's id."""
    author, agent = await town.person(), await town.agent()
    ticket = await town.registered(agent, await town.filed(author))
    await town.goes(agent, ticket, "inspection", appointment=appointment())
    [visit] = await appointments.of_ticket(town.session, ticket)
    return ticket, author, visit.id


def reply(visit_id: int, comes: bool = True, proposal: str = "") -> AppointmentReply:
    return AppointmentReply(appointment=visit_id, comes=comes, proposal=proposal, language="af")


async def test_the_status_tells_step_appointment_and_the_laws_day(
    town: Town, called: tuple[Ticket, Author, int]
) -> None:
    ticket, author, visit_id = called
    found = await replying.status(town.session, town.desk(), author, ticket.reference, "af")
    assert found
    assert (found.step, found.appointment_id) == ("Inspeksie", visit_id)
    assert "10:00" in found.appointment
    assert found.due
    for hidden in (MOBILE, HIDDEN, LANDLORD):
        assert hidden not in found.model_dump_json()


async def test_before_it_is_registered_the_status_says_so(town: Town) -> None:
    author = await town.person()
    ticket = await town.filed(author)
    found = await replying.status(town.session, town.desk(), author, ticket.reference, "en")
    assert found
    assert (found.step, found.appointment_id) == ("Handed in; not registered yet", None)


@pytest.mark.parametrize("text", ["WC-444-444", "nothing", "TM-4F7-KPX"])
async def test_another_reference_has_no_status(town: Town, called: tuple[Ticket, Author, int], text: str) -> None:
    assert await replying.status(town.session, town.desk(), called[1], text, "en") is None


async def test_a_stranger_hears_nothing_and_answers_nothing(town: Town, called: tuple[Ticket, Author, int]) -> None:
    ticket, _, visit_id = called
    stranger = await town.person(address="+27849990000")
    assert await replying.status(town.session, town.desk(), stranger, ticket.reference, "en") is None
    kept = await replying.reply(town.session, town.office, stranger, reply(visit_id))
    assert (kept.kept, kept.reference, kept.when) == (False, "", "")


async def test_an_answer_is_kept_once_and_a_changed_mind_replaces_it(
    town: Town, called: tuple[Ticket, Author, int]
) -> None:
    ticket, author, visit_id = called
    for given in (reply(visit_id), reply(visit_id), reply(visit_id, False, "mornings")):
        assert (await replying.reply(town.session, town.office, author, given)).kept
    events = [event for event in await town.events(ticket) if event.kind == "appointment_answer"]
    assert [(event.content["comes"], event.content["text"]) for event in events] == [(True, ""), (False, "mornings")]
    party = (await town.whole(ticket)).parties["complainant"]
    found = await service.answers_to(town.session, await appointments.of_ticket(town.session, ticket))
    assert found[visit_id, party.id].proposal == "mornings"


@pytest.mark.parametrize("case", ["cancelled", "finished", "unknown"])
async def test_what_is_over_takes_no_answer(town: Town, called: tuple[Ticket, Author, int], case: str) -> None:
    ticket, author, visit_id = called
    [visit] = await appointments.of_ticket(town.session, ticket)
    if case == "cancelled":
        await appointments.drop(town.session, ticket)
    if case == "finished":
        visit.done_at = visit.at
    number = visit_id + 1000 if case == "unknown" else visit_id
    assert not (await replying.reply(town.session, town.office, author, reply(number))).kept


async def test_a_respondent_who_is_a_contact_answers_from_their_chat(
    town: Town, called: tuple[Ticket, Author, int]
) -> None:
    ticket, _, visit_id = called
    landlord = await town.person(address=MOBILE)
    party = (await town.whole(ticket)).parties["respondent"]
    party.contact_id = landlord.contact_id
    assert (await replying.reply(town.session, town.office, landlord, reply(visit_id, False))).kept
    found = await replying.status(town.session, town.desk(), landlord, ticket.reference, "en")
    assert found
    assert HIDDEN not in found.model_dump_json()
