"""A party's data can be copied and forgotten; the dispute stays without them."""

from sqlalchemy import text

from backend.disputes import personal
from backend.disputes.telling import lane_id
from backend.tickets import appointments
from backend.tickets.models import Ticket
from tests.backend.disputes.factories import ADDRESS, HIDDEN, LANDLORD, MOBILE, TENANT, Town, appointment

QUERIES = (
    "SELECT * FROM dispute WHERE ticket_id = :id",
    "SELECT * FROM dispute_party WHERE ticket_id = :id",
    "SELECT * FROM dispute_notice WHERE party_id IN (SELECT id FROM dispute_party WHERE ticket_id = :id)",
    "SELECT part FROM delivery WHERE lane_id = ANY(:lanes)",
    "SELECT address FROM lane WHERE id = ANY(:lanes)",
)
"""Everything disputes and the outbox hold."""


async def held(town: Town, ticket: Ticket) -> str:
    """Everything the tables of disputes and the outbox hold of one dispute."""
    parties = await town.session.scalars(text("SELECT id FROM dispute_party WHERE ticket_id = :id"), {"id": ticket.id})
    values = {"id": ticket.id, "lanes": [lane_id(one) for one in parties]}
    found = [row for query in QUERIES for row in await town.session.execute(text(query), values)]
    return str([tuple(row) for row in found])


async def test_a_copy_holds_what_one_said_and_was_told_and_nothing_of_the_others_number(town: Town) -> None:
    ticket = await town.registered(await town.agent(), postal_address=ADDRESS)
    await town.tells()
    copies = await personal.of_contact(town.session, ticket.contact_id)
    [copy] = [one for one in copies if one["ticket_id"] == str(ticket.id)]
    assert (copy["side"], copy["name"], copy["phone"]) == ("complainant", TENANT, HIDDEN)
    assert len(copy["told"]) == 1
    assert MOBILE not in str(copy)
    assert ADDRESS not in str(copy)


async def everything(town: Town) -> Ticket:
    """A dispute with all that can be held of its parties."""
    agent = await town.agent()
    ticket = await town.registered(agent, postal_address=ADDRESS)
    await town.goes(agent, ticket, "inspection", appointment=appointment())
    await town.tells()
    await town.session.execute(text("UPDATE delivery SET state = 'sent'"))
    party = (await town.whole(ticket)).parties["respondent"]
    party.statement, party.words = "They left it dirty", "Slow"
    await town.session.flush()
    return ticket


async def test_after_long_enough_nothing_is_held_of_either_party(town: Town) -> None:
    ticket = await everything(town)
    before = await held(town, ticket)
    gone = (LANDLORD, TENANT, MOBILE, HIDDEN, ADDRESS.split("\n", maxsplit=1)[0], "dirty", "Slow", "R8 000")
    assert all(words in before for words in gone)
    await personal.forget_tickets(town.session, [ticket.id])
    assert [words for words in gone if words in await held(town, ticket)] == []
    assert len(await appointments.of_ticket(town.session, ticket)) == 1


async def test_who_is_forgotten_is_forgotten_where_the_other_was_told_of_them(town: Town) -> None:
    ticket = await everything(town)
    await personal.forget(town.session, ticket.contact_id, [ticket.id])
    after = await held(town, ticket)
    assert [words for words in (TENANT, HIDDEN, "R8 000") if words in after] == []
    assert LANDLORD in after, "the other party goes on"
