"""Tickets agents write down for somebody at the telephone or the counter."""

from typing import Any
from uuid import uuid4

import pytest
from pydantic import ValidationError
from sqlalchemy import text

from backend.contacts.service import new_sender, people
from backend.core.errors import NotAllowedError
from backend.tickets.errors import PhoneUnreadableError, UnknownCategoryError
from backend.tickets.models import Ticket
from backend.tickets.schemas import Author, Filed, Registration
from backend.tickets.service import look_up, register
from tests.backend.tickets.factories import Town, agent


def form(**fields: Any) -> Registration:
    known = {"request_key": f"{uuid4()}", "language": "ro", "category": "noise", "words": "Muzică tare"}
    return Registration(**{**known, **fields})


async def registered(town: Town, **fields: Any) -> tuple[Ticket, Filed]:
    who = await agent(town.session)
    filed = await register(town.session, town.settings, town.office, who, form(**fields))
    return await town.named(filed.reference), filed


async def test_everything_the_caller_said_is_stored_and_by_whom(town: Town) -> None:
    ticket, filed = await registered(
        town, name=" Maria Pop ", phone="0721 555 901", place="Piața Unirii 3", source="letter", source_number="544/26"
    )
    assert (ticket.kind, ticket.category, ticket.unit) == ("complaint", "noise", "enforcement")
    assert (ticket.description, ticket.place, ticket.language) == ("Muzică tare", "Piața Unirii 3", "ro")
    assert (ticket.source, ticket.source_number, ticket.channel) == ("letter", "544/26", "letter")
    caller = (await people(town.session, [ticket.contact_id]))[ticket.contact_id]
    assert (caller.name, caller.phone, caller.time_zone) == ("Maria Pop", "+40721555901", "Europe/Bucharest")
    [event] = await town.events(ticket)
    assert (event.kind, event.actor.split(":")[0], event.content["by"]) == ("received", "agent", "Ana")
    assert await town.audited(ticket) == ["ticket.registered"]
    assert filed.unit == town.office.units["enforcement"].name["ro"]


async def test_the_caller_may_look_it_up_with_reference_and_pin(town: Town) -> None:
    _, filed = await registered(town, phone="+40 721 555 902")
    contact = await new_sender(town.session, "timisoara", "telegram", "555902", None)
    assert contact is not None
    by = Author(contact_id=contact, conversation_id=None, channel="telegram")
    found = await look_up(town.session, town.settings, town.office, by, filed.reference, filed.pin, "ro")
    assert found.result == "found"


async def test_a_caller_is_the_person_of_their_number_and_keeps_the_name_they_had(town: Town) -> None:
    sms = await new_sender(town.session, "timisoara", "sms", "+40721555903", "Maria")
    assert sms is not None
    for name, phone in (("Ion", "0721555903"), ("", "0040 721 555 903")):
        ticket, _ = await registered(town, name=name, phone=phone)
        assert ticket.contact_id == sms
        assert ticket.details == ({"name": "Ion"} if name else {})
    assert (await people(town.session, [sms]))[sms].name == "Maria"


async def test_somebody_without_a_name_gets_the_one_they_say(town: Town) -> None:
    sms = await new_sender(town.session, "timisoara", "sms", "+40721555904", None)
    assert sms is not None
    await registered(town, name="Maria", phone="+40721555904")
    assert await town.session.scalar(text("SELECT name FROM contact WHERE id = :id"), {"id": sms}) == "Maria"


async def test_callers_without_a_number_are_strangers_each_time(town: Town) -> None:
    first, second = [(await registered(town, name="Maria"))[0] for _ in range(2)]
    assert first.contact_id != second.contact_id


async def test_sending_the_form_twice_makes_one_ticket(town: Town) -> None:
    who, same = await agent(town.session), form()
    first, second = [await register(town.session, town.settings, town.office, who, same) for _ in range(2)]
    assert first.reference == second.reference


async def test_what_cannot_be_registered_is_refused(town: Town) -> None:
    with pytest.raises(PhoneUnreadableError):
        await registered(town, phone="12")
    with pytest.raises(UnknownCategoryError):
        await registered(town, category="ufo")
    for role in ("reader", "administrator"):
        with pytest.raises(NotAllowedError):
            await register(town.session, town.settings, town.office, await agent(town.session, role), form())  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", [{"words": " "}, {"source": "dream"}, {"kind": "gossip"}, {"request_key": "1"}])
def test_a_form_that_lacks_what_it_must_have_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        form(**wrong)
