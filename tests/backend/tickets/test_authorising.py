"""Acting for somebody else: claimed, shown, accepted or refused, and what is told meanwhile."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from backend.accounts.schemas import Agent
from backend.attachments.papers import keep_paper, note_paper, papers_of
from backend.authority import service as authorities
from backend.authority.errors import AuthorityChangedError, AuthorityNotFoundError
from backend.authority.models import Authority
from backend.authority.schemas import Claim
from backend.core.errors import NotAllowedError
from backend.core.languages import LANGUAGES
from backend.privacy.export import everything
from backend.tickets import authorising, desk, personal, withholding
from backend.tickets.aftercare import care, choose
from backend.tickets.errors import ReasonMissingError, TicketNotFoundError
from backend.tickets.models import Ticket
from backend.tickets.openly import Given, look_up_openly
from backend.tickets.schemas import Answer, Author, CareAct, CareRequest, Choice, ChoiceRequest, Registration
from backend.tickets.service import filed_in, look_up, news_text, pin_digest, register
from tests.backend.attachments.papers import pdf
from tests.backend.tickets.factories import Town, agent

MOTHER = Claim(name="Марија Петрова", relation="family")
FORMAL = {"kind": "information_request", "category": None}


async def authority(town: Town, ticket: Ticket) -> Authority:
    found = await authorities.of_ticket(town.session, ticket.id)
    assert found is not None
    return found


async def paper_of(town: Town, contact_id: UUID) -> UUID:
    paper = await keep_paper(town.settings, uuid4(), "полномошно.pdf", pdf())
    await note_paper(town.session, contact_id, paper)
    return paper.id


def author(ticket: Ticket) -> Author:
    return Author(contact_id=ticket.contact_id, conversation_id=None, channel="web")


async def sends(town: Town, ticket: Ticket, paper: UUID, key: str = "m:1") -> str:
    """The author sends a paper for a ticket."""
    request = CareRequest(act="authorise", reference=ticket.reference, request_key=key, photos=[paper], language="en")
    return (await care(town.session, town.office, author(ticket), request)).result


async def chosen(town: Town, ticket: Ticket, act: CareAct, said: str = "") -> Choice:
    request = ChoiceRequest(act=act, text=said, language="en")
    return await choose(town.session, town.settings, town.office, author(ticket), request)


async def told(town: Town, ticket: Ticket, language: str = "en") -> Any:
    found = await look_up(town.session, town.settings, town.office, author(ticket), ticket.reference, None, language)
    return found.tickets[0]


async def somebody(town: Town) -> Agent:
    return await agent(town.session, "agent")


async def test_a_claim_without_a_paper_waits_for_one(town: Town) -> None:
    ticket = await town.ticket(**FORMAL, acting=MOTHER)
    found = await authority(town, ticket)
    assert (found.name, found.relation, found.state, found.shown_at) == ("Марија Петрова", "family", "claimed", None)
    event = await town.last(ticket)
    assert (event.kind, event.actor) == ("authority", "citizen")
    assert event.content == {"state": "claimed", "name": "Марија Петрова", "relation": "family"}


async def test_a_paper_of_somebody_else_is_none(town: Town) -> None:
    other = await town.ticket()
    stolen = await paper_of(town, other.contact_id)
    ticket = await town.ticket(**FORMAL, acting=MOTHER.model_copy(update={"paper": stolen}))
    assert (await authority(town, ticket)).attachment_id is None
    assert await sends(town, ticket, stolen) == "done"
    assert (await authority(town, ticket)).state == "claimed"


async def test_a_paper_sent_later_is_part_of_the_ticket_and_counts_once(town: Town) -> None:
    ticket = await town.ticket(**FORMAL, acting=MOTHER)
    paper = await paper_of(town, ticket.contact_id)
    assert [await sends(town, ticket, paper) for _ in range(2)] == ["done", "done"]
    found = await authority(town, ticket)
    assert (found.state, found.attachment_id) == ("shown", paper)
    assert [one.name for one in await papers_of(town.session, ticket.id)] == ["полномошно.pdf"]
    assert [event.content["state"] for event in await town.events(ticket) if event.kind == "authority"] == [
        "claimed",
        "shown",
    ]


async def test_an_agent_accepts_and_the_author_is_told(town: Town) -> None:
    ticket, ana = await town.ticket(**FORMAL, acting=MOTHER), await somebody(town)
    paper = await paper_of(town, ticket.contact_id)
    await sends(town, ticket, paper)
    await authorising.accept(town.session, ana, ticket.id, paper)
    found = await authority(town, ticket)
    assert (found.state, found.checked_by, found.reason) == ("accepted", "Ana", None)
    assert found.checked_at is not None
    event = await town.last(ticket)
    assert (event.kind, event.content["state"], event.content["by"]) == ("authority", "accepted", "Ana")
    assert await town.news() == [(ticket.id, event.id, "received")]
    assert await town.audited(ticket) == ["ticket.authority"]
    assert await sends(town, ticket, paper, "m:2") == "authorised"


async def test_a_refusal_needs_a_reason_and_another_paper_can_come(town: Town) -> None:
    ticket, ana = await town.ticket(**FORMAL, acting=MOTHER), await somebody(town)
    paper = await paper_of(town, ticket.contact_id)
    await sends(town, ticket, paper)
    with pytest.raises(ReasonMissingError):
        await authorising.refuse(town.session, ana, ticket.id, paper, "  ")
    await authorising.refuse(town.session, ana, ticket.id, paper, "The signature is missing.")
    assert (await authority(town, ticket)).state == "refused"
    assert "The signature is missing." in (await told(town, ticket)).missing
    another = await paper_of(town, ticket.contact_id)
    assert await sends(town, ticket, another, "m:2") == "done"
    found = await authority(town, ticket)
    assert (found.state, found.reason, found.checked_by, found.attachment_id) == ("shown", None, None, another)


async def test_who_looked_at_another_paper_decides_nothing(town: Town) -> None:
    ticket, ana = await town.ticket(**FORMAL, acting=MOTHER), await somebody(town)
    first, second = [await paper_of(town, ticket.contact_id) for _ in range(2)]
    await sends(town, ticket, first)
    await sends(town, ticket, second, "m:2")
    for seen in (first, None):
        with pytest.raises(AuthorityChangedError):
            await authorising.accept(town.session, ana, ticket.id, seen)
    await authorising.accept(town.session, ana, ticket.id, second)
    with pytest.raises(AuthorityChangedError):
        await authorising.refuse(town.session, ana, ticket.id, second, "no")


async def test_who_may_not_work_on_it_decides_nothing(town: Town) -> None:
    ticket, plain = await town.ticket(**FORMAL, acting=MOTHER), await town.ticket()
    with pytest.raises(NotAllowedError):
        await authorising.accept(town.session, await agent(town.session, "reader"), ticket.id, None)
    with pytest.raises(TicketNotFoundError):
        await authorising.accept(town.session, await agent(town.session, "agent", "roads"), ticket.id, None)
    with pytest.raises(AuthorityNotFoundError):
        await authorising.accept(town.session, await somebody(town), plain.id, None)


async def test_an_agent_writes_down_what_was_said_at_the_counter(town: Town) -> None:
    ana = await somebody(town)
    new = Registration(
        request_key="12345678",
        source="counter",
        language="ro",
        words="Pentru mama",
        acting_for="Ana Pop",
        relation="family",
    )
    filed = await register(town.session, town.settings, town.office, ana, new)
    ticket = await town.named(filed.reference)
    assert (await authority(town, ticket)).name == "Ana Pop"
    await authorising.accept(town.session, ana, ticket.id, None)
    assert (await authority(town, ticket)).state == "accepted"
    other = await town.ticket()
    await authorising.register(town.session, ana, other.id, MOTHER)
    assert (await authority(town, other)).state == "claimed"
    assert (await town.last(other)).content["by"] == "Ana"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", ["claimed", "shown", "refused"])
async def test_personal_answers_wait_and_the_missing_paper_is_named(town: Town, language: str, state: str) -> None:
    ticket = await town.ticket(**FORMAL, acting=MOTHER, state="in_progress")
    found = await authority(town, ticket)
    found.state, found.reason = state, "X." if state == "refused" else None
    kept = await told(town, ticket, language)
    plain = await told(town, await town.ticket(**FORMAL, state="in_progress"), language)
    assert kept.state != plain.state
    assert "Марија Петрова" in kept.missing
    assert "{" not in kept.missing
    found.state = "accepted"
    freed = await told(town, ticket, language)
    assert (freed.state, freed.missing) == (plain.state, "")


@pytest.mark.parametrize(
    ("fields", "kept"),
    [
        ({"kind": "complaint"}, False),
        ({"kind": "information_request", "category": None}, True),
        ({"kind": "housing_dispute", "category": None}, True),
        ({"kind": "complaint", "priority": "restricted"}, True),
    ],
)
async def test_only_formal_and_restricted_matters_are_personal(town: Town, fields: dict[str, Any], kept: bool) -> None:
    ticket = await town.ticket(**fields, acting=MOTHER)
    assert bool((await told(town, ticket)).missing) is kept


async def test_no_way_around_it(town: Town) -> None:
    """Neither a chat a person gave back, nor the public page, nor a refusal tells how the ticket stands."""
    ticket = await town.ticket(**FORMAL, acting=MOTHER, conversation_id=uuid4())
    seen = await town.seen(ticket)
    ticket.pin_digest = pin_digest(town.settings, ticket, "123456")
    await desk.close(town.session, await somebody(town), seen, Answer(outcome="solved", reason="The secret answer."))
    page = await look_up_openly(town.session, town.settings, town.office, Given(ticket.reference, "123456", ""), "en")
    assert page is not None
    assert (page.outcome, page.reason, page.steps) == ("", "", ())
    assert page.status.missing
    assert ticket.conversation_id is not None
    [back] = await filed_in(town.session, town.office, ticket.conversation_id, ticket.created_at, "en")
    assert back.missing
    for act in ("add", "withdraw", "reopen"):
        assert (await chosen(town, ticket, act, ticket.reference)).result == "withheld"  # type: ignore[arg-type]
    assert "secret" not in f"{page} {back}"


async def test_tickets_that_wait_for_a_paper_are_found(town: Town) -> None:
    ticket = await town.ticket(**FORMAL, acting=MOTHER)
    assert [one.reference for one in (await chosen(town, ticket, "authorise")).tickets] == [ticket.reference]
    assert (await chosen(town, ticket, "authorise", ticket.reference)).result == "found"
    plain = await town.ticket()
    assert (await chosen(town, plain, "authorise", plain.reference)).result == "authorised"
    assert (await chosen(town, plain, "authorise")).result == "needs_reference"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_decision_is_told_in_the_authors_language(town: Town, language: str) -> None:
    ticket, ana = await town.ticket(**FORMAL, acting=MOTHER), await somebody(town)
    await authorising.refuse(town.session, ana, ticket.id, None, "Лошо.")
    refused = (await town.last(ticket)).id
    said = await news_text(town.session, town.office, ticket.id, refused, ticket.state, language)
    assert ticket.reference in said
    assert "Лошо." in said
    assert "{" not in said
    assert await withholding.wants_paper(town.session, ticket.id, refused) == ticket.reference


async def test_a_person_who_is_forgotten_takes_the_represented_name_with_them(town: Town) -> None:
    ticket, boss = await town.ticket(**FORMAL, acting=MOTHER), await agent(town.session, "supervisor")
    await authorising.refuse(town.session, boss, ticket.id, None, "Марија е починета.")
    copied = await everything(town.session, town.office, ticket.contact_id)
    acting = copied["tickets"][0]["acting_for"]
    assert (acting["name"], acting["state"], acting["reason"]) == (MOTHER.name, "refused", "Марија е починета.")
    await personal.forget(town.session, town.office, boss, ticket.contact_id)
    await town.session.flush()
    row = (await town.session.execute(text("SELECT * FROM authority WHERE ticket_id = :id"), {"id": ticket.id})).one()
    events = [event.content for event in await town.events(ticket)]
    assert "Марија" not in f"{row} {events}"
