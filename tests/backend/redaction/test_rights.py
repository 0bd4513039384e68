"""Who may make what unreadable; restricted matters stay with those who were named for them."""

import pytest
from sqlalchemy import select, text

from backend.accounts.schemas import ROLES, Agent, Role
from backend.core.errors import NotAllowedError
from backend.handoff.errors import ChatUnknownError
from backend.redaction.errors import RedactionNotYoursError
from backend.redaction.schemas import Act, Subject
from backend.redaction.service import hide, occurrences
from backend.tickets.errors import TicketNotFoundError
from backend.tickets.models import Ticket
from tests.backend.handoff.factories import Floor
from tests.backend.tickets.factories import Town

ALLOWED = {"agent", "supervisor"}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("holds", [True, False])
async def test_a_chat_is_for_who_holds_it_and_who_directs(floor: Floor, role: Role, holds: bool) -> None:
    somebody, chat = await floor.agent(role), await floor.chat(said="Call Zqneighbour")
    if holds:
        await floor.put("conversation", chat, holder="agent", agent_id=somebody.id)
    expected: type[Exception] | None = None if role == "supervisor" or (role == "agent" and holds) else NotAllowedError
    if role == "agent" and not holds:
        expected = RedactionNotYoursError
    await _tried(floor, somebody, Subject("chat", chat), expected)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("works", [True, False])
async def test_a_ticket_is_for_who_works_on_it_and_who_directs(floor: Floor, role: Role, works: bool) -> None:
    somebody = await floor.agent(role)
    ticket = await _ticket(floor, description="By Zqneighbour")
    ticket.assignee_id = somebody.id if works else None
    expected: type[Exception] | None = None if role == "supervisor" or (role == "agent" and works) else NotAllowedError
    if role == "agent" and not works:
        expected = RedactionNotYoursError
    await _tried(floor, somebody, Subject("ticket", ticket.id), expected)


async def _tried(floor: Floor, somebody: Agent, of: Subject, expected: type[Exception] | None) -> None:
    if expected is None:
        assert len(await occurrences(floor.session, somebody, of, ["zqneighbour"])) == 1
        return
    with pytest.raises(expected):
        await occurrences(floor.session, somebody, of, ["zqneighbour"])
    with pytest.raises(expected):
        await hide(floor.session, floor.desk, somebody, of, ["zqneighbour"], {"x"}, Act("mistake"))


async def _ticket(floor: Floor, **fields: object) -> Ticket:
    return await Town(floor.session, floor.settings, floor.office).ticket(**fields)


async def test_a_restricted_ticket_of_others_is_not_there(floor: Floor) -> None:
    ticket = await _ticket(floor, description="By Zqneighbour", priority="restricted", unit="ethics")
    for somebody in (await floor.agent("agent", "roads"), await floor.agent("supervisor")):
        with pytest.raises(TicketNotFoundError):
            await occurrences(floor.session, somebody, Subject("ticket", ticket.id), ["zqneighbour"])


async def test_a_chat_of_another_office_is_not_there(floor: Floor) -> None:
    chat = await floor.chat()
    await floor.put("conversation", chat, office_id="elsewhere")
    with pytest.raises(ChatUnknownError):
        await occurrences(floor.session, await floor.agent("supervisor"), Subject("chat", chat), ["hello"])


async def test_the_holder_of_a_chat_neither_sees_nor_changes_the_restricted_ticket_filed_in_it(floor: Floor) -> None:
    agent = await floor.agent("agent", "roads")
    chat = await floor.chat(said="Call Zqneighbour")
    await floor.put("conversation", chat, holder="agent", agent_id=agent.id)
    ticket = await _ticket(floor, description="By Zqneighbour", priority="restricted", unit="ethics")
    ticket.conversation_id = chat
    of = Subject("chat", chat)
    found = await occurrences(floor.session, agent, of, ["zqneighbour"])
    assert [one.label for one in found] == ["message"]
    await hide(floor.session, floor.desk, agent, of, ["zqneighbour"], {found[0].key}, Act("mistake"))
    assert ticket.description == "By Zqneighbour"
    query = text("SELECT kind, content FROM ticket_event WHERE ticket_id = :id ORDER BY id DESC LIMIT 1")
    [(kind, content)] = (await floor.session.execute(query, {"id": ticket.id})).all()
    assert (kind, content) == ("copy_redacted", {"by": "Ana", "reason": "mistake"})


async def test_other_peoples_words_are_left_alone(floor: Floor) -> None:
    mine, other = await floor.chat(said="Call Zqneighbour"), await floor.chat(said="I am Zqneighbour")
    boss, of = await floor.agent("supervisor"), Subject("chat", mine)
    chosen = {one.key for one in await occurrences(floor.session, boss, of, ["zqneighbour"])}
    await hide(floor.session, floor.desk, boss, of, ["zqneighbour"], chosen, Act("mistake"))
    assert await floor.texts(other, "citizen") == ["I am Zqneighbour"]
    assert (await floor.session.scalars(select(Ticket).where(Ticket.conversation_id == mine))).all() == []
