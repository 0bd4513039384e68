"""Acts of agents: what they change, who hears of it, and what is refused."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from backend.accounts.schemas import Agent
from backend.conversations import holding
from backend.core.errors import KomshuError, NotAllowedError
from backend.core.languages import LANGUAGES
from backend.offices.schemas import Area
from backend.tickets import casework, desk, repository
from backend.tickets.errors import (
    AssigneeUnfitError,
    DuplicateUnfitError,
    GroundMissingError,
    ReasonMissingError,
    StateUnknownError,
    TicketChangedError,
    TicketClosedError,
    TicketHeldError,
    TicketNotClosedError,
    TicketNotFoundError,
    UnitUnknownError,
    UnknownCategoryError,
)
from backend.tickets.models import Ticket
from backend.tickets.schemas import Answer, Change, Position, Seen
from backend.tickets.service import move, news_text
from tests.backend.tickets.factories import Town, agent

SOLVED = Answer(outcome="solved", reason="The music is off.")
Act = Callable[[Town, Agent, Seen], Awaitable[Any]]
CHANGES: dict[str, Act] = {
    "assigned": lambda town, who, seen: desk.assign(town.session, town.office, who, seen, unit="roads"),
    "taken": lambda town, who, seen: desk.take(town.session, who, seen),
    "changed": lambda town, who, seen: desk.change(
        town.session, town.settings, town.office, who, seen, Change(place="Piața Unirii")
    ),
    "state": lambda town, who, seen: desk.move(town.session, who, seen, "in_progress"),
    "asked": lambda town, who, seen: desk.ask(town.session, who, seen, "Which house?"),
    "closed": lambda town, who, seen: desk.close(town.session, who, seen, SOLVED),
}
ACTS = CHANGES | {
    "note": lambda town, who, seen: casework.add_note(town.session, who, seen.ticket_id, "Called them."),
    "question": lambda town, who, seen: casework.ask_unit(
        town.session, town.office, who, seen.ticket_id, "roads", "Yours?"
    ),
}
every_change = pytest.mark.parametrize("kind", CHANGES)
every_act = pytest.mark.parametrize("kind", ACTS)


@every_act
async def test_an_act_is_one_line_of_the_history_by_its_agent_and_one_of_the_audit(town: Town, kind: str) -> None:
    who, ticket = await agent(town.session, name="Ana Pop"), await town.ticket()
    await ACTS[kind](town, who, await town.seen(ticket))
    events = await town.events(ticket)
    assert [event.kind for event in events] == ["received", kind]
    assert (events[-1].actor, events[-1].channel, events[-1].content["by"]) == (f"agent:{who.id}", "office", "Ana Pop")
    assert await town.audited(ticket) == [f"ticket.{kind}"]
    assert ticket.updated_at > events[0].at


@every_act
@pytest.mark.parametrize("role", ["reader", "administrator"])
async def test_who_may_only_look_changes_nothing(town: Town, kind: str, role: Any) -> None:
    ticket = await town.ticket()
    with pytest.raises(NotAllowedError):
        await ACTS[kind](town, await agent(town.session, role), await town.seen(ticket))
    assert len(await town.events(ticket)) == 1


@every_act
async def test_to_who_may_not_see_it_a_ticket_does_not_exist(town: Town, kind: str) -> None:
    ticket = await town.ticket()
    with pytest.raises(TicketNotFoundError):
        await ACTS[kind](town, await agent(town.session, "agent", "water"), await town.seen(ticket))


@every_change
async def test_an_act_on_what_has_changed_meanwhile_says_what_and_who(town: Town, kind: str) -> None:
    who, other, ticket = await agent(town.session), await agent(town.session, name="Ion"), await town.ticket()
    seen = await town.seen(ticket)
    await desk.move(town.session, other, seen, "assigned")
    with pytest.raises(TicketChangedError) as refused:
        await CHANGES[kind](town, who, seen)
    assert refused.value.values == {"who": "Ion", "what": "change of state"}
    assert ticket.state == "assigned"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_what_changed_is_said_in_the_language_of_the_agent(town: Town, language: str) -> None:
    who, ticket = await agent(town.session, language=language), await town.ticket()
    seen = await town.seen(ticket)
    await move(town.session, town.office, ticket.reference, "assigned", "operator")
    with pytest.raises(TicketChangedError) as refused:
        await desk.take(town.session, who, seen)
    assert "ticket." not in "".join(map(str, refused.value.values.values()))


async def test_what_is_only_added_makes_no_act_stale(town: Town) -> None:
    who, ticket = await agent(town.session), await town.ticket()
    seen = await town.seen(ticket)
    for kind in ACTS.keys() - CHANGES.keys():
        await ACTS[kind](town, who, seen)
    await desk.take(town.session, who, seen)
    assert ticket.assignee_id == who.id


@every_change
@pytest.mark.parametrize(("role", "refused"), [("agent", True), ("supervisor", False)])
async def test_what_a_colleague_works_on_only_a_supervisor_changes(
    town: Town, kind: str, role: Any, refused: bool
) -> None:
    ticket = await town.ticket()
    await desk.take(town.session, await agent(town.session), await town.seen(ticket))
    act = CHANGES[kind](town, await agent(town.session, role), Seen(ticket.id, (await town.last(ticket)).id))
    if refused:
        with pytest.raises(TicketHeldError):
            await act
    else:
        await act


@every_change
async def test_a_closed_ticket_is_reopened_first(town: Town, kind: str) -> None:
    who, ticket = await agent(town.session), await town.ticket()
    await desk.close(town.session, who, await town.seen(ticket), SOLVED)
    with pytest.raises(TicketClosedError):
        await CHANGES[kind](town, who, await town.seen(ticket))


async def told(town: Town, ticket: Ticket, language: str = "en") -> list[str]:
    """What the citizen hears."""
    return [
        await news_text(town.session, town.office, ticket.id, event, state, language)
        for about, event, state in await town.news()
        if about == ticket.id
    ]


async def test_taking_begins_the_work_once_and_the_citizen_hears_it(town: Town) -> None:
    who, ticket = await agent(town.session), await town.ticket()
    for _ in range(2):
        await desk.take(town.session, who, await town.seen(ticket))
    assert (ticket.assignee_id, ticket.state) == (who.id, "in_progress")
    assert len(await town.events(ticket)) == 2
    assert ["being worked on" in text for text in await told(town, ticket)] == [True]


async def test_what_waits_for_the_citizen_still_waits_when_taken(town: Town) -> None:
    who, ticket = await agent(town.session), await town.ticket(state="waiting")
    await desk.take(town.session, who, await town.seen(ticket))
    assert (ticket.state, await town.news()) == ("waiting", [])


async def test_another_unit_is_told_to_the_citizen_another_colleague_is_not(town: Town) -> None:
    who, roads = await agent(town.session), await agent(town.session, "agent", "roads", name="Ion")
    ticket = await town.ticket()
    await desk.assign(town.session, town.office, who, await town.seen(ticket), unit="roads", to=roads, reason="a hole")
    assert (ticket.unit, ticket.assignee_id, ticket.state) == ("roads", roads.id, "assigned")
    assert (await town.last(ticket)).content == {
        "by": "Ana", "unit": ["enforcement", "roads"], "reason": "a hole", "to": "Ion", "to_id": str(roads.id)
    }  # fmt: skip
    await desk.assign(town.session, town.office, roads, await town.seen(ticket))
    assert ticket.assignee_id is None
    assert ["Roads" in text for text in await told(town, ticket)] == [True]


@pytest.mark.parametrize(
    ("role", "units", "category", "fits"),
    [
        ("agent", (), "noise", True),
        ("agent", ("enforcement",), "noise", True),
        ("agent", ("roads",), "noise", False),
        ("supervisor", ("roads",), "noise", True),
        ("reader", ("enforcement",), "noise", False),
        ("administrator", (), "noise", False),
        ("agent", (), "staff_conduct", False),
        ("supervisor", (), "staff_conduct", False),
        ("agent", ("ethics",), "staff_conduct", True),
    ],
)
async def test_only_who_can_see_it_and_work_on_it_gets_it(
    town: Town, role: Any, units: tuple[str, ...], category: str, fits: bool
) -> None:
    who = await agent(town.session, "supervisor", "ethics")
    ticket = await town.ticket(category=category)
    act = desk.assign(
        town.session, town.office, who, await town.seen(ticket), to=await agent(town.session, role, *units)
    )
    if fits:
        await act
    else:
        with pytest.raises(AssigneeUnfitError):
            await act


async def test_another_category_goes_to_the_unit_and_has_the_priority_of_it(town: Town) -> None:
    who, ticket = await agent(town.session), await town.ticket()
    new = Change(category="water_leak", place=" Piața Unirii 3 ", position=Position(latitude=45.7, longitude=21.2))
    await desk.change(town.session, town.settings, town.office, who, await town.seen(ticket), new)
    assert (ticket.category, ticket.unit, ticket.priority) == ("water_leak", "water", "urgent")
    assert (ticket.place, ticket.latitude, ticket.longitude) == ("Piața Unirii 3", 45.7, 21.2)
    assert (await town.last(ticket)).content["changed"] == {
        "category": ["noise", "water_leak"],
        "unit": ["enforcement", "water"],
        "priority": ["normal", "urgent"],
        "place": [None, "Piața Unirii 3"],
        "latitude": [None, 45.7],
        "longitude": [None, 21.2],
    }
    assert len(await told(town, ticket)) == 1


async def test_another_place_goes_to_the_unit_of_its_area_unless_somebody_chose_the_unit(town: Town) -> None:
    area = Area(districts=("Fabric",), categories=("noise",), unit="parks")
    categories = town.office.categories.model_copy(update={"areas": (area,)})
    office = town.office.model_copy(update={"categories": categories})
    who, ticket, chosen = await agent(town.session), await town.ticket(), await town.ticket(unit="water")
    for one in (ticket, chosen):
        new = Change(place="Fabric, lângă fabrică")
        await desk.change(town.session, town.settings, office, who, await town.seen(one), new)
    assert (ticket.unit, chosen.unit) == ("parks", "water")
    await desk.change(town.session, town.settings, office, who, await town.seen(ticket), Change(place="Mehala"))
    assert ticket.unit == "enforcement"


async def test_another_kind_has_another_term(town: Town) -> None:
    who, ticket = await agent(town.session), await town.ticket()
    complaint = ticket.due_at
    new = Change(kind="information_request")
    await desk.change(town.session, town.settings, town.office, who, await town.seen(ticket), new)
    assert complaint is not None
    assert ticket.due_at is not None
    assert ticket.due_at < complaint
    seen = await town.seen(ticket)
    await desk.change(town.session, town.settings, town.office, who, seen, Change(kind="praise"))
    assert ticket.due_at is None


async def test_the_unit_is_kept_when_asked_and_a_given_priority_counts(town: Town) -> None:
    who, ticket = await agent(town.session), await town.ticket()
    new = Change(category="water_leak", priority="low")
    await desk.change(town.session, town.settings, town.office, who, await town.seen(ticket), new, keep_unit=True)
    assert (ticket.unit, ticket.priority, await town.news()) == ("enforcement", "low", [])


@pytest.mark.parametrize("same", [Change(), Change(category="noise"), Change(description="Loud music", kind=None)])
async def test_changing_nothing_writes_nothing(town: Town, same: Change) -> None:
    who, ticket = await agent(town.session), await town.ticket()
    await desk.change(town.session, town.settings, town.office, who, await town.seen(ticket), same)
    assert len(await town.events(ticket)) == 1


async def test_the_citizens_own_words_stay_in_the_history(town: Town) -> None:
    who, ticket = await agent(town.session), await town.ticket()
    await desk.change(
        town.session, town.settings, town.office, who, await town.seen(ticket), Change(description="Music, each night")
    )
    assert (await town.last(ticket)).content["changed"] == {"description": ["Loud music", "Music, each night"]}


async def test_a_question_waits_for_the_citizen_and_is_told_in_the_agents_words(town: Town) -> None:
    who, ticket = await agent(town.session), await town.ticket()
    await desk.ask(town.session, who, await town.seen(ticket), " La ce număr? ")
    assert ticket.state == "waiting"
    [text] = await told(town, ticket, "tr")
    assert text.endswith("Kurumun size sorusu: La ce număr?")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_end_is_told_with_outcome_reason_and_ground(town: Town, language: str) -> None:
    who, ticket = await agent(town.session), await town.ticket(kind="information_request", category=None)
    answer = Answer(outcome="refused", reason="Secret {really}.", ground="Law 544, art. 12; complaint in 30 days")
    assert await desk.close(town.session, who, await town.seen(ticket), answer) == 1
    assert (ticket.state, ticket.outcome, ticket.outcome_reason) == ("closed", "refused", "Secret {really}.")
    assert ticket.closed_at is not None
    [text] = await told(town, ticket, language)
    assert text.split("\n")[2:] == ["Secret {really}.", "Law 544, art. 12; complaint in 30 days"]
    assert "ticket." not in text


@pytest.mark.parametrize(
    ("kind", "answer", "error"),
    [
        ("complaint", Answer(outcome="refused"), ReasonMissingError),
        ("complaint", Answer(outcome="partly", reason="  "), ReasonMissingError),
        ("complaint", Answer(outcome="forwarded"), ReasonMissingError),
        ("information_request", Answer(outcome="refused", reason="Secret."), GroundMissingError),
    ],
)
async def test_an_end_that_does_not_say_why_is_refused(
    town: Town, kind: str, answer: Answer, error: type[KomshuError]
) -> None:
    who, ticket = await agent(town.session), await town.ticket(kind=kind)
    with pytest.raises(error):
        await desk.close(town.session, who, await town.seen(ticket), answer)
    assert ticket.state == "received"


async def test_what_is_reopened_has_no_outcome_and_goes_on(town: Town) -> None:
    who, ticket = await agent(town.session), await town.ticket()
    with pytest.raises(TicketNotClosedError):
        await desk.reopen(town.session, town.office, who, await town.seen(ticket), "again")
    await desk.close(town.session, who, await town.seen(ticket), SOLVED)
    with pytest.raises(ReasonMissingError):
        await desk.reopen(town.session, town.office, who, await town.seen(ticket), " ")
    await desk.reopen(town.session, town.office, who, await town.seen(ticket), "music again")
    assert (ticket.state, ticket.outcome, ticket.outcome_reason, ticket.closed_at) == ("assigned", None, None, None)
    assert (await town.last(ticket)).content["reason"] == "music again"


async def test_duplicates_end_with_the_ticket_they_follow_and_their_citizens_hear_the_same(town: Town) -> None:
    who = await agent(town.session)
    main, second, third = [await town.ticket() for _ in range(3)]
    await desk.follow(town.session, who, await town.seen(third), second.reference)
    await desk.follow(town.session, who, await town.seen(second), main.reference)
    assert (second.duplicate_of, third.duplicate_of) == (main.id, main.id)
    assert await desk.close(town.session, who, await town.seen(main), SOLVED) == 3
    assert [ticket.outcome for ticket in (main, second, third)] == ["solved", "duplicate", "duplicate"]
    for ticket in (main, second, third):
        [text] = await told(town, ticket)
        assert text.endswith("Outcome: solved.\nThe music is off.")
        assert ticket is main or main.reference not in text


async def test_a_duplicate_of_what_is_closed_ends_at_once_with_its_answer(town: Town) -> None:
    who, main, late = await agent(town.session), await town.ticket(), await town.ticket()
    await desk.close(town.session, who, await town.seen(main), SOLVED)
    await desk.follow(town.session, who, await town.seen(late), main.reference)
    assert (late.state, late.outcome_reason) == ("closed", "The music is off.")
    assert len(await told(town, late)) == 1
    await desk.reopen(town.session, town.office, who, await town.seen(late), "another bar")
    assert late.duplicate_of is None


async def test_no_ticket_follows_itself_or_one_that_others_may_see(town: Town) -> None:
    who = await agent(town.session, "supervisor", "ethics")
    ticket, other = await town.ticket(), await town.ticket()
    secret, hidden = await town.ticket(category="staff_conduct"), await town.ticket(category="staff_conduct")
    await desk.follow(town.session, who, await town.seen(other), ticket.reference)
    for main in (ticket, other, secret):
        with pytest.raises(DuplicateUnfitError):
            await desk.follow(town.session, who, await town.seen(ticket), main.reference)
    blind = await agent(town.session)
    for reference in (hidden.reference, "TM-000-000"):
        with pytest.raises(TicketNotFoundError):
            await desk.follow(town.session, blind, await town.seen(ticket), reference)
    await desk.unfollow(town.session, who, await town.seen(other))
    assert other.duplicate_of is None


async def test_what_the_office_does_not_have_is_refused(town: Town) -> None:
    who, ticket = await agent(town.session), await town.ticket()
    seen = await town.seen(ticket)
    with pytest.raises(UnitUnknownError):
        await desk.assign(town.session, town.office, who, seen, unit="circus")
    with pytest.raises(UnknownCategoryError):
        await desk.change(town.session, town.settings, town.office, who, seen, Change(category="ufo"))
    for state in ("closed", "forgotten"):
        with pytest.raises(StateUnknownError):
            await desk.move(town.session, who, seen, state)
    for words in ("", "  \n"):
        with pytest.raises(ReasonMissingError):
            await desk.ask(town.session, who, seen, words)
    assert (ticket.unit, ticket.state) == ("enforcement", "received")


def test_open_consoles_listen_where_tickets_call() -> None:
    assert repository.DESK_CHANNEL == holding.DESK_CHANNEL


async def test_nobody_elses_ticket_ends_because_one_was_withdrawn(town: Town) -> None:
    who = await agent(town.session)
    main, second, third, late = [await town.ticket() for _ in range(4)]
    for follower in (second, third):
        await desk.follow(town.session, who, await town.seen(follower), main.reference)
    assert await desk.close(town.session, who, await town.seen(main), Answer(outcome="withdrawn")) == 1
    assert [ticket.state for ticket in (main, second, third)] == ["closed", "received", "received"]
    assert (second.duplicate_of, third.duplicate_of) == (None, second.id)
    with pytest.raises(TicketClosedError):
        await desk.follow(town.session, who, await town.seen(late), main.reference)
    assert late.state == "received"


async def test_the_answer_of_a_ticket_that_became_restricted_is_told_to_nobody_else(town: Town) -> None:
    who = await agent(town.session, "agent", "enforcement")
    main, other = await town.ticket(), await town.ticket()
    await desk.follow(town.session, who, await town.seen(other), main.reference)
    change = Change(priority="restricted")
    await desk.change(town.session, town.settings, town.office, who, await town.seen(main), change)
    assert await desk.close(town.session, who, await town.seen(main), SOLVED) == 1
    assert (other.state, other.outcome_reason, other.duplicate_of) == ("received", None, None)
    assert await told(town, other) == []
