"""Guessing a PIN on the public pages is slow, and locks out who guesses, not who knows it."""

from datetime import timedelta
from ipaddress import IPv4Address

import pytest
from sqlalchemy import select, update

from backend.core.database import utcnow
from backend.tickets.models import LookupTry, Ticket
from backend.tickets.openly import (
    DAY,
    PROOF_GOOD_FOR,
    TRIES_PER_ADDRESS,
    TRIES_PER_ADDRESS_AND_TICKET,
    TRIES_PER_TICKET,
    Given,
    look_up_openly,
    network,
)
from backend.tickets.service import TRIES_PER_REFERENCE_AND_DAY, look_up, pin_digest
from backend.tickets.tasks import KEEP_TRIES
from backend.tickets.tries import purge_tries
from tests.backend.tickets.factories import Town
from tests.backend.tickets.test_service import author

RIGHT, WRONG = "123456", "000000"
OWNER, GUESSER, THIRD = "192.0.2.1", "198.51.100.1", "203.0.113.1"
NETWORKS = -(-TRIES_PER_TICKET // TRIES_PER_ADDRESS_AND_TICKET)


async def ticket_of(town: Town) -> Ticket:
    ticket = await town.ticket()
    ticket.pin_digest = pin_digest(town.settings, ticket, RIGHT)
    return ticket


async def opened(town: Town, reference: str, address: str, pin: str = RIGHT) -> bool:
    given = Given(reference, pin, address)
    return await look_up_openly(town.session, town.settings, town.office, given, "en") is not None


async def guessed(town: Town, reference: str, address: str, times: int = TRIES_PER_ADDRESS_AND_TICKET) -> None:
    for _ in range(times):
        assert not await opened(town, reference, address, WRONG)


async def guessed_by_many(town: Town, reference: str) -> None:
    for number in range(NETWORKS):
        await guessed(town, reference, str(IPv4Address("10.0.0.0") + number))


async def later(town: Town, time: timedelta) -> None:
    await town.session.execute(update(LookupTry).values(at=LookupTry.at - time))


async def test_too_many_wrong_ones_shut_out_their_address_at_this_ticket_and_nobody_else(town: Town) -> None:
    ticket, other = await ticket_of(town), await ticket_of(town)
    await guessed(town, ticket.reference, GUESSER, TRIES_PER_ADDRESS_AND_TICKET - 1)
    assert await opened(town, ticket.reference, GUESSER), "the last try counts"
    await guessed(town, ticket.reference, GUESSER, 1)
    assert not await opened(town, ticket.reference, GUESSER)
    assert await opened(town, other.reference, GUESSER)
    assert await opened(town, ticket.reference, OWNER)
    await later(town, DAY)
    assert await opened(town, ticket.reference, GUESSER)


async def test_who_is_shut_out_gets_in_a_day_after_the_last_try_that_counted(town: Town) -> None:
    ticket = await ticket_of(town)
    await guessed(town, ticket.reference, GUESSER)
    await later(town, DAY / 2)
    await guessed(town, ticket.reference, GUESSER)
    await later(town, DAY / 2)
    assert await opened(town, ticket.reference, GUESSER)


async def test_an_address_that_tries_many_tickets_is_shut_out_of_all(town: Town) -> None:
    ticket = await ticket_of(town)
    await guessed(town, "nonsense", GUESSER, TRIES_PER_ADDRESS)
    assert not await opened(town, ticket.reference, GUESSER)
    assert await opened(town, ticket.reference, OWNER)


async def test_many_addresses_together_shut_out_only_where_the_pin_never_came_from(town: Town) -> None:
    ticket = await ticket_of(town)
    assert await opened(town, ticket.reference, OWNER)
    await guessed_by_many(town, ticket.reference)
    assert not await opened(town, ticket.reference, THIRD)
    assert await opened(town, ticket.reference, OWNER)
    await guessed(town, ticket.reference, OWNER)
    assert not await opened(town, ticket.reference, OWNER), "guessing from there is no faster"


async def test_an_address_the_pin_came_from_counts_for_that_ticket_and_a_month(town: Town) -> None:
    ticket, other = await ticket_of(town), await ticket_of(town)
    assert await opened(town, ticket.reference, OWNER)
    assert await opened(town, other.reference, THIRD)
    await later(town, PROOF_GOOD_FOR)
    await guessed_by_many(town, ticket.reference)
    assert not await opened(town, ticket.reference, OWNER)
    assert not await opened(town, ticket.reference, THIRD)


async def test_many_mistyped_references_shut_out_nobody_else(town: Town) -> None:
    ticket = await ticket_of(town)
    await guessed(town, "", GUESSER, TRIES_PER_TICKET)
    assert await opened(town, ticket.reference, OWNER)


async def test_guesses_on_the_pages_lock_no_chat(town: Town) -> None:
    ticket, somebody = await ticket_of(town), await author(town.session)
    for number in range(TRIES_PER_REFERENCE_AND_DAY):
        await guessed(town, ticket.reference, str(IPv4Address("10.0.0.0") + number), 1)
    found = await look_up(town.session, town.settings, town.office, somebody, ticket.reference, RIGHT, "en")
    assert found.result == "found"


async def test_what_is_kept_is_no_address_and_is_forgotten(town: Town) -> None:
    ticket = await ticket_of(town)
    await guessed(town, ticket.reference, OWNER, 1)
    for _ in range(3):
        assert await opened(town, ticket.reference, OWNER)
    tries = (await town.session.scalars(select(LookupTry).where(LookupTry.reference == ticket.reference))).all()
    assert sorted(one.proved for one in tries) == [False, True]
    assert not any(OWNER in (one.address or "") for one in tries)
    assert {len(one.address or "") for one in tries} == {64}
    for time, left in ((KEEP_TRIES, [True]), (PROOF_GOOD_FOR, [])):
        await later(town, time)
        await purge_tries(town.session, utcnow() - KEEP_TRIES, utcnow() - PROOF_GOOD_FOR)
        query = select(LookupTry.proved).where(LookupTry.reference == ticket.reference)
        assert (await town.session.scalars(query)).all() == left


@pytest.mark.parametrize(
    ("address", "customer"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2::", "2001:db8:1:2::"),
        ("", ""),
        ("testclient", "testclient"),
    ],
)
def test_an_address_counts_as_its_customers(address: str, customer: str) -> None:
    assert network(address) == customer
